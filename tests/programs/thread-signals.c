// Signals to a process of several threads: the first thread takes them unless it blocks them, and the others sleep on.
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t by_first, by_second;
static sigset_t alarms;

static void handler(int signal) {
  (void)signal;
  if (syscall(SYS_gettid) == getpid()) by_first++;
  else by_second++;
}

static int nap(long milliseconds) {
  struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  return nanosleep(&time, NULL) == 0 ? 0 : errno;
}

static void *sleeper(void *seen) {
  *(int *)seen = nap(600);
  return NULL;
}

static void report(const char *name, int interrupted) {
  printf("%-24s first %d, second %d, second's nap %s\n", name, by_first, by_second, interrupted ? "interrupted" : "undisturbed");
  by_first = by_second = 0;
}

int main(void) {
  struct sigaction action = {.sa_handler = handler};
  sigaction(SIGALRM, &action, NULL);
  sigaddset(&alarms, SIGALRM);
  pthread_t thread;
  int seen;

  pthread_create(&thread, NULL, sleeper, &seen);
  nap(150);
  kill(getpid(), SIGALRM);
  pthread_join(thread, NULL);
  report("first does not block", seen);

  pthread_create(&thread, NULL, sleeper, &seen);
  pthread_sigmask(SIG_BLOCK, &alarms, NULL);
  nap(150);
  kill(getpid(), SIGALRM);
  pthread_join(thread, NULL);
  report("first blocks", seen);

  pthread_create(&thread, NULL, sleeper, &seen); // inherits the mask
  nap(150);
  kill(getpid(), SIGALRM);
  pthread_join(thread, NULL);
  report("both block", seen);
  pthread_sigmask(SIG_UNBLOCK, &alarms, NULL);
  report("first unblocks", 0);
  return 0;
}

// What happens to calls besides returning: signals inside of them, longjmp out of them, exec, fork, vfork, threads, death.
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static jmp_buf before;

static void handle(int signal) { write(1, "handled\n", 8); }

static int leave(const void *a, const void *b) { longjmp(before, 5); }

static void *run(void *argument) {
  puts("elsewhere");
  return argument;
}

static void at_exit(void) { puts("exiting"); }

static int child(int pid) {
  int status;
  waitpid(pid, &status, 0);
  puts("parent");
  return 0;
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  int numbers[3] = {3, 2, 1};
  if (!strcmp(what, "exec")) execl("/bin/true", "true", NULL);
  if (!strcmp(what, "fork")) {
    int pid = fork();
    if (pid) return child(pid);
    puts("child");
    fflush(stdout);
    _exit(4);
  }
  if (!strcmp(what, "vfork")) {
    int pid = vfork();
    if (pid) return child(pid);
    _exit(4);
  }
  if (!strcmp(what, "thread")) {
    pthread_t thread;
    pthread_create(&thread, NULL, run, NULL);
    pthread_join(thread, NULL);
    return 0;
  }
  if (!strcmp(what, "fault")) {
    puts("before");
    fflush(stdout);
    *(volatile int *)0 = 1;
  }
  if (!strcmp(what, "abort")) abort();
  if (!strcmp(what, "jump")) {
    int result = setjmp(before);
    if (result == 0) qsort(numbers, 3, sizeof *numbers, leave);
    return abs(-result);
  }
  signal(SIGUSR1, handle);
  raise(SIGUSR1);
  kill(getpid(), SIGUSR1);
  atexit(at_exit);
  exit(7);
}

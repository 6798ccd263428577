// Signals: a handler, a blocked one that waits, a fault the program mends, and one that ends it.
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static char *volatile page; // the handler reads it

static void say(const char *text) { write(1, text, strlen(text)); }

static void on_user(int signal) { say(signal == SIGUSR1 ? "handler: SIGUSR1\n" : "handler: SIGUSR2\n"); }

static void on_fault(int signal, siginfo_t *info, void *context) {
  (void)signal;
  (void)context;
  if ((char *)info->si_addr != page + 8) _exit(2);
  say("fault at page + 8\n");
  say(info->si_code == SEGV_ACCERR ? "no permission\n" : "not mapped\n");
  mprotect(page, 4096, PROT_READ | PROT_WRITE);
}

int main(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_user;
  sigaction(SIGUSR1, &action, NULL);
  action.sa_flags = SA_RESTART;
  sigaction(SIGUSR2, &action, NULL);
  raise(SIGUSR1);

  sigset_t set, waiting;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  sigprocmask(SIG_BLOCK, &set, NULL);
  kill(getpid(), SIGUSR2);
  sigpending(&waiting);
  say(sigismember(&waiting, SIGUSR2) ? "SIGUSR2 waits\n" : "SIGUSR2 does not wait\n");
  sigprocmask(SIG_UNBLOCK, &set, NULL);

  action.sa_flags = SA_SIGINFO;
  action.sa_sigaction = on_fault;
  sigaction(SIGSEGV, &action, NULL);
  page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  *(volatile char *)(page + 8) = 'x';
  say(page[8] == 'x' ? "written after all\n" : "lost\n");

  signal(SIGTERM, SIG_IGN);
  raise(SIGTERM);
  signal(SIGTERM, SIG_DFL);
  raise(SIGTERM);
  return 1;
}

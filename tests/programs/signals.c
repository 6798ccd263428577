// Handlers nested and masked, an alternate stack, an alarm, SIGCHLD, and death by signal of a child.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t depth, deepest, alarms, on_stack;
static char *stack_base;

static void nested(int signal) {
  depth++;
  if (depth > deepest) deepest = depth;
  if (signal == SIGUSR1) raise(SIGUSR2);
  depth--;
}
static void on_alarm(int signal) { alarms += signal == SIGALRM; }
static void on_alternate(int signal, siginfo_t *info, void *context) {
  char here;
  (void)signal, (void)context;
  on_stack = &here >= stack_base && &here < stack_base + 32768;
  on_stack += info->si_code == SI_TKILL ? 10 : info->si_code == SI_USER ? 20 : 0;
}

int main(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = nested;
  sigaction(SIGUSR1, &action, NULL);
  sigaction(SIGUSR2, &action, NULL);
  raise(SIGUSR1);
  printf("deepest %d\n", (int)deepest);
  sigaddset(&action.sa_mask, SIGUSR2);
  sigaction(SIGUSR1, &action, NULL);
  deepest = 0;
  raise(SIGUSR1);
  printf("deepest %d\n", (int)deepest);

  stack_t stack = {.ss_sp = stack_base = malloc(32768), .ss_size = 32768};
  sigaltstack(&stack, NULL);
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  action.sa_sigaction = on_alternate;
  sigaction(SIGHUP, &action, NULL);
  raise(SIGHUP);
  printf("alternate %d\n", (int)on_stack);
  kill(getpid(), SIGHUP);
  printf("alternate %d\n", (int)on_stack);

  action.sa_flags = 0;
  action.sa_handler = on_alarm;
  sigaction(SIGALRM, &action, NULL);
  struct itimerval timer = {{0, 0}, {0, 10000}};
  setitimer(ITIMER_REAL, &timer, NULL);
  sigset_t none;
  sigemptyset(&none);
  printf("sigsuspend %d\n", sigsuspend(&none));
  printf("alarms %d\n", (int)alarms);
  fflush(stdout);

  pid_t child = fork();
  if (child == 0) abort();
  int status;
  waitpid(child, &status, 0);
  printf("child died of %d\n", WTERMSIG(status));
  signal(SIGPIPE, SIG_IGN);
  int ends[2];
  if (pipe(ends)) return 1;
  close(ends[0]);
  printf("%zd\n", write(ends[1], "x", 1));
  return 0;
}

// Calls that become signals: PR_SET_SYSCALL_USER_DISPATCH.
#include "call-report.h"
#include <sys/ucontext.h>

#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH 59
#endif

static volatile char selector;
static volatile int count;
static siginfo_t told;
static long number;

static void take(int signal, siginfo_t *info, void *context) {
  ucontext_t *u = context;
  selector = 0;
  told = *info;
  number = u->uc_mcontext.gregs[REG_RAX];
  u->uc_mcontext.gregs[REG_RAX] = 4711;
  count++;
}

static void dispatched(void) {
  struct sigaction action = {.sa_sigaction = take, .sa_flags = SA_SIGINFO};
  sigaction(SIGSYS, &action, NULL);
  SHOW(prctl(PR_SET_SYSCALL_USER_DISPATCH, 1, 0, 0, &selector));
  SHOW(getppid() > 0);
  selector = 1;
  long got = syscall(SYS_getpid);
  printf("%ld, signal %d code %d call %d errno %d, rax %ld, times %d\n", got, told.si_signo, told.si_code, told.si_syscall, told.si_errno, number, count);
  selector = 1;
  got = syscall(9999L, 1, 2, 3);
  printf("%ld, call %d, rax %ld, times %d\n", got, told.si_syscall, number, count);
  if (fork() == 0) {
    selector = 1;
    SHOW(getppid() > 0);
    _exit(0);
  }
  wait(NULL);
  selector = 0;
  SHOW(prctl(PR_SET_SYSCALL_USER_DISPATCH, 0, 0, 0, 0));
  selector = 1;
  SHOW(getppid() > 0);
}

static void allowed_range(void) {
  extern char __executable_start, etext;
  SHOW(prctl(PR_SET_SYSCALL_USER_DISPATCH, 1, &__executable_start, &etext - &__executable_start, &selector));
  selector = 1;
  SHOW(getppid() > 0);
  selector = 9;
  SHOW(getppid() > 0);
}

static void odd_selector(void) {
  prctl(PR_SET_SYSCALL_USER_DISPATCH, 1, 0, 0, &selector);
  selector = 9;
  getppid();
}

static void no_selector(void) {
  prctl(PR_SET_SYSCALL_USER_DISPATCH, 1, 0, 0, hole);
  getppid();
}

static void nothing_allowed(void) {
  prctl(PR_SET_SYSCALL_USER_DISPATCH, 1, 0, 0, 0);
  getppid();
}

int main(void) {
  prepare();
  APART(dispatched);
  APART(allowed_range);
  APART(odd_selector);
  APART(no_selector);
  APART(nothing_allowed);
}

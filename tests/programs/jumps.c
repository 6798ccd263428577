// setjmp and longjmp through recursion, and out of a signal handler.
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>

static jmp_buf home;
static sigjmp_buf rescue;

static void dive(int depth) {
  volatile char filler[64];
  filler[depth % 64] = (char)depth;
  if (depth == 0) longjmp(home, 42);
  dive(depth - 1);
  filler[0]++;
}

static void on_fault(int signal) {
  siglongjmp(rescue, signal);
}

int main(void) {
  volatile int tries = 0;
  int value = setjmp(home);
  tries++;
  if (value == 0 || tries < 4) dive(100 * tries);
  printf("%d after %d tries\n", value, tries);
  signal(SIGSEGV, on_fault);
  signal(SIGFPE, on_fault);
  for (volatile int round = 0; round < 3; round++) {
    int caught = sigsetjmp(rescue, 1);
    if (caught) {
      printf("caught %d\n", caught);
      continue;
    }
    if (round % 2) {
      volatile int zero = 0;
      printf("%d\n", 10 / zero);
    }
    *(volatile int *)(long)(round * 8) = 1;
  }
  return 0;
}

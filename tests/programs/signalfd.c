// Signals read from a descriptor instead of handled.
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <unistd.h>

int main(void) {
  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, SIGUSR1);
  sigprocmask(SIG_BLOCK, &mask, NULL);
  int signals = signalfd(-1, &mask, 0);
  raise(SIGUSR1);
  struct signalfd_siginfo info;
  printf("signalfd %zd", read(signals, &info, sizeof info));
  printf(" %d\n", info.ssi_signo == SIGUSR1);
  return 0;
}

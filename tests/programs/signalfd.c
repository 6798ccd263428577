// Signals read from a descriptor instead of handled: what a record says, what polls, what fails.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void show(const char *what, long result) {
  if (result < 0) printf("%s: %s\n", what, strerror(errno));
  else printf("%s: %ld\n", what, result);
}

static int ready(int fd) {
  struct pollfd one = {.fd = fd, .events = POLLIN | POLLOUT};
  poll(&one, 1, 0);
  return one.revents;
}

static void showInfo(const struct signalfd_siginfo *info) {
  printf("signal %d code %d self %d uid %d int %d status %d\n", (int)info->ssi_signo, info->ssi_code,
         info->ssi_pid == (unsigned)getpid(), info->ssi_uid == getuid(), info->ssi_int, info->ssi_status);
}

int main(void) {
  setvbuf(stdout, NULL, _IOFBF, 8192);
  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, SIGUSR1);
  sigaddset(&mask, SIGCHLD);
  sigaddset(&mask, SIGRTMIN);
  sigaddset(&mask, SIGKILL);
  sigprocmask(SIG_BLOCK, &mask, NULL);
  int signals = signalfd(-1, &mask, 0);
  printf("signalfd %d flags %#x\n", signals, fcntl(signals, F_GETFL));
  printf("ready %#x\n", ready(signals));
  raise(SIGUSR1);
  raise(SIGUSR1);
  printf("ready %#x\n", ready(signals));
  struct signalfd_siginfo info[4];
  show("short read", read(signals, info, 127));
  show("write", write(signals, info, 128));
  show("seek", lseek(signals, 0, SEEK_SET));
  memset(info, 0, sizeof info);
  show("read", read(signals, info, sizeof info));
  showInfo(&info[0]);
  fcntl(signals, F_SETFL, O_NONBLOCK);
  show("empty", read(signals, info, sizeof info));

  union sigval value = {.sival_int = 42};
  sigqueue(getpid(), SIGRTMIN, value);
  value.sival_int = 43;
  sigqueue(getpid(), SIGRTMIN, value);
  kill(getpid(), SIGUSR1);
  show("several", read(signals, info, 2 * sizeof info[0]));
  showInfo(&info[0]);
  showInfo(&info[1]);
  show("rest", read(signals, info, sizeof info));
  showInfo(&info[0]);

  sigset_t other;
  sigemptyset(&other);
  sigaddset(&other, SIGUSR2);
  show("change", signalfd(signals, &other, 0) == signals);
  kill(getpid(), SIGUSR1);
  printf("ready %#x\n", ready(signals));
  show("change back", signalfd(signals, &mask, 0) == signals);
  printf("ready %#x\n", ready(signals));
  show("read", read(signals, info, sizeof info));

  int poller = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN, .data.u32 = 7};
  show("epoll add", epoll_ctl(poller, EPOLL_CTL_ADD, signals, &event));
  show("epoll empty", epoll_wait(poller, &event, 1, 0));
  fcntl(signals, F_SETFL, 0);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) _exit(3);
  show("epoll", epoll_wait(poller, &event, 1, -1));
  show("child", read(signals, info, sizeof info));
  printf("signal %d code %d child %d status %d\n", (int)info[0].ssi_signo, info[0].ssi_code, info[0].ssi_pid == (unsigned)child,
         info[0].ssi_status);
  waitpid(child, NULL, 0);

  child = fork();
  if (child == 0) {
    kill(getppid(), SIGUSR1);
    _exit(0);
  }
  show("waited", read(signals, info, sizeof info[0]));
  printf("signal %d from child %d\n", (int)info[0].ssi_signo, info[0].ssi_pid == (unsigned)child);
  show("sigchld", read(signals, info, sizeof info[0]));
  waitpid(child, NULL, 0);

  show("bad size", syscall(SYS_signalfd4, -1, &mask, 4L, 0));
  show("bad mask", syscall(SYS_signalfd4, -1, NULL, 8L, 0));
  show("bad flags", syscall(SYS_signalfd4, -1, &mask, 8L, 1));
  show("bad descriptor", syscall(SYS_signalfd4, 99, &mask, 8L, 0));
  show("not a signalfd", syscall(SYS_signalfd4, 1, &mask, 8L, 0));
  show("old call", syscall(SYS_signalfd, -1, &mask, 8L));
  int flagged = signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC);
  printf("flags %#x %d\n", fcntl(flagged, F_GETFL), fcntl(flagged, F_GETFD));
  return 0;
}

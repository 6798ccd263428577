// Processes by descriptor: opening, polling, signalling, waiting, and taking a descriptor out of another process.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

static void show(const char *what, long result) {
  if (result < 0) printf("%s: %s\n", what, strerror(errno));
  else printf("%s: %ld\n", what, result);
}

static int pidfdOpen(pid_t pid, unsigned flags) { return syscall(SYS_pidfd_open, pid, flags); }
static int pidfdSend(int fd, int signal, siginfo_t *info, unsigned flags) {
  return syscall(SYS_pidfd_send_signal, fd, signal, info, flags);
}
static int pidfdGet(int fd, int target, unsigned flags) { return syscall(SYS_pidfd_getfd, fd, target, flags); }

static int ready(int fd, int timeout) {
  struct pollfd one = {.fd = fd, .events = POLLIN};
  poll(&one, 1, timeout);
  return one.revents;
}

static int caught;
static void handler(int signal, siginfo_t *info, void *context) {
  caught = signal * 1000 + info->si_value.sival_int;
}

struct cloneArguments {
  unsigned long long flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
};

int main(void) {
  setvbuf(stdout, NULL, _IOFBF, 8192);
  int self = pidfdOpen(getpid(), 0);
  printf("self %d flags %#x %d\n", self, fcntl(self, F_GETFL), fcntl(self, F_GETFD));
  printf("ready %#x\n", ready(self, 0));
  char buffer[8] = "buffer";
  show("read", read(self, buffer, 8));
  show("write", write(self, buffer, 8));
  show("seek", lseek(self, 0, SEEK_CUR));
  show("pid 0", pidfdOpen(0, 0));
  show("pid -1", pidfdOpen(-1, 0));
  show("nobody", pidfdOpen(4000000, 0));
  show("flags", pidfdOpen(getpid(), 1));

  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigaction(SIGUSR1, &action, NULL);
  show("probe", pidfdSend(self, 0, NULL, 0));
  show("signal", pidfdSend(self, SIGUSR1, NULL, 0));
  printf("caught %d\n", caught / 1000);
  siginfo_t info;
  memset(&info, 0, sizeof info);
  info.si_signo = SIGUSR1;
  info.si_code = SI_QUEUE;
  info.si_value.sival_int = 77;
  show("with info", pidfdSend(self, SIGUSR1, &info, 0));
  printf("caught %d\n", caught);
  show("other signal in info", pidfdSend(self, SIGUSR2, &info, 0));
  show("bad signal", pidfdSend(self, 65, NULL, 0));
  show("bad flags", pidfdSend(self, 0, NULL, 0x100));
  show("not a pidfd", pidfdSend(1, 0, NULL, 0));
  show("no descriptor", pidfdSend(99, 0, NULL, 0));
  show("bad info", pidfdSend(self, SIGUSR1, (siginfo_t *)8, 0));

  int copy = pidfdGet(self, 1, 0);
  printf("copy %d cloexec %d\n", copy >= 0, fcntl(copy, F_GETFD));
  close(copy);
  show("get flags", pidfdGet(self, 1, 1));
  show("get nothing", pidfdGet(self, 98, 0));
  show("get from no pidfd", pidfdGet(1, 1, 0));

  int to[2];
  pipe(to);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    char byte;
    close(to[1]);
    read(to[0], &byte, 1);
    _exit(9);
  }
  close(to[0]);
  int other = pidfdOpen(child, 0);
  printf("running %#x\n", ready(other, 0));
  memset(&info, 0, sizeof info);
  show("not yet", waitid(P_PIDFD, other, &info, WEXITED | WNOHANG));
  printf("nothing %d\n", info.si_pid);
  info.si_code = SI_USER;
  info.si_signo = SIGUSR1;
  show("pretending", pidfdSend(other, SIGUSR1, &info, 0));
  int read_end = pidfdGet(other, to[0], 0);
  printf("its pipe %d\n", read_end >= 0);
  close(read_end);
  write(to[1], "x", 1);
  printf("ended %#x\n", ready(other, -1));
  show("peek", waitid(P_PIDFD, other, &info, WEXITED | WNOWAIT));
  show("zombie", pidfdSend(other, 0, NULL, 0));
  show("from a zombie", pidfdGet(other, 1, 0));
  show("wait", waitid(P_PIDFD, other, &info, WEXITED));
  printf("code %d status %d child %d\n", info.si_code, info.si_status, info.si_pid == child);
  show("again", waitid(P_PIDFD, other, &info, WEXITED));
  show("reaped", pidfdSend(other, 0, NULL, 0));
  show("from the reaped", pidfdGet(other, 1, 0));
  show("open the reaped", pidfdOpen(child, 0));
  printf("ready for ever %#x\n", ready(other, 0) & POLLIN);
  show("wait on a file", waitid(P_PIDFD, 1, &info, WEXITED));
  show("wait on nothing", waitid(P_PIDFD, 99, &info, WEXITED));
  show("wait on -1", waitid(P_PIDFD, -1, &info, WEXITED));

  int pidfd = -1;
  fflush(stdout);
  struct cloneArguments wanted = {.flags = 0x1000, .pidfd = (unsigned long)&pidfd, .exit_signal = SIGCHLD};
  child = syscall(SYS_clone3, &wanted, sizeof wanted);
  if (child == 0) {
    syscall(SYS_tgkill, syscall(SYS_getpid), syscall(SYS_gettid), SIGSTOP);
    _exit(0);
  }
  waitid(P_PIDFD, pidfd, &info, WSTOPPED);
  printf("clone3 gave a pidfd %d cloexec %d\n", pidfd > 2, fcntl(pidfd, F_GETFD));
  show("kill", pidfdSend(pidfd, SIGKILL, NULL, 0));
  show("wait", waitid(P_PIDFD, pidfd, &info, WEXITED));
  printf("code %d status %d\n", info.si_code, info.si_status);

  int second = -1;
  child = syscall(SYS_clone, 0x1000 | SIGCHLD, 0L, &second, 0L, 0L);
  if (child == 0) _exit(4);
  printf("clone gave a pidfd %d\n", second > 2);
  int nonblocking = pidfdOpen(child, O_NONBLOCK);
  printf("nonblocking %#x\n", fcntl(nonblocking, F_GETFL));
  ready(second, -1);
  show("wait", waitid(P_PIDFD, second, &info, WEXITED));
  printf("status %d\n", info.si_status);
  show("pidfd and tid in one", syscall(SYS_clone, 0x1000 | 0x100000 | SIGCHLD, 0L, &second, 0L, 0L));

  close(self);
  close(other);
  close(pidfd);
  close(second);
  fflush(stdout);
  int start[2];
  pipe(start);
  child = fork();
  if (child == 0) {
    read(start[0], buffer, 1);
    _exit(5);
  }
  nonblocking = pidfdOpen(child, O_NONBLOCK);
  show("would wait", waitid(P_PIDFD, nonblocking, &info, WEXITED));
  write(start[1], "x", 1);
  ready(nonblocking, -1);
  show("would not", waitid(P_PIDFD, nonblocking, &info, WEXITED));
  printf("status %d\n", info.si_status);
  return 0;
}

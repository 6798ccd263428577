// epoll: the order of what it tells, edges and levels, descriptors of its own kind, what it refuses.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
static long say(const char *what, long result) {
  if (result == -1) printf("%s: error %d\n", what, errno);
  else printf("%s: %ld\n", what, result);
  return result;
}

static int ep;
static int add(int e, int op, int fd, unsigned ev, uint64_t data) {
  struct epoll_event v = {ev, {.u64 = data}};
  return epoll_ctl(e, op, fd, &v);
}

static void wait_on(const char *what, int e, int max, int ms) {
  struct epoll_event v[8];
  int n = epoll_wait(e, v, max, ms);
  printf("%s: %d", what, n);
  if (n < 0) printf(" error %d", errno);
  for (int i = 0; i < n; i++) printf(" (%x %d)", v[i].events, (int)v[i].data.u64);
  puts("");
}

static void nothing(int s) {
}

int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  int p[2], q[2], s[2];
  pipe(p);
  pipe(q);
  socketpair(AF_UNIX, SOCK_STREAM, 0, s);
  int e = eventfd(0, EFD_NONBLOCK);
  uint64_t one = 1;
  char b[64] = "";
  ep = epoll_create1(0);
  say("size", epoll_create(0));
  say("flags", epoll_create1(1));
  say("add", add(ep, EPOLL_CTL_ADD, p[0], EPOLLIN, 1));
  say("again", add(ep, EPOLL_CTL_ADD, p[0], EPOLLIN, 1));
  say("itself", add(ep, EPOLL_CTL_ADD, ep, EPOLLIN, 1));
  say("file", add(ep, EPOLL_CTL_ADD, open("/etc/passwd", O_RDONLY), EPOLLIN, 1));
  say("dir", add(ep, EPOLL_CTL_ADD, open("/etc", O_RDONLY), EPOLLIN, 1));
  say("bad", add(ep, EPOLL_CTL_ADD, 99, EPOLLIN, 1));
  say("bad ep", add(99, EPOLL_CTL_ADD, p[0], EPOLLIN, 1));
  say("not ep", add(p[0], EPOLL_CTL_ADD, p[1], EPOLLIN, 1));
  say("op", add(ep, 9, p[0], EPOLLIN, 1));
  say("op 0", add(ep, 0, p[1], EPOLLIN, 1));
  say("efault", epoll_ctl(ep, EPOLL_CTL_ADD, p[1], (void *)8));
  say("del null", epoll_ctl(ep, EPOLL_CTL_DEL, p[1], NULL));
  say("mod none", add(ep, EPOLL_CTL_MOD, p[1], EPOLLIN, 1));
  say("devnull", add(ep, EPOLL_CTL_ADD, open("/dev/null", O_RDWR), EPOLLIN, 1));
  wait_on("nothing", ep, 8, 0);
  wait_on("max 0", ep, 0, 0);
  wait_on("max -1", ep, -1, 0);
  say("max huge", epoll_wait(ep, NULL, 0x7fffffff, 0));
  say("efault wait", syscall(SYS_epoll_pwait, ep, 8L, 1, 0, NULL, 8));
  wait_on("bad", 99, 1, 0);
  wait_on("not", p[0], 1, 0);
  write(p[1], "x", 1);
  wait_on("level", ep, 8, 0);
  wait_on("level again", ep, 8, 0);
  say("efault with events", epoll_wait(ep, (void *)8, 1, 0));
  wait_on("still", ep, 8, 0);
  read(p[0], b, 1);
  wait_on("drained", ep, 8, 0);
  say("et", add(ep, EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLET, 2));
  write(p[1], "x", 1);
  wait_on("edge", ep, 8, 0);
  wait_on("edge again", ep, 8, 0);
  write(p[1], "y", 1);
  wait_on("edge more", ep, 8, 0);
  read(p[0], b, 1);
  wait_on("edge after read", ep, 8, 0);
  say("mod", add(ep, EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLET, 3));
  wait_on("after mod", ep, 8, 0);
  wait_on("after mod", ep, 8, 0);
  say("oneshot", add(ep, EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLONESHOT, 4));
  wait_on("oneshot", ep, 8, 0);
  wait_on("oneshot again", ep, 8, 0);
  write(p[1], "z", 1);
  wait_on("oneshot more", ep, 8, 0);
  say("rearm", add(ep, EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLONESHOT, 5));
  wait_on("rearmed", ep, 8, 0);
  say("del", add(ep, EPOLL_CTL_DEL, p[0], 0, 0));
  say("del again", add(ep, EPOLL_CTL_DEL, p[0], 0, 0));
  wait_on("none", ep, 8, 0);
  say("write end", add(ep, EPOLL_CTL_ADD, p[1], EPOLLOUT, 6));
  wait_on("out", ep, 8, 0);
  close(p[0]);
  wait_on("broken", ep, 8, 0);
  close(p[1]);
  wait_on("closed", ep, 8, 0);
  say("sock", add(ep, EPOLL_CTL_ADD, s[0], EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, 7));
  wait_on("sock", ep, 8, 0);
  wait_on("sock again", ep, 8, 0);
  write(s[1], "a", 1);
  wait_on("sock data", ep, 8, 0);
  shutdown(s[1], SHUT_WR);
  wait_on("sock rdhup", ep, 8, 0);
  close(s[1]);
  wait_on("sock hup", ep, 8, 0);
  wait_on("sock hup again", ep, 8, 0);
  add(ep, EPOLL_CTL_DEL, s[0], 0, 0);
  add(ep, EPOLL_CTL_ADD, e, EPOLLIN | EPOLLET, 8);
  write(e, &one, 8);
  wait_on("eventfd", ep, 8, 0);
  wait_on("eventfd again", ep, 8, 0);
  write(e, &one, 8);
  wait_on("eventfd more", ep, 8, 0);
  read(e, &one, 8);
  one = 1;
  wait_on("eventfd read", ep, 8, 0);
  int d = dup(q[0]);
  add(ep, EPOLL_CTL_ADD, q[0], EPOLLIN, 9);
  say("dup too", add(ep, EPOLL_CTL_ADD, d, EPOLLIN, 10));
  write(q[1], "q", 1);
  wait_on("both", ep, 8, 0);
  wait_on("one at a time", ep, 1, 0);
  wait_on("the other", ep, 1, 0);
  wait_on("the first", ep, 1, 0);
  close(q[0]);
  wait_on("closed but open", ep, 8, 0);
  say("del closed", add(ep, EPOLL_CTL_DEL, q[0], 0, 0));
  close(d);
  wait_on("gone", ep, 8, 0);
  int inner = epoll_create1(EPOLL_CLOEXEC), r[2];
  pipe(r);
  add(inner, EPOLL_CTL_ADD, r[0], EPOLLIN, 11);
  say("nested", add(ep, EPOLL_CTL_ADD, inner, EPOLLIN, 12));
  say("loop", add(inner, EPOLL_CTL_ADD, ep, EPOLLIN, 13));
  wait_on("nested none", ep, 8, 0);
  write(r[1], "r", 1);
  wait_on("nested", ep, 8, 0);
  struct pollfd pf = {ep, POLLIN};
  say("poll", poll(&pf, 1, 0));
  printf("%x\n", pf.revents);
  wait_on("inner", inner, 8, 0);
  add(ep, EPOLL_CTL_MOD, inner, EPOLLIN | EPOLLET, 14);
  wait_on("nested et", ep, 8, 0);
  wait_on("nested et again", ep, 8, 0);
  write(r[1], "r", 1);
  wait_on("nested et more", ep, 8, 0);
  read(r[0], b, 2);
  wait_on("nested drained", ep, 8, 0);
  int chain[7];
  for (int i = 0; i < 7; i++) {
    chain[i] = epoll_create1(0);
    if (i) {
      char t[20];
      sprintf(t, "chain %d", i);
      say(t, add(chain[i], EPOLL_CTL_ADD, chain[i - 1], EPOLLIN, 0));
    }
  }
  say("exclusive", add(ep, EPOLL_CTL_ADD, r[0], EPOLLIN | EPOLLEXCLUSIVE, 15));
  say("exclusive mod", add(ep, EPOLL_CTL_MOD, r[0], EPOLLIN, 15));
  say("exclusive oneshot", add(ep, EPOLL_CTL_ADD, r[1], EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT, 15));
  say("mod to exclusive", add(ep, EPOLL_CTL_MOD, e, EPOLLIN | EPOLLEXCLUSIVE, 15));
  int x = epoll_create1(0);
  say("exclusive of epoll", add(ep, EPOLL_CTL_ADD, x, EPOLLIN | EPOLLEXCLUSIVE, 15));
  say("exclusive et wakeup", add(ep, EPOLL_CTL_ADD, r[1], EPOLLOUT | EPOLLEXCLUSIVE | EPOLLET | EPOLLWAKEUP, 16));
  wait_on("exclusive", ep, 8, 0);
  wait_on("exclusive again", ep, 8, 0);
  say("wakeup", add(x, EPOLL_CTL_ADD, r[1], EPOLLOUT | EPOLLWAKEUP, 17));
  wait_on("wakeup", x, 8, 0);
  int64_t ts[2] = {0, 1000000}, bad[2] = {0, 2000000000};
  struct epoll_event v[2];
  int y = epoll_create1(0);
  say("pwait2", syscall(441, y, v, 2, ts, NULL, 8));
  say("pwait2 bad", syscall(441, y, v, 2, bad, NULL, 8));
  say("pwait2 efault", syscall(441, y, v, 2, 8L, NULL, 8));
  say("pwait sigsize", syscall(SYS_epoll_pwait, y, v, 2, 0, v, 4));
  say("pwait mask efault", syscall(SYS_epoll_pwait, y, v, 2, 0, 8L, 8));
  struct sigaction sa = {.sa_handler = nothing, .sa_flags = SA_RESTART};
  sigaction(SIGALRM, &sa, NULL);
  struct itimerval it = {{0, 0}, {0, 20000}};
  setitimer(ITIMER_REAL, &it, NULL);
  wait_on("interrupted", y, 2, -1);
  sigset_t blk, none;
  sigemptyset(&none);
  sigemptyset(&blk);
  sigaddset(&blk, SIGALRM);
  sigprocmask(SIG_BLOCK, &blk, NULL);
  raise(SIGALRM);
  say("pwait pending", epoll_pwait(y, v, 2, 500, &none));
  say("read", read(y, b, 8));
  say("write", write(y, "text", 4));
  say("lseek", lseek(y, 0, 0));
  add(y, EPOLL_CTL_ADD, e, EPOLLIN, 5);
  write(e, &one, 8);
  if (fork() == 0) {
    wait_on("in a child", y, 8, 0);
    add(y, EPOLL_CTL_DEL, e, 0, 0);
    _exit(0);
  }
  wait(NULL);
  wait_on("after the child", y, 8, 0);
  int t1 = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  struct itimerspec its = {{0, 0}, {0, 1000000}};
  add(y, EPOLL_CTL_ADD, t1, EPOLLIN | EPOLLET, 20);
  timerfd_settime(t1, 0, &its, NULL);
  wait_on("timer", y, 8, 500);
  wait_on("timer again", y, 8, 0);
  timerfd_settime(t1, 0, &its, NULL);
  wait_on("timer set again", y, 8, 500);
  uint64_t ex;
  say("timer read", read(t1, &ex, 8));
  say("timer read again", read(t1, &ex, 8));
  say("timer short", read(t1, &ex, 4));
  return 0;
}

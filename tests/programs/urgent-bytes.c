// MSG_OOB on Unix sockets: the urgent byte, its mark, SIGURG, POLLPRI, SO_OOBINLINE, and where reading stops and goes on.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static volatile int signals;
static int ends[2] = {-1, -1};

static void count(int signal) { signals += signal == SIGURG; }

static void state(void) {
  struct pollfd one = {ends[1], POLLIN | POLLPRI | POLLRDNORM | POLLRDBAND, 0};
  int mark = -1, bytes = -1;
  poll(&one, 1, 0);
  ioctl(ends[1], SIOCATMARK, &mark);
  ioctl(ends[1], FIONREAD, &bytes);
  printf("    poll %x mark %d bytes %d signals %d\n", one.revents, mark, bytes, signals);
}

static void take(const char *what, int size, int flags) {
  char bytes[100] = "";
  struct iovec vector = {bytes, size};
  struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
  int result = recvmsg(ends[1], &message, flags | MSG_DONTWAIT);
  printf("  %s of %d: %d %s flags %x\n", what, size, result, result < 0 ? strerror(errno) : bytes, message.msg_flags);
  state();
}

static void give(const char *text, int flags) {
  int result = send(ends[0], text, strlen(text), flags | MSG_NOSIGNAL);
  printf("  send %s %x: %d %s\n", text, flags, result, result < 0 ? strerror(errno) : "");
  state();
}

static void pair(const char *what, int isInline) {
  close(ends[0]);
  close(ends[1]);
  socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
  fcntl(ends[1], F_SETOWN, getpid());
  if (isInline) setsockopt(ends[1], SOL_SOCKET, SO_OOBINLINE, &isInline, sizeof isInline);
  printf("%s\n", what);
}

static void apart(void) {
  pair("alone", 0);
  take("urgent", 1, MSG_OOB);
  give("abc", MSG_OOB);
  take("peek", 10, MSG_PEEK);
  take("urgent peek", 1, MSG_OOB | MSG_PEEK);
  take("read", 10, 0);
  take("urgent", 1, MSG_OOB);
  take("urgent", 1, MSG_OOB);
  take("read", 10, 0);
  give("def", 0);
  take("read", 10, 0);
  pair("passed over", 0);
  give("ab", MSG_OOB);
  give("cd", 0);
  take("peek", 10, MSG_PEEK);
  take("read", 10, 0);
  take("read", 10, 0);
  take("urgent", 1, MSG_OOB);
  pair("a later one", 0);
  give("ab", MSG_OOB);
  give("cd", MSG_OOB);
  take("read", 10, 0);
  take("urgent", 1, MSG_OOB);
  take("read", 10, 0);
  pair("read at once", 0);
  give("ab", MSG_OOB);
  take("urgent", 1, MSG_OOB);
  give("cd", 0);
  take("peek", 10, MSG_PEEK);
  take("read", 10, 0);
  take("read", 10, 0);
  pair("first", 0);
  give("x", MSG_OOB);
  take("peek", 10, MSG_PEEK);
  give("yz", 0);
  take("peek", 10, MSG_PEEK);
  take("read", 1, 0);
  take("read", 10, 0);
  pair("nothing else", 0);
  give("x", MSG_OOB);
  take("read", 10, 0);
  take("urgent", 1, MSG_OOB);
  pair("into nothing", 0);
  give("ab", MSG_OOB);
  take("urgent", 0, MSG_OOB);
  take("urgent", 1, MSG_OOB | MSG_TRUNC);
  pair("read, and another", 0);
  give("ab", MSG_OOB);
  take("urgent", 1, MSG_OOB);
  give("ef", MSG_OOB);
  take("read", 10, 0);
  take("read", 10, 0);
  take("urgent", 10, MSG_OOB);
}

static void inLine(void) {
  pair("in line", 1);
  give("ab", MSG_OOB);
  give("cd", 0);
  take("urgent", 1, MSG_OOB);
  take("peek", 10, MSG_PEEK);
  take("read", 10, 0);
  take("read", 10, 0);
  take("read", 10, 0);
  pair("in line and first", 1);
  give("x", MSG_OOB);
  give("yz", 0);
  take("peek", 10, MSG_PEEK);
  take("read", 10, 0);
}

static void ended(void) {
  pair("closed", 0);
  give("ab", MSG_OOB);
  close(ends[0]);
  ends[0] = -1;
  take("read", 10, 0);
  take("read", 10, 0);
  take("urgent", 1, MSG_OOB);
  pair("shut down", 0);
  give("", MSG_OOB);
  shutdown(ends[1], SHUT_RD);
  give("a", MSG_OOB);
}

static void epolled(void) {
  pair("epoll", 0);
  int set = epoll_create1(0);
  struct epoll_event event = {EPOLLPRI, {.u32 = 5}};
  epoll_ctl(set, EPOLL_CTL_ADD, ends[1], &event);
  printf("  %d\n", epoll_wait(set, &event, 1, 0));
  give("a", MSG_OOB);
  printf("  %d %x\n", epoll_wait(set, &event, 1, 0), event.events);
  take("urgent", 1, MSG_OOB);
  printf("  %d\n", epoll_wait(set, &event, 1, 0));
  close(set);
}

int main(void) {
  signal(SIGURG, count);
  apart();
  inLine();
  ended();
  epolled();
  static const int types[] = {SOCK_DGRAM, SOCK_SEQPACKET};
  for (int i = 0; i < 2; i++) {
    int others[2], mark = 0;
    socketpair(AF_UNIX, types[i], 0, others);
    printf("type %d: send %d %s", types[i], (int)send(others[0], "a", 1, MSG_OOB), strerror(errno));
    printf(", receive %d %s", (int)recv(others[0], &mark, 1, MSG_OOB), strerror(errno));
    printf(", mark %d %s\n", ioctl(others[0], SIOCATMARK, &mark), strerror(errno));
  }
  return 0;
}

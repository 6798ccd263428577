// Edge-triggered epoll: an event for each change, also when the file was ready before.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

static int ep;

static void look(const char *what) {
  struct epoll_event events[8];
  int count = epoll_wait(ep, events, 8, 0);
  printf("%s: %d", what, count);
  for (int i = 0; i < count; i++) printf(" %#x", events[i].events);
  printf("\n");
}

static void watch(int fd, unsigned events) {
  struct epoll_event event = {events, {.fd = fd}};
  if (epoll_ctl(ep, EPOLL_CTL_ADD, fd, &event)) perror("epoll_ctl");
}

static void stream(int reader, int writer) {
  char text[300000];
  ep = epoll_create1(0);
  watch(reader, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
  look("at first");
  look("again");
  write(writer, "one", 3);
  look("one");
  look("still there");
  write(writer, "two", 3);
  look("two");
  printf("read %zd\n", read(reader, text, 3));
  look("partly read");
  printf("read %zd\n", read(reader, text, 3));
  look("read");
  write(writer, "three", 5);
  printf("read %zd\n", read(reader, text, 5));
  look("come and gone");
  write(writer, "four", 4);
  printf("read %zd\n", read(reader, text, 4));
  write(writer, "five", 4);
  look("another in its place");
  printf("read %zd\n", read(reader, text, 4));
  shutdown(writer, SHUT_WR);
  look("half closed");
  look("once");
  close(writer);
  look("closed");
  close(reader);
  close(ep);
}

int main(void) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  int pair[2];
  printf("-- unix\n");
  socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
  stream(pair[0], pair[1]);
  printf("-- datagrams\n");
  socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
  ep = epoll_create1(0);
  watch(pair[0], EPOLLIN | EPOLLET);
  write(pair[1], "a", 1);
  look("one");
  write(pair[1], "b", 1);
  look("two");
  look("none");
  close(pair[0]);
  close(pair[1]);
  close(ep);
  printf("-- a pipe\n");
  pipe(pair);
  ep = epoll_create1(0);
  watch(pair[0], EPOLLIN | EPOLLET);
  write(pair[1], "a", 1);
  look("one");
  write(pair[1], "b", 1);
  look("two");
  look("none");
  char text[2];
  read(pair[0], text, 2);
  write(pair[1], "c", 1);
  look("three");
  close(pair[1]);
  look("closed");
  close(pair[0]);
  close(ep);
  printf("-- an eventfd\n");
  int fd = eventfd(0, EFD_NONBLOCK);
  unsigned long value = 1;
  ep = epoll_create1(0);
  watch(fd, EPOLLIN | EPOLLET);
  write(fd, &value, 8);
  look("one");
  look("none");
  write(fd, &value, 8);
  look("two");
  read(fd, &value, 8);
  write(fd, &value, 8);
  look("three");
  printf("-- a listener\n");
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  int door = socket(AF_INET, SOCK_STREAM, 0);
  bind(door, (void *)&address, sizeof address);
  listen(door, 5);
  getsockname(door, (void *)&address, &length);
  ep = epoll_create1(0);
  watch(door, EPOLLIN | EPOLLET);
  look("none");
  int one = socket(AF_INET, SOCK_STREAM, 0), two = socket(AF_INET, SOCK_STREAM, 0);
  connect(one, (void *)&address, sizeof address);
  look("one");
  look("still waiting");
  connect(two, (void *)&address, sizeof address);
  look("two");
  close(accept(door, NULL, NULL));
  look("one is left");
  return 0;
}

// Waiting for several things at once: poll, select, epoll, eventfd, timerfd.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/timerfd.h>
#include <unistd.h>

static void tell(long result) { printf("%ld %s\n", result, result < 0 ? strerror(errno) : "done"); }

int main(void) {
  int ends[2];
  if (pipe2(ends, O_NONBLOCK)) return 1;
  struct pollfd fds[] = {{ends[0], POLLIN, 0}, {ends[1], POLLOUT, 0}};
  printf("poll %d", poll(fds, 2, 0));
  printf(" %d %d\n", fds[0].revents, fds[1].revents);
  char byte;
  tell(read(ends[0], &byte, 1));
  if (write(ends[1], "ab", 2) != 2) return 1;
  fd_set set;
  FD_ZERO(&set);
  FD_SET(ends[0], &set);
  struct timeval wait = {1, 0};
  printf("select %d", select(ends[0] + 1, &set, NULL, NULL, &wait));
  printf(" %d\n", FD_ISSET(ends[0], &set) != 0);

  int event = eventfd(3, EFD_NONBLOCK), epoll = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event interest = {.events = EPOLLIN, .data.u64 = 7};
  epoll_ctl(epoll, EPOLL_CTL_ADD, event, &interest);
  interest.data.u64 = 8;
  interest.events = EPOLLIN | EPOLLET;
  epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &interest);
  struct epoll_event happened[4];
  int count = epoll_wait(epoll, happened, 4, 100);
  uint64_t sum = 0;
  for (int i = 0; i < count; i++) sum += happened[i].data.u64;
  printf("epoll %d %d\n", count, (int)sum);
  count = epoll_wait(epoll, happened, 4, 0);
  printf("edge %d %d\n", count, count == 1 ? (int)happened[0].data.u64 : 0);
  uint64_t value;
  if (read(event, &value, 8) != 8) return 1;
  printf("eventfd %d, then %zd\n", (int)value, read(event, &value, 8));
  printf("epoll %d\n", epoll_wait(epoll, happened, 4, 0));

  int timer = timerfd_create(CLOCK_MONOTONIC, 0);
  struct itimerspec soon = {{0, 0}, {0, 5000000}};
  timerfd_settime(timer, 0, &soon, NULL);
  printf("timerfd %zd", read(timer, &value, 8));
  printf(" %d\n", (int)value);

  close(ends[0]);
  fds[1].events = POLLOUT;
  printf("poll %d", poll(fds + 1, 1, 0));
  printf(" %d\n", (fds[1].revents & POLLERR) != 0);
  return 0;
}

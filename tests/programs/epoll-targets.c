// kcmp's KCMP_EPOLL_TFD: is a file the one an epoll was told of by a number?
#define _GNU_SOURCE
#include <errno.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

static void compare(const char *what, int fd, struct kcmp_epoll_slot *slot) {
  long result = syscall(SYS_kcmp, getpid(), getpid(), KCMP_EPOLL_TFD, (long)fd, slot);
  printf("%s: %s\n", what, result < 0 ? strerror(errno) : result == 0 ? "the same" : "another");
}

int main(void) {
  int set = epoll_create1(0), ends[2];
  pipe(ends);
  struct epoll_event event = {.events = EPOLLIN};
  epoll_ctl(set, EPOLL_CTL_ADD, ends[0], &event);
  int copy = dup(ends[0]);
  epoll_ctl(set, EPOLL_CTL_ADD, copy, &event);
  struct kcmp_epoll_slot first = {set, ends[0], 0}, second = {set, ends[0], 1}, notEpoll = {ends[0], ends[0], 0},
                         closed = {99, ends[0], 0}, untold = {set, ends[1], 0}, ofCopy = {set, copy, 0};
  compare("itself", ends[0], &first);
  compare("its copy", copy, &first);
  compare("the other end", ends[1], &first);
  compare("a second one", ends[0], &second);
  compare("no epoll", ends[0], &notEpoll);
  compare("no descriptor", ends[0], &closed);
  compare("not told of", ends[0], &untold);
  compare("by its copy's number", ends[0], &ofCopy);
  compare("no file", 99, &first);
  compare("no slot", 99, NULL);
  int kept = dup(ends[0]);
  close(ends[0]);
  dup2(ends[1], ends[0]);
  compare("the number is another's now", ends[0], &first);
  compare("the file is the same", kept, &first);
  return 0;
}

// Calls that wait for files: poll, select, epoll, and the descriptors of events, timers and signals; what they refuse.
#include "report.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>

static void *none;
static int ends[2];

static void polling(void) {
  puts("poll");
  static struct pollfd files[3];
  memcpy(files, (struct pollfd[3]){{ends[0], POLLIN}, {ends[1], POLLOUT}, {-1, POLLIN}}, sizeof files);
  TELL(poll(files, 3, 0));
  printf("%x %x %x\n", files[0].revents, files[1].revents, files[2].revents);
  files[0].fd = 99;
  TELL(poll(files, 1, -1));
  printf("%x\n", files[0].revents);
  TELL(poll(none, 1, 0));
  TELL(poll(NULL, 0, 1));
  struct timespec bad = {0, 1000000000}, negative = {-1, 0}, zero = {0, 0};
  static sigset_t sets[2], *set = sets;
  sigemptyset(set);
  TELL(ppoll(files, 1, &bad, NULL));
  TELL(ppoll(files, 1, &negative, NULL));
  TELL(syscall(SYS_ppoll, files, 1, &zero, set, 16));
  TELL(syscall(SYS_ppoll, files, 1, &zero, none, 8L));
  TELL(syscall(SYS_ppoll, files, 1, none, NULL, 8L));
  int file = open("file", O_RDWR), directory = open(".", O_RDONLY), only = open("file", O_PATH);
  struct pollfd others[3] = {{file, -1}, {directory, -1}, {only, -1}};
  TELL(poll(others, 3, 0));
  printf("%x %x %x\n", others[0].revents, others[1].revents, others[2].revents);
  puts("select");
  static fd_set in, out;
  FD_ZERO(&in);
  FD_ZERO(&out);
  FD_SET(ends[0], &in);
  FD_SET(ends[1], &out);
  struct timeval now = {0, 0}, wrong = {-1, 0}, wrongToo = {0, -1}, much = {0, 1500000};
  TELL(select(100, &in, &out, NULL, &now));
  printf("%d %d\n", FD_ISSET(ends[0], &in) != 0, FD_ISSET(ends[1], &out) != 0);
  TELL(select(-1, &in, NULL, NULL, &now));
  TELL(select(100, &in, NULL, NULL, &wrong));
  TELL(select(100, &in, NULL, NULL, &wrongToo));
  TELL(select(100, none, NULL, NULL, &now));
  TELL(syscall(SYS_select, 0, NULL, NULL, NULL, none));
  TELL(select(0, NULL, NULL, NULL, &now));
  struct { void *set; size_t size; } pack = {set, 16};
  TELL(syscall(SYS_pselect6, 0, NULL, NULL, NULL, &zero, &pack));
  TELL(syscall(SYS_pselect6, 0, NULL, NULL, NULL, &bad, NULL));
  TELL(syscall(SYS_pselect6, 0, NULL, NULL, NULL, &zero, none));
  close(file), close(directory), close(only);
}

/** Descriptors beyond the table are not looked at. A child's table is as large as what is open needs, whatever started the program. */
static void beyondTheTable(void) {
  static fd_set in;
  struct timeval now = {0, 0};
  fflush(stdout);
  if (fork() == 0) {
    FD_SET(90, &in);
    TELL(select(100, &in, NULL, NULL, &now));
    TELL(dup2(0, 90));
    TELL(close(90));
    TELL(select(100, &in, NULL, NULL, &now));
    exit(0);
  }
  wait(NULL);
}

static void epolling(void) {
  puts("epoll");
  struct epoll_event event = {EPOLLIN, {.fd = 5}};
  static struct epoll_event events[4];
  TELL(syscall(SYS_epoll_create, 0));
  TELL(syscall(SYS_epoll_create, -1));
  TELL(epoll_create1(1));
  int set = epoll_create1(EPOLL_CLOEXEC), other = syscall(SYS_epoll_create, 1), file = open("file", O_RDONLY), directory = open(".", O_RDONLY);
  TELL(fcntl(set, F_GETFD));
  TELL(epoll_ctl(set, EPOLL_CTL_ADD, ends[0], &event));
  TELL(epoll_ctl(set, EPOLL_CTL_ADD, ends[0], &event));
  TELL(epoll_ctl(set, EPOLL_CTL_MOD, ends[1], &event));
  TELL(epoll_ctl(set, EPOLL_CTL_DEL, ends[1], NULL));
  TELL(epoll_ctl(set, EPOLL_CTL_ADD, set, &event));
  TELL(epoll_ctl(set, EPOLL_CTL_ADD, 99, &event));
  TELL(epoll_ctl(-1, EPOLL_CTL_ADD, ends[0], &event));
  TELL(epoll_ctl(file, EPOLL_CTL_ADD, ends[0], &event));
  TELL(epoll_ctl(set, EPOLL_CTL_ADD, file, &event));
  TELL(epoll_ctl(set, EPOLL_CTL_ADD, directory, &event));
  TELL(epoll_ctl(set, EPOLL_CTL_ADD, ends[1], none));
  TELL(epoll_ctl(set, EPOLL_CTL_MOD, ends[0], none));
  TELL(epoll_ctl(set, 9, ends[0], &event));
  event.events = EPOLLIN | EPOLLEXCLUSIVE;
  TELL(epoll_ctl(set, EPOLL_CTL_MOD, ends[0], &event));
  TELL(epoll_ctl(set, EPOLL_CTL_ADD, ends[1], &event));
  event.events = EPOLLIN;
  TELL(epoll_ctl(set, EPOLL_CTL_MOD, ends[1], &event));
  event.events = EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT;
  TELL(epoll_ctl(other, EPOLL_CTL_ADD, ends[1], &event));
  event.events = EPOLLIN | EPOLLEXCLUSIVE;
  TELL(epoll_ctl(other, EPOLL_CTL_ADD, set, &event));
  event.events = EPOLLIN;
  TELL(epoll_ctl(other, EPOLL_CTL_ADD, set, &event));
  TELL(epoll_ctl(set, EPOLL_CTL_ADD, other, &event));
  TELL(epoll_wait(set, events, 4, 0));
  TELL(epoll_wait(set, events, 0, 0));
  TELL(epoll_wait(set, events, -1, 0));
  TELL(epoll_wait(set, none, 4, 0));
  TELL(epoll_wait(file, events, 4, 0));
  TELL(epoll_wait(99, events, 4, 0));
  TELL(epoll_wait(set, events, 1 << 30, 0));
  write(ends[1], "x", 1);
  TELL(epoll_wait(set, none, 4, 0));
  TELL(epoll_wait(set, events, 4, 0));
  struct timespec bad = {0, 1000000000};
  TELL(syscall(SYS_epoll_pwait2, set, events, 4, &bad, NULL, 8L));
  TELL(syscall(SYS_epoll_pwait, set, events, 4, 0, none, 8L));
  sigset_t mask;
  sigemptyset(&mask);
  TELL(syscall(SYS_epoll_pwait, set, events, 4, 0, &mask, 9L));
  TELL(read(set, events, 8));
  TELL(write(set, events, 8));
  TELL(lseek(set, 0, SEEK_SET));
  int chain[8];
  for (int i = 0; i < 8; i++) {
    chain[i] = epoll_create1(0);
    if (i) printf("nested %d: %d\n", i, epoll_ctl(chain[i], EPOLL_CTL_ADD, chain[i - 1], &event) < 0 ? errno : 0);
  }
  char c;
  read(ends[0], &c, 1);
}

static void counting(void) {
  puts("eventfd");
  unsigned long long value = 5;
  char small[4];
  TELL(eventfd(0, 0x10));
  int fd = eventfd(3, EFD_NONBLOCK);
  TELL(read(fd, small, 4));
  TELL(write(fd, small, 4));
  TELL(read(fd, none, 8L));
  TELL(read(fd, &value, 8));
  printf("%llu\n", value);
  TELL(read(fd, &value, 8));
  value = -1ULL;
  TELL(write(fd, &value, 8));
  value = -2ULL;
  TELL(write(fd, &value, 8));
  value = 1;
  TELL(write(fd, &value, 8));
  struct pollfd file = {fd, POLLIN | POLLOUT};
  TELL(poll(&file, 1, 0));
  printf("%x\n", file.revents);
  value = 0;
  TELL(write(fd, &value, 8));
  TELL(read(fd, &value, 16));
  TELL(write(fd, none, 8L));
  TELL(pread(fd, &value, 8, 0));
  TELL(lseek(fd, 0, SEEK_SET));
  int many = eventfd(3, EFD_SEMAPHORE | EFD_NONBLOCK | EFD_CLOEXEC);
  for (int i = 0; i < 4; i++) TELL(read(many, &value, 8));
  printf("%llu %d\n", value, fcntl(many, F_GETFD));
  puts("timers");
  struct itimerspec time = {{0, 0}, {0, 1}}, old;
  TELL(timerfd_create(99, 0));
  TELL(timerfd_create(CLOCK_PROCESS_CPUTIME_ID, 0));
  TELL(timerfd_create(CLOCK_MONOTONIC, 0x10));
  int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK), alarm = timerfd_create(CLOCK_REALTIME_ALARM, 0);
  printf("%d\n", alarm >= 0);
  TELL(read(timer, &value, 8));
  TELL(timerfd_settime(timer, 8, &time, NULL));
  TELL(timerfd_settime(timer, 0, none, NULL));
  TELL(timerfd_settime(timer, 0, &time, none));
  TELL(timerfd_settime(ends[0], 0, &time, NULL));
  TELL(timerfd_settime(-1, 0, &time, NULL));
  TELL(timerfd_gettime(timer, none));
  TELL(timerfd_gettime(ends[0], &old));
  time.it_value.tv_nsec = 1000000000;
  TELL(timerfd_settime(timer, 0, &time, NULL));
  time.it_value.tv_nsec = -1;
  TELL(timerfd_settime(timer, 0, &time, NULL));
  time.it_value.tv_nsec = 1;
  TELL(timerfd_settime(timer, 0, &time, &old));
  struct pollfd ready = {timer, POLLIN};
  TELL(poll(&ready, 1, 900));
  TELL(read(timer, small, 4));
  TELL(read(timer, none, 8L));
  TELL(write(timer, &value, 8));
  TELL(timerfd_settime(timer, TFD_TIMER_CANCEL_ON_SET, &time, NULL));
  memset(&time, 0, sizeof time);
  TELL(timerfd_settime(timer, 0, &time, NULL));
  TELL(timerfd_gettime(timer, &old));
  printf("%ld %ld\n", (long)old.it_value.tv_sec, old.it_value.tv_nsec);
  puts("signalfd");
  static sigset_t sets[2], *set = sets;
  sigemptyset(set);
  sigaddset(set, SIGUSR1);
  sigprocmask(SIG_BLOCK, set, NULL);
  TELL(signalfd(-1, set, 0x10));
  TELL(signalfd(ends[0], set, 0));
  TELL(signalfd(99, set, 0));
  TELL(syscall(SYS_signalfd4, -1, set, 4, 0));
  TELL(syscall(SYS_signalfd4, -1, none, 8, 0));
  int signals = signalfd(-1, set, SFD_NONBLOCK | SFD_CLOEXEC);
  TELL(signalfd(signals, set, 0) == signals);
  static struct signalfd_siginfo info;
  TELL(read(signals, &info, sizeof info));
  kill(getpid(), SIGUSR1);
  TELL(read(signals, &info, 100));
  TELL(read(signals, none, sizeof info));
  TELL(read(signals, &info, sizeof info));
  printf("%u\n", info.ssi_signo);
  kill(getpid(), SIGUSR1);
  TELL(read(signals, &info, sizeof info));
  memset(&info, 0, sizeof info);
  TELL(write(signals, &info, sizeof info));
}

int main(void) {
  begin();
  none = forbidden();
  makeFile("file", "text", 0644);
  pipe(ends);
  polling();
  beyondTheTable();
  epolling();
  counting();
  return 0;
}

// Descriptors: duplicating, closing, limits, fcntl's commands and their errors, pipes, locks of all kinds, owners and signals.
#include "report.h"
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/socket.h>

#ifndef F_OFD_GETLK
#define F_OFD_GETLK 36
#define F_OFD_SETLK 37
#endif
#ifndef F_ADD_SEALS
#define F_ADD_SEALS 1033
#define F_GET_SEALS 1034
#endif
#define GET_RW_HINT 1035
#define SET_RW_HINT 1036
#define GET_FILE_RW_HINT 1037

static void *none;

static void duplicates(void) {
  puts("duplicates");
  struct rlimit limit;
  int fd = open("file", O_RDWR | O_APPEND | O_CLOEXEC);
  TELL(dup(fd));
  TELL(fcntl(4, F_GETFD));
  TELL(dup(-1));
  TELL(dup(99));
  TELL(dup2(fd, 7));
  TELL(dup2(fd, fd));
  TELL(dup2(99, 99));
  TELL(dup2(99, 7));
  TELL(dup2(fd, -1));
  TELL(dup2(fd, 1 << 20));
  TELL(dup3(fd, fd, 0));
  TELL(dup3(fd, 8, O_CLOEXEC));
  TELL(fcntl(8, F_GETFD));
  TELL(dup3(fd, 8, O_APPEND));
  TELL(dup3(99, 8, 0));
  TELL(dup3(99, 99, 0));
  TELL(dup3(fd, 1 << 20, 0));
  TELL(fcntl(fd, F_DUPFD, 20));
  TELL(fcntl(fd, F_DUPFD, 20));
  TELL(fcntl(fd, F_DUPFD_CLOEXEC, 20));
  TELL(fcntl(22, F_GETFD));
  TELL(fcntl(fd, F_DUPFD, -1));
  TELL(fcntl(fd, F_DUPFD, 1 << 20));
  TELL(fcntl(99, F_DUPFD, 0));
  TELL(fcntl(fd, 1027, 0));
  TELL(fcntl(fd, 1027, 4));
  TELL(fcntl(fd, 1027, 0));
  TELL(lseek(fd, 2, SEEK_SET));
  TELL(lseek(7, 0, SEEK_CUR));
  TELL(close(-1));
  TELL(close(7));
  TELL(close(7));
  TELL(syscall(SYS_close_range, 4, 10, 4));
  TELL(fcntl(4, F_GETFD));
  TELL(syscall(SYS_close_range, 10, 4, 0));
  TELL(syscall(SYS_close_range, 4, 10, 8));
  TELL(syscall(SYS_close_range, 4, ~0U, 2));
  TELL(fcntl(20, F_GETFD));
  TELL(syscall(SYS_close_range, 4, ~0U, 0));
  TELL(fcntl(20, F_GETFD));
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = 6;
  setrlimit(RLIMIT_NOFILE, &limit);
  int ends[2] = {-7, -7};
  TELL(dup(fd));
  TELL(pipe(ends));
  printf("%d %d\n", ends[0], ends[1]);
  TELL(dup(fd));
  TELL(dup(fd));
  TELL(open("file", O_RDONLY));
  TELL(open("missing", O_RDONLY));
  TELL(open("never", O_RDONLY | O_CREAT, 0644));
  TELL(access("never", F_OK));
  TELL(dup2(fd, 6));
  TELL(dup2(fd, 5));
  TELL(fcntl(fd, F_DUPFD, 5));
  TELL(fcntl(fd, F_DUPFD, 6));
  TELL(socket(AF_UNIX, SOCK_STREAM, 0));
  TELL(eventfd(0, 0));
  TELL(pipe(none));
  limit.rlim_cur = 100;
  setrlimit(RLIMIT_NOFILE, &limit);
  TELL(dup2(fd, 99));
  limit.rlim_cur = 50;
  setrlimit(RLIMIT_NOFILE, &limit);
  TELL(fcntl(99, F_GETFD));
  TELL(dup2(99, 49));
  TELL(pipe(none));
  TELL(syscall(SYS_pipe2, ends, 0x1));
  TELL(syscall(SYS_pipe2, ends, O_CLOEXEC | O_NONBLOCK | O_DIRECT));
  printf("%x %x %d\n", fcntl(ends[0], F_GETFL), fcntl(ends[1], F_GETFL), fcntl(ends[0], F_GETFD));
}

static void flags(void) {
  puts("flags");
  syscall(SYS_close_range, 3, ~0U, 0);
  int fd = open("file", O_RDWR | O_APPEND | O_SYNC | O_NOFOLLOW | O_NOCTTY);
  printf("%x\n", fcntl(fd, F_GETFL) & ~O_LARGEFILE);
  TELL(fcntl(fd, F_SETFL, O_RDONLY | O_NONBLOCK | O_TRUNC | O_CREAT));
  printf("%x\n", fcntl(fd, F_GETFL) & ~0100000);
  TELL(fcntl(fd, F_SETFL, O_NOATIME | O_DIRECT | O_ASYNC));
  printf("%x\n", fcntl(fd, F_GETFL) & ~0100000);
  TELL(fcntl(fd, F_SETFD, 3));
  TELL(fcntl(fd, F_GETFD));
  TELL(fcntl(-1, F_GETFL));
  TELL(fcntl(fd, 999, 0));
  TELL(fcntl(fd, -1, 0));
  int only = open("file", O_PATH | O_CLOEXEC | O_APPEND);
  printf("%x\n", fcntl(only, F_GETFL));
  TELL(fcntl(only, F_GETFD));
  TELL(fcntl(only, F_SETFD, 0));
  TELL(fcntl(only, F_SETFL, 0));
  struct flock lock = {F_RDLCK, SEEK_SET, 0, 0};
  TELL(fcntl(only, F_SETLK, &lock));
  TELL(flock(only, LOCK_SH));
  TELL(fcntl(only, F_GETOWN));
  char c;
  struct stat found;
  TELL(fstat(only, &found));
  TELL(fchmod(only, 0644));
  TELL(close(only));
  int ends[2];
  pipe(ends);
  TELL(fcntl(ends[0], F_GETPIPE_SZ));
  TELL(fcntl(ends[0], F_SETPIPE_SZ, 1));
  TELL(fcntl(ends[0], F_SETPIPE_SZ, 4097));
  TELL(fcntl(ends[0], F_SETPIPE_SZ, 0));
  TELL(fcntl(ends[0], F_SETPIPE_SZ, -1));
  TELL(fcntl(ends[0], F_SETPIPE_SZ, 1 << 20));
  static char data[10000];
  TELL(write(ends[1], data, 10000));
  TELL(fcntl(ends[0], F_SETPIPE_SZ, 4096));
  TELL(fcntl(ends[0], F_SETPIPE_SZ, 12288));
  TELL(fcntl(fd, F_GETPIPE_SZ));
  TELL(fcntl(fd, F_SETPIPE_SZ, 4096));
  TELL(fcntl(fd, F_GET_SEALS));
  TELL(fcntl(fd, F_ADD_SEALS, 1));
  unsigned long long hint = 2;
  TELL(fcntl(fd, GET_RW_HINT, &hint));
  printf("%llu\n", hint);
  for (hint = 0; hint < 8; hint++) TELL(fcntl(fd, SET_RW_HINT, &hint));
  TELL(fcntl(fd, GET_RW_HINT, &hint));
  printf("%llu\n", hint);
  TELL(fcntl(fd, SET_RW_HINT, none));
  TELL(fcntl(fd, GET_RW_HINT, none));
  TELL(fcntl(fd, GET_FILE_RW_HINT, &hint));
  TELL(fcntl(ends[0], GET_RW_HINT, &hint));
}

static void seals(void) {
  puts("seals");
  static char name[300];
  memset(name, 'n', 250);
  TELL(syscall(SYS_memfd_create, name, 0) < 0 ? -1 : 0);
  name[249] = 0;
  TELL(syscall(SYS_memfd_create, name, 0) < 0 ? -1 : 0);
  TELL(syscall(SYS_memfd_create, "", 0) < 0 ? -1 : 0);
  TELL(syscall(SYS_memfd_create, none, 0));
  TELL(syscall(SYS_memfd_create, "a", 0x100));
  TELL(syscall(SYS_memfd_create, "a", 0x18));
  int plain = syscall(SYS_memfd_create, "plain", 0), fd = syscall(SYS_memfd_create, "sealed", 2), exec = syscall(SYS_memfd_create, "e", 0x8);
  TELL(fcntl(plain, F_GET_SEALS));
  TELL(fcntl(plain, F_ADD_SEALS, 1));
  TELL(fcntl(fd, F_GET_SEALS));
  TELL(fcntl(exec, F_GET_SEALS));
  TELL(fchmod(exec, 0777));
  TELL(ftruncate(fd, 4096));
  TELL(fcntl(fd, F_ADD_SEALS, 2));
  TELL(ftruncate(fd, 100));
  TELL(ftruncate(fd, 8192));
  TELL(fcntl(fd, F_ADD_SEALS, 4));
  TELL(ftruncate(fd, 16384));
  TELL(pwrite(fd, "x", 1, 100));
  TELL(pwrite(fd, "x", 1, 9000));
  TELL(fallocate(fd, 0, 0, 9000));
  void *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  TELL(fcntl(fd, F_ADD_SEALS, 8));
  munmap(map, 4096);
  TELL(fcntl(fd, F_ADD_SEALS, 8));
  TELL(pwrite(fd, "x", 1, 100));
  TELL(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096));
  TELL(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED ? -1 : 0);
  TELL(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED ? -1 : 0);
  TELL(fcntl(fd, F_ADD_SEALS, 1));
  TELL(fcntl(fd, F_ADD_SEALS, 16));
  TELL(fcntl(fd, F_ADD_SEALS, 0x100));
  TELL(fcntl(fd, F_GET_SEALS));
  char path[64];
  sprintf(path, "/proc/self/fd/%d", fd);
  int again = open(path, O_RDONLY);
  TELL(fcntl(again, F_ADD_SEALS, 1));
  TELL(fcntl(again, F_GET_SEALS));
}

static void lockTo(int fd, int command, int type, int whence, long start, long length) {
  struct flock lock = {type, whence, start, length};
  if (command == F_OFD_SETLK || command == F_OFD_GETLK) lock.l_pid = 0;
  int result = fcntl(fd, command, &lock);
  printf("%s %d %ld %ld: %s", command == F_SETLK ? "set" : command == F_GETLK ? "get" : "other", type, start, length,
         result < 0 ? strerror(errno) : "done");
  if (command == F_GETLK && result == 0) printf(" %d %d %ld %ld %d", lock.l_type, lock.l_whence, (long)lock.l_start, (long)lock.l_len, lock.l_pid != 0);
  puts("");
}

static void lockedByOther(void) {
  int fd = open("locked", O_RDWR), reads = open("locked", O_RDONLY), writes = open("locked", O_WRONLY);
  lockTo(fd, F_SETLK, F_RDLCK, SEEK_SET, 0, 10);
  lockTo(fd, F_SETLK, F_WRLCK, SEEK_SET, 20, 1);
  lockTo(fd, F_SETLK, F_WRLCK, SEEK_SET, 100, 10);
  lockTo(fd, F_GETLK, F_WRLCK, SEEK_SET, 0, 0);
  lockTo(fd, F_GETLK, F_RDLCK, SEEK_SET, 25, 100);
  lockTo(fd, F_GETLK, F_WRLCK, SEEK_SET, 1000, 0);
  lockTo(reads, F_SETLK, F_WRLCK, SEEK_SET, 1000, 1);
  lockTo(writes, F_SETLK, F_RDLCK, SEEK_SET, 1000, 1);
  lockTo(reads, F_SETLK, F_RDLCK, SEEK_SET, 1000, 1);
  lockTo(fd, F_OFD_SETLK, F_WRLCK, SEEK_SET, 30, 1);
  TELL(flock(fd, LOCK_EX | LOCK_NB));
  TELL(flock(fd, LOCK_SH | LOCK_NB));
}

static void locks(void) {
  puts("locks");
  makeFile("locked", "0123456789", 0644);
  int fd = open("locked", O_RDWR);
  lockTo(fd, F_SETLK, F_WRLCK, SEEK_SET, 20, 20);
  lockTo(fd, F_SETLK, F_RDLCK, SEEK_SET, 25, 5);
  lockTo(fd, F_SETLK, F_RDLCK, SEEK_SET, 0, 5);
  lockTo(fd, F_SETLK, F_RDLCK, SEEK_END, -2, 2);
  lockTo(fd, F_SETLK, F_RDLCK, SEEK_SET, -1, 1);
  lockTo(fd, F_SETLK, F_RDLCK, SEEK_SET, 10, -5);
  lockTo(fd, F_SETLK, F_RDLCK, SEEK_SET, 1, -5);
  lockTo(fd, F_SETLK, 7, SEEK_SET, 1, 5);
  lockTo(fd, F_SETLK, F_RDLCK, 9, 1, 5);
  lockTo(fd, F_GETLK, F_UNLCK, SEEK_SET, 1, 5);
  TELL(fcntl(fd, F_SETLK, none));
  TELL(fcntl(fd, F_GETLK, none));
  TELL(fcntl(99, F_SETLK, none));
  struct flock owned = {F_WRLCK, SEEK_SET, 0, 1, 77};
  TELL(fcntl(fd, F_OFD_SETLK, &owned));
  TELL(fcntl(fd, F_OFD_GETLK, &owned));
  TELL(flock(fd, LOCK_SH));
  TELL(flock(fd, 0));
  TELL(flock(fd, LOCK_SH | LOCK_EX));
  TELL(flock(99, LOCK_SH));
  asUser(0, lockedByOther);
  close(open("locked", O_RDONLY));
  puts("after a close");
  asUser(0, lockedByOther);
}

static volatile int got, gotFd;
static void onSignal(int number, siginfo_t *info, void *context) {
  got = number;
  gotFd = info->si_fd;
}

static void owners(void) {
  puts("owners");
  struct sigaction action = {.sa_sigaction = onSignal, .sa_flags = SA_SIGINFO};
  sigaction(SIGIO, &action, NULL);
  sigaction(SIGUSR1, &action, NULL);
  sigaction(SIGRTMIN, &action, NULL);
  int ends[2];
  pipe(ends);
  struct { int type, pid; } owner = {0, 0};
  TELL(fcntl(ends[0], F_GETOWN));
  TELL(fcntl(ends[0], F_SETOWN, 99999999));
  TELL(fcntl(ends[0], F_SETOWN, -99999999));
  TELL(fcntl(ends[0], F_SETOWN, getpid()));
  printf("%d\n", fcntl(ends[0], F_GETOWN) == getpid());
  TELL(fcntl(ends[0], 16, &owner));
  printf("%d %d\n", owner.type, owner.pid == getpid());
  owner.type = 5;
  TELL(fcntl(ends[0], 15, &owner));
  owner.type = 0;
  TELL(fcntl(ends[0], 15, &owner));
  TELL(fcntl(ends[0], 15, none));
  owner.type = 2, owner.pid = getpgrp();
  TELL(fcntl(ends[0], F_SETOWN, getpid()));
  TELL(fcntl(ends[0], F_GETSIG));
  TELL(fcntl(ends[0], F_SETSIG, 65));
  TELL(fcntl(ends[0], F_SETSIG, -1));
  TELL(fcntl(ends[0], F_SETSIG, SIGUSR1));
  TELL(fcntl(ends[0], F_GETSIG));
  TELL(fcntl(ends[0], F_SETFL, O_ASYNC));
  write(ends[1], "x", 1);
  printf("%d %d\n", got, gotFd == ends[0]);
  TELL(fcntl(ends[0], F_SETSIG, 0));
  write(ends[1], "x", 1);
  printf("%d\n", got);
  unsigned ids[2];
  TELL(fcntl(ends[0], 17, ids));
  printf("%u %u\n", ids[0], ids[1]);
}

static void leaseBreaker(void) {
  OPENS(open("leased", O_RDONLY | O_NONBLOCK));
  OPENS(open("leased", O_WRONLY | O_NONBLOCK));
  DONE(truncate("missing", 0));
}

static int leased;
static void onBreak(int number) { fcntl(leased, F_SETLEASE, F_UNLCK); }

static void truncates(void) {
  DONE(truncate("leased", 2));
  status("leased");
}

static void opens2(void) { OPENS(open("leased", O_WRONLY)); }

static void someone(void) {
  int fd = open("file", O_RDONLY);
  TELL(fcntl(fd, F_SETLEASE, F_RDLCK));
  TELL(fcntl(fd, F_SETFL, O_NOATIME));
  TELL(fcntl(fd, SET_RW_HINT, none));
  int ends[2];
  pipe(ends);
  TELL(fcntl(ends[0], F_SETPIPE_SZ, 1 << 20));
  TELL(fcntl(ends[0], F_SETPIPE_SZ, (1 << 20) + 1));
  TELL(fcntl(ends[0], F_SETOWN, getppid()));
}

static void leases(void) {
  puts("leases");
  got = 0;
  makeFile("leased", "text", 0644);
  int fd = open("leased", O_RDWR), reads;
  TELL(fcntl(fd, F_GETLEASE));
  TELL(fcntl(fd, F_SETLEASE, F_RDLCK));
  TELL(fcntl(fd, F_SETLEASE, F_UNLCK));
  TELL(fcntl(fd, F_SETLEASE, F_WRLCK));
  TELL(fcntl(fd, F_GETLEASE));
  TELL(fcntl(fd, F_SETLEASE, 5));
  TELL(fcntl(fd, F_SETSIG, SIGUSR1));
  asUser(0, leaseBreaker);
  printf("signal %d fd %d\n", got, gotFd == fd);
  TELL(fcntl(fd, F_GETLEASE));
  TELL(fcntl(fd, F_SETLEASE, F_UNLCK));
  TELL(fcntl(fd, F_GETLEASE));
  close(fd);
  reads = open("leased", O_RDONLY);
  TELL(fcntl(reads, F_SETLEASE, F_RDLCK));
  TELL(fcntl(reads, F_SETLEASE, F_WRLCK));
  TELL(fcntl(reads, F_SETLEASE, F_RDLCK));
  got = 0;
  asUser(0, leaseBreaker);
  printf("signal %d\n", got);
  TELL(fcntl(reads, F_GETLEASE));
  TELL(fcntl(reads, F_SETLEASE, F_UNLCK));
  signal(SIGUSR2, onBreak);
  leased = reads;
  TELL(fcntl(reads, F_SETSIG, SIGUSR2));
  TELL(fcntl(reads, F_SETLEASE, F_RDLCK));
  asUser(0, truncates);
  TELL(fcntl(reads, F_GETLEASE));
  TELL(fcntl(reads, F_GETSIG));
  TELL(fcntl(reads, F_SETSIG, SIGUSR2));
  TELL(fcntl(reads, F_SETLEASE, F_RDLCK));
  asUser(0, opens2);
  TELL(fcntl(reads, F_GETLEASE));
  int directory = open(".", O_RDONLY), ends[2];
  TELL(fcntl(directory, F_SETLEASE, F_RDLCK));
  pipe(ends);
  TELL(fcntl(ends[0], F_SETLEASE, F_RDLCK));
  TELL(fcntl(reads, 1026, 1));
  TELL(fcntl(directory, 1026, 0x80000000 | 4));
  close(open("noticed", O_RDWR | O_CREAT, 0644));
  printf("signal %d\n", got);
  asUser(1234, someone);
}

int main(void) {
  begin();
  none = forbidden();
  makeFile("file", "0123456789", 0644);
  asUser(0, duplicates);
  flags();
  seals();
  locks();
  owners();
  leases();
  return 0;
}

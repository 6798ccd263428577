// Descriptor control: owners and signals, seals of files in memory, hints, pipes' sizes, duplicates.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static void show(const char *what, long result) {
  if (result < 0) printf("%s: %s\n", what, strerror(errno));
  else printf("%s: %ld\n", what, result);
}

#define ADD_SEALS 1033
#define GET_SEALS 1034
#define SEAL_SEAL 1
#define SEAL_SHRINK 2
#define SEAL_GROW 4
#define SEAL_WRITE 8
#define SEAL_FUTURE_WRITE 16
#define SEAL_EXEC 32

static int memfd(unsigned flags) { return syscall(SYS_memfd_create, "sealed", flags); }

struct owner {
  int type;
  int pid;
};

int main(void) {
  setvbuf(stdout, NULL, _IOFBF, 16384);
  syscall(SYS_close_range, 3, 100, 0);
  setpgid(0, 0);
  int ends[2];
  pipe(ends);
  show("owner", fcntl(ends[0], F_GETOWN));
  show("set owner", fcntl(ends[0], F_SETOWN, getpid()));
  show("owner is me", fcntl(ends[0], F_GETOWN) == getpid());
  struct owner owner = {9, 9};
  show("owner ex", fcntl(ends[0], 16, &owner));
  printf("type %d me %d\n", owner.type, owner.pid == getpid());
  show("group", fcntl(ends[0], F_SETOWN, -getpgrp()));
  show("owner ex", fcntl(ends[0], 16, &owner));
  printf("type %d group %d\n", owner.type, owner.pid == getpgrp());
  owner.type = 0;
  owner.pid = getpid();
  show("thread", fcntl(ends[0], 15, &owner));
  show("owner is me", fcntl(ends[0], F_GETOWN) == getpid());
  owner.type = 7;
  show("bad type", fcntl(ends[0], 15, &owner));
  owner.type = 1;
  owner.pid = 4000000;
  show("nobody", fcntl(ends[0], 15, &owner));
  show("nobody", fcntl(ends[0], F_SETOWN, 4000000));
  show("no owner", fcntl(ends[0], F_SETOWN, 0));
  show("owner", fcntl(ends[0], F_GETOWN));
  uint32_t ids[2] = {7, 7};
  show("owner's ids", fcntl(ends[0], 17, ids));
  printf("%u %u\n", ids[0], ids[1]);
  show("signal", fcntl(ends[0], F_GETSIG));
  show("set signal", fcntl(ends[0], F_SETSIG, SIGUSR1));
  show("signal", fcntl(ends[0], F_GETSIG));
  show("bad signal", fcntl(ends[0], F_SETSIG, -1));

  int plain = memfd(0);
  show("seals", fcntl(plain, GET_SEALS));
  show("add", fcntl(plain, ADD_SEALS, SEAL_WRITE));
  int sealed = memfd(2);
  show("seals", fcntl(sealed, GET_SEALS));
  show("size", ftruncate(sealed, 8192));
  show("unknown seal", fcntl(sealed, ADD_SEALS, 0x100));
  show("seal", fcntl(sealed, ADD_SEALS, SEAL_SHRINK));
  show("shrink", ftruncate(sealed, 4096));
  show("grow", ftruncate(sealed, 12288));
  show("seal", fcntl(sealed, ADD_SEALS, SEAL_GROW));
  show("grow", ftruncate(sealed, 16384));
  show("same", ftruncate(sealed, 12288));
  show("write beyond", pwrite(sealed, "x", 1, 12288));
  show("write across", pwrite(sealed, "xy", 2, 12287));
  show("write inside", pwrite(sealed, "xy", 2, 100));
  show("allocate", fallocate(sealed, 0, 0, 20000));
  void *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, sealed, 0);
  show("busy", fcntl(sealed, ADD_SEALS, SEAL_WRITE));
  munmap(map, 4096);
  show("future", fcntl(sealed, ADD_SEALS, SEAL_FUTURE_WRITE));
  show("write", pwrite(sealed, "xy", 2, 100));
  show("map to write", mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, sealed, 0) == MAP_FAILED ? -1 : 0);
  show("map privately", mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, sealed, 0) == MAP_FAILED ? -1 : 0);
  map = mmap(NULL, 4096, PROT_READ, MAP_SHARED, sealed, 0);
  show("map to read", map == MAP_FAILED ? -1 : 0);
  show("then to write", mprotect(map, 4096, PROT_READ | PROT_WRITE));
  munmap(map, 4096);
  show("seal", fcntl(sealed, ADD_SEALS, SEAL_WRITE));
  show("punch", fallocate(sealed, 3, 0, 4096));
  show("final", fcntl(sealed, ADD_SEALS, SEAL_SEAL));
  show("seals", fcntl(sealed, GET_SEALS));
  show("more", fcntl(sealed, ADD_SEALS, 0));
  char name[64];
  snprintf(name, sizeof name, "/proc/self/fd/%d", sealed);
  int readonly = open(name, O_RDONLY);
  show("read only", fcntl(readonly, ADD_SEALS, 0));
  int noexec = memfd(8);
  show("no exec", fcntl(noexec, GET_SEALS));
  struct stat status;
  fstat(noexec, &status);
  printf("mode %o\n", status.st_mode);
  show("make executable", fchmod(noexec, 0777));
  show("make readable", fchmod(noexec, 0644));
  show("both", memfd(8 | 16));
  show("unknown", memfd(0x100));
  int file = open("hinted", O_RDWR | O_CREAT, 0644);
  show("seals of a file", fcntl(file, GET_SEALS));
  show("seals of a pipe", fcntl(ends[0], GET_SEALS));

  uint64_t hint = 99;
  show("hint", fcntl(file, 1035, &hint));
  printf("%lu\n", (unsigned long)hint);
  hint = 3;
  show("set hint", fcntl(file, 1036, &hint));
  hint = 99;
  show("hint", fcntl(file, 1035, &hint));
  printf("%lu\n", (unsigned long)hint);
  hint = 17;
  show("bad hint", fcntl(file, 1036, &hint));
  show("file hint", fcntl(file, 1037, &hint));
  show("bad pointer", fcntl(file, 1036, 8));

  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, SIGIO);
  sigaddset(&mask, SIGRTMIN);
  sigprocmask(SIG_BLOCK, &mask, NULL);
  int told[2];
  pipe(told);
  fcntl(told[0], F_SETOWN, getpid());
  show("signal when readable", fcntl(told[0], F_SETFL, O_ASYNC));
  write(told[1], "x", 1);
  siginfo_t info;
  show("signal", sigwaitinfo(&mask, &info));
  printf("code %d\n", info.si_code);
  fcntl(told[0], F_SETSIG, SIGRTMIN);
  write(told[1], "x", 1);
  show("chosen signal", sigwaitinfo(&mask, &info) == SIGRTMIN);
  printf("code %d band %ld descriptor %d\n", info.si_code, info.si_band, info.si_fd == told[0]);
  mkdir("noticed", 0755);
  int noticed = open("noticed", O_RDONLY);
  fcntl(noticed, F_SETSIG, SIGRTMIN);
  show("notice", fcntl(noticed, F_NOTIFY, 4));
  close(open("noticed/new", O_WRONLY | O_CREAT, 0644));
  show("noticed", sigwaitinfo(&mask, &info) == SIGRTMIN);
  printf("code %d descriptor %d\n", info.si_code, info.si_fd == noticed);
  close(open("noticed/newer", O_WRONLY | O_CREAT, 0644));
  sigset_t pending;
  sigpending(&pending);
  show("only once", sigismember(&pending, SIGRTMIN));
  close(told[0]);
  close(told[1]);
  close(noticed);
  show("notify on a file", fcntl(file, F_NOTIFY, 2));
  int directory = open(".", O_RDONLY);
  show("notify", fcntl(directory, F_NOTIFY, 2));
  show("no more", fcntl(directory, F_NOTIFY, 0));
  show("same file", fcntl(file, 1027, dup(file)));
  show("other file", fcntl(file, 1027, ends[0]));
  show("created", fcntl(file, 1028));
  show("opened", fcntl(open("hinted", O_RDWR | O_CREAT, 0644), 1028));
  show("pipe size", fcntl(ends[0], F_GETPIPE_SZ));
  show("set", fcntl(ends[0], F_SETPIPE_SZ, 5000));
  show("pipe size of a file", fcntl(file, F_GETPIPE_SZ));
  show("unknown", fcntl(file, 9999));
  show("duplicate", fcntl(file, F_DUPFD, -1));
  show("path", fcntl(open("hinted", O_PATH), F_GETOWN));
  return 0;
}

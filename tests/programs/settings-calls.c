// The calls that change how a process is run: priorities, policies, limits, prctl, personality, names of the machine.
#include "call-report.h"
#include <sched.h>
#include <asm/prctl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

#ifndef SCHED_ATTR_SIZE_VER0
struct sched_attr {
  uint32_t size, sched_policy;
  uint64_t sched_flags;
  int32_t sched_nice;
  uint32_t sched_priority;
  uint64_t sched_runtime, sched_deadline, sched_period;
  uint32_t sched_util_min, sched_util_max;
};
#endif

static void priorities(void) {
  errno = 0;
  CALL(getpriority, 3L, 0L);
  CALL(getpriority, -1L, 0L);
  CALL(getpriority, 0L, 4000000L);
  CALL(getpriority, 0L, -1L);
  CALL(getpriority, 1L, 4000000L);
  CALL(getpriority, 2L, 4000000L);
  CALL(getpriority, 2L, -1L);
  CALL(getpriority, 0L, 0L);
  CALL(setpriority, 3L, 0L, 0L);
  CALL(setpriority, 0L, 4000000L, 0L);
  CALL(setpriority, 1L, 4000000L, 0L);
  CALL(setpriority, 2L, 4000000L, 0L);
  setpgid(0, 0);
  CALL(setpriority, 1L, 0L, 3L);
  CALL(getpriority, 1L, 0L);
  CALL(getpriority, 1L, getpid());
  CALL(setpriority, 0L, 0L, 100L);
  CALL(getpriority, 0L, 0L);
  SHOW(nice(5));
  SHOW(nice(-1));
  SHOW(nice(-100));
  CALL(setpriority, 0L, 0L, 5L);
  CALL(setpriority, 0L, getppid(), 5L);
  CALL(setpriority, 0L, 0L, -5L);
  if (fork() == 0) {
    printf("child %ld\n", syscall(SYS_getpriority, 0, 0));
    _exit(0);
  }
  wait(NULL);
}

static void nice_limit(void) {
  struct rlimit limit = {25, 30};
  setrlimit(RLIMIT_NICE, &limit);
  become_nobody();
  SHOW(setpriority(PRIO_PROCESS, 0, -6));
  SHOW(setpriority(PRIO_PROCESS, 0, -5));
  SHOW(setpriority(PRIO_PROCESS, 0, 4));
  SHOW(setpriority(PRIO_PROCESS, 0, 0));
  SHOW(setpriority(PRIO_PROCESS, getppid(), 10));
  SHOW(setpriority(PRIO_PGRP, 0, 10));
  SHOW(setpriority(PRIO_USER, 0, 10) );
  SHOW(nice(-20));
  errno = 0;
  limit.rlim_max = 31;
  SHOW(setrlimit(RLIMIT_NICE, &limit));
  limit.rlim_cur = 32;
  SHOW(setrlimit(RLIMIT_NICE, &limit));
}

static void policies(void) {
  struct sched_param p = {0};
  CALL(sched_setscheduler, 0L, 0L, hole);
  CALL(sched_setscheduler, 0L, 0L, NULL);
  CALL(sched_setscheduler, 0L, -1L, &p);
  CALL(sched_setscheduler, 0L, 4L, &p);
  CALL(sched_setscheduler, 0L, 99L, &p);
  CALL(sched_setscheduler, -1L, 0L, &p);
  CALL(sched_setscheduler, 4000000L, 0L, &p);
  CALL(sched_setscheduler, 0L, SCHED_FIFO, &p);
  p.sched_priority = 100;
  CALL(sched_setscheduler, 0L, SCHED_FIFO, &p);
  p.sched_priority = -1;
  CALL(sched_setscheduler, 0L, SCHED_FIFO, &p);
  p.sched_priority = 1;
  CALL(sched_setscheduler, 0L, 0L, &p);
  CALL(sched_setscheduler, 0L, SCHED_BATCH, &p);
  CALL(sched_setparam, 0L, &p);
  CALL(sched_setparam, 0L, NULL);
  CALL(sched_setparam, 0L, hole);
  CALL(sched_setparam, -1L, &p);
  CALL(sched_setparam, 4000000L, &p);
  CALL(sched_getparam, 0L, NULL);
  CALL(sched_getparam, 0L, hole);
  CALL(sched_getparam, -1L, &p);
  CALL(sched_getparam, 4000000L, &p);
  CALL(sched_getscheduler, -1L);
  CALL(sched_getscheduler, 4000000L);
  CALL(sched_getscheduler, 0L);
  for (int policy = -1; policy < 9; policy++) {
    CALL(sched_get_priority_max, policy);
    CALL(sched_get_priority_min, policy);
  }
  struct timespec t;
  CALL(sched_rr_get_interval, -1L, &t);
  CALL(sched_rr_get_interval, 4000000L, &t);
  CALL(sched_rr_get_interval, 0L, hole);
  CALL(sched_rr_get_interval, getpid(), &t);
  unsigned long mask[16];
  CALL(sched_getaffinity, 0L, 4L, mask);
  CALL(sched_getaffinity, 0L, 0L, mask);
  CALL(sched_getaffinity, 0L, 9L, mask);
  CALL(sched_getaffinity, 0L, 128L, hole);
  CALL(sched_getaffinity, 4000000L, 128L, mask);
  CALL(sched_getaffinity, -1L, 128L, mask);
  CALL(sched_setaffinity, 0L, 128L, hole);
  CALL(sched_setaffinity, 4000000L, 8L, mask);
  memset(mask, 0, sizeof mask);
  CALL(sched_setaffinity, 0L, 8L, mask);
  CALL(sched_setaffinity, 0L, 0L, mask);
  mask[0] = 1;
  CALL(sched_setaffinity, 0L, 8L, mask);
  CALL(sched_setaffinity, 0L, 1L, mask);
  unsigned cpu = 9, node = 9;
  CALL(getcpu, &cpu, &node, NULL);
  printf("cpu %u node %u\n", cpu, node);
  CALL(getcpu, hole, NULL, NULL);
  CALL(getcpu, NULL, hole, NULL);
  CALL(getcpu, NULL, NULL, NULL);
  CALL(sched_yield);
}

static void deadlines(void) {
  struct { struct sched_attr a; long more; } x;
  memset(&x, 0, sizeof x);
#define ATTR(...) do { x.a = (struct sched_attr){.size = sizeof x.a, __VA_ARGS__}; printf(#__VA_ARGS__ ": %s\n", syscall(SYS_sched_setattr, 0, &x, 0) ? strerror(errno) : "done"); } while (0)
  ATTR(.sched_policy = 0);
  ATTR(.sched_policy = 0, .sched_nice = 100);
  ATTR(.sched_policy = 0, .sched_priority = 1);
  ATTR(.sched_policy = -1);
  ATTR(.sched_policy = 4);
  ATTR(.sched_policy = 0, .sched_flags = 0x100);
  ATTR(.size = 47);
  ATTR(.size = 4097);
  ATTR(.size = 0);
  x.more = 1;
  ATTR(.size = sizeof x.a + 8);
  x.more = 0;
  ATTR(.size = sizeof x.a + 8);
  ATTR(.sched_policy = SCHED_DEADLINE);
  ATTR(.sched_policy = SCHED_DEADLINE, .sched_runtime = 1000, .sched_deadline = 100000, .sched_period = 100000);
  ATTR(.sched_policy = SCHED_DEADLINE, .sched_runtime = 100000, .sched_deadline = 10000, .sched_period = 100000);
  CALL(sched_setattr, 0L, NULL, 0L);
  CALL(sched_setattr, 0L, hole, 0L);
  CALL(sched_setattr, 0L, &x, 1L);
  CALL(sched_setattr, -1L, &x, 0L);
  x.a = (struct sched_attr){.size = sizeof x.a};
  CALL(sched_setattr, 4000000L, &x, 0L);
  CALL(sched_getattr, 0L, &x, 47L, 0L);
  CALL(sched_getattr, 0L, &x, 4097L, 0L);
  CALL(sched_getattr, 0L, &x, 56L, 1L);
  CALL(sched_getattr, 0L, NULL, 56L, 0L);
  CALL(sched_getattr, 0L, hole, 56L, 0L);
  CALL(sched_getattr, -1L, &x, 56L, 0L);
  CALL(sched_getattr, 4000000L, &x, 56L, 0L);
  CALL(sched_getattr, 0L, &x, 48L, 0L);
  printf("size %u\n", x.a.size);
}

static void nobodys_policies(void) {
  struct sched_param p = {.sched_priority = 5};
  SHOW(sched_setscheduler(0, SCHED_FIFO, &p));
  SHOW(sched_setscheduler(getppid(), SCHED_FIFO, &p));
  p.sched_priority = 0;
  SHOW(sched_setscheduler(getppid(), SCHED_BATCH, &p));
  SHOW(sched_setscheduler(0, SCHED_IDLE, &p));
  SHOW(sched_setscheduler(0, SCHED_OTHER, &p));
  SHOW(sched_setscheduler(0, SCHED_OTHER | SCHED_RESET_ON_FORK, &p));
  SHOW(sched_setscheduler(0, SCHED_OTHER, &p));
  SHOW(sched_getscheduler(0));
  unsigned long mask = 1;
  SHOW(sched_setaffinity(getppid(), 8, (void *)&mask));
  SHOW(sched_setparam(getppid(), &p));
  SHOW(sched_getscheduler(getppid()));
  SHOW(sched_getparam(getppid(), &p));
}

static void limits(void) {
  struct rlimit limit = {5, 4}, was;
  CALL(getrlimit, 16L, &limit);
  CALL(getrlimit, -1L, &limit);
  CALL(getrlimit, 0L, hole);
  CALL(getrlimit, 0L, NULL);
  CALL(setrlimit, 16L, &limit);
  CALL(setrlimit, 0L, hole);
  CALL(setrlimit, 0L, NULL);
  CALL(setrlimit, RLIMIT_NOFILE, &limit);
  limit.rlim_max = 1 << 30;
  CALL(setrlimit, RLIMIT_NOFILE, &limit);
  CALL(prlimit64, 0L, 16L, NULL, NULL);
  CALL(prlimit64, 0L, 0L, NULL, NULL);
  CALL(prlimit64, -1L, 0L, NULL, NULL);
  CALL(prlimit64, 4000000L, 0L, NULL, NULL);
  CALL(prlimit64, 0L, 0L, hole, NULL);
  CALL(prlimit64, 0L, 0L, NULL, hole);
  CALL(prlimit64, getppid(), 0L, NULL, &was);
  CALL(prlimit64, 1L, 0L, NULL, &was);
  for (int i = 0; i < 16; i++) {
    getrlimit(i, &was);
    limit = was;
    if (limit.rlim_max != RLIM_INFINITY) limit.rlim_max++;
    become_nobody();
    if (i != RLIMIT_NOFILE || 1) printf("%d raised: %d\n", i, was.rlim_max == RLIM_INFINITY || setrlimit(i, &limit) < 0);
  }
}

static void file_limits(void) {
  struct rlimit limit = {5, 5};
  int ends[2];
  SHOW(setrlimit(RLIMIT_NOFILE, &limit));
  SHOW(dup(0));
  SHOW(dup(0));
  SHOW(dup(0));
  SHOW(pipe(ends));
  SHOW(open("/", O_RDONLY));
  SHOW(dup2(0, 5));
  SHOW(dup2(0, 100));
  SHOW(fcntl(0, F_DUPFD, 5));
  SHOW(fcntl(0, F_DUPFD, 4));
  close(4);
  int file = open("limited", O_RDWR | O_CREAT, 0600);
  struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY}, core = {0, 0};
  limit = (struct rlimit){10, RLIM_INFINITY};
  signal(SIGXFSZ, SIG_IGN);
  // What is printed counts too, where it goes to a file.
  setrlimit(RLIMIT_FSIZE, &limit);
  int first = write(file, "0123456789abc", 13), second = write(file, "x", 1), error = errno, third = ftruncate(file, 11), fourth = ftruncate(file, 9);
  setrlimit(RLIMIT_FSIZE, &none);
  printf("%d %d %s %d %d\n", first, second, strerror(error), third, fourth);
  signal(SIGXFSZ, SIG_DFL);
  unlink("limited");
  setrlimit(RLIMIT_CORE, &core);
  fflush(stdout);
  setrlimit(RLIMIT_FSIZE, &limit);
  lseek(file, 10, SEEK_SET);
  write(file, "x", 1);
}

static void memory_limits(void) {
  struct rlimit limit = {64 << 20, 64 << 20};
  SHOW(setrlimit(RLIMIT_AS, &limit));
  DO(mmap(NULL, 100 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  SHOW(sbrk(100 << 20) == (void *)-1);
  limit.rlim_cur = limit.rlim_max = 8 << 20;
  SHOW(setrlimit(RLIMIT_DATA, &limit));
  DO(mmap(NULL, 10 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0);
  DO(mmap(NULL, 10 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0);
  SHOW(sbrk(10 << 20) == (void *)-1);
  become_nobody();
  limit.rlim_cur = limit.rlim_max = 8192;
  SHOW(setrlimit(RLIMIT_MEMLOCK, &limit));
  char *p = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  SHOW(mlock(p, 8192));
  SHOW(mlock(p, 12288));
  SHOW(munlock(p, 8192));
  SHOW(mlockall(MCL_CURRENT));
  SHOW(mlockall(MCL_FUTURE));
  SHOW(munlockall());
  DO(mmap(NULL, 65536, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0) == MAP_FAILED ? -1 : 0);
  limit.rlim_cur = limit.rlim_max = 0;
  SHOW(setrlimit(RLIMIT_MEMLOCK, &limit));
  SHOW(mlock(p, 4096));
  SHOW(mlockall(MCL_CURRENT));
  DO(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0) == MAP_FAILED ? -1 : 0);
}

static int deep(int n) {
  volatile char room[4096];
  room[0] = n;
  return n ? deep(n - 1) + room[0] : 0;
}

static void stack_limit(void) {
  struct rlimit limit = {256 << 10, 256 << 10}, none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  SHOW(setrlimit(RLIMIT_STACK, &limit));
  printf("%d\n", deep(20) >= 0);
  deep(2000);
}

static void options(void) {
  int number = -1;
  char name[17] = "";
  CALL(prctl, -1L, 0L, 0L, 0L, 0L);
  CALL(prctl, 9999L, 0L, 0L, 0L, 0L);
  CALL(prctl, PR_SET_NAME, hole, 0L, 0L, 0L);
  CALL(prctl, PR_GET_NAME, hole, 0L, 0L, 0L);
  CALL(prctl, PR_SET_NAME, "a name that is too long", 0L, 0L, 0L);
  CALL(prctl, PR_GET_NAME, name, 0L, 0L, 0L);
  printf("%s\n", name);
  CALL(prctl, PR_SET_DUMPABLE, 2L, 0L, 0L, 0L);
  CALL(prctl, PR_SET_DUMPABLE, 0L, 0L, 0L, 0L);
  CALL(prctl, PR_GET_DUMPABLE, 0L, 0L, 0L, 0L);
  CALL(prctl, PR_GET_PDEATHSIG, hole, 0L, 0L, 0L);
  CALL(prctl, PR_SET_TIMERSLACK, 1000L, 0L, 0L, 0L);
  CALL(prctl, PR_GET_TIMERSLACK, 0L, 0L, 0L, 0L);
  CALL(prctl, PR_SET_TIMERSLACK, 0L, 0L, 0L, 0L);
  CALL(prctl, PR_GET_TIMERSLACK, 0L, 0L, 0L, 0L);
  CALL(prctl, PR_SET_TIMERSLACK, -1L, 0L, 0L, 0L);
  CALL(prctl, PR_GET_TIMING, 0L, 0L, 0L, 0L);
  CALL(prctl, PR_SET_TIMING, 1L, 0L, 0L, 0L);
  CALL(prctl, PR_GET_TSC, hole, 0L, 0L, 0L);
  CALL(prctl, PR_GET_TSC, &number, 0L, 0L, 0L);
  printf("%d\n", number);
  CALL(prctl, PR_SET_TSC, 9L, 0L, 0L, 0L);
  CALL(prctl, PR_GET_UNALIGN, &number, 0L, 0L, 0L);
  CALL(prctl, PR_SET_UNALIGN, 1L, 0L, 0L, 0L);
  CALL(prctl, PR_GET_FPEMU, &number, 0L, 0L, 0L);
  CALL(prctl, PR_SET_FPEMU, 1L, 0L, 0L, 0L);
  CALL(prctl, PR_GET_FPEXC, &number, 0L, 0L, 0L);
  CALL(prctl, PR_GET_ENDIAN, &number, 0L, 0L, 0L);
  CALL(prctl, PR_SET_ENDIAN, 1L, 0L, 0L, 0L);
  CALL(prctl, PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L);
  CALL(prctl, PR_GET_CHILD_SUBREAPER, hole, 0L, 0L, 0L);
  CALL(prctl, PR_SET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L);
  CALL(prctl, PR_SET_NO_NEW_PRIVS, 1L, 1L, 0L, 0L);
  CALL(prctl, PR_GET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L);
  CALL(prctl, PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L);
  CALL(prctl, PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L);
  CALL(prctl, PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L);
  CALL(prctl, PR_SET_THP_DISABLE, 1L, 0L, 0L, 0L);
  CALL(prctl, PR_GET_THP_DISABLE, 0L, 0L, 0L, 0L);
  CALL(prctl, PR_SET_THP_DISABLE, 1L, 1L, 1L, 0L);
  CALL(prctl, PR_MCE_KILL, 3L, 0L, 0L, 0L);
  CALL(prctl, PR_MCE_KILL_GET, 1L, 0L, 0L, 0L);
  CALL(prctl, PR_MCE_KILL_GET, 0L, 0L, 0L, 0L);
  CALL(prctl, PR_SVE_SET_VL, 0L, 0L, 0L, 0L);
  CALL(prctl, PR_SVE_GET_VL, 0L, 0L, 0L, 0L);
  CALL(prctl, PR_PAC_RESET_KEYS, 0L, 0L, 0L, 0L);
  CALL(prctl, PR_SET_TAGGED_ADDR_CTRL, 0L, 0L, 0L, 0L);
  CALL(prctl, PR_SET_TAGGED_ADDR_CTRL, 1L, 0L, 0L, 0L);
  CALL(prctl, PR_GET_TAGGED_ADDR_CTRL, 0L, 0L, 0L, 0L);
  CALL(prctl, PR_GET_TAGGED_ADDR_CTRL, 1L, 0L, 0L, 0L);
  CALL(prctl, PR_GET_SPECULATION_CTRL, 99L, 0L, 0L, 0L);
  CALL(prctl, PR_SET_IO_FLUSHER, 2L, 0L, 0L, 0L);
  CALL(prctl, PR_GET_IO_FLUSHER, 1L, 0L, 0L, 0L);
  CALL(prctl, PR_SCHED_CORE, 0L, 0L, 0L, 0L);
  CALL(prctl, PR_SCHED_CORE, 0L, 0L, 0L, &number);
  CALL(prctl, PR_GET_TID_ADDRESS, hole, 0L, 0L, 0L);
  CALL(prctl, PR_SET_PTRACER, 4000000L, 0L, 0L, 0L);
  CALL(prctl, PR_SET_PTRACER, 0L, 0L, 0L, 0L);
  CALL(prctl, PR_SET_SECCOMP, 9L, 0L, 0L, 0L);
  CALL(prctl, PR_GET_SECCOMP, 0L, 0L, 0L, 0L);
  CALL(prctl, PR_SET_SYSCALL_USER_DISPATCH, 9L, 0L, 0L, 0L);
  CALL(prctl, PR_SET_SYSCALL_USER_DISPATCH, 0L, 1L, 0L, 0L);
  CALL(prctl, PR_SET_SYSCALL_USER_DISPATCH, 0L, 0L, 0L, 0L);
  CALL(prctl, PR_SET_SYSCALL_USER_DISPATCH, 1L, 1L, -1L, 0L);
  CALL(prctl, PR_SET_SYSCALL_USER_DISPATCH, 1L, 0L, -1L, -1L);
  CALL(prctl, 0x53564d41L, 0L, page, 4096L, "name");
  CALL(prctl, 0x53564d41L, 0L, page, 4096L, "na\\me");
  CALL(prctl, 0x53564d41L, 0L, page, 4096L, NULL);
  CALL(prctl, 0x53564d41L, 0L, page + 1, 4096L, "name");
  CALL(prctl, 0x53564d41L, 0L, page, 8192L, "name");
  CALL(prctl, 0x53564d41L, 1L, page, 4096L, "name");
  CALL(prctl, 65L, 0L, 0L, 0L, 0L);
  CALL(prctl, 66L, 0L, 0L, 0L, 0L);
  CALL(prctl, 66L, 1L, 0L, 0L, 0L);
  CALL(prctl, 67L, 9L, 0L, 0L, 0L);
  CALL(prctl, 68L, 1L, 0L, 0L, 0L);
  CALL(prctl, 68L, 0L, 0L, 0L, 0L);
  for (int i = 69; i < 84; i++) CALL(prctl, i, 0L, 0L, 0L, 0L);
  for (int i = 0; i < 16; i++) CALL(prctl, PR_SET_MM, i, 0L, 0L, 0L);
  CALL(prctl, PR_SET_MM, PR_SET_MM_START_CODE, 1L << 50, 0L, 0L);
  CALL(prctl, PR_SET_MM, PR_SET_MM_START_CODE, 1L, 1L, 1L);
  CALL(prctl, PR_SET_MM, PR_SET_MM_ARG_START, hole, 0L, 0L);
  CALL(prctl, PR_SET_MM, PR_SET_MM_EXE_FILE, 77L, 0L, 0L);
  CALL(prctl, PR_SET_MM, PR_SET_MM_EXE_FILE, 0L, 0L, 0L);
  CALL(prctl, PR_SET_MM, PR_SET_MM_AUXV, page, 10000L, 0L);
  CALL(prctl, PR_SET_MM, PR_SET_MM_MAP_SIZE, &number, 0L, 0L);
  printf("%d\n", number);
  CALL(prctl, PR_SET_MM, PR_SET_MM_MAP, page, 4L, 0L);
  CALL(arch_prctl, ARCH_SET_FS, -1L);
  CALL(arch_prctl, ARCH_SET_GS, -1L);
  CALL(arch_prctl, ARCH_GET_FS, hole);
  CALL(arch_prctl, ARCH_GET_GS, hole);
  CALL(arch_prctl, 0x9999L, 0L);
}

static void nobodys_options(void) {
  CALL(prctl, PR_SET_MM, PR_SET_MM_BRK, page, 0L, 0L);
  CALL(prctl, PR_SET_MM, PR_SET_MM_START_CODE, page, 0L, 0L);
  CALL(prctl, PR_SET_IO_FLUSHER, 1L, 0L, 0L, 0L);
  CALL(prctl, PR_SET_SECCOMP, 2L, hole, 0L, 0L);
  CALL(prctl, PR_SET_TIMERSLACK, 1000L, 0L, 0L, 0L);
}

static void moved(void) {
  // What of an address space can be told anew.
  char line[600];
  long space = (long)mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  strcpy((char *)space, "other");
  SHOW(prctl(PR_SET_MM, PR_SET_MM_ARG_START, space, 0, 0));
  SHOW(prctl(PR_SET_MM, PR_SET_MM_ARG_END, space + 6, 0, 0));
  SHOW(prctl(PR_SET_MM, PR_SET_MM_ENV_START, space, 0, 0));
  SHOW(prctl(PR_SET_MM, PR_SET_MM_ENV_END, space + 3, 0, 0));
  int file = open("/proc/self/cmdline", O_RDONLY);
  memset(line, 0, sizeof line);
  SHOW(read(file, line, sizeof line));
  printf("%s\n", line);
  SHOW(prctl(PR_SET_MM, PR_SET_MM_START_BRK, (long)sbrk(0) & -4096, 0, 0));
  SHOW(prctl(PR_SET_MM, PR_SET_MM_BRK, ((long)sbrk(0) & -4096) + 4096, 0, 0));
  long vector[4] = {6, 4096, 0, 0};
  SHOW(prctl(PR_SET_MM, PR_SET_MM_AUXV, vector, sizeof vector, 0));
}

static void personalities(void) {
  struct utsname name;
  SHOW(personality(0xffffffff));
  SHOW(personality(UNAME26));
  SHOW(personality(0xffffffff));
  uname(&name);
  printf("%.4s\n", name.release);
  personality(PER_LINUX32);
  uname(&name);
  printf("%s\n", name.machine);
  personality(READ_IMPLIES_EXEC);
  char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  p[0] = 0xc3;
  ((void (*)(void))p)();
  printf("runs\n");
  p = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  mprotect(p, 4096, PROT_READ | PROT_WRITE);
  p[0] = 0xc3;
  ((void (*)(void))p)();
  personality(0);
  if (fork() == 0) {
    personality(ADDR_NO_RANDOMIZE | SHORT_INODE);
    printf("%x\n", personality(0xffffffff));
    fflush(stdout);
    if (fork() == 0) printf("child %x\n", personality(0xffffffff)), _exit(0);
    wait(NULL);
    _exit(0);
  }
  wait(NULL);
}

static void names(void) {
  struct utsname name;
  CALL(uname, hole);
  CALL(uname, NULL);
  CALL(sethostname, hole, 3L);
  CALL(sethostname, "x", -1L);
  CALL(sethostname, "x", 65L);
  CALL(setdomainname, hole, 3L);
  CALL(setdomainname, "x", -1L);
  CALL(sysinfo, hole);
  CALL(getrandom, hole, 4L, 0L);
  CALL(getrandom, page, 4L, 8L);
  CALL(getrandom, page, 0L, 0L);
  CALL(getrandom, page, 256L, 1L);
  SHOW(unshare(CLONE_NEWUTS));
  CALL(sethostname, "another", 7L);
  CALL(setdomainname, "domain", 6L);
  uname(&name);
  printf("%s %s\n", name.nodename, name.domainname);
  CALL(sethostname, "", 0L);
  uname(&name);
  printf("'%s'\n", name.nodename);
}

static void nobodys_names(void) {
  CALL(sethostname, "x", 1L);
  CALL(sethostname, "x", -1L);
  CALL(setdomainname, "x", 1L);
  CALL(reboot, 0L, 0L, 0L, NULL);
  CALL(acct, NULL);
  CALL(chroot, "/");
  CALL(unshare, CLONE_NEWUTS);
  CALL(iopl, 3L);
  CALL(ioperm, 0L, 1L, 1L);
  CALL(vhangup);
  CALL(swapoff, "/");
  CALL(delete_module, "x", 0L);
  CALL(init_module, NULL, 0L, NULL);
  CALL(mknod, "node", 020666L, 0x103L);
  CALL(mknod, "/tmp/fifo-of-nobody", 010666L, 0L);
  unlink("/tmp/fifo-of-nobody");
}

int main(void) {
  prepare();
  APART(priorities);
  APART(nice_limit);
  AS_NOBODY(priorities);
  APART(policies);
  APART(deadlines);
  AS_NOBODY(nobodys_policies);
  APART(limits);
  APART(file_limits);
  APART(memory_limits);
  APART(stack_limit);
  APART(options);
  AS_NOBODY(nobodys_options);
  APART(moved);
  APART(personalities);
  APART(names);
  AS_NOBODY(nobodys_names);
}

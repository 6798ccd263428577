// Which of several things that are wrong with a call a kernel tells of: flags before paths, processes before signals, memory before
// what is in it. Run as nobody.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static void result(const char *what, long value) {
  if (value < 0) printf("%s: %s\n", what, strerror(errno));
  else printf("%s: %ld\n", what, value);
}

#define CALL(name, ...) result(#name " " #__VA_ARGS__, syscall(SYS_##name, ##__VA_ARGS__))

/** Bytes that are followed by no memory. */
static char *end;
static char *bad = (char *)8;

static void paths(void) {
  CALL(access, bad, 8L);
  CALL(faccessat, -1L, bad, 8L);
  CALL(faccessat2, -1L, bad, 0L, 1L);
  CALL(fchownat, -1L, bad, 0L, 0L, 1L);
  CALL(fchownat, -1L, "", 0L, 0L, 0x1001L);
  CALL(newfstatat, -1L, bad, bad, 1L);
  CALL(unlinkat, -1L, bad, 1L);
  CALL(linkat, -1L, bad, -1L, bad, 1L);
  CALL(renameat2, -1L, bad, -1L, bad, 8L);
  CALL(renameat2, -1L, bad, -1L, bad, 3L);
  CALL(mknodat, -1L, bad, 0170000L, 0L);
  CALL(mknodat, -1L, bad, 040000L, 0L);
  CALL(mknod, bad, 0100000L, 0L);
  CALL(readlink, bad, bad, 0L);
  CALL(readlinkat, -1L, bad, bad, -1L);
  CALL(truncate, bad, -1L);
  CALL(statx, -1L, bad, 1L, 0L, bad);
  CALL(statx, -1L, bad, 0L, 0x80000000L, bad);
  CALL(name_to_handle_at, -1L, bad, bad, bad, 1L);
  CALL(open_by_handle_at, -1L, bad, 0L);
  CALL(inotify_add_watch, -1L, bad, 0x1000L);
  CALL(inotify_add_watch, -1L, bad, 0L);
  CALL(inotify_add_watch, -1L, bad, 2L);
#ifdef SYS_fchmodat2
  CALL(fchmodat2, -1L, bad, 0L, 1L);
#endif
  CALL(openat, 77L, "", 0L);
  CALL(mkdirat, 77L, "", 0L);
  CALL(renameat, 77L, "", 77L, "");
  CALL(execveat, -1L, "", NULL, NULL, 0x1001L);
  CALL(execve, "/nowhere", bad, bad);
  CALL(execve, "/proc/self/exe", bad, NULL);
#ifdef SYS_openat2
  unsigned long how[4] = {1UL << 40, 0, 0, 1};
  CALL(openat2, -1L, bad, bad, 0L);
  CALL(openat2, -1L, bad, bad, 24L);
  CALL(openat2, -1L, bad, bad, 5000L);
  CALL(openat2, -1L, bad, how, 24L);
  CALL(openat2, -1L, bad, how, 32L);
#endif
}

static void descriptors(void) {
  CALL(fsetxattr, -1L, bad, bad, 0L, 8L);
  CALL(fgetxattr, -1L, bad, NULL, 0L);
  CALL(fgetxattr, -1L, "", NULL, 0L);
  CALL(fgetxattr, -1L, "user.name", NULL, 0L);
  CALL(fremovexattr, -1L, "");
  CALL(flock, -1L, 0x20L);
  CALL(flock, -1L, 0x10L);
  CALL(preadv, -1L, bad, 1L, -1L);
  CALL(pwritev, -1L, bad, 1L, -1L);
  CALL(sendfile, -1L, -1L, bad, 1L);
  CALL(sendto, 77L, bad, 0x7e0000000000L, 0L, NULL, 0L);
  CALL(recvfrom, 77L, bad, 0x7e0000000000L, 0L, NULL, NULL);
  CALL(epoll_wait, -1L, bad, -1L, 0L);
  CALL(epoll_wait, 1L, bad, -1L, 0L);
  CALL(futimesat, 77L, NULL, NULL);
  CALL(futimesat, -100L, NULL, NULL);
  CALL(futimesat, 77L, bad, end - 16);
  CALL(utimes, bad, end - 16);
}

static void processes(void) {
  char info[128];
  memset(info, 0, sizeof info);
  CALL(kill, 99999999L, 99L);
  CALL(kill, -99999999L, 99L);
  CALL(kill, (long)getpid(), 99L);
  CALL(tkill, 99999999L, 99L);
  CALL(tkill, 0L, 99L);
  CALL(tgkill, 99999999L, 99999999L, 99L);
  CALL(tgkill, (long)getpid(), (long)getpid(), 99L);
  CALL(rt_sigqueueinfo, 99999999L, 99L, info);
  CALL(rt_tgsigqueueinfo, 99999999L, 99999999L, 99L, info);
  CALL(rt_tgsigqueueinfo, 0L, 1L, 99L, info);
  ((int *)info)[2] = -1;
  CALL(rt_sigqueueinfo, 99999999L, 99L, info);
  CALL(rt_sigqueueinfo, (long)getpid(), 99L, info);
  CALL(rt_sigpending, NULL, 0L);
  CALL(rt_sigpending, NULL, 9L);
  CALL(prlimit64, 99999999L, 99L, NULL, NULL);
  CALL(prlimit64, 0L, 99L, NULL, NULL);
  CALL(getrlimit, 0L, NULL);
  CALL(getrlimit, 99L, NULL);
  CALL(setrlimit, 99L, NULL);
  CALL(get_robust_list, -1L, NULL, NULL);
  memset(info, 0x11, sizeof info);
  CALL(waitid, 0L, 0L, info, 4L, NULL);
  printf("%d %d %d\n", ((int *)info)[0], ((int *)info)[2], ((int *)info)[4]);
  CALL(waitid, 99L, 0L, bad, 4L, NULL);
  CALL(unshare, -1L);
  CALL(clone3, bad, 5000L);
  CALL(clone3, bad, 8L);
}

static void times(void) {
  long event[8] = {0};
  CALL(setitimer, 99L, bad, NULL);
  CALL(setitimer, 99L, end - 16, NULL);
  CALL(timer_create, 99L, bad, NULL);
  CALL(timer_create, 99L, event, NULL);
  CALL(timer_settime, 99L, 0L, end - 16, NULL);
  CALL(timerfd_settime, -1L, 99L, end - 16, NULL);
  CALL(clock_settime, 99L, bad);
  CALL(clock_settime, 0L, bad);
  CALL(clock_settime, -1L, bad);
  CALL(clock_nanosleep, -1L, 0L, bad, NULL);
  CALL(sched_setaffinity, -1L, 8L, (end - 4096));
  CALL(sched_getaffinity, -1L, 8L, (end - 4096));
  CALL(sched_setaffinity, -5L, 8L, bad);
  CALL(perf_event_open, (end - 4096), 0L, -1L, -1L, 16L);
  CALL(perf_event_open, (end - 4096), 0L, -1L, -1L, 0L);
  CALL(perf_event_open, bad, 0L, -1L, -1L, 0L);
  CALL(perf_event_open, bad, 0L, -1L, -1L, 32L);
  CALL(shmget, 0L, 4096L, 0x800L | 0x200 | (63 << 26));
  CALL(shmget, 0L, 4096L, 0x800L | 0x200);
  CALL(shmget, 0L, 0L, 0x800L | 0x200);
  CALL(semop, -1L, bad, 0xffffffffL);
  CALL(semtimedop, 0L, bad, 5000L, end - 16);
  CALL(semtimedop, 0L, bad, 5000L, bad);
  CALL(mq_notify, -1L, end - 16);
  CALL(mq_getsetattr, -1L, end - 16, NULL);
}

static void memory(char *page) {
  CALL(mprotect, page, 0x7e0000000000L, 0x100000000L);
  CALL(mprotect, page, 0x7e0000000000L, 1L);
  CALL(mprotect, -1L, -1L, -1L);
  CALL(mincore, -1L, -1L, NULL);
  CALL(madvise, -1L, 0L, 0L);
  CALL(mlock, page, 0x7e0000000000L);
  CALL(munlock, page, 0x7e0000000000L);
  CALL(mlock2, page, 0x7e0000000000L, 2L);
  CALL(pkey_mprotect, NULL, 0L, 0L, 0L);
}

int main(void) {
  setvbuf(stdout, NULL, _IOFBF, 65536);
  setgroups(0, NULL);
  setgid(65534);
  setuid(65534);
  if (geteuid() == 0) return 1;
  char *page = mmap((void *)0x10000000, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  memset(page, 0x11, 4096);
  end = page + 4096;
  munmap(end, 4096);
  paths();
  descriptors();
  processes();
  times();
  memory(page);
  return 0;
}

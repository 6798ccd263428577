// What programs about system calls share: a line for each call and what came of it, addresses of all kinds, children and how they end.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

static long result(const char *what, long value) {
  if (value < 0) printf("%s: %s\n", what, strerror(errno));
  else printf("%s: %ld\n", what, value);
  return value;
}

/** A call whose value is nobody's business: an address, a number of a process. */
static long outcome(const char *what, long value) {
  if (value < 0) printf("%s: %s\n", what, strerror(errno));
  else printf("%s: done\n", what);
  return value;
}

#define SHOW(call) result(#call, (long)(call))
#define DO(call) outcome(#call, (long)(call))
#define CALL(name, ...) result(#name " " #__VA_ARGS__, syscall(SYS_##name, ##__VA_ARGS__))
#define CALLED(name, ...) outcome(#name " " #__VA_ARGS__, syscall(SYS_##name, ##__VA_ARGS__))

/** Addresses that a call has no use for: nothing there, no access, no writing; and the last bytes of a page that is followed by nothing. */
static char *hole, *barred, *readonly, *page, *edge;

/** What the root of containers does not have is not used here either. */
static void give_up_capabilities(void) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2];
  const unsigned scarce = 1 << CAP_SYS_RESOURCE | 1 << CAP_SYS_MODULE;
  syscall(SYS_capget, &header, data);
  data[0].effective &= ~scarce;
  data[0].permitted &= ~scarce;
  data[0].inheritable &= ~scarce;
  prctl(PR_CAPBSET_DROP, CAP_SYS_RESOURCE);
  prctl(PR_CAPBSET_DROP, CAP_SYS_MODULE);
  syscall(SYS_capset, &header, data);
}

static void prepare(void) {
  give_up_capabilities();
  setvbuf(stdout, NULL, _IOLBF, 0);
  page = mmap(NULL, 5 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  hole = page + 4096;
  munmap(hole, 4096);
  edge = hole;
  barred = page + 2 * 4096;
  mprotect(barred, 4096, PROT_NONE);
  readonly = page + 3 * 4096;
  mprotect(readonly, 4096, PROT_READ);
}

static void ended(const char *what, int status) {
  if (WIFEXITED(status)) printf("%s: exits with %d\n", what, WEXITSTATUS(status));
  else if (WIFSIGNALED(status)) printf("%s: killed by %d%s\n", what, WTERMSIG(status), WCOREDUMP(status) ? ", core dumped" : "");
  else if (WIFSTOPPED(status)) printf("%s: stopped by %d\n", what, WSTOPSIG(status));
  else if (WIFCONTINUED(status)) printf("%s: goes on\n", what);
  else printf("%s: status %x\n", what, status);
}

/** Runs `body` in a child, and says how it ended. */
static void apart(const char *what, void (*body)(void)) {
  int status = -1;
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    body();
    fflush(stdout);
    _exit(0);
  }
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR);
  ended(what, status);
}

#define APART(body) apart(#body, body)

static void become_nobody(void) {
  syscall(SYS_setgroups, 0L, NULL);
  syscall(SYS_setresgid, 65534L, 65534L, 65534L);
  syscall(SYS_setresuid, 65534L, 65534L, 65534L);
}

static void (*nobodys_body)(void);

static void as_nobody_body(void) {
  become_nobody();
  nobodys_body();
}

/** The same as nobody. */
static void as_nobody(const char *what, void (*body)(void)) {
  nobodys_body = body;
  apart(what, as_nobody_body);
}

#define AS_NOBODY(body) as_nobody(#body " as nobody", body)

/** Milliseconds. */
static void rest(long milliseconds) {
  usleep(milliseconds * 1000);
}

// What a process may: capabilities and their bounds, securebits, no_new_privs, names, death signals; scheduling attributes, I/O priority;
// other processes' memory, and what processes share.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static void show(const char *what, long result) {
  if (result < 0) printf("%s: %s\n", what, strerror(errno));
  else printf("%s: %ld\n", what, result);
}

struct header {
  unsigned version;
  int pid;
};
struct sets {
  unsigned effective, permitted, inheritable;
};

#define VERSION_3 0x20080522u

static void capabilities(const char *what) {
  struct header header = {VERSION_3, 0};
  struct sets sets[2];
  long result = syscall(SYS_capget, &header, sets);
  printf("%s: %ld effective %d permitted %d inheritable %#x\n", what, result, sets[0].effective != 0, sets[0].permitted != 0,
         sets[0].inheritable);
}

struct attributes {
  unsigned size, policy;
  unsigned long long flags;
  int nice;
  unsigned priority;
  unsigned long long runtime, deadline, period;
  unsigned low, high;
};

static void schedule(void) {
  struct attributes now;
  memset(&now, 0, sizeof now);
  show("attributes", syscall(SYS_sched_getattr, 0, &now, 48, 0));
  printf("size %u policy %u flags %llu nice %d priority %u\n", now.size, now.policy, now.flags, now.nice, now.priority);
}

static int shared = 1;

int main(void) {
  setvbuf(stdout, NULL, _IOFBF, 32768);
  syscall(SYS_close_range, 3, 100, 0);
  char name[16] = "";
  show("name", prctl(PR_SET_NAME, "a name that is too long"));
  prctl(PR_GET_NAME, name);
  printf("%s\n", name);
  show("death signal", prctl(PR_SET_PDEATHSIG, SIGUSR1));
  int signal_ = 0;
  prctl(PR_GET_PDEATHSIG, &signal_);
  printf("%d\n", signal_);
  show("bad signal", prctl(PR_SET_PDEATHSIG, 65));
  prctl(PR_SET_PDEATHSIG, 0);
  show("dumpable", prctl(PR_GET_DUMPABLE));
  show("bad dumpable", prctl(PR_SET_DUMPABLE, 2));
  show("keep", prctl(PR_GET_KEEPCAPS));
  show("keep", prctl(PR_SET_KEEPCAPS, 1));
  show("keep", prctl(PR_GET_KEEPCAPS));
  show("bad keep", prctl(PR_SET_KEEPCAPS, 2));
  prctl(PR_SET_KEEPCAPS, 0);
  show("securebits", prctl(PR_GET_SECUREBITS));
  show("set securebits", prctl(PR_SET_SECUREBITS, 1));
  show("securebits", prctl(PR_GET_SECUREBITS));
  show("bad securebits", prctl(PR_SET_SECUREBITS, 0x1000));
  prctl(PR_SET_SECUREBITS, 0);
  show("bound", prctl(PR_CAPBSET_READ, 13));
  show("drop", prctl(PR_CAPBSET_DROP, 13));
  show("bound", prctl(PR_CAPBSET_READ, 13));
  show("no such", prctl(PR_CAPBSET_READ, 64));
  show("no such", prctl(PR_CAPBSET_DROP, 64));
  show("ambient", prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 0, 0, 0));
  show("raise what is not inheritable", prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 0, 0, 0));
  show("lower", prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, 0, 0, 0));
  show("clear", prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
  show("bad ambient", prctl(PR_CAP_AMBIENT, 9, 0, 0, 0));
  show("slack", prctl(PR_GET_TIMERSLACK));
  show("set slack", prctl(PR_SET_TIMERSLACK, 1000000));
  show("slack", prctl(PR_GET_TIMERSLACK));
  show("default slack", prctl(PR_SET_TIMERSLACK, 0));
  show("slack", prctl(PR_GET_TIMERSLACK));
  show("unknown", prctl(9999));
  show("timing", prctl(PR_GET_TIMING));
  show("set timing", prctl(PR_SET_TIMING, 1));
  show("huge pages", prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0));
  show("no huge pages", prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0));
  show("huge pages", prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0));

  capabilities("root");
  struct header header = {0x1234, 0};
  struct sets sets[2];
  show("unknown version", syscall(SYS_capget, &header, sets));
  printf("version %#x\n", header.version);
  header.version = 0x1234;
  show("asking", syscall(SYS_capget, &header, NULL));
  header = (struct header){VERSION_3, 4000000};
  show("nobody", syscall(SYS_capget, &header, sets));
  header.pid = -1;
  show("negative", syscall(SYS_capget, &header, sets));
  header.pid = getppid();
  show("of another", syscall(SYS_capset, &header, sets));
  header.pid = 0;
  syscall(SYS_capget, &header, sets);
  sets[0].inheritable = 1;
  show("inherit", syscall(SYS_capset, &header, sets));
  show("raise", prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 0, 0, 0));
  show("ambient", prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 0, 0, 0));
  capabilities("inheriting");
  sets[0].permitted &= ~2u;
  show("more effective than permitted", syscall(SYS_capset, &header, sets));
  sets[0].effective &= ~2u;
  show("drop one", syscall(SYS_capset, &header, sets));
  sets[0].permitted |= 2;
  show("take it back", syscall(SYS_capset, &header, sets));

  schedule();
  struct attributes wanted = {.size = 48, .policy = SCHED_BATCH, .nice = 5};
  show("batch", syscall(SYS_sched_setattr, 0, &wanted, 0));
  schedule();
  show("policy", syscall(SYS_sched_getscheduler, 0));
  wanted.size = 4;
  show("too small", syscall(SYS_sched_setattr, 0, &wanted, 0));
  wanted.size = 48;
  wanted.policy = 99;
  show("unknown policy", syscall(SYS_sched_setattr, 0, &wanted, 0));
  wanted.policy = SCHED_OTHER;
  wanted.flags = 0x1000;
  show("unknown flags", syscall(SYS_sched_setattr, 0, &wanted, 0));
  wanted.flags = 0;
  wanted.priority = 5;
  show("priority", syscall(SYS_sched_setattr, 0, &wanted, 0));
  show("flags", syscall(SYS_sched_setattr, 0, &wanted, 1));
  show("nobody", syscall(SYS_sched_getattr, 4000000, &wanted, 48, 0));
  show("small", syscall(SYS_sched_getattr, 0, &wanted, 47, 0));
  show("nowhere", syscall(SYS_sched_setattr, 0, NULL, 0));
  struct sched_param parameter = {0};
  show("other", syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, &parameter));
  show("idle", syscall(SYS_sched_setscheduler, 0, SCHED_IDLE, &parameter));
  show("policy", syscall(SYS_sched_getscheduler, 0));
  show("reset on fork", syscall(SYS_sched_setscheduler, 0, SCHED_OTHER | 0x40000000, &parameter));
  show("policy", syscall(SYS_sched_getscheduler, 0));

  show("no priority", syscall(SYS_ioprio_get, 1, 0));
  show("best effort", syscall(SYS_ioprio_set, 1, 0, 2 << 13 | 4));
  show("priority", syscall(SYS_ioprio_get, 1, 0));
  show("bad class", syscall(SYS_ioprio_set, 1, 0, 5 << 13));
  show("none with data", syscall(SYS_ioprio_set, 1, 0, 1));
  show("bad which", syscall(SYS_ioprio_get, 9, 0));
  show("nobody", syscall(SYS_ioprio_get, 1, 4000000));

  int ends[2];
  pipe(ends);
  int back[2];
  pipe(back);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    char byte;
    shared = 42;
    write(back[1], "x", 1);
    read(ends[0], &byte, 1);
    _exit(shared);
  }
  char byte;
  read(back[0], &byte, 1);
  int here[2] = {0, 0};
  struct iovec local = {here, sizeof here}, remote = {&shared, sizeof shared};
  show("read", process_vm_readv(child, &local, 1, &remote, 1, 0));
  printf("%d\n", here[0]);
  here[0] = 77;
  local.iov_len = sizeof shared;
  show("write", process_vm_writev(child, &local, 1, &remote, 1, 0));
  printf("mine %d\n", shared);
  struct iovec pieces[3] = {{&shared, 1}, {(char *)&shared + 1, 3}, {(void *)8, 4}};
  local.iov_len = 8;
  show("in pieces", process_vm_readv(child, &local, 1, pieces, 3, 0));
  printf("%d\n", here[0]);
  show("nothing there", process_vm_readv(child, &local, 1, &pieces[2], 1, 0));
  show("nothing", process_vm_readv(child, &local, 0, &remote, 1, 0));
  show("flags", process_vm_readv(child, &local, 1, &remote, 1, 1));
  show("nobody", process_vm_readv(4000000, &local, 1, &remote, 1, 0));
  show("too many", process_vm_readv(child, &local, 1, NULL, 1025, 0));
  show("same file", syscall(SYS_kcmp, getpid(), child, 0, ends[0], ends[0]));
  show("other file", syscall(SYS_kcmp, getpid(), child, 0, ends[0], ends[1]) > 0);
  show("no file", syscall(SYS_kcmp, getpid(), child, 0, ends[0], 99));
  show("memory", syscall(SYS_kcmp, getpid(), child, 1, 0, 0) > 0);
  show("own memory", syscall(SYS_kcmp, getpid(), getpid(), 1, 0, 0));
  show("files", syscall(SYS_kcmp, getpid(), child, 2, 0, 0) > 0);
  show("unknown", syscall(SYS_kcmp, getpid(), child, 99, 0, 0));
  write(ends[1], "x", 1);
  int ended;
  waitpid(child, &ended, 0);
  printf("ended with %d\n", WEXITSTATUS(ended));

  fflush(stdout);
  child = fork();
  if (child == 0) {
    pid_t grandchild = fork();
    if (grandchild == 0) {
      sigset_t mask;
      sigemptyset(&mask);
      sigaddset(&mask, SIGUSR2);
      sigprocmask(SIG_BLOCK, &mask, NULL);
      prctl(PR_SET_PDEATHSIG, SIGUSR2);
      write(ends[1], "x", 1);
      siginfo_t info;
      sigwaitinfo(&mask, &info);
      write(back[1], &info.si_signo, 1);
      _exit(0);
    }
    read(ends[0], &byte, 1);
    _exit(0);
  }
  waitpid(child, NULL, 0);
  byte = 0;
  read(back[0], &byte, 1);
  printf("the orphan got %d\n", byte == SIGUSR2);

  show("no new privileges", prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  show("and back", prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
  show("have", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
  show("keep", prctl(PR_SET_KEEPCAPS, 1));
  setuid(2000);
  capabilities("kept");
  show("ambient", prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 0, 0, 0));
  show("drop", prctl(PR_CAPBSET_DROP, 1));
  show("securebits", prctl(PR_SET_SECUREBITS, 1));
  setresuid(2001, 2001, 2001);
  show("fifo", syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &(struct sched_param){1}));
  show("idle", syscall(SYS_ioprio_set, 1, 0, 3 << 13));
  show("real time", syscall(SYS_ioprio_set, 1, 0, 1 << 13));
  show("nicer", setpriority(PRIO_PROCESS, 0, -5));
  return 0;
}

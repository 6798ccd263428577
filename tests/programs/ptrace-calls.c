// What ptrace refuses, steps by branches, watches data and code by the debug registers, changes calls, and tells of filters.
#include "call-report.h"
#include <elf.h>
#include <linux/filter.h>
#include <linux/ptrace.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/uio.h>
#include <sys/user.h>

#define ptrace(...) syscall(SYS_ptrace, __VA_ARGS__)
#define DR(n) (offsetof(struct user, u_debugreg) + (n) * 8)
#ifndef PTRACE_SET_SYSCALL_INFO
#define PTRACE_SET_SYSCALL_INFO 0x4212
#endif

#define RESERVED(info) (((uint8_t *)&info)[1])
#define FLAGS(info) (((uint16_t *)&info)[1])

static volatile long watched, other;
static pid_t child;
static siginfo_t told;

__attribute__((noinline)) static void reached(void) { asm volatile("nop"); }
__attribute__((noinline)) static void body(void) {
  raise(SIGSTOP);
  other = 1;
  watched = 5;
  other = watched;
  reached();
  int r = syscall(SYS_getppid);
  int s = syscall(SYS_getpid, 1, 2, 3);
  printf("child: %d %d\n", r == 42 || r == getppid(), s == -1 || s == getpid());
  raise(SIGSTOP);
  for (volatile int i = 0; i < 3; i++) other += i;
  fflush(stdout);
  _exit(6);
}

static int start(void) { fflush(stdout); child = fork(); if (child == 0) { ptrace(PTRACE_TRACEME, 0, 0, 0); body(); } int status; waitpid(child, &status, 0); return status; }
static int wait_for(const char *what) { int status; if (waitpid(child, &status, __WALL) < 0) { printf("%s: %s\n", what, strerror(errno)); return -1; } ended(what, status); if (WIFSTOPPED(status) && ptrace(PTRACE_GETSIGINFO, child, 0, &told) == 0) printf("  signal %d code %x\n", told.si_signo, told.si_code); return status; }
/** Only one of the two prints at a time. */
static void go_on(const char *what) { long went = ptrace(PTRACE_CONT, child, 0, 0); wait_for(what); result("went on", went); }
static void finish(void) { kill(child, SIGKILL); waitpid(child, NULL, __WALL); }

static void refusals(void) {
  long word; struct user_regs_struct regs; struct iovec v = {&regs, sizeof regs};
  CALL(ptrace, PTRACE_ATTACH, 0L, 0L, 0L); CALL(ptrace, PTRACE_ATTACH, -1L, 0L, 0L); CALL(ptrace, PTRACE_ATTACH, 4000000L, 0L, 0L); CALL(ptrace, PTRACE_ATTACH, getpid(), 0L, 0L); CALL(ptrace, PTRACE_SEIZE, getppid(), 1L, 0L); CALL(ptrace, PTRACE_SEIZE, getppid(), 0L, 1L << 30); CALL(ptrace, PTRACE_PEEKDATA, getppid(), &word, &word); CALL(ptrace, PTRACE_CONT, getppid(), 0L, 0L); CALL(ptrace, 0x9999L, getppid(), 0L, 0L);
  start(); CALL(ptrace, PTRACE_ATTACH, child, 0L, 0L); CALL(ptrace, 0x9999L, child, 0L, 0L); CALL(ptrace, PTRACE_PEEKDATA, child, hole, &word); CALL(ptrace, PTRACE_PEEKDATA, child, &watched, hole); CALL(ptrace, PTRACE_POKEDATA, child, hole, 1L); CALL(ptrace, PTRACE_POKETEXT, child, readonly, 1L); CALL(ptrace, PTRACE_PEEKUSR, child, 1L, &word); CALL(ptrace, PTRACE_PEEKUSR, child, -8L, &word); CALL(ptrace, PTRACE_PEEKUSR, child, 99999L, &word); CALL(ptrace, PTRACE_PEEKUSR, child, sizeof(struct user), &word); CALL(ptrace, PTRACE_POKEUSR, child, 3L, 1L); CALL(ptrace, PTRACE_POKEUSR, child, offsetof(struct user, regs.cs), 0L); CALL(ptrace, PTRACE_POKEUSR, child, offsetof(struct user, regs.fs_base), 1L << 50);
  CALL(ptrace, PTRACE_GETREGS, child, 0L, hole); CALL(ptrace, PTRACE_SETREGS, child, 0L, hole); CALL(ptrace, PTRACE_GETFPREGS, child, 0L, hole); CALL(ptrace, PTRACE_GETREGSET, child, 99L, &v); CALL(ptrace, PTRACE_GETREGSET, child, NT_PRSTATUS, hole); CALL(ptrace, PTRACE_GETREGSET, child, NT_PRSTATUS, &v); printf("%zu\n", v.iov_len == sizeof regs); v.iov_len = 7; CALL(ptrace, PTRACE_SETREGSET, child, NT_PRSTATUS, &v); CALL(ptrace, PTRACE_SETOPTIONS, child, 0L, 1L << 30); CALL(ptrace, PTRACE_SETOPTIONS, child, 0L, 1L << 21); CALL(ptrace, PTRACE_GETEVENTMSG, child, 0L, hole); CALL(ptrace, PTRACE_GETSIGINFO, child, 0L, hole); CALL(ptrace, PTRACE_SETSIGINFO, child, 0L, hole); CALL(ptrace, PTRACE_PEEKSIGINFO, child, hole, page); CALL(ptrace, PTRACE_GETSIGMASK, child, 4L, page); CALL(ptrace, PTRACE_GETSIGMASK, child, 8L, hole); CALL(ptrace, PTRACE_SETSIGMASK, child, 8L, hole); CALL(ptrace, PTRACE_INTERRUPT, child, 0L, 0L); CALL(ptrace, PTRACE_LISTEN, child, 0L, 0L); CALL(ptrace, PTRACE_CONT, child, 0L, 65L); CALL(ptrace, PTRACE_SYSCALL, child, 0L, -1L); CALL(ptrace, PTRACE_DETACH, child, 0L, 65L); CALL(ptrace, PTRACE_GET_SYSCALL_INFO, child, 8L, hole); CALL(ptrace, PTRACE_SECCOMP_GET_FILTER, child, 0L, NULL); CALL(ptrace, PTRACE_SECCOMP_GET_METADATA, child, 16L, page); CALL(ptrace, PTRACE_SET_SYSCALL_INFO, child, 8L, page); CALL(ptrace, PTRACE_SET_SYSCALL_INFO, child, 88L, hole); CALL(ptrace, 12L + 1000, child, 0L, 0L);
  for (int i = 0; i < 9; i++) { if (i == 4 || i == 5) { CALL(ptrace, PTRACE_PEEKUSR, child, DR(i), &word); CALL(ptrace, PTRACE_POKEUSR, child, DR(i), 0L); continue; } word = -1; long got = ptrace(PTRACE_PEEKUSR, child, DR(i), &word); printf("dr%d %ld %lx\n", i, got, word); }
  CALL(ptrace, PTRACE_POKEUSR, child, DR(0), -1L); CALL(ptrace, PTRACE_POKEUSR, child, DR(7), 1L << 13 | 1); CALL(ptrace, PTRACE_POKEUSR, child, DR(7), 0x20001L); finish();
  CALL(ptrace, PTRACE_CONT, child, 0L, 0L);
}

static void nobodys(void) { CALL(ptrace, PTRACE_ATTACH, getppid(), 0L, 0L); CALL(ptrace, PTRACE_SEIZE, getppid(), 0L, 0L); CALL(ptrace, PTRACE_ATTACH, 1L, 0L, 0L); CALL(ptrace, PTRACE_TRACEME, 0L, 0L, 0L); }

static void breakpoints(void) {
  long word; struct user_regs_struct regs;
  start(); SHOW(ptrace(PTRACE_POKEUSR, child, DR(0), &watched)); SHOW(ptrace(PTRACE_POKEUSR, child, DR(7), 1L | 1L << 16 | 3L << 18)); ptrace(PTRACE_PEEKUSR, child, DR(7), &word); printf("dr7 %lx\n", word); go_on("write watched"); ptrace(PTRACE_PEEKUSR, child, DR(6), &word); printf("dr6 %lx\n", word & 0xf); printf("value %ld\n", (ptrace(PTRACE_PEEKDATA, child, &watched, &word), word));
  SHOW(ptrace(PTRACE_POKEUSR, child, DR(6), 0)); SHOW(ptrace(PTRACE_POKEUSR, child, DR(7), 0)); SHOW(ptrace(PTRACE_POKEUSR, child, DR(1), reached)); SHOW(ptrace(PTRACE_POKEUSR, child, DR(7), 4L)); go_on("code reached"); ptrace(PTRACE_GETREGS, child, 0, &regs); ptrace(PTRACE_PEEKUSR, child, DR(6), &word); printf("there %d dr6 %lx\n", regs.rip == (long)reached, word & 0xf); go_on("goes on"); finish();
  start(); SHOW(ptrace(PTRACE_POKEUSR, child, DR(2), &watched)); SHOW(ptrace(PTRACE_POKEUSR, child, DR(7), 1L << 4 | 3L << 24 | 3L << 26)); go_on("access watched"); go_on("access watched"); go_on("access watched"); finish();
}

static void blocks(void) {
  int status, steps = 0, branches = 0; struct user_regs_struct regs;
  start(); for (int i = 0; i < 20; i++) { if (ptrace(33 /* PTRACE_SINGLEBLOCK */, child, 0, 0) < 0) { printf("%s\n", strerror(errno)); break; } waitpid(child, &status, 0); if (!WIFSTOPPED(status) || WSTOPSIG(status) != SIGTRAP) break; branches++; }
  printf("stops after branches %d\n", branches > 5); finish();
}

static void calls(void) {
  struct ptrace_syscall_info info; int status; long size;
  start(); ptrace(PTRACE_SETOPTIONS, child, 0, 1 /* TRACESYSGOOD */); ptrace(PTRACE_SYSCALL, child, 0, 0); wait_for("entry"); size = ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof info, &info); printf("%ld op %d nr %lld\n", size, info.op, info.entry.nr);
  info.entry.nr = SYS_getpid; RESERVED(info) = 0; SHOW(ptrace(PTRACE_SET_SYSCALL_INFO, child, sizeof info, &info)); info.op = 2; SHOW(ptrace(PTRACE_SET_SYSCALL_INFO, child, sizeof info, &info)); info.op = 9; SHOW(ptrace(PTRACE_SET_SYSCALL_INFO, child, sizeof info, &info)); info.op = 1; FLAGS(info) = 1; SHOW(ptrace(PTRACE_SET_SYSCALL_INFO, child, sizeof info, &info)); FLAGS(info) = 0; RESERVED(info) = 1; SHOW(ptrace(PTRACE_SET_SYSCALL_INFO, child, sizeof info, &info)); SHOW(ptrace(PTRACE_SET_SYSCALL_INFO, child, 23, &info)); ptrace(PTRACE_SYSCALL, child, 0, 0); wait_for("exit"); ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof info, &info); printf("op %d own pid %d\n", info.op, info.exit.rval == child); info.exit.rval = 42; RESERVED(info) = 0; SHOW(ptrace(PTRACE_SET_SYSCALL_INFO, child, sizeof info, &info)); ptrace(PTRACE_SYSCALL, child, 0, 0); waitpid(child, &status, 0); ptrace(PTRACE_SYSCALL, child, 0, 0); waitpid(child, &status, 0); ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof info, &info); info.exit.rval = -EIO; info.exit.is_error = 1; SHOW(ptrace(PTRACE_SET_SYSCALL_INFO, child, sizeof info, &info)); go_on("after"); finish();
}

static void filters(void) {
  struct sock_filter got[8], allow[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)}; struct sock_fprog p = {2, allow}; struct seccomp_metadata m = {0};
  fflush(stdout); child = fork(); if (child == 0) { prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_LOG, &p); allow[1].k = SECCOMP_RET_LOG; syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &p); ptrace(PTRACE_TRACEME, 0, 0, 0); raise(SIGSTOP); _exit(0); }
  waitpid(child, NULL, 0); for (long i = 0; i < 3; i++) { long n = ptrace(PTRACE_SECCOMP_GET_FILTER, child, i, NULL); result("length", n); memset(got, 0, sizeof got); n = ptrace(PTRACE_SECCOMP_GET_FILTER, child, i, got); result("filter", n); printf("%x %x %x %x\n", got[0].code, got[0].k, got[1].code, got[1].k); m.filter_off = i; result("metadata", ptrace(PTRACE_SECCOMP_GET_METADATA, child, sizeof m, &m)); printf("flags %llx\n", m.flags); } CALL(ptrace, PTRACE_SECCOMP_GET_FILTER, child, 0L, hole); finish();
}

int main(void) { prepare(); APART(refusals); AS_NOBODY(nobodys); APART(breakpoints); APART(blocks); APART(calls); APART(filters); }

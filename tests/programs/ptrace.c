// A tracer and its tracees: stops, registers, memory, events, signals, and how requests are refused.
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define SYSCALL_INFO 0x420e
#define ORIG_RAX offsetof(struct user_regs_struct, orig_rax)

static volatile long word = 0x1122334455667788;
static volatile int turns;

static void show(const char *what, long result) {
  if (result < 0) printf("%s: %s\n", what, strerror(errno));
  else printf("%s: %ld\n", what, result);
}

/** Waits for the child and says what became of it; its status. */
static int await(const char *what, pid_t pid, int options) {
  int status = 0;
  pid_t got = waitpid(pid, &status, options);
  if (got < 0) printf("%s: %s\n", what, strerror(errno));
  else if (got == 0) printf("%s: nothing\n", what);
  else if (WIFSTOPPED(status)) printf("%s: stopped %d event %d\n", what, WSTOPSIG(status), status >> 16);
  else if (WIFSIGNALED(status)) printf("%s: killed %d\n", what, WTERMSIG(status));
  else if (WIFEXITED(status)) printf("%s: exited %d\n", what, WEXITSTATUS(status));
  else printf("%s: status %#x\n", what, status);
  return status;
}

static pid_t child(void (*body)(void)) {
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    raise(SIGSTOP);
    body();
    _exit(0);
  }
  return pid;
}

static void callsBody(void) {
  long one = syscall(SYS_getppid);
  long two = syscall(SYS_gettid);
  long three = syscall(SYS_getuid);
  _exit((one == 77) | (two == -1 && errno == ENOSYS) << 1 | (three == 5) << 2);
}

static void calls(void) {
  pid_t pid = child(callsBody);
  await("calls", pid, 0);
  show("options", ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXIT));
  show("options that are none", ptrace(PTRACE_SETOPTIONS, pid, 0, 0x40000000));
  for (;;) {
    ptrace(PTRACE_SYSCALL, pid, 0, 0);
    int status = 0;
    waitpid(pid, &status, 0);
    if (status >> 16 == PTRACE_EVENT_EXIT) {
      unsigned long message;
      ptrace(PTRACE_GETEVENTMSG, pid, 0, &message);
      printf("exit event %lu\n", message);
      ptrace(PTRACE_CONT, pid, 0, 0);
      await("calls", pid, 0);
      return;
    }
    struct { uint8_t op; uint32_t arch; uint64_t ip, sp; uint64_t nr, args[6], extra[2]; } info;
    memset(&info, 0, sizeof info);
    long size = ptrace(SYSCALL_INFO, pid, sizeof info, &info);
    struct user_regs_struct regs;
    ptrace(PTRACE_GETREGS, pid, 0, &regs);
    printf("sig %#x op %d size %ld arch %#x ip %d sp %d rax %lld orig %lld\n", WSTOPSIG(status), info.op, size, info.arch,
           info.ip == regs.rip, info.sp == regs.rsp, info.op == 1 || regs.orig_rax != SYS_getppid ? (long long)regs.rax : 0,
           (long long)regs.orig_rax);
    if (info.op == 1) printf("  nr %ld\n", (long)info.nr);
    if (info.op == 2 && regs.orig_rax == SYS_getppid) {
      regs.rax = 77;
      show("set result", ptrace(PTRACE_SETREGS, pid, 0, &regs));
    }
    if (info.op == 1 && info.nr == SYS_gettid) show("skip", ptrace(PTRACE_POKEUSER, pid, ORIG_RAX, -1L));
    if (info.op == 1 && info.nr == SYS_getuid) {
      show("other number", ptrace(PTRACE_POKEUSER, pid, ORIG_RAX, (long)SYS_alarm));
      ptrace(PTRACE_POKEUSER, pid, offsetof(struct user_regs_struct, rdi), 0L);
    }
    if (info.op == 2 && regs.orig_rax == SYS_alarm) ptrace(PTRACE_POKEUSER, pid, offsetof(struct user_regs_struct, rax), 5L);
  }
}

static void memoryBody(void) {
  raise(SIGSTOP);
  _exit(word == 0x5566 ? 9 : 1);
}

static void memory(void) {
  pid_t pid = child(memoryBody);
  await("memory", pid, 0);
  errno = 0;
  printf("peek %#lx\n", ptrace(PTRACE_PEEKDATA, pid, &word, 0));
  show("peek nothing", ptrace(PTRACE_PEEKDATA, pid, 8, 0));
  show("poke nothing", ptrace(PTRACE_POKEDATA, pid, 8, 0));
  show("peek outside", ptrace(PTRACE_PEEKUSER, pid, 4096, 0));
  show("peek unaligned", ptrace(PTRACE_PEEKUSER, pid, 3, 0));
  show("poke", ptrace(PTRACE_POKEDATA, pid, &word, 0x99));
  char path[64], bytes[8];
  snprintf(path, sizeof path, "/proc/%d/mem", pid);
  int fd = open(path, O_RDWR | O_CLOEXEC);
  show("mem read", pread(fd, bytes, 8, (off_t)(intptr_t)&word));
  printf("%02x %02x\n", bytes[0] & 0xff, bytes[1] & 0xff);
  long value = 0x5566;
  show("mem write", pwrite(fd, &value, 8, (off_t)(intptr_t)&word));
  show("mem write code", pwrite(fd, "\xc3", 1, (off_t)(intptr_t)&memoryBody));
  show("mem read nothing", pread(fd, bytes, 8, 8));
  close(fd);
  struct iovec local = {bytes, 8}, remote = {(void *)&word, 8};
  show("readv", process_vm_readv(pid, &local, 1, &remote, 1, 0));
  printf("%02x %02x\n", bytes[0] & 0xff, bytes[1] & 0xff);
  ptrace(PTRACE_CONT, pid, 0, 0); // memoryBody returns at once
  await("memory", pid, 0);
}

static int __attribute__((noipa)) add(int a, int b) { return a + b; }
static void breakpointBody(void) {
  for (turns = 0; turns < 3; turns++) add(turns, 1);
  _exit(turns);
}

static void breakpoint(void) {
  pid_t pid = child(breakpointBody);
  await("breakpoint", pid, 0);
  long old = ptrace(PTRACE_PEEKTEXT, pid, &add, 0);
  for (int hit = 0; hit < 2; hit++) {
    ptrace(PTRACE_POKETEXT, pid, &add, (old & ~0xffL) | 0xcc);
    ptrace(PTRACE_CONT, pid, 0, 0);
    await("hit", pid, 0);
    siginfo_t info;
    ptrace(PTRACE_GETSIGINFO, pid, 0, &info);
    struct user_regs_struct regs;
    ptrace(PTRACE_GETREGS, pid, 0, &regs);
    printf("code %d at %d first %lld second %lld\n", info.si_code, regs.rip == (unsigned long)&add + 1, regs.rdi, regs.rsi);
    ptrace(PTRACE_POKETEXT, pid, &add, old);
    regs.rip--;
    ptrace(PTRACE_SETREGS, pid, 0, &regs);
    ptrace(PTRACE_SINGLESTEP, pid, 0, 0);
    await("step", pid, 0);
    ptrace(PTRACE_GETSIGINFO, pid, 0, &info);
    ptrace(PTRACE_GETREGS, pid, 0, &regs);
    printf("code %d moved %d trap flag %llu\n", info.si_code, regs.rip > (unsigned long)&add && regs.rip < (unsigned long)&add + 16,
           regs.eflags & 0x100);
  }
  ptrace(PTRACE_CONT, pid, 0, 0);
  await("breakpoint", pid, 0);
}

static void stepsBody(void) {
  __asm__ volatile("nop\n\tnop\n\tmov $39, %%eax\n\tsyscall\n\tnop\n\tmov $60, %%eax\n\tmov $4, %%edi\n\tsyscall" ::: "rax", "rcx", "r11", "rdi");
}

static void steps(void) {
  pid_t pid = child(stepsBody);
  await("steps", pid, 0);
  struct user_regs_struct regs;
  int count = 0, inside = 0;
  for (;;) {
    ptrace(PTRACE_SINGLESTEP, pid, 0, 0);
    int status;
    waitpid(pid, &status, 0);
    if (!WIFSTOPPED(status)) break;
    ptrace(PTRACE_GETREGS, pid, 0, &regs);
    count++;
    if (regs.rip >= (unsigned long)&stepsBody && regs.rip < (unsigned long)&stepsBody + 64) {
      siginfo_t info;
      ptrace(PTRACE_GETSIGINFO, pid, 0, &info);
      printf("step %d code %d sig %d\n", inside++, info.si_code, WSTOPSIG(status));
    }
  }
  printf("many %d\n", count > 10);
}

static double number = 1.5;
static void floatingBody(void) {
  double seen;
  __asm__ volatile("movsd %1, %%xmm3\n\tint3\n\tmovsd %%xmm3, %0" : "=m"(seen) : "m"(number) : "xmm3");
  _exit(seen == 2.5 ? 3 : 4);
}

static void floating(void) {
  pid_t pid = child(floatingBody);
  await("floating", pid, 0);
  ptrace(PTRACE_CONT, pid, 0, 0);
  await("trap", pid, 0);
  struct user_fpregs_struct fp;
  show("getfpregs", ptrace(PTRACE_GETFPREGS, pid, 0, &fp));
  double seen;
  memcpy(&seen, &fp.xmm_space[12], 8);
  printf("xmm3 %g mxcsr %#x cwd %#x\n", seen, fp.mxcsr, fp.cwd);
  seen = 2.5;
  memcpy(&fp.xmm_space[12], &seen, 8);
  show("setfpregs", ptrace(PTRACE_SETFPREGS, pid, 0, &fp));
  char image[4096];
  struct iovec vector = {image, sizeof image};
  show("xstate", ptrace(PTRACE_GETREGSET, pid, NT_X86_XSTATE, &vector));
  memcpy(&seen, image + 160 + 3 * 16, 8);
  printf("xmm3 %g some %d\n", seen, vector.iov_len >= 576);
  vector.iov_len = 16;
  show("prstatus", ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &vector));
  printf("length %zu\n", vector.iov_len);
  vector.iov_len = sizeof image;
  show("prstatus", ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &vector));
  printf("length %zu\n", vector.iov_len);
  vector.iov_len = 13;
  show("odd", ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &vector));
  show("unknown set", ptrace(PTRACE_GETREGSET, pid, 0x7777, &vector));
  struct user_regs_struct regs;
  ptrace(PTRACE_GETREGS, pid, 0, &regs);
  printf("cs %#llx ss %#llx ds %#llx\n", regs.cs, regs.ss, regs.ds);
  show("bad cs", ptrace(PTRACE_POKEUSER, pid, offsetof(struct user_regs_struct, cs), 0x10L));
  show("bad fs base", ptrace(PTRACE_POKEUSER, pid, offsetof(struct user_regs_struct, fs_base), -1L));
  ptrace(PTRACE_CONT, pid, 0, 0);
  await("floating", pid, 0);
}

static void eventsBody(void) {
  if (fork() == 0) _exit(11);
  if (vfork() == 0) _exit(12);
  wait(NULL);
  wait(NULL);
  execl("/bin/true", "true", NULL);
}

static void events(void) {
  pid_t pid = child(eventsBody);
  await("events", pid, 0);
  ptrace(PTRACE_SETOPTIONS, pid, 0,
         PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEVFORKDONE);
  ptrace(PTRACE_CONT, pid, 0, 0);
  int ends = 0;
  while (ends < 3) {
    int status;
    pid_t who = waitpid(-1, &status, __WALL);
    if (who < 0) break;
    int deliver = 0;
    if (WIFSTOPPED(status) && who == pid) {
      unsigned long message = 0;
      ptrace(PTRACE_GETEVENTMSG, who, 0, &message);
      int event = status >> 16;
      if (event) {
        siginfo_t info;
        ptrace(PTRACE_GETSIGINFO, who, 0, &info);
        printf("event %d message is %s code %#x\n", event, message == pid ? "itself" : message > pid ? "a child" : "nobody", info.si_code);
      } else if (WSTOPSIG(status) == SIGCHLD) {
        deliver = SIGCHLD;
      } else printf("parent stopped %d\n", WSTOPSIG(status));
    } else if (WIFEXITED(status)) ends++;
    if (WIFSTOPPED(status)) ptrace(PTRACE_CONT, who, 0, deliver);
  }
  printf("ends %d\n", ends);
}

static volatile sig_atomic_t got;
static volatile int gotCode;
static void handler(int signal, siginfo_t *info, void *context) {
  got = signal;
  gotCode = info->si_value.sival_int;
}
static void signalsBody(void) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigaction(SIGUSR1, &action, NULL);
  sigaction(SIGUSR2, &action, NULL);
  raise(SIGUSR1);
  int first = got;
  got = 0;
  raise(SIGUSR1);
  int second = got;
  got = 0;
  union sigval value = {.sival_int = 3};
  sigqueue(getpid(), SIGUSR2, value);
  _exit(first * 1 + (second == SIGUSR2) * 16 + (gotCode == 44) * 32);
}

static void signals(void) {
  pid_t pid = child(signalsBody);
  await("signals", pid, 0);
  siginfo_t info;
  show("siginfo", ptrace(PTRACE_GETSIGINFO, pid, 0, &info));
  printf("signo %d code %d\n", info.si_signo, info.si_code);
  uint64_t mask = 0;
  show("mask", ptrace(PTRACE_GETSIGMASK, pid, 8, &mask));
  printf("%#lx\n", (long)mask);
  show("mask of 4", ptrace(PTRACE_GETSIGMASK, pid, 4, &mask));
  mask = 1 << (SIGHUP - 1) | 1 << (SIGKILL - 1);
  show("set mask", ptrace(PTRACE_SETSIGMASK, pid, 8, &mask));
  show("mask", ptrace(PTRACE_GETSIGMASK, pid, 8, &mask));
  printf("%#lx\n", (long)mask);
  kill(pid, SIGHUP);
  struct { uint64_t off; uint32_t flags; int32_t nr; } args = {0, 1, 4};
  siginfo_t list[4];
  show("peek", ptrace(PTRACE_PEEKSIGINFO, pid, &args, list));
  printf("signo %d from me %d\n", list[0].si_signo, list[0].si_pid == getpid());
  args.flags = 0;
  show("peek own", ptrace(PTRACE_PEEKSIGINFO, pid, &args, list));
  ptrace(PTRACE_CONT, pid, 0, 0);
  await("first", pid, 0);
  show("bad signal", ptrace(PTRACE_CONT, pid, 0, 65));
  ptrace(PTRACE_CONT, pid, 0, 0); // suppressed
  await("second", pid, 0);
  ptrace(PTRACE_CONT, pid, 0, SIGUSR2); // another one
  await("third", pid, 0);
  ptrace(PTRACE_GETSIGINFO, pid, 0, &info);
  printf("code %d value %d\n", info.si_code, info.si_value.sival_int);
  info.si_value.sival_int = 44;
  show("set", ptrace(PTRACE_SETSIGINFO, pid, 0, &info));
  ptrace(PTRACE_CONT, pid, 0, SIGUSR2);
  await("signals", pid, 0);
}

static void idle(void) {
  for (;;) pause();
}

static pid_t running(void) {
  fflush(stdout);
  int ready[2];
  if (pipe(ready) < 0) exit(1);
  pid_t pid = fork();
  if (pid == 0) {
    write(ready[1], "x", 1);
    idle();
  }
  char byte;
  read(ready[0], &byte, 1);
  close(ready[0]);
  close(ready[1]);
  return pid;
}

static void attached(void) {
  pid_t pid = running();
  show("cont of a stranger", ptrace(PTRACE_CONT, pid, 0, 0));
  show("attach", ptrace(PTRACE_ATTACH, pid, 0, 0));
  await("attach", pid, 0);
  await("again", pid, WNOHANG);
  show("attach again", ptrace(PTRACE_ATTACH, pid, 0, 0));
  show("interrupt", ptrace(PTRACE_INTERRUPT, pid, 0, 0));
  char line[256], path[64];
  snprintf(path, sizeof path, "/proc/%d/status", pid);
  FILE *status = fopen(path, "r");
  while (fgets(line, sizeof line, status)) {
    if (!strncmp(line, "State:", 6)) fputs(line, stdout);
    if (!strncmp(line, "TracerPid:", 10)) printf("tracer is me %d\n", atoi(line + 10) == getpid());
  }
  fclose(status);
  ptrace(PTRACE_CONT, pid, 0, 0);
  show("regs while it runs", ptrace(PTRACE_PEEKUSER, pid, 0, 0));
  kill(pid, SIGTSTP);
  await("tstp", pid, 0);
  ptrace(PTRACE_CONT, pid, 0, SIGTSTP);
  await("group-stop", pid, 0);
  siginfo_t info;
  show("its siginfo", ptrace(PTRACE_GETSIGINFO, pid, 0, &info));
  ptrace(PTRACE_CONT, pid, 0, 0);
  kill(pid, SIGCONT);
  await("cont", pid, 0);
  show("detach", ptrace(PTRACE_DETACH, pid, 0, SIGTERM));
  await("detached", pid, 0);
}

static void seized(void) {
  pid_t pid = running();
  show("seize with an address", ptrace(PTRACE_SEIZE, pid, 8, 0));
  show("seize with nonsense", ptrace(PTRACE_SEIZE, pid, 0, 0x800));
  show("seize", ptrace(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACEEXIT));
  await("runs", pid, WNOHANG);
  show("interrupt", ptrace(PTRACE_INTERRUPT, pid, 0, 0));
  await("interrupted", pid, 0);
  siginfo_t info;
  ptrace(PTRACE_GETSIGINFO, pid, 0, &info);
  printf("signo %d code %#x\n", info.si_signo, info.si_code);
  ptrace(PTRACE_CONT, pid, 0, 0);
  kill(pid, SIGSTOP);
  await("stop", pid, 0);
  ptrace(PTRACE_CONT, pid, 0, SIGSTOP);
  await("group-stop", pid, 0);
  show("listen", ptrace(PTRACE_LISTEN, pid, 0, 0));
  await("listens", pid, WNOHANG);
  show("cont while it listens", ptrace(PTRACE_CONT, pid, 0, 0));
  kill(pid, SIGCONT);
  await("continued", pid, 0);
  show("listen", ptrace(PTRACE_LISTEN, pid, 0, 0));
  ptrace(PTRACE_INTERRUPT, pid, 0, 0);
  await("interrupted", pid, 0);
  ptrace(PTRACE_CONT, pid, 0, 0);
  await("cont", pid, 0);
  show("kill", ptrace(PTRACE_KILL, pid, 0, 0));
  await("exit event", pid, 0);
  unsigned long message = 0;
  ptrace(PTRACE_GETEVENTMSG, pid, 0, &message);
  printf("message %lu\n", message);
  ptrace(PTRACE_CONT, pid, 0, 0);
  await("killed", pid, 0);
}

static void refusals(void) {
  show("self", ptrace(PTRACE_ATTACH, getpid(), 0, 0));
  show("nobody", ptrace(PTRACE_ATTACH, 4000000, 0, 0));
  show("nobody's registers", ptrace(PTRACE_PEEKUSER, 4000000, 0, 0));
  show("no request", ptrace(12345, 4000000, 0, 0));
  pid_t pid = running();
  ptrace(PTRACE_SEIZE, pid, 0, 0);
  ptrace(PTRACE_INTERRUPT, pid, 0, 0);
  await("stopped", pid, 0);
  show("no request", ptrace(12345, pid, 0, 0));
  show("registers to nowhere", ptrace(PTRACE_GETREGS, pid, 0, 8));
  kill(pid, SIGKILL);
  await("killed", pid, 0);
  show("dead", ptrace(PTRACE_CONT, pid, 0, 0));
}

/** What becomes of a tracee when its tracer ends. */
static void orphan(long options) {
  pid_t pid = running();
  fflush(stdout);
  pid_t tracer = fork();
  if (tracer == 0) {
    if (ptrace(PTRACE_SEIZE, pid, 0, options) < 0) _exit(1);
    ptrace(PTRACE_INTERRUPT, pid, 0, 0);
    int status;
    waitpid(pid, &status, __WALL);
    _exit(0);
  }
  await("tracer", tracer, 0);
  if (options == 0) {
    await("goes on", pid, WNOHANG);
    kill(pid, SIGTERM);
  }
  await("tracee", pid, 0);
}

/** Only the tracer sees its stops, and the parent its end, when the tracer has seen it. */
static void twoWaiters(void) {
  pid_t pid = running();
  int go[2];
  pipe(go);
  pid_t tracer = fork();
  if (tracer == 0) {
    int status;
    ptrace(PTRACE_SEIZE, pid, 0, 0);
    ptrace(PTRACE_INTERRUPT, pid, 0, 0);
    waitpid(pid, &status, 0);
    write(go[1], "x", 1);
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    _exit(WTERMSIG(status));
  }
  char byte;
  read(go[0], &byte, 1);
  await("parent", pid, 0);
  await("tracer", tracer, 0);
}

int main(void) {
  setvbuf(stdout, NULL, _IOFBF, 1 << 16);
  calls();
  memory();
  breakpoint();
  steps();
  floating();
  events();
  signals();
  attached();
  seized();
  refusals();
  orphan(0);
  orphan(PTRACE_O_EXITKILL);
  twoWaiters();
  fflush(stdout);
  return 0;
}

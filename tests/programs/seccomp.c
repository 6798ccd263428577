// seccomp: filters that forbid, trap, kill and count; strict mode; who may install one; what children and threads inherit.
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// linux/filter.h and linux/seccomp.h, which not every library's headers have beside them.
struct sock_filter {
  unsigned short code;
  unsigned char jt, jf;
  unsigned k;
};
struct sock_fprog {
  unsigned short len;
  struct sock_filter *filter;
};
struct seccomp_data {
  int nr;
  unsigned arch;
  unsigned long long instruction_pointer, args[6];
};
#define BPF_STMT(code, k) {code, 0, 0, k}
#define BPF_JUMP(code, k, jt, jf) {code, jt, jf, k}
enum { BPF_LD = 0, BPF_LDX = 1, BPF_ST = 2, BPF_ALU = 4, BPF_JMP = 5, BPF_RET = 6, BPF_W = 0, BPF_H = 8, BPF_ABS = 0x20, BPF_MEM = 0x60 };
enum { BPF_ADD = 0, BPF_MUL = 0x20, BPF_DIV = 0x30, BPF_JA = 0, BPF_JEQ = 0x10, BPF_JGE = 0x30, BPF_K = 0, BPF_X = 8 };
enum { SECCOMP_SET_MODE_STRICT, SECCOMP_SET_MODE_FILTER, SECCOMP_GET_ACTION_AVAIL };
enum { SECCOMP_MODE_STRICT = 1, SECCOMP_FILTER_FLAG_TSYNC = 1, SECCOMP_FILTER_FLAG_LOG = 2 };
#define SECCOMP_RET_KILL_PROCESS 0x80000000u
#define SECCOMP_RET_KILL_THREAD 0u
#define SECCOMP_RET_TRAP 0x00030000u
#define SECCOMP_RET_ERRNO 0x00050000u
#define SECCOMP_RET_LOG 0x7ffc0000u
#define SECCOMP_RET_ALLOW 0x7fff0000u

#define COUNT(list) (sizeof(list) / sizeof *(list))

static void show(const char *what, long result) {
  if (result < 0) printf("%s: %s\n", what, strerror(errno));
  else printf("%s: %ld\n", what, result);
}

static void ended(const char *what, pid_t child) {
  int status;
  waitpid(child, &status, 0);
  if (WIFEXITED(status)) printf("%s: exited with %d\n", what, WEXITSTATUS(status));
  else printf("%s: killed by %d\n", what, WTERMSIG(status));
}

static long seccomp(unsigned operation, unsigned flags, void *argument) {
  return syscall(SYS_seccomp, operation, flags, argument);
}

/** A filter that gives `action` for one call and allows the rest. */
static long forbid(int call, unsigned action, unsigned flags) {
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, action),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {COUNT(code), code};
  return seccomp(SECCOMP_SET_MODE_FILTER, flags, &program);
}

static void onTrap(int signal, siginfo_t *info, void *context) {
  printf("trapped %d code %d errno %d call %d arch %#x address %d\n", signal, info->si_code, info->si_errno, info->si_syscall,
         info->si_arch, info->si_call_addr != NULL);
}

static void status(void) {
  printf("no_new_privs %d\n", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
  printf("mode %d\n", prctl(PR_GET_SECCOMP, 0, 0, 0, 0));
}

#define CHILD(what, ...)      \
  do {                        \
    fflush(stdout);           \
    pid_t child_ = fork();    \
    if (child_ == 0) {        \
      __VA_ARGS__;            \
      fflush(stdout);         \
      _exit(0);               \
    }                         \
    ended(what, child_);      \
  } while (0)

int main(void) {
  setvbuf(stdout, NULL, _IOFBF, 32768);
  show("mode", prctl(PR_GET_SECCOMP, 0, 0, 0, 0));
  unsigned action = SECCOMP_RET_ERRNO;
  show("available", seccomp(SECCOMP_GET_ACTION_AVAIL, 0, &action));
  action = 0x12340000;
  show("not available", seccomp(SECCOMP_GET_ACTION_AVAIL, 0, &action));
  show("unknown operation", seccomp(99, 0, NULL));
  show("unknown flags", seccomp(SECCOMP_SET_MODE_FILTER, 0x1000, NULL));
  show("bad program", seccomp(SECCOMP_SET_MODE_FILTER, 0, NULL));
  struct sock_filter nothing[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0)};
  struct sock_fprog program = {1, nothing};
  show("no return", seccomp(SECCOMP_SET_MODE_FILTER, 0, &program));
  program.len = 0;
  show("empty", seccomp(SECCOMP_SET_MODE_FILTER, 0, &program));
  program.len = 4097;
  show("too long", seccomp(SECCOMP_SET_MODE_FILTER, 0, &program));
  struct sock_filter far[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 64), BPF_STMT(BPF_RET | BPF_K, 0)};
  program = (struct sock_fprog){2, far};
  show("beyond the data", seccomp(SECCOMP_SET_MODE_FILTER, 0, &program));
  far[0].k = 2;
  show("unaligned", seccomp(SECCOMP_SET_MODE_FILTER, 0, &program));
  struct sock_filter jump[] = {BPF_JUMP(BPF_JMP | BPF_JA, 9, 0, 0), BPF_STMT(BPF_RET | BPF_K, 0)};
  program = (struct sock_fprog){2, jump};
  show("jump too far", seccomp(SECCOMP_SET_MODE_FILTER, 0, &program));
  struct sock_filter divide[] = {BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0), BPF_STMT(BPF_RET | BPF_K, 0)};
  program = (struct sock_fprog){2, divide};
  show("division by zero", seccomp(SECCOMP_SET_MODE_FILTER, 0, &program));
  struct sock_filter half[] = {BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 0), BPF_STMT(BPF_RET | BPF_K, 0)};
  program = (struct sock_fprog){2, half};
  show("half a word", seccomp(SECCOMP_SET_MODE_FILTER, 0, &program));

  CHILD("unprivileged", {
    setgid(2000);
    setuid(2000);
    show("without no_new_privs", forbid(SYS_getppid, SECCOMP_RET_ERRNO | 7, 0));
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    show("with it", forbid(SYS_getppid, SECCOMP_RET_ERRNO | 7, 0));
    show("forbidden", syscall(SYS_getppid));
    status();
  });
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  CHILD("errno", {
    show("filter", forbid(SYS_getppid, SECCOMP_RET_ERRNO | EXDEV, 0));
    show("forbidden", syscall(SYS_getppid));
    show("mode", prctl(PR_GET_SECCOMP, 0, 0, 0, 0));
    show("second filter", forbid(SYS_getppid, SECCOMP_RET_ERRNO | EBUSY, 0));
    show("the later one", syscall(SYS_getppid));
    show("third filter", forbid(SYS_getppid, SECCOMP_RET_ALLOW, 0));
    show("the stricter one", syscall(SYS_getppid));
    show("too high", forbid(SYS_getuid, SECCOMP_RET_ERRNO | 0xffff, 0));
    show("as far as it goes", syscall(SYS_getuid) == -1 ? errno : 0);
    show("no error", forbid(SYS_getgid, SECCOMP_RET_ERRNO, 0));
    show("skipped", syscall(SYS_getgid));
    CHILD("grandchild", show("inherited", syscall(SYS_getppid)));
    show("strict now", prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT, 0, 0, 0));
  });
  CHILD("trap", {
    struct sigaction action = {.sa_sigaction = onTrap, .sa_flags = SA_SIGINFO};
    sigaction(SIGSYS, &action, NULL);
    forbid(SYS_getppid, SECCOMP_RET_TRAP | 42, 0);
    syscall(SYS_getppid);
    printf("went on\n");
  });
  CHILD("trap, unhandled", {
    forbid(SYS_getppid, SECCOMP_RET_TRAP, 0);
    syscall(SYS_getppid);
  });
  CHILD("kill process", {
    forbid(SYS_getppid, SECCOMP_RET_KILL_PROCESS, 0);
    syscall(SYS_getppid);
  });
  CHILD("kill thread", {
    forbid(SYS_getppid, SECCOMP_RET_KILL_THREAD, 0);
    syscall(SYS_getppid);
  });
  CHILD("unknown action", {
    forbid(SYS_getppid, 0x00010000, 0);
    syscall(SYS_getppid);
  });
  CHILD("log", {
    forbid(SYS_getppid, SECCOMP_RET_LOG, SECCOMP_FILTER_FLAG_LOG);
    show("allowed", syscall(SYS_getppid) > 0);
  });
  CHILD("strict", {
    fflush(stdout);
    show("flags", seccomp(SECCOMP_SET_MODE_STRICT, 1, NULL));
    fflush(stdout);
    seccomp(SECCOMP_SET_MODE_STRICT, 0, NULL);
    write(1, "may write\n", 10);
    syscall(SYS_exit, 3);
  });
  CHILD("strict, forbidden", {
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT, 0, 0, 0);
    syscall(SYS_getppid);
  });
  CHILD("arguments", {
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0xc000003e, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_dup, 0, 7),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
        BPF_STMT(BPF_ST, 3),
        BPF_STMT(BPF_LDX | BPF_MEM, 3),
        BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, 2),
        BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 300, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 33),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog whole = {COUNT(code), code};
    show("filter", seccomp(SECCOMP_SET_MODE_FILTER, 0, &whole));
    show("low", dup(99));
    show("high", dup(100));
  });
  status();
  return 0;
}

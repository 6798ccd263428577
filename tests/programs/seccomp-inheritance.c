// seccomp filters over exec, and for all threads of a process.
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
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

static void *other(void *argument) {
  int *ends = argument;
  char byte;
  read(ends[0], &byte, 1);
  return (void *)(long)(syscall(SYS_getppid) < 0 ? errno : 0);
}

int main(int argc, char **argv) {
  setvbuf(stdout, NULL, _IOFBF, 32768);
  if (argc > 1 && strcmp(argv[1], "again") == 0) {
    show("after exec", syscall(SYS_getppid) < 0 ? -1 : 0);
    fflush(stdout);
    return 0;
  }
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  CHILD("exec", {
    show("filter", forbid(SYS_getppid, SECCOMP_RET_ERRNO | EBUSY, 0));
    fflush(stdout);
    execl(argv[0], argv[0], "again", NULL);
  });
  CHILD("all threads", {
    int ends[2];
    pipe(ends);
    pthread_t thread;
    pthread_create(&thread, NULL, other, ends);
    show("one filter for all", forbid(SYS_getppid, SECCOMP_RET_ERRNO | 5, SECCOMP_FILTER_FLAG_TSYNC));
    write(ends[1], "x", 1);
    void *result;
    pthread_join(thread, &result);
    show("the other has it", (long)result);
  });
  return 0;
}

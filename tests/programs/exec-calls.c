// execve and execveat, set-user-ID programs, what a new program keeps; and what seccomp and namespaces refuse.
#include "call-report.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>

static char *self;
static void run(const char *path, char *const argv[], char *const envp[]) { fflush(stdout); if (fork() == 0) { execve(path, argv, envp); printf("%s: %s\n", path, strerror(errno)); _exit(99); } int status; wait(&status); ended("exec", status); }
static void put(const char *name, const char *text, int mode) { int f = open(name, O_CREAT | O_WRONLY | O_TRUNC, 0600); write(f, text, strlen(text)); fchmod(f, mode); close(f); }
static void copy(const char *name, int mode) { char b[65536]; int n, f = open("/proc/self/exe", O_RDONLY), t = open(name, O_CREAT | O_WRONLY | O_TRUNC, 0600); while ((n = read(f, b, sizeof b)) > 0) write(t, b, n); fchmod(t, mode); close(t); close(f); }

static void refusals(void) {
  char *args[] = {"x", NULL}, *none[] = {NULL}, *bad[] = {(char *)8, NULL};
  CALL(execve, NULL, args, none); CALL(execve, hole, args, none); CALL(execve, "", args, none); CALL(execve, "/nowhere", args, none); CALL(execve, "/dev/null/x", args, none); CALL(execve, "/", args, none); CALL(execve, "/dev/null", args, none); CALL(execve, "/proc/self/exe", hole, none); CALL(execve, "/proc/self/exe", args, hole); CALL(execve, "/proc/self/exe", bad, none); CALL(execve, "/proc/self/exe", args, bad);
  static char name[5000]; memset(name, 'a', 4999); CALL(execve, name, args, none); name[300] = 0; CALL(execve, name, args, none);
  put("plain", "echo hello\n", 0644); CALL(execve, "plain", args, none); chmod("plain", 0755); CALL(execve, "plain", args, none); put("empty", "", 0755); CALL(execve, "empty", args, none); put("short", "\177ELF", 0755); CALL(execve, "short", args, none); symlink("loop", "loop"); CALL(execve, "loop", args, none); put("script", "#!/nowhere\n", 0755); CALL(execve, "script", args, none); put("script", "#!\n", 0755); CALL(execve, "script", args, none); put("script", "#!script\n", 0755); CALL(execve, "script", args, none); put("script", "#!/dev/null\n", 0755); CALL(execve, "script", args, none);
  static char big[200000]; memset(big, 'b', sizeof big - 1); char *large[] = {big, NULL}; CALL(execve, "/proc/self/exe", large, none); static char part[100000]; memset(part, 'c', sizeof part - 1); static char *many[101]; for (int i = 0; i < 100; i++) many[i] = part; CALL(execve, "/proc/self/exe", many, none);
  int busy = open("plain", O_RDWR); CALL(execve, "plain", args, none); close(busy); copy("program", 0755); busy = open("program", O_WRONLY); CALL(execve, "program", args, none); close(busy);
  int dir = open(".", O_RDONLY), file = open("program", O_RDONLY | O_CLOEXEC), path = open("program", O_PATH); CALL(execveat, 77L, "program", args, none, 0L); CALL(execveat, file, "program", args, none, 0L); CALL(execveat, dir, "", args, none, 0L); CALL(execveat, dir, "", args, none, AT_EMPTY_PATH); CALL(execveat, dir, "program", args, none, 0x8000L); symlink("program", "link"); CALL(execveat, dir, "link", args, none, AT_SYMLINK_NOFOLLOW); int script = open("script", O_RDONLY | O_CLOEXEC); put("script", "#!/bin/sh\n", 0755); CALL(execveat, script, "", args, none, AT_EMPTY_PATH);
  char *show[] = {"shown", "show", NULL}; if (fork() == 0) { syscall(SYS_execveat, path, "", show, none, AT_EMPTY_PATH); printf("%s\n", strerror(errno)); _exit(1); } int status; wait(&status); ended("by path", status);
  unlink("plain"); unlink("empty"); unlink("short"); unlink("loop"); unlink("script"); unlink("program"); unlink("link");
}

static void keeps(void) {
  char *args[] = {"shown", "show", "two", NULL}, *env[] = {"A=1", "B=2", NULL}, *none[] = {NULL};
  signal(SIGUSR1, SIG_IGN); signal(SIGUSR2, exit); sigset_t s; sigemptyset(&s); sigaddset(&s, SIGHUP); sigprocmask(SIG_BLOCK, &s, NULL); umask(027); int closed = open("/", O_RDONLY | O_CLOEXEC); dup2(open("/", O_RDONLY), 40); alarm(100); prctl(PR_SET_NAME, "named"); prctl(PR_SET_PDEATHSIG, SIGHUP); nice(3);
  run(self, args, env); run(self, NULL, NULL); args[1] = NULL; run(self, none, env);
}

static void set_ids(void) {
  char *args[] = {"shown", "ids", NULL}, *none[] = {NULL};
  if (mkdir("/tmp/exec-calls", 0755) < 0 && errno != EEXIST) return; chdir("/tmp/exec-calls");
  int modes[] = {0755, 04755, 02755, 06755, 02745, 04711};
  for (int i = 0; i < 6; i++) { copy("program", 0755); chown("program", 1234, 5678); chmod("program", modes[i]); printf("%o as root\n", modes[i]); run("./program", args, none); fflush(stdout); if (fork() == 0) { become_nobody(); printf("%o as nobody\n", modes[i]); run("./program", args, none); prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); run("./program", args, none); _exit(0); } wait(NULL); }
  copy("program", 0700); if (fork() == 0) { become_nobody(); run("./program", args, none); _exit(0); } wait(NULL); chown("program", 0, 0); chmod("program", 04755); if (fork() == 0) { become_nobody(); run("./program", args, none); _exit(0); } wait(NULL);
  unlink("program"); chdir("/"); rmdir("/tmp/exec-calls");
}

static void filters(void) {
  struct sock_filter allow[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)}; struct sock_fprog p = {1, allow};
  CALL(seccomp, 9L, 0L, NULL); CALL(seccomp, SECCOMP_SET_MODE_STRICT, 1L, NULL); CALL(seccomp, SECCOMP_SET_MODE_STRICT, 0L, "x"); CALL(seccomp, SECCOMP_SET_MODE_FILTER, 0x100L, &p); CALL(seccomp, SECCOMP_SET_MODE_FILTER, 0L, NULL); CALL(seccomp, SECCOMP_SET_MODE_FILTER, 0L, hole); p.filter = (void *)hole; CALL(seccomp, SECCOMP_SET_MODE_FILTER, 0L, &p); p.filter = allow; p.len = 0; CALL(seccomp, SECCOMP_SET_MODE_FILTER, 0L, &p); p.len = 4097; CALL(seccomp, SECCOMP_SET_MODE_FILTER, 0L, &p); struct sock_filter open_end[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0)}; p = (struct sock_fprog){1, open_end}; CALL(seccomp, SECCOMP_SET_MODE_FILTER, 0L, &p); struct sock_filter odd[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 3), allow[0]}; p = (struct sock_fprog){2, odd}; CALL(seccomp, SECCOMP_SET_MODE_FILTER, 0L, &p); int action = SECCOMP_RET_TRACE; CALL(seccomp, SECCOMP_GET_ACTION_AVAIL, 0L, &action); action = 5; CALL(seccomp, SECCOMP_GET_ACTION_AVAIL, 0L, &action); CALL(seccomp, SECCOMP_GET_ACTION_AVAIL, 1L, &action); CALL(seccomp, SECCOMP_GET_NOTIF_SIZES, 0L, hole); p = (struct sock_fprog){1, allow}; CALL(seccomp, SECCOMP_SET_MODE_FILTER, 0L, &p); prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); CALL(seccomp, SECCOMP_SET_MODE_FILTER, 0L, &p); CALL(prctl, PR_GET_SECCOMP); CALL(seccomp, SECCOMP_SET_MODE_STRICT, 0L, NULL);
}

static void strict(void) { SHOW(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT)); fflush(stdout); getppid(); }

static void namespaces(void) {
  CALL(unshare, 1L); CALL(unshare, CLONE_VM); CALL(unshare, CLONE_SIGHAND); CALL(unshare, CLONE_THREAD); CALL(unshare, CLONE_SETTLS); CALL(unshare, CLONE_FILES | CLONE_FS | CLONE_SYSVSEM); CALL(setns, 0L, 0L); CALL(setns, 77L, 0L); int f = open("/proc/self/ns/uts", O_RDONLY), u = open("/proc/self/ns/user", O_RDONLY), m = open("/proc/self/ns/mnt", O_RDONLY); CALL(setns, f, CLONE_NEWIPC); CALL(setns, f, CLONE_NEWUTS); CALL(setns, f, 0L); CALL(setns, u, 0L); CALL(setns, m, CLONE_NEWNS);
}

static void show(int argc, char **argv) {
  struct sigaction a; sigset_t s; char name[17] = ""; int signal = -1; struct itimerval t;
  printf("argc %d argv0 %s env %s %s\n", argc, argc ? argv[0] : "-", getenv("A") ?: "-", getenv("B") ?: "-"); sigaction(SIGUSR1, NULL, &a); printf("USR1 ignored %d ", a.sa_handler == SIG_IGN); sigaction(SIGUSR2, NULL, &a); printf("USR2 default %d ", a.sa_handler == SIG_DFL); sigprocmask(0, NULL, &s); printf("blocked %d umask %o ", sigismember(&s, SIGHUP), umask(0)); printf("kept %d closed %d ", fcntl(40, F_GETFD), fcntl(3, F_GETFD)); getitimer(ITIMER_REAL, &t); prctl(PR_GET_NAME, name); prctl(PR_GET_PDEATHSIG, &signal); printf("alarm %d name %.6s death %d nice %ld\n", t.it_value.tv_sec > 0, name, signal, syscall(SYS_getpriority, 0, 0));
}

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "show") == 0) return show(argc, argv), 7;
  if (argc > 1 && strcmp(argv[1], "ids") == 0) { unsigned r, e, s, gr, ge, gs; getresuid(&r, &e, &s); getresgid(&gr, &ge, &gs); struct __user_cap_header_struct h = {_LINUX_CAPABILITY_VERSION_3}; struct __user_cap_data_struct d[2]; syscall(SYS_capget, &h, d); printf("uid %d %d %d gid %d %d %d secure %ld dumpable %d caps %d %d\n", r, e, s, gr, ge, gs, getauxval(AT_SECURE), prctl(PR_GET_DUMPABLE), d[0].effective != 0, d[0].permitted != 0); return 8; }
  if (argc < 2) return show(argc, argv), 9;
  prepare();
  self = "/proc/self/exe";
  APART(refusals); APART(keeps); APART(set_ids); APART(filters); AS_NOBODY(filters); APART(strict); APART(namespaces); AS_NOBODY(namespaces);
}

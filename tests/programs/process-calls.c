// The calls that make processes, wait for them and say who they are: refusals and effects, with privilege and without.
#include "call-report.h"
#include <sched.h>
#include <linux/sched.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/prctl.h>
#include <sys/fsuid.h>
#include <linux/capability.h>
#include <poll.h>

static void told(const char *what, siginfo_t *info, pid_t pid) {
  printf("%s: signo %d code %d status %d uid %d pid %s\n", what, info->si_signo, info->si_code, info->si_status, info->si_uid,
         info->si_pid == pid ? "child's" : info->si_pid == 0 ? "0" : "another's");
}

static void wait_refusals(void) {
  CALL(wait4, -1L, NULL, 0L, NULL);
  CALL(wait4, 1L, NULL, 0L, NULL);
  CALL(wait4, 0L, NULL, 0L, NULL);
  CALL(wait4, -4000000L, NULL, 0L, NULL);
  CALL(wait4, -0x80000000L, NULL, 0L, NULL);
  CALL(wait4, -1L, NULL, 0x100L, NULL);
  CALL(wait4, -1L, NULL, 4L, NULL);
  CALL(wait4, -1L, NULL, 0x01000000L, NULL);
  CALL(wait4, -1L, NULL, WNOHANG, NULL);
  CALL(waitid, 0L, 0L, NULL, WEXITED, NULL);
  CALL(waitid, 0L, 0L, NULL, 0L, NULL);
  CALL(waitid, 0L, 0L, NULL, WNOHANG, NULL);
  CALL(waitid, 9L, 0L, NULL, WEXITED, NULL);
  CALL(waitid, 1L, 0L, NULL, WEXITED, NULL);
  CALL(waitid, 1L, -1L, NULL, WEXITED, NULL);
  CALL(waitid, 2L, -1L, NULL, WEXITED, NULL);
  CALL(waitid, 2L, 0L, NULL, WEXITED, NULL);
  CALL(waitid, 3L, -1L, NULL, WEXITED, NULL);
  CALL(waitid, 3L, 1L, NULL, WEXITED, NULL);
  CALL(waitid, 0L, 0L, NULL, 0x100L | WEXITED, NULL);
  if (fork() == 0) _exit(3);
  CALL(waitid, 0L, 0L, hole, WEXITED, NULL);
  if (fork() == 0) _exit(3);
  CALLED(wait4, -1L, hole, 0L, NULL);
  if (fork() == 0) _exit(3);
  CALLED(wait4, -1L, NULL, 0L, hole);
  if (fork() == 0) _exit(3);
  CALL(waitid, 0L, 0L, NULL, WEXITED, hole);
  CALL(wait4, -1L, NULL, 0L, NULL);
}

static volatile int children;
static siginfo_t last;
static void child_changed(int signal, siginfo_t *info, void *context) {
  children++;
  last = *info;
}

static void child_signals(void) {
  struct sigaction action = {.sa_sigaction = child_changed, .sa_flags = SA_SIGINFO};
  sigaction(SIGCHLD, &action, NULL);
  for (int how = 0; how < 5; how++) {
    int status;
    siginfo_t info;
    pid_t pid = fork();
    if (pid == 0) {
      signal(SIGCHLD, SIG_DFL);
      if (how == 0) _exit(300);
      if (how == 1) kill(getpid(), SIGTERM);
      if (how == 2) raise(SIGSTOP);
      if (how == 3) *(volatile int *)hole = 1;
      if (how == 4) raise(SIGTSTP);
      for (int i = 0; i < 10 && (how == 2 || how == 4); i++) rest(10);
      _exit(9);
    }
    while (!children) rest(1);
    told("SIGCHLD", &last, pid);
    children = 0;
    memset(&info, 0, sizeof info);
    SHOW(waitid(P_PID, pid, &info, WEXITED | WSTOPPED | WCONTINUED | WNOWAIT | WNOHANG));
    told("waitid, left", &info, pid);
    memset(&info, 1, sizeof info);
    SHOW(waitid(P_ALL, 0, &info, WSTOPPED | WNOHANG));
    told("waitid, stopped", &info, pid);
    memset(&info, 1, sizeof info);
    SHOW(waitid(P_ALL, 0, &info, WSTOPPED | WNOHANG));
    told("waitid, again", &info, pid);
    if (how == 2 || how == 4) {
      kill(pid, SIGCONT);
      while (!children) rest(1);
      printf("signals %d\n", children);
      memset(&info, 1, sizeof info);
      SHOW(waitid(P_PGID, getpgrp(), &info, WCONTINUED | WNOWAIT | WNOHANG));
      told("waitid, continued", &info, pid);
      DO(waitpid(pid, &status, WCONTINUED | WNOHANG));
      ended("continued", status);
    }
    struct rusage usage;
    memset(&usage, 1, sizeof usage);
    DO(wait4(pid, &status, 0, &usage));
    printf("usage told: %d\n", usage.ru_maxrss < 1000000);
    ended("waited", status);
    children = 0;
  }
  action.sa_flags |= SA_NOCLDSTOP;
  sigaction(SIGCHLD, &action, NULL);
  pid_t pid = fork();
  if (pid == 0) {
    raise(SIGSTOP);
    _exit(0);
  }
  waitpid(pid, NULL, WUNTRACED);
  printf("stopped: signals %d\n", children);
  kill(pid, SIGCONT);
  while (waitpid(pid, NULL, 0) < 0);
  printf("ended: signals %d\n", children);
  action.sa_flags = SA_NOCLDWAIT | SA_SIGINFO;
  sigaction(SIGCHLD, &action, NULL);
  children = 0;
  pid = fork();
  if (pid == 0) _exit(0);
  while (waitpid(pid, NULL, 0) < 0 && errno == EINTR);
  printf("no zombies: %s, signals %d\n", strerror(errno), children);
  signal(SIGCHLD, SIG_IGN);
  pid = fork();
  if (pid == 0) {
    rest(3);
    _exit(0);
  }
  SHOW(waitpid(-1, NULL, 0));
  signal(SIGCHLD, SIG_DFL);
  pid = syscall(SYS_clone, SIGUSR1, 0L, 0L, 0L, 0L);
  if (pid == 0) _exit(4);
  signal(SIGUSR1, SIG_IGN);
  rest(3);
  SHOW(waitpid(-1, NULL, WNOHANG));
  SHOW(waitid(P_ALL, 0, &last, WEXITED | __WCLONE) );
  told("clone child", &last, pid);
  pid = syscall(SYS_clone, 0L, 0L, 0L, 0L, 0L);
  if (pid == 0) _exit(4);
  int status;
  DO(waitpid(-1, &status, __WALL));
  ended("no signal", status);
}

static void clone_refusals(void) {
#define FLAGS(name) printf(#name ": %s\n", syscall(SYS_clone, (long)(name), 0L, 0L, 0L, 0L) < 0 ? strerror(errno) : "done")
  FLAGS(CLONE_SIGHAND);
  FLAGS(CLONE_THREAD);
  FLAGS(CLONE_THREAD | CLONE_SIGHAND);
  FLAGS(CLONE_THREAD | CLONE_VM);
  FLAGS(CLONE_FS | CLONE_NEWNS);
  FLAGS(CLONE_FS | CLONE_NEWUSER);
  FLAGS(CLONE_NEWIPC | CLONE_SYSVSEM);
  FLAGS(CLONE_NEWPID | CLONE_THREAD | CLONE_SIGHAND | CLONE_VM);
  FLAGS(CLONE_NEWUSER | CLONE_THREAD | CLONE_SIGHAND | CLONE_VM);
  FLAGS(CLONE_PIDFD | CLONE_DETACHED);
  FLAGS(CLONE_PIDFD | CLONE_PARENT_SETTID);
  FLAGS(CLONE_PIDFD | CLONE_THREAD | CLONE_SIGHAND | CLONE_VM);
  printf("pidfd nowhere: %s\n", syscall(SYS_clone, (long)(CLONE_PIDFD | SIGCHLD), 0L, hole, 0L, 0L) < 0 ? strerror(errno) : "done");
  long pid = syscall(SYS_clone, (long)(CLONE_PARENT_SETTID | SIGCHLD), 0L, hole, 0L, 0L);
  if (pid == 0) _exit(0);
  printf("tid nowhere: %s\n", pid < 0 ? strerror(errno) : "done");
  pid = syscall(SYS_clone, (long)(CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD), 0L, 0L, hole, 0L);
  if (pid == 0) _exit(0);
  printf("child's tid nowhere: %s\n", pid < 0 ? strerror(errno) : "done");
  struct clone_args a = {0};
  CALL(clone3, &a, 0L);
  CALL(clone3, &a, 63L);
  CALL(clone3, &a, 5000L);
  CALL(clone3, NULL, 64L);
  CALL(clone3, hole, 64L);
  CALL(clone3, edge - 64, 88L);
#define ARGS(...) do { struct { struct clone_args a; long more; } args = {.a = {__VA_ARGS__}}; \
    long pid = syscall(SYS_clone3, &args, sizeof args.a); if (pid == 0) _exit(0); printf(#__VA_ARGS__ ": %s\n", pid < 0 ? strerror(errno) : "done"); \
    if (pid > 0) waitpid(pid, NULL, __WALL); } while (0)
  ARGS(.flags = 0);
  ARGS(.flags = 1);
  ARGS(.flags = CLONE_DETACHED);
  ARGS(.flags = 1UL << 40);
  ARGS(.flags = CLONE_CLEAR_SIGHAND);
  ARGS(.flags = CLONE_CLEAR_SIGHAND | CLONE_SIGHAND | CLONE_VM);
  ARGS(.flags = CLONE_INTO_CGROUP);
  ARGS(.flags = CLONE_INTO_CGROUP, .cgroup = 1UL << 32);
  ARGS(.flags = CLONE_INTO_CGROUP, .cgroup = 77);
  ARGS(.exit_signal = 65);
  ARGS(.exit_signal = 256);
  ARGS(.exit_signal = SIGCHLD, .flags = CLONE_PARENT);
  ARGS(.exit_signal = SIGCHLD, .flags = CLONE_THREAD | CLONE_SIGHAND | CLONE_VM);
  ARGS(.stack = 0, .stack_size = 4096);
  ARGS(.stack = 4096, .stack_size = 0);
  ARGS(.stack = -4096, .stack_size = 8192);
  ARGS(.set_tid = 0, .set_tid_size = 1);
  ARGS(.set_tid = 8, .set_tid_size = 1);
  ARGS(.set_tid = 4096, .set_tid_size = 0);
  ARGS(.set_tid = 4096, .set_tid_size = 33);
  ARGS(.flags = CLONE_NEWTIME);
  ARGS(.flags = CLONE_NEWNS | CLONE_FS);
  ARGS(.flags = CLONE_PIDFD, .pidfd = 8);
  pid_t wanted[] = {1, 0, -1, 5000000};
  for (int i = 0; i < 4; i++) {
    struct clone_args args = {.set_tid = (long)&wanted[i], .set_tid_size = 1, .exit_signal = SIGCHLD};
    long pid = syscall(SYS_clone3, &args, sizeof args);
    if (pid == 0) _exit(0);
    printf("set_tid %d: %s\n", wanted[i], pid < 0 ? strerror(errno) : "done");
  }
  { struct { struct clone_args a; long more; } args = {.a = {.exit_signal = SIGCHLD}, .more = 1};
    CALL(clone3, &args, sizeof args); }
  while (waitpid(-1, NULL, __WALL) > 0);
}

static void chosen_tid(void) {
  pid_t wanted = 32000;
  while (kill(wanted, 0) == 0) wanted++;
  struct clone_args args = {.set_tid = (long)&wanted, .set_tid_size = 1, .exit_signal = SIGCHLD};
  long pid = syscall(SYS_clone3, &args, sizeof args);
  if (pid == 0) _exit(getpid() == wanted);
  int status;
  printf("%d\n", pid == wanted);
  if (pid > 0) waitpid(pid, &status, 0), ended("chosen", status);
}

static int shared;
static char stack[16384] __attribute__((aligned(16)));
static int thread_body(void *arg) {
  shared = 5;
  if (arg) { chdir("/"); umask(0); close(*(int *)arg); }
  return 7;
}

static void clone_effects(void) {
  int file = dup(1), status, tid = 0;
  char where[256];
  umask(022);
  pid_t pid = clone(thread_body, stack + sizeof stack, CLONE_VM | CLONE_FS | CLONE_FILES | SIGCHLD, &file);
  waitpid(pid, &status, 0);
  ended("sharing", status);
  printf("shared %d, in %s, umask %o, file %d\n", shared, getcwd(where, sizeof where), umask(022), fcntl(file, F_GETFD));
  shared = 0;
  pid = clone(thread_body, stack + sizeof stack, CLONE_VFORK | CLONE_PARENT_SETTID | SIGCHLD, NULL, &tid);
  printf("own: shared %d, tid %d\n", shared, tid == pid);
  waitpid(pid, &status, 0);
  pid = clone(thread_body, stack + sizeof stack, CLONE_VFORK | CLONE_VM | SIGCHLD, NULL);
  printf("vfork: shared %d\n", shared);
  waitpid(pid, &status, 0);
  int pidfd = -1;
  pid = clone(thread_body, stack + sizeof stack, CLONE_PIDFD | SIGCHLD, NULL, &pidfd);
  struct pollfd ready = {pidfd, POLLIN};
  printf("poll %d %x, flags %x\n", poll(&ready, 1, 1000), ready.revents, fcntl(pidfd, F_GETFD));
  siginfo_t info;
  SHOW(waitid(P_PIDFD, pidfd, &info, WEXITED));
  told("pidfd", &info, pid);
  SHOW(waitid(P_PIDFD, pidfd, &info, WEXITED));
  SHOW(syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0));
  printf("poll %d %x\n", poll(&ready, 1, 0), ready.revents);
  SHOW(read(pidfd, where, 1));
  close(pidfd);
  pid = fork();
  if (pid == 0) {
    pid_t other = syscall(SYS_clone, (long)(CLONE_PARENT | SIGCHLD), 0L, 0L, 0L, 0L);
    _exit(other == 0 ? 11 : 12);
  }
  int sum = 0;
  while (waitpid(-1, &status, 0) > 0) sum += WEXITSTATUS(status);
  printf("parent's children: %d\n", sum);
}

static void pidfds(void) {
  CALL(pidfd_open, 0L, 0L);
  CALL(pidfd_open, -1L, 0L);
  CALL(pidfd_open, 4000000L, 0L);
  CALL(pidfd_open, getpid(), 1L);
  int own = syscall(SYS_pidfd_open, getpid(), O_NONBLOCK);
  printf("flags %x %x\n", fcntl(own, F_GETFL), fcntl(own, F_GETFD));
  siginfo_t info = {.si_code = SI_QUEUE, .si_signo = SIGUSR1};
  CALL(pidfd_send_signal, own, 0L, NULL, 0L);
  CALL(pidfd_send_signal, own, 0L, NULL, 8L);
  CALL(pidfd_send_signal, own, 65L, NULL, 0L);
  CALL(pidfd_send_signal, own, -1L, NULL, 0L);
  CALL(pidfd_send_signal, own, 0L, hole, 0L);
  CALL(pidfd_send_signal, own, SIGUSR2, &info, 0L);
  CALL(pidfd_send_signal, 0L, 0L, NULL, 0L);
  CALL(pidfd_send_signal, 77L, 0L, NULL, 0L);
  CALL(pidfd_send_signal, -1L, 0L, NULL, 0L);
  int parent = syscall(SYS_pidfd_open, getppid(), 0L);
  CALL(pidfd_send_signal, parent, 0L, NULL, 0L);
  info.si_signo = 0;
  info.si_code = SI_USER;
  CALL(pidfd_send_signal, parent, 0L, &info, 0L);
  CALL(pidfd_getfd, own, 77L, 0L);
  CALL(pidfd_getfd, own, 0L, 1L);
  CALL(pidfd_getfd, 0L, 0L, 0L);
  CALL(pidfd_getfd, -1L, 0L, 0L);
  DO(syscall(SYS_pidfd_getfd, parent, 1L, 0L));
  SHOW(waitid(P_PIDFD, own, &info, WEXITED));
  DO(fork() ?: (_exit(0), 0));
  while (wait(NULL) > 0);
  pid_t pid = fork();
  if (pid == 0) { rest(300); _exit(0); }
  int child = syscall(SYS_pidfd_open, pid, O_NONBLOCK);
  SHOW(waitid(P_PIDFD, child, &info, WEXITED));
  kill(pid, SIGKILL);
  rest(40);
  SHOW(syscall(SYS_pidfd_send_signal, child, 0, NULL, 0));
  SHOW(syscall(SYS_pidfd_getfd, child, 0, 0));
  SHOW(waitid(P_PIDFD, child, &info, WEXITED));
}

static void groups(void) {
  SHOW(setpgid(-1, 0));
  SHOW(setpgid(0, -1));
  SHOW(setpgid(1, 0));
  SHOW(setpgid(4000000, 0));
  SHOW(setpgid(0, 1));
  SHOW(setpgid(0, 4000000));
  SHOW(setpgid(getppid(), 0));
  SHOW(getpgid(-1));
  SHOW(getpgid(4000000));
  SHOW(getsid(-1));
  SHOW(getsid(4000000));
  DO(getsid(0));
  SHOW(setpgid(0, 0));
  printf("leader %d\n", getpgrp() == getpid());
  SHOW(setsid());
  pid_t pid = fork();
  if (pid == 0) {
    printf("child in parent's group %d\n", getpgid(0) == getpgid(getppid()));
    printf("setsid %d\n", setsid() == getpid());
    SHOW(setsid());
    SHOW(setpgid(0, 0));
    SHOW(setpgid(0, getppid()));
    printf("sid %d pgid %d\n", getsid(0) == getpid(), getpgid(0) == getpid());
    rest(150);
    _exit(0);
  }
  rest(60);
  SHOW(setpgid(pid, getpid()));
  waitpid(pid, NULL, 0);
  pid = fork();
  if (pid == 0) {
    execl("/bin/sleep", "sleep", "0.3", NULL);
    _exit(1);
  }
  rest(150);
  SHOW(setpgid(pid, pid));
  waitpid(pid, NULL, 0);
  pid = fork();
  if (pid == 0) {
    rest(100);
    _exit(getpgrp() == getpid());
  }
  SHOW(setpgid(pid, pid));
  int status;
  SHOW(waitpid(-pid, &status, WNOHANG));
  waitpid(0, &status, WNOHANG);
  SHOW(kill(-pid, 0));
  waitpid(-pid, &status, 0);
  ended("group", status);
  SHOW(setpgid(pid, pid));
}

static void orphans(void) {
  // A process group that becomes an orphan while a member is stopped gets SIGHUP and SIGCONT.
  int ends[2];
  char c;
  pipe(ends);
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  if (fork() == 0) {
    setsid();
    pid_t pid = fork();
    if (pid == 0) {
      setpgid(0, 0);
      if (fork() == 0) {
        raise(SIGSTOP);
        write(ends[1], "x", 1);
        _exit(5);
      }
      rest(50);
      _exit(0);
    }
    waitpid(pid, NULL, 0);
    rest(50);
    _exit(1);
  }
  close(ends[1]);
  int status, count = 0;
  pid_t pid;
  while ((pid = waitpid(-1, &status, 0)) > 0) ended("orphans", status);
  SHOW(read(ends[0], &c, 1));
  int now = 9;
  SHOW(prctl(PR_GET_CHILD_SUBREAPER, &now));
  printf("subreaper %d\n", now);
  pid = fork();
  if (pid == 0) {
    SHOW(prctl(PR_GET_CHILD_SUBREAPER, &now));
    printf("child subreaper %d\n", now);
    _exit(0);
  }
  waitpid(pid, NULL, 0);
  // In an orphaned group stop signals of terminals do nothing.
  pid = fork();
  if (pid == 0) {
    setsid();
    raise(SIGTSTP);
    raise(SIGTTIN);
    printf("not stopped\n");
    _exit(0);
  }
  waitpid(pid, &status, WUNTRACED);
  ended("orphan", status);
}

static void death_signal(void) {
  SHOW(prctl(PR_SET_PDEATHSIG, 65));
  SHOW(prctl(PR_SET_PDEATHSIG, -1));
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  for (int i = 0; i < 3; i++) {
    fflush(stdout);
    if (fork() == 0) {
      pid_t pid = fork();
      if (pid == 0) {
        int signal = -1;
        prctl(PR_SET_PDEATHSIG, SIGUSR1);
        if (i == 1) become_nobody();
        prctl(PR_GET_PDEATHSIG, &signal);
        printf("signal %d\n", signal);
        if (i == 2) if (fork() == 0) { prctl(PR_GET_PDEATHSIG, &signal); printf("grandchild's %d\n", signal); _exit(0); } else wait(NULL);
        rest(150);
        _exit(6);
      }
      rest(50);
      _exit(0);
    }
    int status;
    while (waitpid(-1, &status, 0) > 0) ended("parent and child", status);
  }
}

static void limits(void) {
  struct rlimit few = {0, 0};
  setrlimit(RLIMIT_NPROC, &few);
  pid_t pid = fork();
  if (pid == 0) _exit(0);
  outcome("fork", pid);
  outcome("vfork", syscall(SYS_clone, CLONE_VFORK | SIGCHLD, 0L, 0L, 0L, 0L) ?: (_exit(0), 0));
  while (wait(NULL) > 0);
}

static void ids(const char *what) {
  unsigned r, e, s, gr, ge, gs;
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2];
  getresuid(&r, &e, &s);
  getresgid(&gr, &ge, &gs);
  syscall(SYS_capget, &header, data);
  printf("%s: uid %d %d %d fs %d gid %d %d %d fs %d caps %x %x %x dumpable %d\n", what, r, e, s, setfsuid(-1), gr, ge, gs, setfsgid(-1), data[0].effective != 0,
         data[0].permitted != 0, data[0].inheritable != 0, prctl(PR_GET_DUMPABLE));
}

static void with_ids(int number) {
  switch (number) {
    case 0: SHOW(setuid(1000)); ids("setuid"); SHOW(setuid(0)); SHOW(setresuid(-1, 0, -1)); break;
    case 1: SHOW(seteuid(1000)); ids("seteuid"); SHOW(setuid(500)); SHOW(seteuid(0)); ids("back"); break;
    case 2: SHOW(setreuid(1000, -1)); ids("setreuid"); SHOW(setreuid(-1, 1000)); ids("both"); SHOW(setreuid(0, -1)); SHOW(setreuid(-1, 0)); break;
    case 3: SHOW(setresuid(1, 2, 3)); ids("setresuid"); SHOW(setresuid(3, 1, 2)); ids("permuted"); SHOW(setresuid(4, -1, -1)); SHOW(setresuid(-1, 4, -1)); SHOW(setresuid(-1, -1, 4));
      SHOW(setuid(2)); ids("setuid 2"); SHOW(setuid(7)); break;
    case 4: SHOW(setfsuid(1000)); ids("setfsuid"); SHOW(access("/root", R_OK)); SHOW(open("/etc/shadow", O_RDONLY)); SHOW(setfsuid(0)); ids("setfsuid 0"); break;
    case 5: SHOW(setgid(1000)); ids("setgid"); SHOW(setgid(0)); SHOW(setegid(5)); ids("setegid"); SHOW(setregid(6, 7)); ids("setregid"); SHOW(setresgid(8, 9, 10)); ids("setresgid"); break;
    case 6: SHOW(prctl(PR_SET_KEEPCAPS, 1)); SHOW(setresuid(1000, 1000, 1000)); ids("keepcaps"); break;
    case 7: SHOW(prctl(PR_SET_SECUREBITS, 0x4 | 0x2)); SHOW(prctl(PR_GET_SECUREBITS)); SHOW(setuid(1000)); ids("no fixup"); break;
    case 8: SHOW(prctl(PR_SET_SECUREBITS, 0x40)); SHOW(prctl(PR_SET_SECUREBITS, 0x800)); SHOW(prctl(PR_SET_SECUREBITS, 0x1000)); SHOW(prctl(PR_SET_SECUREBITS, 0x22)); SHOW(prctl(PR_SET_SECUREBITS, 0)); SHOW(prctl(PR_SET_KEEPCAPS, 1)); break;
    case 9: SHOW(prctl(PR_SET_SECUREBITS, 0x10 | 0x20)); SHOW(prctl(PR_SET_KEEPCAPS, 1)); SHOW(prctl(PR_GET_KEEPCAPS)); break;
  }
}

static void users(void) {
  for (int i = 0; i < 10; i++) {
    int status;
    fflush(stdout);
    if (fork() == 0) {
      with_ids(i);
      _exit(0);
    }
    wait(&status);
  }
}

static void nobodys_users(void) {
  ids("at first");
  SHOW(setuid(0)); SHOW(setuid(65534)); SHOW(setreuid(0, -1)); SHOW(setreuid(-1, 0)); SHOW(setresuid(0, 0, 0)); SHOW(setresuid(-1, -1, -1));
  SHOW(setgid(0)); SHOW(setregid(0, 0)); SHOW(setresgid(-1, -1, 0)); SHOW(setfsuid(0)); SHOW(setfsuid(-1)); SHOW(setfsgid(0)); SHOW(setfsgid(-1));
  gid_t list[] = {1, 2};
  SHOW(setgroups(2, list)); SHOW(setgroups(0, NULL)); SHOW(getgroups(0, NULL)); SHOW(getgroups(-1, NULL));
  SHOW(setuid(-1)); SHOW(setgid(-1));
  CALL(setresuid, 65534L, -1L, 0L);
}

static void group_lists(void) {
  gid_t list[] = {5, 3, 9, 3}, got[8];
  SHOW(setgroups(4, list));
  SHOW(getgroups(0, NULL));
  SHOW(getgroups(3, got));
  SHOW(getgroups(8, got));
  printf("%d %d %d %d\n", got[0], got[1], got[2], got[3]);
  CALL(getgroups, 8L, hole);
  CALL(setgroups, 2L, hole);
  CALL(setgroups, 65537L, list);
  CALL(setgroups, -1L, list);
  gid_t odd[] = {-1};
  CALL(setgroups, 1L, odd);
  CALL(getresuid, page, page, hole);
  CALL(getresgid, hole, page, page);
  CALL(getresuid, readonly, page, page);
}

static void capabilities(void) {
  struct __user_cap_header_struct header = {0, 0};
  struct __user_cap_data_struct data[2];
  CALL(capget, NULL, NULL);
  CALL(capget, hole, NULL);
  CALL(capget, &header, NULL);
  printf("version %x\n", header.version);
  header.version = 0;
  CALL(capget, &header, data);
  CALL(capset, &header, data);
  printf("version %x\n", header.version);
  header.pid = -1;
  CALL(capget, &header, data);
  header.pid = 4000000;
  CALL(capget, &header, data);
  header.pid = 1;
  CALL(capget, &header, data);
  CALL(capset, &header, data);
  header.pid = 0;
  CALL(capget, &header, hole);
  CALL(capget, &header, NULL);
  CALL(capset, &header, hole);
  CALL(capset, &header, NULL);
  CALL(capget, &header, data);
  struct __user_cap_data_struct all[2] = {data[0], data[1]};
  printf("%x %x %x %x\n", data[0].effective | 1 << CAP_SYS_RESOURCE, data[0].permitted | 1 << CAP_SYS_RESOURCE, data[0].inheritable, data[1].effective);
  data[0].effective &= ~(1 << CAP_KILL);
  SHOW(syscall(SYS_capset, &header, data));
  data[0].permitted &= ~(1 << CAP_KILL);
  SHOW(syscall(SYS_capset, &header, data));
  SHOW(syscall(SYS_capset, &header, all));
  data[0].effective |= 1 << CAP_KILL;
  SHOW(syscall(SYS_capset, &header, data));
  data[0].effective &= ~(1 << CAP_KILL);
  data[0].inheritable = 1 << CAP_CHOWN;
  SHOW(syscall(SYS_capset, &header, data));
  data[0].effective &= ~(1 << CAP_SETPCAP);
  data[0].permitted &= ~(1 << CAP_SETPCAP);
  data[0].inheritable |= 1 << CAP_SYS_BOOT;
  SHOW(syscall(SYS_capset, &header, data));
  SHOW(prctl(PR_CAPBSET_DROP, CAP_CHOWN));
  SHOW(prctl(PR_CAPBSET_READ, CAP_CHOWN));
  SHOW(prctl(PR_CAPBSET_READ, 63));
  SHOW(prctl(PR_CAPBSET_READ, -1));
  SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_CHOWN, 0, 0));
  SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_FOWNER, 0, 0));
  SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_CHOWN, 0, 0));
  SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 63, 0, 0));
  SHOW(prctl(PR_CAP_AMBIENT, 9, CAP_CHOWN, 0, 0));
  SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 1, 0, 0));
  SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
  struct __user_cap_header_struct one = {_LINUX_CAPABILITY_VERSION_1, 0};
  SHOW(syscall(SYS_capget, &one, data));
}

static void capabilities_nobody(void) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2];
  memset(data, 0, sizeof data);
  SHOW(syscall(SYS_capset, &header, data));
  data[0].inheritable = 1;
  SHOW(syscall(SYS_capset, &header, data));
  data[0].inheritable = 0;
  data[0].effective = 1;
  SHOW(syscall(SYS_capset, &header, data));
  SHOW(prctl(PR_CAPBSET_DROP, CAP_CHOWN));
  SHOW(prctl(PR_CAPBSET_DROP, 63));
  SHOW(prctl(PR_SET_SECUREBITS, 1));
  SHOW(prctl(PR_SET_KEEPCAPS, 2));
}

int main(void) {
  prepare();
  APART(wait_refusals);
  APART(child_signals);
  APART(clone_refusals);
  APART(chosen_tid);
  AS_NOBODY(chosen_tid);
  APART(clone_effects);
  APART(pidfds);
  AS_NOBODY(pidfds);
  APART(groups);
  APART(orphans);
  APART(death_signal);
  APART(limits);
  AS_NOBODY(limits);
  APART(users);
  AS_NOBODY(nobodys_users);
  APART(group_lists);
  APART(capabilities);
  AS_NOBODY(capabilities_nobody);
}

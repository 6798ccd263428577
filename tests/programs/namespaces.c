// Namespaces: users and their maps, processes and their numbers, names, IPC, files of namespaces, and what is refused.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

static void show(const char *what, long result) {
  if (result < 0) printf("%s: %s\n", what, strerror(errno));
  else printf("%s: %ld\n", what, result);
}

static void done(const char *what, long result) {
  if (result < 0) printf("%s: %s\n", what, strerror(errno));
  else printf("%s\n", what);
}

static void put(const char *path, const char *text) {
  int fd = open(path, O_WRONLY);
  int count = fd < 0 ? -1 : write(fd, text, strlen(text));
  printf("%s <- %s: ", path, text);
  if (count < 0) printf("%s\n", strerror(errno));
  else printf("%d\n", count);
  close(fd);
}

static void get(const char *path) {
  char text[512];
  int fd = open(path, O_RDONLY);
  int count = fd < 0 ? -1 : read(fd, text, sizeof text);
  if (count < 0) printf("%s: %s\n", path, strerror(errno));
  else printf("%s: %.*s", path, count, text);
  if (count == 0) printf("\n");
  close(fd);
}

static void ids(const char *what) {
  uid_t r, e, s;
  gid_t rg, eg, sg;
  getresuid(&r, &e, &s);
  getresgid(&rg, &eg, &sg);
  printf("%s: uid %d %d %d gid %d %d %d groups %d\n", what, r, e, s, rg, eg, sg, getgroups(0, NULL));
}

/** Runs it in a child, and says how that ends. */
static void apart(const char *what, void (*body)(void)) {
  printf("== %s\n", what);
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    body();
    fflush(stdout);
    _exit(0);
  }
  int status;
  waitpid(pid, &status, 0);
  printf("status %#x\n", status);
}

static void users(void) {
  setgroups(0, NULL);
  done("unshare", unshare(CLONE_NEWUSER));
  ids("without maps");
  struct stat stat_;
  stat("/", &stat_);
  printf("root is %d's\n", stat_.st_uid);
  done("setuid", setuid(0));
  get("/proc/self/uid_map");
  get("/proc/self/setgroups");
  put("/proc/self/uid_map", "nonsense");
  put("/proc/self/uid_map", "0 0 0");
  put("/proc/self/gid_map", "5 0 1");
  put("/proc/self/setgroups", "deny");
  put("/proc/self/setgroups", "allow");
  put("/proc/self/gid_map", "5 0 1");
  put("/proc/self/uid_map", "7 0 1\n");
  put("/proc/self/uid_map", "7 0 1\n");
  ids("with maps");
  get("/proc/self/uid_map");
  get("/proc/self/gid_map");
  stat("/", &stat_);
  printf("root is %d's and %d's\n", stat_.st_uid, stat_.st_gid);
  done("setuid 0", setuid(0));
  done("setuid 7", setuid(7));
  done("setgroups", setgroups(0, NULL));
  done("chown", chown("/dev/null", 0, 0));
  done("sethostname", sethostname("x", 1));
  done("mount", mount("x", "/mnt", "tmpfs", 0, NULL));
  done("chroot", chroot("/"));
  done("own names", unshare(CLONE_NEWUTS));
  done("sethostname", sethostname("inside", 6));
  struct utsname name;
  uname(&name);
  printf("%s\n", name.nodename);
  done("own mounts", unshare(CLONE_NEWNS));
  done("mount", mount("x", "/mnt", "tmpfs", 0, NULL));
  done("file", close(open("/mnt/file", O_CREAT | O_WRONLY, 0600)));
  stat("/mnt/file", &stat_);
  printf("file is %d's and %d's\n", stat_.st_uid, stat_.st_gid);
  done("one more", unshare(CLONE_NEWUSER));
  ids("inside");
}

static void ordinary(void) {
  setgroups(0, NULL);
  setresgid(1000, 1000, 1000);
  setresuid(1000, 1000, 1000);
  prctl(PR_SET_DUMPABLE, 1);
  done("names", unshare(CLONE_NEWUTS));
  done("pids", unshare(CLONE_NEWPID));
  done("user", unshare(CLONE_NEWUSER));
  put("/proc/self/uid_map", "0 0 1");
  put("/proc/self/uid_map", "0 1000 2");
  put("/proc/self/uid_map", "0 1000 1");
  put("/proc/self/gid_map", "0 1000 1");
  put("/proc/self/setgroups", "deny");
  put("/proc/self/gid_map", "0 1000 1");
  ids("root there");
  done("root's file", open("/etc/shadow", O_RDONLY));
  done("names", unshare(CLONE_NEWUTS));
  done("sethostname", sethostname("inside", 6));
  done("device", mknod("/tmp/tsstrace-device", S_IFCHR | 0600, 0x103));
}

static volatile int caught;
static void handler(int signal, siginfo_t *info, void *context) { caught = info->si_pid; }

static int numbersBody(void *argument) {
  printf("I am %d, my parent %d, group %d, session %d\n", getpid(), getppid(), getpgid(0), getsid(0));
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigaction(SIGUSR1, &action, NULL);
  done("kill myself", kill(getpid(), SIGKILL));
  done("term myself", kill(1, SIGTERM));
  kill(1, SIGUSR1);
  printf("caught from %d\n", caught);
  show("setsid", setsid());
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    printf("child %d of %d, thread %ld\n", getpid(), getppid(), syscall(SYS_gettid));
    fflush(stdout);
    pid_t orphan = fork();
    if (orphan == 0) {
      while (getppid() != 1) usleep(1000);
      _exit(4);
    }
    _exit(3);
  }
  int status;
  printf("forked %d\n", pid);
  show("waited", waitpid(pid, &status, 0));
  printf("status %#x\n", status);
  siginfo_t info;
  show("orphan", waitid(P_ALL, 0, &info, WEXITED));
  printf("pid %d status %d\n", info.si_pid, info.si_status);
  done("nobody", kill(pid, 0));
  done("another's", kill(1000, 0));
  mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
  done("proc", mount("proc", "/proc", "proc", 0, NULL));
  char link[64] = "";
  readlink("/proc/self", link, sizeof link);
  printf("self %s\n", link);
  done("stat", access("/proc/1/stat", F_OK));
  done("stat", access("/proc/1000000/stat", F_OK));
  FILE *file = fopen("/proc/self/status", "r");
  char line[256];
  while (fgets(line, sizeof line, file))
    if (!strncmp(line, "NSpid", 5) || !strncmp(line, "PPid", 4) || !strncmp(line, "Pid", 3) || !strncmp(line, "Tgid", 4)) printf("%s", line);
  fclose(file);
  fflush(stdout);
  if (fork() == 0) for (;;) pause();
  _exit(9);
}

static void numbers(void) {
  static char stack[1 << 16];
  fflush(stdout);
  pid_t pid = clone(numbersBody, stack + sizeof stack, CLONE_NEWPID | CLONE_NEWNS | SIGCHLD, NULL);
  int status;
  printf("seen %d\n", pid > 1);
  printf("waited %d\n", waitpid(pid, &status, 0) == pid);
  printf("status %#x\n", status);
}

static void laterNumbers(void) {
  done("unshare", unshare(CLONE_NEWPID));
  printf("still myself %d\n", getpid() == syscall(SYS_gettid) && getpid() > 1);
  fflush(stdout);
  int told[2];
  if (pipe(told) < 0) return;
  pid_t first = fork();
  if (first == 0) {
    printf("first %d\n", getpid());
    fflush(stdout);
    close(told[0]);
    close(told[1]);
    pause();
    _exit(0);
  }
  close(told[1]);
  char none;
  if (read(told[0], &none, 1) != 0) return; // until it has closed its end: its line comes first
  close(told[0]);
  if (fork() == 0) {
    printf("second %d of %d\n", getpid(), getppid());
    fflush(stdout);
    kill(1, SIGTERM);
    kill(1, SIGKILL);
    _exit(0);
  }
  wait(NULL);
  kill(first, SIGKILL);
  int status;
  waitpid(first, &status, 0);
  printf("status %#x\n", status);
  done("fork without process 1", fork());
}

static void objects(void) {
  done("unshare", unshare(CLONE_NEWIPC));
  int queue = msgget(1234, IPC_CREAT | 0600);
  printf("queue %d\n", queue >= 0);
  done("unshare", unshare(CLONE_NEWIPC));
  show("there", msgget(1234, 0));
  show("own", msgget(1234, IPC_CREAT | 0600));
  int fd = open("/proc/self/ns/ipc", O_RDONLY);
  close(fd);
}

static void files(void) {
  char before[64] = "", after[64] = "";
  readlink("/proc/self/ns/uts", before, sizeof before);
  int fd = open("/proc/self/ns/uts", O_RDONLY);
  struct stat one, other;
  fstat(fd, &one);
  show("type", ioctl(fd, 0xb703));
  show("owner of names", ioctl(fd, 0xb704, &one));
  show("parent of names", ioctl(fd, 0xb702));
  int owner = ioctl(fd, 0xb701);
  show("owner is a user namespace", ioctl(owner, 0xb703));
  unsigned uid = 77;
  show("made by", ioctl(owner, 0xb704, &uid));
  printf("uid %u\n", uid);
  close(owner);
  done("unshare", unshare(CLONE_NEWUTS));
  readlink("/proc/self/ns/uts", after, sizeof after);
  stat("/proc/self/ns/uts", &other);
  printf("same %d %d, kind %.5s\n", !strcmp(before, after), one.st_ino == other.st_ino, after);
  sethostname("another", 7);
  done("back", setns(fd, CLONE_NEWUTS));
  stat("/proc/self/ns/uts", &other);
  struct utsname name;
  uname(&name);
  printf("same %d, another %d\n", one.st_ino == other.st_ino, !strcmp(name.nodename, "another"));
  done("wrong kind", setns(fd, CLONE_NEWNET));
  close(fd);
  done("no descriptor", setns(-1, 0));
  fd = open("/dev/null", O_RDONLY);
  done("no namespace", setns(fd, 0));
  close(fd);
  fd = open("/proc/self/ns/user", O_RDONLY);
  done("one's own user namespace", setns(fd, 0));
  show("its parent", ioctl(fd, 0xb702));
  close(fd);
  int self = syscall(SYS_pidfd_open, getpid(), 0);
  done("by process", setns(self, CLONE_NEWUTS | CLONE_NEWIPC));
  done("by process, nothing", setns(self, 0));
  close(self);
}

static int nothing(void *argument) { return 0; }
static void refused(void) {
  static char stack[4096];
  show("mounts and directories", clone(nothing, stack + sizeof stack, CLONE_NEWNS | CLONE_FS | SIGCHLD, NULL));
  show("users and directories", clone(nothing, stack + sizeof stack, CLONE_NEWUSER | CLONE_FS | SIGCHLD, NULL));
  show("ipc and semaphores", clone(nothing, stack + sizeof stack, CLONE_NEWIPC | CLONE_SYSVSEM | SIGCHLD, NULL));
  done("unknown", unshare(0x1000));
}

static void credentials(void) {
  int pair[2];
  socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
  done("unshare", unshare(CLONE_NEWPID));
  fflush(stdout);
  if (fork() == 0) {
    struct ucred peer;
    socklen_t size = sizeof peer;
    getsockopt(pair[0], SOL_SOCKET, SO_PEERCRED, &peer, &size);
    printf("peer %d\n", peer.pid);
    int own[2];
    socketpair(AF_UNIX, SOCK_STREAM, 0, own);
    getsockopt(own[0], SOL_SOCKET, SO_PEERCRED, &peer, &size);
    printf("own %d\n", peer.pid);
    fflush(stdout);
    _exit(0);
  }
  wait(NULL);
}

int main(void) {
  setvbuf(stdout, NULL, _IOFBF, 1 << 16);
  apart("users", users);
  apart("ordinary", ordinary);
  apart("numbers", numbers);
  apart("later numbers", laterNumbers);
  apart("objects", objects);
  apart("files", files);
  apart("refused", refused);
  apart("credentials", credentials);
  fflush(stdout);
  return 0;
}

// Locks on files: ranges owned by processes and by open files, whole-file locks, leases; who waits, who is refused, what close releases.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef F_OFD_GETLK
#define F_OFD_GETLK 36
#define F_OFD_SETLK 37
#define F_OFD_SETLKW 38
#endif

static void show(const char *what, long result) {
  if (result < 0) printf("%s: %s\n", what, strerror(errno));
  else printf("%s: %ld\n", what, result);
}

static int lock(int fd, int command, short type, long start, long length) {
  struct flock range = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
  return fcntl(fd, command, &range);
}

static const char *kind(int type) { return type == F_RDLCK ? "read" : type == F_WRLCK ? "write" : "none"; }

static void probe(int fd, int command, short type, long start, long length) {
  struct flock range = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
  int result = fcntl(fd, command, &range);
  if (result < 0) show("probe", result);
  else printf("probe %ld+%ld: %s %ld+%ld owner %s\n", start, length, kind(range.l_type), (long)range.l_start, (long)range.l_len,
              range.l_pid == 0 ? "none" : range.l_pid == -1 ? "file" : range.l_pid == getppid() ? "parent" : "other");
}

/** Runs `body` in a child and waits for it. */
#define CHILD(body)                   \
  do {                                \
    fflush(stdout);                   \
    pid_t child_ = fork();            \
    if (child_ == 0) {                \
      body;                           \
      fflush(stdout);                 \
      _exit(0);                       \
    }                                 \
    waitpid(child_, NULL, 0);         \
  } while (0)

static void onAlarm(int signal) {}

int main(void) {
  setvbuf(stdout, NULL, _IOFBF, 16384);
  syscall(SYS_close_range, 3, 100, 0);
  int fd = open("locked", O_RDWR | O_CREAT | O_TRUNC, 0644);
  write(fd, "0123456789", 10);
  int reader = open("locked", O_RDONLY);
  int writer = open("locked", O_WRONLY);

  show("set", lock(fd, F_SETLK, F_WRLCK, 100, 100));
  CHILD({
    probe(fd, F_GETLK, F_RDLCK, 0, 0);
    probe(fd, F_GETLK, F_WRLCK, 199, 1);
    probe(fd, F_GETLK, F_WRLCK, 200, 1);
    probe(fd, F_GETLK, F_WRLCK, 0, 100);
    show("refused", lock(fd, F_SETLK, F_RDLCK, 150, 1));
    show("beside", lock(fd, F_SETLK, F_WRLCK, 200, 10));
  });
  probe(fd, F_GETLK, F_WRLCK, 0, 0);

  show("split", lock(fd, F_SETLK, F_UNLCK, 140, 20));
  show("downgrade", lock(fd, F_SETLK, F_RDLCK, 120, 10));
  CHILD({
    probe(fd, F_GETLK, F_WRLCK, 0, 120);
    probe(fd, F_GETLK, F_RDLCK, 120, 10);
    probe(fd, F_GETLK, F_WRLCK, 120, 10);
    probe(fd, F_GETLK, F_WRLCK, 130, 100);
    probe(fd, F_GETLK, F_WRLCK, 140, 20);
    probe(fd, F_GETLK, F_WRLCK, 150, 100);
    show("share", lock(fd, F_SETLK, F_RDLCK, 120, 10));
  });
  show("merge", lock(fd, F_SETLK, F_WRLCK, 110, 60));
  CHILD(probe(fd, F_GETLK, F_WRLCK, 0, 0));
  show("to the end", lock(fd, F_SETLK, F_RDLCK, 150, 0));
  CHILD({
    probe(fd, F_GETLK, F_RDLCK, 0, 0);
    probe(fd, F_GETLK, F_WRLCK, 1L << 40, 1);
  });
  show("negative length", lock(fd, F_SETLK, F_WRLCK, 50, -10));
  CHILD(probe(fd, F_GETLK, F_WRLCK, 0, 0));
  close(dup(fd));
  CHILD(probe(fd, F_GETLK, F_WRLCK, 0, 0));

  show("read lock, write only", lock(writer, F_SETLK, F_RDLCK, 0, 1));
  show("write lock, read only", lock(reader, F_SETLK, F_WRLCK, 0, 1));
  show("bad type", lock(fd, F_SETLK, 7, 0, 1));
  show("negative start", lock(fd, F_SETLK, F_RDLCK, -1, 1));
  show("before the start", lock(fd, F_SETLK, F_RDLCK, 5, -6));
  show("too far", lock(fd, F_SETLK, F_RDLCK, 0x7fffffffffffffff, 2));
  show("get unlock", lock(fd, F_GETLK, F_UNLCK, 0, 1));
  show("bad pointer", fcntl(fd, F_SETLK, 8));
  show("no file", lock(77, F_SETLK, F_RDLCK, 0, 1));
  struct flock range = {.l_type = F_RDLCK, .l_whence = 9};
  show("bad whence", fcntl(fd, F_SETLK, &range));
  range.l_whence = SEEK_END;
  range.l_start = -4;
  range.l_len = 2;
  show("from the end", fcntl(fd, F_SETLK, &range));
  CHILD(probe(fd, F_GETLK, F_WRLCK, 0, 0));
  range.l_whence = SEEK_CUR;
  range.l_type = F_UNLCK;
  show("from here", fcntl(fd, F_SETLK, &range));

  // Waiting.
  int sync[2];
  pipe(sync);
  show("hold", lock(fd, F_SETLK, F_WRLCK, 0, 10));
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    write(sync[1], "x", 1);
    show("waited", lock(fd, F_SETLKW, F_RDLCK, 0, 1));
    fflush(stdout);
    _exit(0);
  }
  char byte;
  read(sync[0], &byte, 1);
  usleep(100000);
  show("release", lock(fd, F_SETLK, F_UNLCK, 0, 0));
  waitpid(child, NULL, 0);
  struct sigaction action = {.sa_handler = onAlarm};
  sigaction(SIGALRM, &action, NULL);
  show("hold", lock(fd, F_SETLK, F_WRLCK, 0, 10));
  CHILD({
    ualarm(100000, 0);
    show("interrupted", lock(fd, F_SETLKW, F_RDLCK, 0, 1));
  });

  // Two processes that wait for each other.
  int back[2];
  pipe(back);
  fflush(stdout);
  child = fork();
  if (child == 0) {
    show("mine", lock(fd, F_SETLK, F_WRLCK, 20, 10));
    fflush(stdout);
    write(sync[1], "x", 1);
    show("theirs", lock(fd, F_SETLKW, F_WRLCK, 0, 10));
    fflush(stdout);
    _exit(0);
  }
  read(sync[0], &byte, 1);
  usleep(100000);
  show("deadlock", lock(fd, F_SETLKW, F_WRLCK, 20, 10));
  show("give up", lock(fd, F_SETLK, F_UNLCK, 0, 0));
  waitpid(child, NULL, 0);

  // Owned by the open file.
  show("own by file", lock(fd, F_OFD_SETLK, F_WRLCK, 0, 10));
  int second = open("locked", O_RDWR);
  probe(second, F_OFD_GETLK, F_WRLCK, 0, 0);
  probe(second, F_GETLK, F_WRLCK, 0, 0);
  show("other file", lock(second, F_OFD_SETLK, F_RDLCK, 5, 1));
  show("same process", lock(second, F_SETLK, F_RDLCK, 5, 1));
  CHILD(show("inherited", lock(fd, F_OFD_SETLK, F_WRLCK, 0, 20)));
  probe(second, F_OFD_GETLK, F_WRLCK, 0, 0);
  range.l_pid = 1;
  show("pid given", fcntl(fd, F_OFD_SETLK, &range));
  close(dup(fd));
  probe(second, F_OFD_GETLK, F_RDLCK, 0, 0);
  close(fd);
  probe(second, F_OFD_GETLK, F_RDLCK, 0, 0);

  // The whole file.
  fd = open("locked", O_RDWR);
  show("flock", flock(fd, LOCK_SH));
  show("shared", flock(second, LOCK_SH | LOCK_NB));
  show("exclusive", flock(fd, LOCK_EX | LOCK_NB));
  show("lost it", flock(second, LOCK_EX | LOCK_NB));
  show("refused", flock(fd, LOCK_SH | LOCK_NB));
  CHILD({
    ualarm(100000, 0);
    show("interrupted", flock(fd, LOCK_SH));
    action.sa_flags = SA_RESTART;
    sigaction(SIGALRM, &action, NULL);
    int other = open("locked", O_RDONLY);
    show("inherited", flock(second, LOCK_EX | LOCK_NB));
  });
  show("unlock", flock(second, LOCK_UN));
  show("unlock again", flock(second, LOCK_UN));
  show("bad operation", flock(fd, 0));
  show("two operations", flock(fd, LOCK_SH | LOCK_EX));
  show("no file", flock(77, LOCK_SH));
  show("independent", flock(fd, LOCK_EX));
  show("of ranges", lock(second, F_SETLK, F_WRLCK, 0, 0));
  close(fd);
  show("closed", flock(second, LOCK_EX | LOCK_NB));
  close(second);

  // Leases.
  fd = open("locked", O_RDWR);
  show("lease, open elsewhere", fcntl(fd, F_SETLEASE, F_WRLCK));
  show("read lease of a writer", fcntl(fd, F_SETLEASE, F_RDLCK));
  close(writer);
  close(reader);
  show("lease", fcntl(fd, F_GETLEASE));
  show("no lease", fcntl(fd, F_SETLEASE, F_UNLCK));
  show("bad lease", fcntl(fd, F_SETLEASE, 9));
  show("write lease", fcntl(fd, F_SETLEASE, F_WRLCK));
  show("lease", fcntl(fd, F_GETLEASE));
  show("signal", fcntl(fd, F_SETSIG, SIGRTMIN));
  show("signal", fcntl(fd, F_GETSIG) == SIGRTMIN);
  show("bad signal", fcntl(fd, F_SETSIG, 65));
  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, SIGRTMIN);
  sigprocmask(SIG_BLOCK, &mask, NULL);
  fflush(stdout);
  child = fork();
  if (child == 0) {
    show("would wait", open("locked", O_RDONLY | O_NONBLOCK));
    int opened = open("locked", O_RDONLY);
    show("opened", opened >= 0);
    fflush(stdout);
    _exit(0);
  }
  siginfo_t info;
  sigwaitinfo(&mask, &info);
  printf("broken %d code %d band %ld\n", info.si_fd == fd, info.si_code, info.si_band);
  show("on the way to", fcntl(fd, F_GETLEASE));
  usleep(20000);
  show("yield", fcntl(fd, F_SETLEASE, F_RDLCK));
  show("yield", fcntl(fd, F_SETLEASE, F_UNLCK));
  waitpid(child, NULL, 0);
  show("directory", fcntl(open(".", O_RDONLY), F_SETLEASE, F_RDLCK));
  return 0;
}

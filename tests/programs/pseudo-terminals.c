// Pseudo-terminals: line editing, echo, output processing, raw mode, window size, sessions and job control.
#define _GNU_SOURCE
#define _XOPEN_SOURCE 700
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static int master, slave;

static void quoted(const char *what, const char *bytes, ssize_t count) {
  printf("%-14s", what);
  if (count < 0) printf(" %s", strerror(errno));
  for (ssize_t i = 0; i < count; i++) {
    unsigned char c = bytes[i];
    printf(c >= 32 && c < 127 ? "%c" : "\\%o", c);
  }
  printf(count == 0 ? " end\n" : "\n");
  fflush(stdout);
}

static void show(int fd, const char *what) {
  char bytes[512];
  struct pollfd poller = {fd, POLLIN, 0};
  if (poll(&poller, 1, 200) == 0) {
    printf("%-14s nothing\n", what);
    return;
  }
  if (fd == master) usleep(20000); // the rest of it, on a busy machine
  quoted(what, bytes, read(fd, bytes, sizeof bytes));
}

/** Types, then shows what the screen and a reader get. */
static void type(const char *keys) {
  quoted("typed", keys, strlen(keys));
  if (write(master, keys, strlen(keys)) < 0) printf("write: %m\n");
  show(master, " screen");
  show(slave, " read");
}

static void settings(tcflag_t input, tcflag_t output, tcflag_t local) {
  struct termios termios;
  tcgetattr(slave, &termios);
  termios.c_iflag = input;
  termios.c_oflag = output;
  termios.c_lflag = local;
  tcsetattr(slave, TCSANOW, &termios);
}

static void lines(void) {
  type("hello\n");
  type("one\ntwo\n");
  show(slave, " read");
  type("abc\177\177X\n");
  type("some words\027more\n");
  type("gone\025kept\n");
  type("a\tb\177\177c\n");
  type("\001\002\177\n");
  type("\026\003literal\n");
  type("part");
  type("\004");
  type("\004");
  type("r\022\n");
  type("cr\r");
  type("\303\251\177.\n");
  settings(ICRNL | IXON | IUTF8, OPOST | ONLCR, ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN);
  type("\303\251\177.\n");
  settings(ICRNL, OPOST | ONLCR, ICANON | ECHONL);
  type("secret\n");
  settings(INLCR, OPOST | ONLCR, ICANON | ECHO | ECHOK);
  type("kill\025\r");
  type("\177x\004");
}

static void output(void) {
  settings(ICRNL, OPOST | ONLCR, ICANON);
  write(slave, "a\nb\n", 4);
  show(master, "ONLCR");
  settings(ICRNL, OPOST | OCRNL | TAB3, ICANON);
  write(slave, "a\rb\tc", 5);
  show(master, "OCRNL TAB3");
  settings(ICRNL, 0, ICANON);
  write(slave, "a\nb\tc\r", 6);
  show(master, "raw");
  settings(ICRNL, OPOST | ONLCR | OLCUC | ONOCR | ONLRET, ICANON);
  write(slave, "\rupper\n", 7);
  show(master, "OLCUC ONOCR");
}

static void raw(void) {
  struct termios termios;
  char bytes[16];
  tcgetattr(slave, &termios);
  cfmakeraw(&termios);
  tcsetattr(slave, TCSANOW, &termios);
  type("\003\004\r\n");
  termios.c_cc[VMIN] = 3;
  tcsetattr(slave, TCSANOW, &termios);
  type("12");
  type("3");
  termios.c_cc[VMIN] = 0;
  tcsetattr(slave, TCSANOW, &termios);
  quoted("MIN 0", bytes, read(slave, bytes, sizeof bytes));
  termios.c_cc[VTIME] = 1;
  tcsetattr(slave, TCSANOW, &termios);
  quoted("MIN 0 TIME 1", bytes, read(slave, bytes, sizeof bytes));
  fcntl(slave, F_SETFL, O_RDWR | O_NONBLOCK);
  termios.c_cc[VMIN] = 1;
  termios.c_cc[VTIME] = 0;
  tcsetattr(slave, TCSANOW, &termios);
  quoted("O_NONBLOCK", bytes, read(slave, bytes, sizeof bytes));
  fcntl(slave, F_SETFL, O_RDWR);
  write(master, "left", 4);
  usleep(100000);
  termios.c_lflag |= ICANON;
  tcsetattr(slave, TCSANOW, &termios);
  show(slave, "now a line");
  write(master, "dropped", 7);
  usleep(100000);
  tcflush(slave, TCIFLUSH);
  type("\n");
  int waiting = -1;
  write(master, "12345\n", 6);
  usleep(100000);
  ioctl(slave, FIONREAD, &waiting);
  printf("FIONREAD %d\n", waiting);
  show(slave, "read");
}

static void windows(void) {
  struct winsize size = {30, 100, 1, 2};
  printf("TIOCGWINSZ %d:", ioctl(slave, TIOCGWINSZ, &size));
  printf(" %d %d\n", size.ws_row, size.ws_col);
  size = (struct winsize){30, 100, 1, 2};
  ioctl(master, TIOCSWINSZ, &size);
  size = (struct winsize){0};
  ioctl(slave, TIOCGWINSZ, &size);
  printf("%d %d %d %d\n", size.ws_row, size.ws_col, size.ws_xpixel, size.ws_ypixel);
}

static int ready[2];

/** The child has come so far. */
static void step(const char *what) {
  char byte;
  read(ready[0], &byte, 1);
  printf("-- %s\n", what);
  fflush(stdout);
}

/** Tells the parent, and waits for a signal. */
static void await(const sigset_t *signals) {
  siginfo_t info;
  fflush(stdout);
  write(ready[1], "r", 1);
  int signal = sigwaitinfo(signals, &info);
  printf("got %d, code %d\n", signal, info.si_code);
}

/** Runs a background job; how it ended or what it was stopped by. */
static pid_t background(int fd, void (*work)(int fd), int *status) {
  fflush(stdout);
  pid_t job = fork();
  if (job == 0) {
    setpgid(0, 0);
    work(fd);
    fflush(stdout);
    _exit(4);
  }
  setpgid(job, job);
  waitpid(job, status, WUNTRACED);
  printf("job: %x\n", *status);
  return job;
}

static void reads(int fd) {
  char byte = '?';
  ssize_t count = read(fd, &byte, 1);
  printf("background read: %zd %c\n", count, byte);
}

static void reads_ignoring(int fd) {
  char byte;
  signal(SIGTTIN, SIG_IGN);
  ssize_t count = read(fd, &byte, 1);
  printf("ignoring SIGTTIN: %zd %s\n", count, strerror(errno));
}

static void changes(int fd) {
  struct termios termios;
  tcgetattr(fd, &termios);
  printf("background tcsetattr: %d\n", tcsetattr(fd, TCSANOW, &termios));
}

static void changes_ignoring(int fd) {
  signal(SIGTTOU, SIG_IGN);
  changes(fd);
}

static void writes(int fd) {
  ssize_t count = write(fd, "!", 1);
  printf("background write: %zd\n", count);
}

static void leader(const char *name) {
  int status, group = -1;
  sigset_t signals;
  close(slave);
  close(master);
  printf("setsid %d\n", setsid() == getpid());
  printf("/dev/tty: %d", open("/dev/tty", O_RDWR));
  printf(" %s\n", strerror(errno));
  int noctty = open(name, O_RDWR | O_NOCTTY);
  printf("/dev/tty after O_NOCTTY: %d", open("/dev/tty", O_RDWR));
  printf(" %s\n", strerror(errno));
  printf("tcgetpgrp %d", tcgetpgrp(noctty));
  printf(" %s\n", strerror(errno));
  int fd = open(name, O_RDWR);
  printf("tcgetpgrp %d, tcgetsid %d\n", tcgetpgrp(fd) == getpid(), tcgetsid(fd) == getpid());
  printf("/dev/tty: %d\n", open("/dev/tty", O_RDWR) > 0);
  printf("TIOCSCTTY again: %d\n", ioctl(fd, TIOCSCTTY, 0));
  printf("setsid again: %d", setsid());
  printf(" %s\n", strerror(errno));
  printf("tcsetpgrp of nobody: %d", tcsetpgrp(fd, 99999999));
  printf(" %s\n", strerror(errno));
  sigfillset(&signals);
  sigdelset(&signals, SIGCHLD);
  sigprocmask(SIG_BLOCK, &signals, NULL);
  for (int i = 0; i < 4; i++) await(&signals);
  sigprocmask(SIG_UNBLOCK, &signals, NULL);

  pid_t job = background(fd, reads, &status);
  tcsetpgrp(fd, job);
  kill(-job, SIGCONT);
  fflush(stdout);
  write(ready[1], "r", 1);
  waitpid(job, &status, WUNTRACED);
  printf("job: %x\n", status);
  signal(SIGTTOU, SIG_IGN);
  printf("tcsetpgrp from the background %d\n", tcsetpgrp(fd, getpgrp()));
  signal(SIGTTOU, SIG_DFL);
  background(fd, reads_ignoring, &status);
  job = background(fd, changes, &status);
  kill(job, SIGKILL);
  waitpid(job, &status, 0);
  printf("job: %x\n", status);
  background(fd, changes_ignoring, &status);
  background(fd, writes, &status);
  struct termios termios;
  tcgetattr(fd, &termios);
  termios.c_lflag |= TOSTOP;
  tcsetattr(fd, TCSANOW, &termios);
  job = background(fd, writes, &status);
  kill(job, SIGCONT);
  waitpid(job, &status, WUNTRACED);
  printf("job: %x\n", status);
  kill(job, SIGKILL);
  waitpid(job, &status, 0);

  sigprocmask(SIG_BLOCK, &signals, NULL);
  await(&signals);
  char byte;
  ssize_t count = read(fd, &byte, 1);
  printf("after hangup: read %zd", count);
  count = write(fd, "x", 1);
  printf(", write %zd %s", count, strerror(errno));
  printf(", ioctl %d", ioctl(fd, TIOCGWINSZ, &group));
  printf(" %s\n", strerror(errno));
  printf("/dev/tty: %d", open("/dev/tty", O_RDWR));
  printf(" %s\n", strerror(errno));
  fflush(stdout);
  _exit(0);
}

static void sessions(void) {
  const char *name = ptsname(master);
  pipe(ready);
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) leader(name);
  close(slave);
  step("^C");
  write(master, "typed\003", 6);
  step("^\\");
  write(master, "\034", 1);
  step("window size");
  struct winsize size = {31, 101, 0, 0};
  ioctl(master, TIOCSWINSZ, &size);
  step("^Z");
  write(master, "\032", 1);
  step("foreground job");
  write(master, "q\n", 2);
  step("hangup");
  usleep(100000);
  show(master, "screen");
  close(master);
  int status;
  waitpid(pid, &status, 0);
  printf("status %x\n", status);
}

int main(void) {
  struct stat status;
  master = posix_openpt(O_RDWR | O_NOCTTY);
  const char *name = ptsname(master);
  printf("locked: %d %s\n", open(name, O_RDWR | O_NOCTTY), strerror(errno));
  printf("grantpt %d unlockpt %d\n", grantpt(master), unlockpt(master));
  slave = open(name, O_RDWR | O_NOCTTY);
  fstat(slave, &status);
  printf("isatty %d, mode %o, ttyname %d\n", isatty(slave), status.st_mode & S_IFMT, strcmp(ttyname(slave), name) == 0);
  struct termios termios;
  tcgetattr(slave, &termios);
  printf("%x %x %x %x speed %d\n", termios.c_iflag, termios.c_oflag, termios.c_cflag, termios.c_lflag, cfgetospeed(&termios) == B38400);
  lines();
  output();
  raw();
  windows();
  close(slave);
  show(master, "no slave");
  slave = open(name, O_RDWR | O_NOCTTY);
  show(master, "a slave again");
  settings(ICRNL | IXON, OPOST | ONLCR, ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN);
  sessions();
  return 0;
}

// POSIX message queues: priorities, limits, waiting with a time, notification, attributes, names.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void show(const char *what, long result) {
  if (result < 0) printf("%s: %s\n", what, strerror(errno));
  else printf("%s: %ld\n", what, result);
}

struct attributes {
  long flags, messages, size, current, reserved[4];
};

static int open_(const char *name, int flags, int mode, struct attributes *attributes) {
  return syscall(SYS_mq_open, name, flags, mode, attributes);
}
static int send_(int queue, const char *text, unsigned priority, struct timespec *until) {
  return syscall(SYS_mq_timedsend, queue, text, strlen(text), priority, until);
}
static void receive(int queue, size_t size, struct timespec *until) {
  char text[128];
  unsigned priority = 0;
  long count = syscall(SYS_mq_timedreceive, queue, text, size, &priority, until);
  if (count < 0) show("receive", count);
  else printf("received %.*s priority %u\n", (int)count, text, priority);
}
static int ready(int fd) {
  struct pollfd one = {.fd = fd, .events = POLLIN | POLLOUT};
  poll(&one, 1, 0);
  return one.revents;
}
static void state(int queue) {
  struct attributes now;
  syscall(SYS_mq_getsetattr, queue, NULL, &now);
  printf("flags %#lx messages %ld size %ld current %ld\n", now.flags, now.messages, now.size, now.current);
}
static void onAlarm(int signal) {}

int main(void) {
  setvbuf(stdout, NULL, _IOFBF, 32768);
  syscall(SYS_close_range, 3, 100, 0);
  syscall(SYS_mq_unlink, "tsstrace");
  show("nothing", open_("tsstrace", O_RDWR, 0, NULL));
  struct attributes wanted = {.messages = 3, .size = 64};
  int queue = open_("tsstrace", O_RDWR | O_CREAT | O_EXCL, 0600, &wanted);
  printf("queue %d flags %#x %d\n", queue, fcntl(queue, F_GETFL), fcntl(queue, F_GETFD));
  show("exists", open_("tsstrace", O_RDWR | O_CREAT | O_EXCL, 0600, NULL));
  state(queue);
  printf("ready %#x\n", ready(queue));
  show("low", send_(queue, "low", 1, NULL));
  show("high", send_(queue, "high", 9, NULL));
  show("low too", send_(queue, "low too", 1, NULL));
  state(queue);
  printf("ready %#x\n", ready(queue));
  struct timespec soon;
  clock_gettime(CLOCK_REALTIME, &soon);
  soon.tv_nsec += 20000000;
  if (soon.tv_nsec >= 1000000000) soon.tv_sec++, soon.tv_nsec -= 1000000000;
  show("full", send_(queue, "more", 1, &soon));
  struct timespec past = {1, 0};
  show("full", send_(queue, "more", 1, &past));
  receive(queue, 64, NULL);
  receive(queue, 64, NULL);
  receive(queue, 64, NULL);
  receive(queue, 64, &past);
  show("too long", send_(queue, "0123456789012345678901234567890123456789012345678901234567890123456789", 1, NULL));
  receive(queue, 63, NULL);
  show("priority", send_(queue, "x", 32768, NULL));
  struct timespec bad = {0, 1000000000};
  show("bad time", send_(queue, "x", 1, &bad));
  show("not a queue", send_(1, "x", 1, NULL));
  show("no descriptor", send_(77, "x", 1, NULL));
  int reader = open_("tsstrace", O_RDONLY | O_NONBLOCK, 0, NULL);
  show("to read only", send_(reader, "x", 1, NULL));
  receive(reader, 64, NULL);
  struct attributes change = {.flags = O_NONBLOCK};
  struct attributes old;
  show("nonblocking", syscall(SYS_mq_getsetattr, queue, &change, &old));
  state(queue);
  change.flags = O_APPEND;
  show("bad flag", syscall(SYS_mq_getsetattr, queue, &change, NULL));
  change.flags = 0;
  show("blocking", syscall(SYS_mq_getsetattr, queue, &change, NULL));

  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
  event.sigev_value.sival_int = 31;
  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, SIGUSR1);
  sigprocmask(SIG_BLOCK, &mask, NULL);
  show("notify", syscall(SYS_mq_notify, queue, &event));
  show("taken", syscall(SYS_mq_notify, reader, &event));
  char text[128] = "";
  lseek(queue, 0, SEEK_SET);
  show("state", read(queue, text, 24));
  printf("%.24s\n", text);
  send_(queue, "told", 2, NULL);
  siginfo_t info;
  show("signal", sigwaitinfo(&mask, &info));
  printf("code %d value %d self %d\n", info.si_code, info.si_value.sival_int, info.si_pid == getpid());
  show("free again", syscall(SYS_mq_notify, queue, &event));
  show("cancel", syscall(SYS_mq_notify, queue, NULL));
  event.sigev_notify = 9;
  show("bad notification", syscall(SYS_mq_notify, queue, &event));
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = 99;
  show("bad signal", syscall(SYS_mq_notify, queue, &event));
  receive(queue, 64, NULL);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    send_(queue, "from the child", 5, NULL);
    _exit(0);
  }
  receive(queue, 64, NULL);
  waitpid(child, NULL, 0);
  struct sigaction action = {.sa_handler = onAlarm};
  sigaction(SIGALRM, &action, NULL);
  ualarm(100000, 0);
  receive(queue, 64, NULL);

  show("no messages", open_("other", O_RDWR | O_CREAT, 0600, &(struct attributes){.messages = 0, .size = 8}));
  show("too many", open_("other", O_RDWR | O_CREAT, 0600, &(struct attributes){.messages = 65537, .size = 8}));
  show("slash", open_("a/b", O_RDWR | O_CREAT, 0600, NULL));
  show("leading slash", open_("/a", O_RDWR | O_CREAT, 0600, NULL));
  show("empty", open_("", O_RDWR | O_CREAT, 0600, NULL));
  show("bad name", open_((char *)8, O_RDWR | O_CREAT, 0600, NULL));
  show("unlink nothing", syscall(SYS_mq_unlink, "nothing"));
  seteuid(2000);
  show("not mine", open_("tsstrace", O_RDWR, 0, NULL));
  show("not mine", syscall(SYS_mq_unlink, "tsstrace"));
  show("many for a user", open_("users", O_RDWR | O_CREAT, 0600, &(struct attributes){.messages = 11, .size = 8}));
  seteuid(0);
  show("unlink", syscall(SYS_mq_unlink, "tsstrace"));
  show("still there", send_(queue, "x", 1, NULL));
  show("but not by name", open_("tsstrace", O_RDWR, 0, NULL));
  return 0;
}

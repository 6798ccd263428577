// Calls that a supervisor decides about: seccomp's user notifications, their descriptor, and what it answers.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

struct rule { uint16_t code; uint8_t jt, jf; uint32_t k; };
struct program { uint16_t length; struct rule *rules; };
struct notice { uint64_t id; uint32_t pid, flags; int nr; uint32_t arch; uint64_t ip, args[6]; };
struct answer { uint64_t id; int64_t value; int32_t error; uint32_t flags; };
struct given { uint64_t id; uint32_t flags, source, target, target_flags; };
#define RECV _IOWR('!', 0, struct notice)
#define SEND _IOWR('!', 1, struct answer)
#define ID_VALID _IOW('!', 2, uint64_t)
#define ADDFD _IOW('!', 3, struct given)

static int results[2], listener;
static long say(const char *what, long result) {
  if (result == -1) printf("%s: error %d\n", what, errno);
  else printf("%s: %ld\n", what, result);
  return result;
}
static long install(unsigned flags, unsigned action) {
  struct rule rules[] = {{0x20, 0, 0, 0}, {0x15, 0, 1, SYS_getpgid}, {6, 0, 0, action}, {6, 0, 0, 0x7fff0000}};
  struct program program = {4, rules};
  return syscall(SYS_seccomp, 1, flags, &program);
}
static struct notice receive(void) {
  struct notice notice = {0};
  say("received", ioctl(listener, RECV, &notice));
  printf("  call %d, arguments %d %d, flags %u, a child %d\n", notice.nr == SYS_getpgid, (int)notice.args[0], (int)notice.args[1],
         notice.flags, notice.pid != (uint32_t)getpid());
  return notice;
}
static void answer(const char *what, uint64_t id, long value, int error, unsigned flags) {
  struct answer answer = {id, value, error, flags};
  say(what, ioctl(listener, SEND, &answer));
}
static void result(void) {
  long got[2];
  read(results[0], got, sizeof got);
  printf("  the child got %ld, error %ld\n", got[0], got[1]);
}
static void call(long first) {
  errno = 0;
  long got[2] = {syscall(SYS_getpgid, first, 7)};
  got[1] = got[0] == -1 ? errno : 0;
  write(results[1], got, sizeof got);
}
static void poll_it(const char *what) {
  struct pollfd waits = {listener, POLLIN | POLLOUT};
  int ready = poll(&waits, 1, 0);
  printf("%s: %d, %x\n", what, ready, waits.revents);
}
static void nothing(int signal) {}

static void child(void) {
  struct sigaction action = {.sa_handler = nothing};
  sigaction(SIGALRM, &action, NULL);
  close(listener);
  for (int i = 1; i <= 3; i++) call(i);
  call(0x7fffff0);
  call(5);
  char text[8] = "";
  long got[2] = {read(50, text, 4), text[0]};
  write(results[1], got, sizeof got);
  call(6);
  struct itimerval soon = {{0, 0}, {0, 30000}};
  setitimer(ITIMER_REAL, &soon, NULL);
  call(7);
  call(8);
  call(9);
}

int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  pipe(results);
  say("a listener for all threads", install(1 | 8, 0x7fc00000));
  say("waiting killably without a listener", install(32, 0x7fc00000));
  say("unknown flags", install(64, 0x7fc00000));
  listener = install(8, 0x7fc00000);
  printf("a listener %d, close on exec %d, flags %x\n", listener >= 0, fcntl(listener, F_GETFD), fcntl(listener, F_GETFL) & ~O_LARGEFILE);
  say("a second one", install(8, 0x7fc00000));
  unsigned action = 0x7fc00000;
  say("available", syscall(SYS_seccomp, 2, 0, &action));
  char byte = 'x', path[64], link[64] = "";
  say("read", read(listener, &byte, 1));
  say("write", write(listener, &byte, 1));
  sprintf(path, "/proc/self/fd/%d", listener);
  readlink(path, link, sizeof link - 1);
  printf("%s\n", link);
  poll_it("nothing to do");
  int pid = fork();
  if (pid == 0) {
    child();
    _exit(0);
  }
  struct notice notice = receive();
  poll_it("one is waiting for an answer");
  say("valid", ioctl(listener, ID_VALID, &notice.id));
  uint64_t other = notice.id + 100;
  say("another", ioctl(listener, ID_VALID, &other));
  say("an unknown command", ioctl(listener, _IOW('!', 9, uint64_t), &other));
  say("a notice to nowhere", ioctl(listener, RECV, 8L));
  answer("to another", other, 1, 0, 0);
  answer("with unknown flags", notice.id, 1, 0, 2);
  answer("to go on with a value", notice.id, 1, 0, 1);
  answer("to go on with an error", notice.id, 0, -1, 1);
  say("an answer from nowhere", ioctl(listener, SEND, 8L));
  answer("a value", notice.id, 1234, 0, 0);
  result();
  answer("again", notice.id, 1234, 0, 0);
  notice = receive();
  answer("an error", notice.id, 5, -EXDEV, 0);
  result();
  notice = receive();
  answer("a large value", notice.id, 1L << 30, 0, 0);
  result();
  notice = receive();
  answer("to go on", notice.id, 0, 0, 1);
  result();
  notice = receive();
  int ends[2];
  pipe(ends);
  write(ends[1], "text", 4);
  struct given given = {notice.id, 1, ends[0], 50, 0};
  say("a descriptor", ioctl(listener, ADDFD, &given));
  given.flags = 0;
  say("at a place without a flag", ioctl(listener, ADDFD, &given));
  given.target = 0;
  given.target_flags = 1;
  say("with flags of none", ioctl(listener, ADDFD, &given));
  given.target_flags = 0;
  given.flags = 4;
  say("with unknown flags", ioctl(listener, ADDFD, &given));
  given.flags = 0;
  given.source = 99;
  say("of nothing", ioctl(listener, ADDFD, &given));
  given.source = ends[0];
  given.id = other;
  say("for another", ioctl(listener, ADDFD, &given));
  given.id = notice.id;
  given.flags = 2;
  given.target_flags = O_CLOEXEC;
  say("another, and that is the answer", ioctl(listener, ADDFD, &given) > 4);
  read(results[0], link, 2 * sizeof(long));
  printf("  the child got it: %d\n", *(long *)link > 4);
  result();
  notice = receive();
  answer("minus one", notice.id, -1, 0, 0);
  result();
  notice = receive();
  result();
  say("interrupted", ioctl(listener, ID_VALID, &notice.id));
  answer("too late", notice.id, 1, 0, 0);
  notice = receive();
  poll_it("before the end");
  close(listener);
  result();
  result();
  wait(NULL);
  printf("nobody listens: %d\n", getpgid(0) == -1 ? errno : 0);
  return 0;
}

// Descriptors and credentials that travel with messages: SCM_RIGHTS, SCM_CREDENTIALS, and what becomes of those nobody receives.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static void tell(const char *what, long result) {
  if (result < 0) printf("%s: %s\n", what, strerror(errno));
  else printf("%s: %ld\n", what, result);
}

static long give(int via, const char *text, size_t length, const int *fds, int count, int flags) {
  char control[CMSG_SPACE(sizeof(int) * 300)] = {0};
  struct iovec part = {(void *)text, length};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (count >= 0) {
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
    struct cmsghdr *c = CMSG_FIRSTHDR(&message);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int) * count);
    memcpy(CMSG_DATA(c), fds, sizeof(int) * count);
  }
  return sendmsg(via, &message, flags);
}

static int received[300];

/** Receives and tells all there is to tell. Returns how many descriptors came. */
static int take(const char *what, int via, size_t room, size_t control_room, int flags) {
  static char text[1000], control[4096];
  memset(text, 0, sizeof text);
  memset(control, 0, sizeof control);
  struct iovec part = {text, room};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control_room ? control : NULL, .msg_controllen = control_room};
  int count = 0;
  long result = recvmsg(via, &message, flags);
  tell(what, result);
  if (result < 0) return 0;
  printf("  \"%s\" controllen %zu flags %#x\n", text, (size_t)message.msg_controllen, message.msg_flags);
  for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
    printf("  level %d type %d length %zu", c->cmsg_level, c->cmsg_type, (size_t)c->cmsg_len);
    if (c->cmsg_type == SCM_RIGHTS) {
      count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
      memcpy(received, CMSG_DATA(c), count * sizeof(int));
      printf(" %d descriptors, cloexec %d", count, fcntl(received[0], F_GETFD));
    } else if (c->cmsg_type == SCM_CREDENTIALS) {
      struct ucred cred;
      memcpy(&cred, CMSG_DATA(c), sizeof cred);
      printf(" pid %s uid %s", cred.pid == getpid() ? "mine" : cred.pid == 0 ? "0" : "other", cred.uid == getuid() ? "mine" : "other");
    }
    printf("\n");
  }
  return count;
}

static void close_received(int count) {
  for (int i = 0; i < count; i++) close(received[i]);
}

static void rights(int type) {
  printf("-- type %d\n", type);
  int pair[2], pipes[2];
  char text[8] = "";
  socketpair(AF_UNIX, type, 0, pair);
  pipe(pipes);
  tell("give the writing end", give(pair[0], "take", 4, &pipes[1], 1, 0));
  close(pipes[1]);
  struct pollfd p = {pipes[0], POLLIN, 0};
  poll(&p, 1, 0);
  printf("in flight: %#x\n", p.revents);
  int count = take("take", pair[1], 100, 100, MSG_CMSG_CLOEXEC);
  tell("write", write(received[0], "through", 7));
  close_received(count);
  tell("read", read(pipes[0], text, 7));
  printf("%s\n", text);
  tell("end", read(pipes[0], text, 7));

  int two[2] = {pipes[0], 0};
  tell("two", give(pair[0], "two", 3, two, 2, 0));
  close_received(take("peeked", pair[1], 100, 100, MSG_PEEK));
  close_received(take("room for one", pair[1], 100, CMSG_LEN(sizeof(int)), 0));
  tell("two", give(pair[0], "two", 3, two, 2, 0));
  take("no room", pair[1], 100, 0, 0);
  tell("two", give(pair[0], "two", 3, two, 2, 0));
  take("little room", pair[1], 100, 10, 0);
  tell("two", give(pair[0], "two", 3, two, 2, 0));
  take("a header's room", pair[1], 100, 16, 0);
  tell("two", give(pair[0], "two", 3, two, 2, 0));
  tell("read instead", read(pair[1], text, 1));
  two[1] = 99;
  tell("a bad one", give(pair[0], "bad", 3, two, 2, 0));
  tell("none", give(pair[0], "none", 4, two, 0, 0));
  while (recv(pair[1], text, 8, MSG_DONTWAIT) > 0) {}
  int many[254];
  for (int i = 0; i < 254; i++) many[i] = pipes[0];
  tell("254", give(pair[0], "many", 4, many, 254, 0));
  tell("200", give(pair[0], "many", 4, many, 200, 0));
  count = take("200", pair[1], 100, 4096, MSG_DONTWAIT);
  printf("%d\n", count);
  close_received(count);
  tell("without text", give(pair[0], "", 0, many, 1, 0));
  if (type != SOCK_STREAM) close_received(take("without text", pair[1], 10, 100, MSG_DONTWAIT));

  struct rlimit limit, before;
  getrlimit(RLIMIT_NOFILE, &before);
  limit = before;
  limit.rlim_cur = pair[1] + pair[0] + 8;
  int top = 0;
  while ((top = dup(0)) >= 0 && top < (int)limit.rlim_cur - 3) {}
  setrlimit(RLIMIT_NOFILE, &limit);
  tell("five", give(pair[0], "five", 4, many, 5, 0));
  count = take("two places", pair[1], 100, 100, 0);
  close_received(count);
  setrlimit(RLIMIT_NOFILE, &before);
  for (int fd = pipes[1] + 1; fd <= top; fd++)
    if (fd != pair[0] && fd != pair[1] && fd != pipes[0]) close(fd);
  close(pair[0]);
  close(pair[1]);
  close(pipes[0]);
}

static void boundaries(void) {
  printf("-- boundaries\n");
  int pair[2], zero = 0;
  socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
  give(pair[0], "aa", 2, NULL, -1, 0);
  give(pair[0], "bb", 2, &zero, 1, 0);
  give(pair[0], "cc", 2, &zero, 1, 0);
  give(pair[0], "dd", 2, NULL, -1, 0);
  close_received(take("up to the first", pair[1], 100, 100, 0));
  close_received(take("half of the second", pair[1], 1, 100, 0));
  close_received(take("the rest", pair[1], 100, 100, 0));
  close_received(take("what is left", pair[1], 100, 100, MSG_DONTWAIT));
  close(pair[0]);
  close(pair[1]);
}

static void credentials(int type) {
  printf("-- credentials %d\n", type);
  int pair[2], on = 1;
  socketpair(AF_UNIX, type, 0, pair);
  give(pair[0], "before", 6, NULL, -1, 0);
  tell("SO_PASSCRED", setsockopt(pair[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof on));
  give(pair[0], "after", 5, NULL, -1, 0);
  take("before", pair[1], 100, 200, 0);
  take("after", pair[1], 100, 200, MSG_DONTWAIT);
  int zero = 0;
  give(pair[0], "both", 4, &zero, 1, 0);
  close_received(take("both", pair[1], 100, 200, 0));
  give(pair[0], "cut", 3, NULL, -1, 0);
  take("cut", pair[1], 100, 16, 0);
  give(pair[0], "none", 4, NULL, -1, 0);
  take("none", pair[1], 100, 0, 0);

  struct { struct cmsghdr header; struct ucred cred; char rest[8]; } control = {0};
  struct iovec part = {"said", 4};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = CMSG_SPACE(sizeof(struct ucred))};
  control.header = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof(struct ucred)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_CREDENTIALS};
  control.cred = (struct ucred){getpid(), getuid(), getgid()};
  tell("own credentials", sendmsg(pair[0], &message, 0));
  take("said", pair[1], 100, 200, 0);
  control.cred.pid = 0x7ffffff;
  tell("nobody's", sendmsg(pair[0], &message, 0));
  control.header.cmsg_len = CMSG_LEN(4);
  tell("short", sendmsg(pair[0], &message, 0));
  control.header.cmsg_len = 3;
  tell("malformed", sendmsg(pair[0], &message, 0));
  control.header.cmsg_len = CMSG_LEN(sizeof(struct ucred));
  control.header.cmsg_type = 77;
  tell("unknown type", sendmsg(pair[0], &message, 0));
  control.header.cmsg_level = 77;
  tell("other level", sendmsg(pair[0], &message, 0));
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    if (getuid() == 0) setuid(1234);
    give(pair[0], "child", 5, NULL, -1, 0);
    control.header = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof(struct ucred)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_CREDENTIALS};
    control.cred = (struct ucred){getpid(), 0, 0};
    _exit(sendmsg(pair[0], &message, 0) < 0 ? errno : 0);
  }
  int status;
  waitpid(child, &status, 0);
  printf("child %d\n", WEXITSTATUS(status));
  while (take("child's", pair[1], 100, 200, MSG_DONTWAIT), errno != EAGAIN) {}
  close(pair[0]);
  close(pair[1]);
}

static void unreceived(void) {
  printf("-- unreceived\n");
  int pair[2], pipes[2], other[2];
  char text[4];
  socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
  pipe(pipes);
  give(pair[0], "x", 1, &pipes[1], 1, 0);
  close(pipes[1]);
  fcntl(pipes[0], F_SETFL, O_NONBLOCK);
  tell("in flight", read(pipes[0], text, 1));
  close(pair[1]);
  tell("released", read(pipes[0], text, 1));
  close(pair[0]);
  close(pipes[0]);

  // A socket that waits in its own peer's queue, with a pipe's end: nothing else holds either.
  socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
  socketpair(AF_UNIX, SOCK_DGRAM, 0, other);
  pipe(pipes);
  give(pair[0], "self", 4, &pair[1], 1, 0);
  give(pair[0], "pipe", 4, &pipes[1], 1, 0);
  give(other[0], "a", 1, &other[1], 1, 0);
  give(other[1], "b", 1, &other[0], 1, 0);
  close(pipes[1]);
  close(pair[0]);
  close(pair[1]);
  close(other[0]);
  close(other[1]);
  int fresh[2];
  socketpair(AF_UNIX, SOCK_STREAM, 0, fresh);
  close(fresh[0]);
  close(fresh[1]);
  struct pollfd p = {pipes[0], POLLIN, 0};
  tell("the cycle is gone", poll(&p, 1, 5000));
  printf("%#x\n", p.revents);
  tell("read", read(pipes[0], text, 1));
}

int main(void) {
  rights(SOCK_STREAM);
  rights(SOCK_DGRAM);
  rights(SOCK_SEQPACKET);
  boundaries();
  credentials(SOCK_STREAM);
  credentials(SOCK_DGRAM);
  unreceived();
  return 0;
}

// Unix sockets of all three types: names, connections, messages, what poll says, and how everything ends.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static void tell(const char *what, long result) {
  if (result < 0) printf("%s: %s\n", what, strerror(errno));
  else printf("%s: %ld\n", what, result);
}

static void events(const char *what, int fd) {
  struct pollfd p = {fd, POLLIN | POLLOUT | POLLPRI | POLLRDHUP | POLLRDNORM | POLLWRNORM | POLLWRBAND, 0};
  int ready = poll(&p, 1, 0);
  printf("%s: %d %#x\n", what, ready, p.revents);
}

static void broken(int signal) { printf("SIGPIPE\n"); }

static socklen_t named(struct sockaddr_un *address, const char *name, size_t length) {
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  memcpy(address->sun_path, name, length);
  return offsetof(struct sockaddr_un, sun_path) + length;
}

static void name_of(const char *what, int fd, int peer, socklen_t room) {
  struct sockaddr_un address;
  memset(&address, 'z', sizeof address);
  socklen_t length = room;
  int result = (peer ? getpeername : getsockname)(fd, (struct sockaddr *)&address, &length);
  tell(what, result);
  if (result) return;
  printf("  length %u family %d path", length, address.sun_family);
  for (unsigned i = 2; i < length && i < room && i < 30; i++) printf(" %02x", (unsigned char)((char *)&address)[i]);
  printf("\n");
}

static void streams(void) {
  int pair[2];
  char text[300000];
  printf("-- stream\n");
  tell("socketpair", socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
  printf("cloexec %d flags %#x\n", fcntl(pair[0], F_GETFD), fcntl(pair[0], F_GETFL));
  events("fresh", pair[0]);
  tell("write", write(pair[0], "hello, ", 7));
  struct iovec parts[2] = {{"wor", 3}, {"ld", 2}};
  tell("writev", writev(pair[0], parts, 2));
  int bytes;
  tell("FIONREAD", ioctl(pair[1], FIONREAD, &bytes));
  printf("%d bytes\n", bytes);
  events("full", pair[1]);
  tell("peek", recv(pair[1], text, 4, MSG_PEEK));
  tell("peek more", recv(pair[1], text, sizeof text, MSG_PEEK));
  tell("read", read(pair[1], text, 3));
  tell("recv", recv(pair[1], text, sizeof text, 0));
  printf("%.9s\n", text);
  tell("nothing", recv(pair[1], text, 1, MSG_DONTWAIT));
  tell("nothing wanted", recv(pair[1], text, 0, MSG_DONTWAIT));
  tell("read of nothing", read(pair[1], text, 0));
  tell("out of band", recv(pair[1], text, 1, MSG_OOB));
  name_of("own name", pair[0], 0, sizeof(struct sockaddr_un));
  name_of("peer's name", pair[0], 1, 2);
  name_of("no room", pair[0], 1, 0);
  tell("with a name", sendto(pair[0], "x", 1, 0, (void *)text, 10));
  tell("lseek", lseek(pair[0], 0, SEEK_SET));
  tell("pread", pread(pair[0], text, 1, 0));
  tell("fsync", fsync(pair[0]));
  tell("ftruncate", ftruncate(pair[0], 0));
  struct stat status;
  tell("fstat", fstat(pair[0], &status));
  printf("mode %o size %ld links %ld blksize %ld\n", status.st_mode, (long)status.st_size, (long)status.st_nlink, (long)status.st_blksize);

  tell("non-blocking", fcntl(pair[0], F_SETFL, O_NONBLOCK));
  long sent = 0, got;
  int writes = 0;
  while ((got = write(pair[0], text, 1)) > 0) writes++;
  tell("full after single bytes", got);
  printf("%d writes\n", writes);
  events("writer", pair[0]);
  while (read(pair[1], text, 100) == 100) {}
  tell("large", write(pair[0], text, sizeof text));
  tell("SIOCOUTQ", ioctl(pair[0], TIOCOUTQ, &bytes));
  printf("%d charged\n", bytes);
  tell("waitall", recv(pair[1], text, 100000, MSG_WAITALL));

  tell("shutdown nothing", shutdown(pair[0], 7));
  tell("shutdown", shutdown(pair[0], SHUT_WR));
  events("after shutdown", pair[0]);
  events("its peer", pair[1]);
  tell("write", write(pair[0], "x", 1));
  tell("nosignal", send(pair[0], "x", 1, MSG_NOSIGNAL));
  while (recv(pair[1], text, sizeof text, 0) > 0) {}
  tell("end", recv(pair[1], text, 1, 0));
  tell("back", write(pair[1], "back", 4));
  close(pair[1]);
  events("closed", pair[0]);
  tell("read", read(pair[0], text, 10));
  tell("read", read(pair[0], text, 10));

  tell("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  tell("unread", write(pair[0], "unread", 6));
  tell("also", write(pair[1], "x", 1));
  close(pair[1]);
  events("reset", pair[0]);
  tell("read", read(pair[0], text, 10));
  tell("then", read(pair[0], text, 10));
  tell("then", read(pair[0], text, 10));
  tell("write", write(pair[0], "x", 1));
  close(pair[0]);
}

static void connections(void) {
  printf("-- connections\n");
  struct sockaddr_un address, other;
  socklen_t length = named(&address, "stairs", 6), other_length;
  int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
  events("new", listener);
  name_of("unnamed", listener, 0, sizeof address);
  name_of("peerless", listener, 1, sizeof address);
  tell("listen", listen(listener, 1));
  tell("short", bind(listener, (void *)&address, 1));
  tell("long", bind(listener, (void *)&address, 111));
  tell("negative", bind(listener, (void *)&address, -1));
  other = address;
  other.sun_family = AF_INET;
  tell("family", bind(listener, (void *)&other, length));
  tell("fault", bind(listener, (void *)16, length));
  other_length = named(&other, "no/where", 8);
  tell("no directory", bind(listener, (void *)&other, other_length));
  umask(027);
  tell("bind", bind(listener, (void *)&address, length));
  tell("again", bind(listener, (void *)&address, length));
  other_length = named(&other, "elsewhere", 9);
  tell("elsewhere", bind(listener, (void *)&other, other_length));
  tell("nothing there", access("elsewhere", F_OK));
  struct stat status;
  tell("stat", stat("stairs", &status));
  printf("mode %o\n", status.st_mode);
  tell("open", open("stairs", O_RDWR));
  name_of("named", listener, 0, sizeof address);
  name_of("cut", listener, 0, 5);
  int second = socket(AF_UNIX, SOCK_STREAM, 0);
  tell("in use", bind(second, (void *)&address, length));
  tell("not listening", connect(second, (void *)&address, length));
  tell("accept", accept(second, NULL, NULL));
  tell("listen", listen(listener, 1));
  tell("accept", accept(listener, NULL, NULL));
  events("idle", listener);
  tell("recv", recv(listener, &other, 1, 0));
  tell("send", send(listener, &other, 1, 0));
  int clients[4];
  for (int i = 0; i < 4; i++) {
    clients[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    tell("connect", connect(clients[i], (void *)&address, length));
  }
  tell("twice", connect(clients[0], (void *)&address, length));
  tell("of a listener", connect(listener, (void *)&address, length));
  events("waiting", listener);
  events("client", clients[0]);
  tell("early write", write(clients[0], "early", 5));
  struct sockaddr_un who;
  socklen_t who_length = sizeof who;
  int server = accept4(listener, (void *)&who, &who_length, SOCK_NONBLOCK | SOCK_CLOEXEC);
  printf("accepted %d length %u flags %#x %d\n", server > 0, who_length, fcntl(server, F_GETFL), fcntl(server, F_GETFD));
  char text[10];
  tell("read", read(server, text, sizeof text));
  name_of("server", server, 0, sizeof address);
  name_of("client's peer", clients[0], 1, sizeof address);
  tell("now", connect(clients[3], (void *)&address, length));
  struct ucred cred;
  socklen_t cred_length = sizeof cred;
  tell("SO_PEERCRED", getsockopt(server, SOL_SOCKET, SO_PEERCRED, &cred, &cred_length));
  printf("%d %d %d\n", cred.pid == getpid(), cred.uid == getuid(), cred.gid == getgid());
  tell("bad flags", accept4(listener, NULL, NULL, 1));
  unlink("stairs");
  int late = socket(AF_UNIX, SOCK_STREAM, 0);
  tell("unlinked", connect(late, (void *)&address, length));
  close(listener);
  events("embryo's client", clients[1]);
  tell("read", read(clients[1], text, 1));
  tell("read", read(clients[1], text, 1));
  tell("no family", socket(AF_UNIX, SOCK_STREAM, 5));
  for (int i = 0; i < 4; i++) close(clients[i]);
  close(server);
  close(second);

  int file = open("plain", O_CREAT | O_RDWR, 0600);
  length = named(&address, "plain", 6);
  tell("a file", connect(late, (void *)&address, length));
  tell("bind to a file", bind(late, (void *)&address, length));
  length = named(&address, "nobody", 6);
  tell("nobody", connect(late, (void *)&address, length));
  close(file);
  unlink("plain");
  close(late);
}

static void abstract(void) {
  printf("-- abstract\n");
  struct sockaddr_un address;
  socklen_t length = named(&address, "\0a\0b", 4);
  int one = socket(AF_UNIX, SOCK_DGRAM, 0), two = socket(AF_UNIX, SOCK_DGRAM, 0), three = socket(AF_UNIX, SOCK_STREAM, 0);
  tell("bind", bind(one, (void *)&address, length));
  tell("same", bind(two, (void *)&address, length));
  tell("shorter", bind(two, (void *)&address, length - 1));
  tell("other type", bind(three, (void *)&address, length));
  name_of("name", one, 0, sizeof address);
  tell("connect", connect(three, (void *)&address, length));
  tell("unknown", connect(two, (void *)&address, length - 2));
  close(one);
  one = socket(AF_UNIX, SOCK_DGRAM, 0);
  tell("free again", bind(one, (void *)&address, length));
  close(one);
  one = socket(AF_UNIX, SOCK_DGRAM, 0);
  tell("autobind", bind(one, (void *)&address, sizeof(sa_family_t)));
  length = sizeof address;
  getsockname(one, (void *)&address, &length);
  printf("length %u first %d\n", length, address.sun_path[0]);
  tell("autobind again", bind(one, (void *)&address, sizeof(sa_family_t)));
  close(one);
  close(two);
  close(three);
}

static void datagrams(void) {
  printf("-- datagrams\n");
  struct sockaddr_un a, b, from;
  socklen_t a_length = named(&a, "\0dgram-a", 8), b_length = named(&b, "\0dgram-b", 8), from_length = sizeof from;
  char text[64];
  int one = socket(AF_UNIX, SOCK_DGRAM, 0), two = socket(AF_UNIX, SOCK_DGRAM, 0);
  tell("bind", bind(one, (void *)&a, a_length));
  tell("bind", bind(two, (void *)&b, b_length));
  events("fresh", one);
  tell("unconnected", send(one, "x", 1, 0));
  tell("listen", listen(one, 1));
  tell("accept", accept(one, NULL, NULL));
  tell("sendto", sendto(one, "first", 5, 0, (void *)&b, b_length));
  tell("sendto", sendto(one, "", 0, 0, (void *)&b, b_length));
  tell("sendto", sendto(one, "third", 5, 0, (void *)&b, b_length));
  int bytes;
  ioctl(two, FIONREAD, &bytes);
  printf("%d bytes\n", bytes);
  tell("peek", recv(two, text, 2, MSG_PEEK));
  tell("truncated", recv(two, text, 2, MSG_PEEK | MSG_TRUNC));
  tell("recvfrom", recvfrom(two, text, sizeof text, 0, (void *)&from, &from_length));
  printf("from %u %.7s\n", from_length, from.sun_path + 1);
  tell("empty", recv(two, text, sizeof text, 0));
  tell("cut", recv(two, text, 3, 0));
  tell("nothing", recv(two, text, 3, MSG_DONTWAIT));
  tell("connect", connect(one, (void *)&b, b_length));
  tell("send", send(one, "x", 1, 0));
  tell("connect", connect(two, (void *)&a, a_length));
  int third = socket(AF_UNIX, SOCK_DGRAM, 0);
  tell("not for third", connect(third, (void *)&a, a_length));
  tell("nor to send", sendto(third, "x", 1, 0, (void *)&a, a_length));
  tell("reconnect", connect(two, (void *)&b, b_length));
  events("one", one);
  tell("to itself", send(two, "self", 4, 0));
  tell("itself", recv(two, text, sizeof text, MSG_DONTWAIT));
  struct sockaddr none = {AF_UNSPEC};
  tell("disconnect", connect(two, &none, sizeof none));
  name_of("no peer", two, 1, sizeof a);
  tell("shutdown", shutdown(two, SHUT_RD));
  tell("end", recv(two, text, 1, 0));
  tell("to who reads no more", send(one, "x", 1, 0));
  events("shut", two);
  tell("shutdown", shutdown(one, SHUT_WR));
  tell("send", send(one, "x", 1, 0));
  close(two);
  int four = socket(AF_UNIX, SOCK_DGRAM, 0);
  two = socket(AF_UNIX, SOCK_DGRAM, 0);
  bind(two, (void *)&b, b_length);
  tell("connect", connect(four, (void *)&b, b_length));
  tell("non-blocking", fcntl(four, F_SETFL, O_NONBLOCK));
  int count = 0;
  while (send(four, "x", 1, 0) == 1) count++;
  tell("full", send(four, "x", 1, 0));
  printf("%d queued\n", count);
  events("full", four);
  recv(two, text, 1, 0);
  events("room", four);
  close(two);
  events("gone", four);
  tell("send", send(four, "x", 1, 0));
  tell("then", send(four, "x", 1, 0));
  int large = 300000;
  int pair[2];
  socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
  static char block[400000];
  tell("too large", send(pair[0], block, sizeof block, 0));
  tell("large", send(pair[0], block, 200000, 0));
  tell("raw is dgram", socket(AF_UNIX, SOCK_RAW, 0) > 0);
  close(pair[1]);
  tell("send", send(pair[0], "x", 1, 0));
  events("peer gone", pair[0]);
  close(pair[0]);
  close(third);
  close(four);
}

static void packets(void) {
  printf("-- sequenced packets\n");
  int pair[2];
  char text[64];
  tell("socketpair", socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair));
  tell("write", write(pair[0], "one", 3));
  tell("write", write(pair[0], "three", 5));
  tell("read", read(pair[1], text, 2));
  tell("read", read(pair[1], text, sizeof text));
  struct sockaddr_un address;
  socklen_t length = named(&address, "\0seq", 4);
  tell("named", sendto(pair[0], "x", 1, 0, (void *)&address, length));
  tell("read", read(pair[1], text, sizeof text));
  tell("connect", connect(pair[0], (void *)&address, length));
  struct msghdr message = {0};
  struct iovec part = {text, sizeof text};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  tell("empty write", write(pair[0], "", 0));
  tell("empty send", send(pair[0], "", 0, 0));
  tell("recvmsg", recvmsg(pair[1], &message, MSG_DONTWAIT));
  printf("flags %#x\n", message.msg_flags);
  events("open", pair[0]);
  close(pair[1]);
  events("closed", pair[0]);
  tell("write", write(pair[0], "x", 1));
  tell("read", read(pair[0], text, 1));
  close(pair[0]);
  int lone = socket(AF_UNIX, SOCK_SEQPACKET, 0);
  tell("unconnected send", send(lone, "x", 1, 0));
  tell("unconnected recv", recv(lone, text, 1, 0));
  events("unconnected", lone);
  tell("bind", bind(lone, (void *)&address, length));
  tell("listen", listen(lone, 0));
  int client = socket(AF_UNIX, SOCK_SEQPACKET, 0);
  tell("connect", connect(client, (void *)&address, length));
  int server = accept(lone, NULL, NULL);
  tell("send", send(client, "packet", 6, 0));
  tell("recv", recv(server, text, sizeof text, 0));
  int streaming = socket(AF_UNIX, SOCK_STREAM, 0);
  tell("other type", connect(streaming, (void *)&address, length));
  close(lone);
  close(client);
  close(server);
  close(streaming);
}

static void several(void) {
  printf("-- several messages\n");
  int pair[2];
  socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
  struct iovec parts[3] = {{"a", 1}, {"bb", 2}, {"ccc", 3}};
  struct mmsghdr messages[3] = {0};
  for (int i = 0; i < 3; i++) {
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  tell("sendmmsg", sendmmsg(pair[0], messages, 3, 0));
  printf("%u %u %u\n", messages[0].msg_len, messages[1].msg_len, messages[2].msg_len);
  char text[3][8];
  for (int i = 0; i < 3; i++) parts[i] = (struct iovec){text[i], 2};
  tell("recvmmsg", recvmmsg(pair[1], messages, 2, 0, NULL));
  printf("%u %u\n", messages[0].msg_len, messages[1].msg_len);
  tell("recvmmsg", recvmmsg(pair[1], messages, 3, MSG_WAITFORONE, NULL));
  printf("%u flags %#x\n", messages[0].msg_len, messages[0].msg_hdr.msg_flags);
  tell("none", recvmmsg(pair[1], messages, 3, MSG_DONTWAIT, NULL));
  tell("of none", sendmmsg(pair[1], messages, 0, 0));
  struct msghdr many = {0};
  static struct iovec lots[2000];
  many.msg_iov = lots;
  many.msg_iovlen = 2000;
  tell("too many parts", sendmsg(pair[0], &many, 0));
  tell("fault", sendmsg(pair[0], (void *)16, 0));
  many.msg_iovlen = 1;
  many.msg_name = text;
  many.msg_namelen = -1;
  tell("negative name", sendmsg(pair[0], &many, 0));
  close(pair[0]);
  close(pair[1]);
}

static void waiting(void) {
  printf("-- waiting\n");
  int pair[2];
  char text[64];
  socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
  struct timeval limit = {0, 20000};
  tell("SO_RCVTIMEO", setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit));
  tell("too late", recv(pair[0], text, 1, 0));
  socklen_t length = sizeof limit;
  tell("SO_RCVTIMEO", getsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &limit, &length));
  printf("%ld %ld %u\n", (long)limit.tv_sec, (long)limit.tv_usec, length);
  limit.tv_usec = 2000000;
  tell("too many", setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit));
  tell("too short", setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &limit, 4));
  fflush(stdout);
  if (fork() == 0) {
    usleep(10000);
    write(pair[1], "a", 1);
    usleep(10000);
    write(pair[1], "bcd", 3);
    _exit(0);
  }
  limit.tv_sec = limit.tv_usec = 0;
  setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  tell("all of it", recv(pair[0], text, 4, MSG_WAITALL));
  wait(NULL);
  int small = 100;
  setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
  socklen_t size = sizeof small;
  getsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &small, &size);
  printf("SO_SNDBUF %d\n", small);
  fflush(stdout);
  if (fork() == 0) {
    long sum = 0, got;
    close(pair[0]);
    while ((got = read(pair[1], text, sizeof text)) > 0) sum += got;
    printf("child read %ld\n", sum);
    fflush(stdout);
    _exit(0);
  }
  close(pair[1]);
  static char block[50000];
  tell("through a narrow door", write(pair[0], block, sizeof block));
  close(pair[0]);
  wait(NULL);
}

int main(void) {
  signal(SIGPIPE, broken);
  setvbuf(stdout, NULL, _IOLBF, 0);
  streams();
  connections();
  abstract();
  datagrams();
  packets();
  several();
  waiting();
  return 0;
}

// TCP over the loopback interface: how connections begin, carry bytes and end, with what poll says on the way.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
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

static int error_of(int fd) {
  int error = -1;
  socklen_t length = sizeof error;
  getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
  return error;
}

static int state_of(int fd) {
  struct tcp_info info = {0};
  socklen_t length = sizeof info;
  getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length);
  return info.tcpi_state;
}

static struct sockaddr_in v4(const char *host, int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  inet_pton(AF_INET, host, &address.sin_addr);
  return address;
}

static int port_of(int fd) {
  struct sockaddr_storage address;
  socklen_t length = sizeof address;
  if (getsockname(fd, (void *)&address, &length)) return -1;
  return ntohs(((struct sockaddr_in *)&address)->sin_port);
}

static void show_name(const char *what, int fd, int peer, int port) {
  struct sockaddr_storage address;
  socklen_t length = sizeof address;
  int result = (peer ? getpeername : getsockname)(fd, (void *)&address, &length);
  tell(what, result);
  if (result) return;
  char text[64];
  struct sockaddr_in *in = (void *)&address;
  struct sockaddr_in6 *in6 = (void *)&address;
  if (address.ss_family == AF_INET) inet_ntop(AF_INET, &in->sin_addr, text, sizeof text);
  else inet_ntop(AF_INET6, &in6->sin6_addr, text, sizeof text);
  printf("  length %u family %d %s port %s\n", length, address.ss_family, text, ntohs(in->sin_port) == port ? "the listener's" : in->sin_port ? "its own" : "none");
}

static int listener(int *port, int backlog) {
  struct sockaddr_in address = v4("127.0.0.1", 0);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  bind(fd, (void *)&address, sizeof address);
  listen(fd, backlog);
  *port = port_of(fd);
  return fd;
}

static int connected(int *server) {
  int port, door = listener(&port, 5), fd = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = v4("127.0.0.1", port);
  if (connect(fd, (void *)&address, sizeof address)) tell("connect", -1);
  *server = accept(door, NULL, NULL);
  close(door);
  return fd;
}

static void beginnings(void) {
  printf("-- beginnings\n");
  char text[16];
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  events("new", fd);
  printf("state %d\n", state_of(fd));
  show_name("name", fd, 0, 0);
  show_name("peer", fd, 1, 0);
  tell("recv", recv(fd, text, 1, 0));
  tell("send", send(fd, text, 1, MSG_NOSIGNAL));
  tell("shutdown", shutdown(fd, SHUT_RDWR));
  tell("accept", accept(fd, NULL, NULL));
  int port, door = listener(&port, 1);
  events("listener", door);
  printf("state %d\n", state_of(door));
  tell("recv of a listener", recv(door, text, 1, MSG_DONTWAIT));
  tell("send of a listener", send(door, text, 1, MSG_NOSIGNAL));
  struct sockaddr_in address = v4("127.0.0.1", port);
  close(fd);
  fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  tell("short", connect(fd, (void *)&address, 8));
  address.sin_family = AF_INET6;
  tell("family", connect(fd, (void *)&address, sizeof address));
  address.sin_family = AF_INET;
  tell("connect", connect(fd, (void *)&address, sizeof address));
  struct pollfd p = {fd, POLLOUT, 0};
  tell("poll", poll(&p, 1, 2000));
  printf("%#x error %d\n", p.revents, error_of(fd));
  tell("connect", connect(fd, (void *)&address, sizeof address));
  tell("connect", connect(fd, (void *)&address, sizeof address));
  show_name("name", fd, 0, port);
  show_name("peer", fd, 1, port);
  events("client", fd);
  events("listener", door);
  struct sockaddr_in who;
  socklen_t length = sizeof who;
  int server = accept4(door, (void *)&who, &length, SOCK_NONBLOCK);
  printf("accepted %d length %u family %d same port %d\n", server > 0, length, who.sin_family, ntohs(who.sin_port) == port_of(fd));
  show_name("server's name", server, 0, port);
  show_name("server's peer", server, 1, port);
  tell("connect a listener", connect(door, (void *)&address, sizeof address));
  tell("listen again", listen(door, 3));
  tell("listen when connected", listen(fd, 3));
  tell("bind when bound", bind(door, (void *)&address, sizeof address));
  close(door);
  close(server);
  close(fd);

  fd = socket(AF_INET, SOCK_STREAM, 0);
  tell("refused", connect(fd, (void *)&address, sizeof address));
  printf("error %d\n", error_of(fd));
  tell("refused again", connect(fd, (void *)&address, sizeof address));
  close(fd);
  fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  tell("in progress", connect(fd, (void *)&address, sizeof address));
  p.fd = fd;
  p.events = POLLIN | POLLOUT | POLLRDHUP;
  tell("poll", poll(&p, 1, 2000));
  printf("%#x\n", p.revents);
  tell("refused", connect(fd, (void *)&address, sizeof address));
  close(fd);
  fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  connect(fd, (void *)&address, sizeof address);
  printf("error %d then %d\n", error_of(fd), error_of(fd));
  close(fd);
  fd = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in any = v4("0.0.0.0", 0);
  door = listener(&port, 1);
  any.sin_port = htons(port);
  tell("to any", connect(fd, (void *)&any, sizeof any));
  show_name("peer", fd, 1, port);
  close(fd);
  close(door);
}

static void bytes(void) {
  printf("-- bytes\n");
  int server, client = connected(&server), count;
  static char block[200000];
  char text[64] = "";
  tell("write", write(client, "hello ", 6));
  struct iovec parts[2] = {{"wor", 3}, {"ld", 2}};
  tell("writev", writev(client, parts, 2));
  struct pollfd p = {server, POLLIN, 0};
  poll(&p, 1, 2000);
  tell("peek", recv(server, text, sizeof text, MSG_PEEK));
  ioctl(server, FIONREAD, &count);
  printf("%d there\n", count);
  tell("discard", recv(server, NULL, 6, MSG_TRUNC));
  tell("read", read(server, text, sizeof text));
  printf("%.5s\n", text);
  tell("none", recv(server, text, 1, MSG_DONTWAIT));
  tell("of zero", recv(server, text, 0, MSG_DONTWAIT));
  tell("with a name", sendto(client, "x", 1, 0, (void *)block, 16));
  struct sockaddr_in from;
  socklen_t length = sizeof from;
  tell("recvfrom", recvfrom(server, text, 1, 0, (void *)&from, &length));
  printf("length %u\n", length);
  tell("out of band", recv(server, text, 1, MSG_OOB));
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    long sum = 0, got, check = 0;
    close(client);
    while ((got = read(server, block, 7000)) > 0) {
      for (long i = 0; i < got; i++) check = (check * 31 + (unsigned char)block[i]) % 1000003;
      sum += got;
    }
    printf("child: %ld bytes, check %ld, last %ld\n", sum, check, got);
    fflush(stdout);
    _exit(0);
  }
  close(server);
  for (int i = 0; i < (int)sizeof block; i++) block[i] = i * 7 + i / 256;
  for (int i = 0; i < 5; i++) tell("a lot", write(client, block, sizeof block));
  int file = open("sent", O_CREAT | O_RDWR | O_TRUNC, 0600);
  write(file, block, 100000);
  off_t offset = 10;
  tell("sendfile", sendfile(client, file, &offset, 50000));
  printf("offset %ld\n", (long)offset);
  close(file);
  unlink("sent");
  tell("shutdown", shutdown(client, SHUT_WR));
  wait(NULL);
  close(client);
}

static void urgent(void) {
  printf("-- urgent\n");
  int server, client = connected(&server), mark;
  char text[16] = "";
  tell("send", send(client, "abc", 3, MSG_OOB));
  struct pollfd p = {server, POLLPRI, 0};
  tell("poll", poll(&p, 1, 2000));
  printf("%#x\n", p.revents);
  tell("urgent", recv(server, text, sizeof text, MSG_OOB));
  printf("%s\n", text);
  tell("again", recv(server, text, sizeof text, MSG_OOB));
  write(client, "def", 3);
  usleep(3000);
  memset(text, 0, sizeof text);
  tell("up to the mark", recv(server, text, sizeof text, 0));
  printf("%s\n", text);
  tell("SIOCATMARK", ioctl(server, 0x8905, &mark));
  printf("at mark %d\n", mark);
  memset(text, 0, sizeof text);
  tell("after it", recv(server, text, sizeof text, 0));
  printf("%s\n", text);
  close(client);
  close(server);
}

static void endings(void) {
  printf("-- endings\n");
  int server, client = connected(&server);
  char text[16];
  struct pollfd p = {0, POLLIN | POLLRDHUP, 0};
  tell("half close", shutdown(client, SHUT_WR));
  p.fd = server;
  poll(&p, 1, 2000);
  events("the other side", server);
  events("this side", client);
  tell("write", send(client, "x", 1, 0));
  tell("read", read(server, text, 1));
  tell("answer", write(server, "answer", 6));
  p.fd = client;
  poll(&p, 1, 2000);
  tell("read", read(client, text, sizeof text));
  tell("close", shutdown(server, SHUT_RDWR));
  poll(&p, 1, 2000);
  tell("read", read(client, text, 1));
  events("closed", client);
  events("closed", server);
  show_name("peer", client, 1, 0);
  tell("shutdown", shutdown(client, SHUT_RD));
  close(client);
  close(server);

  client = connected(&server);
  printf("-- closed by the other side\n");
  close(server);
  p.fd = client;
  poll(&p, 1, 2000);
  events("end", client);
  tell("first write", write(client, "x", 1));
  poll(&p, 1, 2000);
  usleep(3000);
  events("reset", client);
  tell("second write", write(client, "x", 1));
  tell("third write", write(client, "x", 1));
  tell("read", read(client, text, 1));
  printf("error %d\n", error_of(client));
  close(client);

  client = connected(&server);
  printf("-- closed with bytes unread\n");
  write(client, "unread", 6);
  p.fd = server;
  poll(&p, 1, 2000);
  close(server);
  p.fd = client;
  poll(&p, 1, 2000);
  events("reset", client);
  tell("read", read(client, text, 1));
  tell("read", read(client, text, 1));
  tell("write", write(client, "x", 1));
  close(client);

  client = connected(&server);
  printf("-- closed at once\n");
  struct linger linger = {1, 0};
  tell("SO_LINGER", setsockopt(server, SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
  tell("sent", write(server, "data", 4));
  close(server);
  p.fd = client;
  poll(&p, 1, 2000);
  usleep(3000);
  events("reset", client);
  printf("error %d\n", error_of(client));
  tell("connect again", shutdown(client, SHUT_RDWR));
  close(client);

  client = connected(&server);
  printf("-- reading no more\n");
  tell("SHUT_RD", shutdown(server, SHUT_RD));
  events("server", server);
  tell("read", read(server, text, 1));
  tell("write", write(client, "still", 5));
  usleep(3000);
  tell("read", recv(server, text, sizeof text, MSG_DONTWAIT));
  struct sockaddr none = {AF_UNSPEC};
  tell("disconnect", connect(client, &none, sizeof none));
  usleep(3000);
  events("disconnected", client);
  tell("send", send(client, "x", 1, 0));
  events("peer", server);
  close(client);
  close(server);

  printf("-- a listener goes\n");
  int port, door = listener(&port, 5);
  struct sockaddr_in address = v4("127.0.0.1", port);
  client = socket(AF_INET, SOCK_STREAM, 0);
  tell("connect", connect(client, (void *)&address, sizeof address));
  close(door);
  p.fd = client;
  poll(&p, 1, 2000);
  tell("read", read(client, text, 1));
  close(client);
  door = listener(&port, 5);
  address = v4("127.0.0.1", port);
  tell("shutdown", shutdown(door, SHUT_RD));
  events("shut", door);
  tell("accept", accept(door, NULL, NULL));
  client = socket(AF_INET, SOCK_STREAM, 0);
  tell("connect", connect(client, (void *)&address, sizeof address));
  close(client);
  close(door);
}

static void ports(void) {
  printf("-- ports\n");
  int port, door = listener(&port, 1), on = 1;
  struct sockaddr_in address = v4("127.0.0.1", port), any = v4("0.0.0.0", port), other = v4("127.0.0.2", port), far = v4("192.0.2.1", port);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  tell("in use", bind(fd, (void *)&address, sizeof address));
  tell("any", bind(fd, (void *)&any, sizeof any));
  tell("not here", bind(fd, (void *)&far, sizeof far));
  tell("SO_REUSEADDR", setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on));
  tell("in use even so", bind(fd, (void *)&address, sizeof address));
  tell("another address", bind(fd, (void *)&other, sizeof other));
  tell("listen", listen(fd, 1));
  int client = socket(AF_INET, SOCK_STREAM, 0);
  tell("connect to it", connect(client, (void *)&other, sizeof other));
  show_name("from", client, 0, port);
  show_name("to", client, 1, port);
  close(client);
  close(fd);
  int one = socket(AF_INET, SOCK_STREAM, 0), two = socket(AF_INET, SOCK_STREAM, 0);
  address.sin_port = 0;
  setsockopt(one, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  setsockopt(two, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  tell("bind", bind(one, (void *)&address, sizeof address));
  address.sin_port = htons(port_of(one));
  tell("both", bind(two, (void *)&address, sizeof address));
  tell("listen", listen(one, 1));
  tell("listen", listen(two, 1));
  printf("still bound %d\n", port_of(two) == port_of(one));
  close(one);
  tell("listen now", listen(two, 1));
  printf("still bound %d\n", ntohs(address.sin_port) == port_of(two));
  close(two);
  one = socket(AF_INET, SOCK_STREAM, 0), two = socket(AF_INET, SOCK_STREAM, 0);
  setsockopt(one, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  setsockopt(two, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  address.sin_port = 0;
  bind(one, (void *)&address, sizeof address);
  address.sin_port = htons(port_of(one));
  tell("shared", bind(two, (void *)&address, sizeof address));
  tell("listen", listen(one, 1));
  tell("listen", listen(two, 1));
  fd = socket(AF_INET, SOCK_STREAM, 0);
  tell("not shared", bind(fd, (void *)&address, sizeof address));
  tell("listen unbound", listen(fd, 1));
  printf("has a port %d\n", port_of(fd) > 0);
  close(one);
  close(two);
  close(fd);
  close(door);
  // Accepted connections keep the port of their listener.
  door = listener(&port, 1);
  address = v4("127.0.0.1", port);
  client = socket(AF_INET, SOCK_STREAM, 0);
  connect(client, (void *)&address, sizeof address);
  int server = accept(door, NULL, NULL);
  close(door);
  fd = socket(AF_INET, SOCK_STREAM, 0);
  tell("still in use", bind(fd, (void *)&address, sizeof address));
  close(server);
  read(client, &on, 1);
  close(client);
  usleep(3000);
  tell("time wait", bind(fd, (void *)&address, sizeof address));
  on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  tell("reused", bind(fd, (void *)&address, sizeof address));
  close(fd);
  fd = socket(AF_INET, SOCK_STREAM, 0);
  any.sin_port = htons(80);
  if (fork() == 0) {
    if (getuid() == 0) setuid(1234);
    tell("privileged", bind(fd, (void *)&any, sizeof any));
    fflush(stdout);
    _exit(0);
  }
  wait(NULL);
  close(fd);
}

static void six(void) {
  printf("-- version 6\n");
  int door = socket(AF_INET6, SOCK_STREAM, 0), on = 1, off = 0;
  struct sockaddr_in6 address = {.sin6_family = AF_INET6};
  tell("short", bind(door, (void *)&address, 20));
  tell("bind", bind(door, (void *)&address, sizeof address));
  tell("too late", setsockopt(door, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on));
  tell("listen", listen(door, 5));
  int port = port_of(door);
  show_name("name", door, 0, port);
  struct sockaddr_in four = v4("127.0.0.1", port);
  int client = socket(AF_INET, SOCK_STREAM, 0);
  tell("by version 4", connect(client, (void *)&four, sizeof four));
  int server = accept(door, NULL, NULL);
  show_name("its name", server, 0, port);
  show_name("its peer", server, 1, port);
  close(client);
  close(server);
  client = socket(AF_INET6, SOCK_STREAM, 0);
  address.sin6_addr = in6addr_loopback;
  address.sin6_port = htons(port);
  tell("by version 6", connect(client, (void *)&address, sizeof address));
  server = accept(door, NULL, NULL);
  show_name("its name", server, 0, port);
  show_name("its peer", server, 1, port);
  tell("write", write(client, "six", 3));
  char text[8];
  tell("read", read(server, text, sizeof text));
  close(client);
  close(server);
  client = socket(AF_INET6, SOCK_STREAM, 0);
  inet_pton(AF_INET6, "::ffff:127.0.0.1", &address.sin6_addr);
  tell("mapped", connect(client, (void *)&address, sizeof address));
  show_name("own name", client, 0, port);
  show_name("its peer", client, 1, port);
  close(client);
  client = socket(AF_INET, SOCK_STREAM, 0);
  tell("in use for 4", bind(client, (void *)&four, sizeof four));
  close(client);
  close(door);
  door = socket(AF_INET6, SOCK_STREAM, 0);
  tell("IPV6_V6ONLY", setsockopt(door, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on));
  inet_pton(AF_INET6, "::ffff:127.0.0.1", &address.sin6_addr);
  address.sin6_port = 0;
  tell("mapped", bind(door, (void *)&address, sizeof address));
  address.sin6_addr = in6addr_any;
  tell("bind", bind(door, (void *)&address, sizeof address));
  tell("listen", listen(door, 5));
  four.sin_port = htons(port_of(door));
  client = socket(AF_INET, SOCK_STREAM, 0);
  tell("refused", connect(client, (void *)&four, sizeof four));
  close(client);
  client = socket(AF_INET, SOCK_STREAM, 0);
  tell("free for 4", bind(client, (void *)&four, sizeof four));
  close(client);
  inet_pton(AF_INET6, "2001:db8::1", &address.sin6_addr);
  client = socket(AF_INET6, SOCK_STREAM, 0);
  tell("not here", bind(client, (void *)&address, sizeof address));
  inet_pton(AF_INET6, "fe80::1", &address.sin6_addr);
  tell("no scope", bind(client, (void *)&address, sizeof address));
  tell("family", bind(client, (void *)&four, sizeof four));
  close(client);
  close(door);
}

static void patience(void) {
  printf("-- patience\n");
  int port, door = listener(&port, 0), on = 1;
  struct sockaddr_in address = v4("127.0.0.1", port);
  int fds[3];
  for (int i = 0; i < 3; i++) {
    fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    tell("connect", connect(fds[i], (void *)&address, sizeof address));
  }
  usleep(5000);
  struct pollfd p = {fds[0], POLLOUT, 0};
  tell("the first", poll(&p, 1, 0));
  p.fd = fds[2];
  tell("the last", poll(&p, 1, 50));
  tell("still", connect(fds[2], (void *)&address, sizeof address));
  tell("send", send(fds[2], "x", 1, 0));
  tell("recv", recv(fds[2], &on, 1, 0));
  close(accept(door, NULL, NULL));
  close(accept(door, NULL, NULL));
  tell("in the end", poll(&p, 1, 5000));
  tell("connect", connect(fds[2], (void *)&address, sizeof address));
  close(door);
  for (int i = 0; i < 3; i++) close(fds[i]);
  int server, client = connected(&server);
  struct timeval limit = {0, 20000};
  setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  char text[4];
  tell("too late", recv(client, text, 1, 0));
  fcntl(client, F_SETFL, O_NONBLOCK);
  static char block[100000];
  long sum = 0, got;
  while ((got = write(client, block, sizeof block)) > 0) sum += got;
  tell("full", got);
  printf("some %d\n", sum > 100000 && sum < 20000000);
  events("full", client);
  while (sum > 0 && (got = read(server, block, sizeof block)) > 0) sum -= got;
  printf("left %ld\n", sum);
  usleep(3000);
  events("empty", client);
  int file = open("sent", O_CREAT | O_RDWR | O_TRUNC, 0600);
  for (int i = 0; i < 100; i++) write(file, block, sizeof block);
  lseek(file, 0, SEEK_SET);
  sum = 0;
  while ((got = sendfile(client, file, NULL, 10000000)) > 0) sum += got;
  tell("sendfile", got);
  printf("position %d\n", sum == lseek(file, 0, SEEK_CUR));
  close(file);
  unlink("sent");
  close(client);
  close(server);
}

int main(void) {
  signal(SIGPIPE, broken);
  setvbuf(stdout, NULL, _IOLBF, 0);
  beginnings();
  bytes();
  urgent();
  endings();
  ports();
  six();
  patience();
  return 0;
}

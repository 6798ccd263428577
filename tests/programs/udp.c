// UDP over the loopback interface: datagrams connected and not, ports nobody has, what comes with a datagram, multicast.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
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

static int error_of(int fd) {
  int error = -1;
  socklen_t length = sizeof error;
  getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
  return error;
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

static void show_address(const char *what, const void *bytes, socklen_t length) {
  char text[64] = "";
  const struct sockaddr_in *in = bytes;
  const struct sockaddr_in6 *in6 = bytes;
  if (in->sin_family == AF_INET) inet_ntop(AF_INET, &in->sin_addr, text, sizeof text);
  else inet_ntop(AF_INET6, &in6->sin6_addr, text, sizeof text);
  printf("%s: length %u family %d %s port %s\n", what, length, in->sin_family, text, in->sin_port ? "some" : "none");
}

static void show_name(const char *what, int fd, int peer) {
  struct sockaddr_storage address;
  socklen_t length = sizeof address;
  if ((peer ? getpeername : getsockname)(fd, (void *)&address, &length)) tell(what, -1);
  else show_address(what, &address, length);
}

static int bound(const char *host, struct sockaddr_in *address) {
  *address = v4(host, 0);
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (bind(fd, (void *)address, sizeof *address)) tell("bind", -1);
  address->sin_port = htons(port_of(fd));
  return fd;
}

static void datagrams(void) {
  printf("-- datagrams\n");
  struct sockaddr_in to, from;
  socklen_t length = sizeof from;
  char text[64];
  static char block[70000];
  int server = bound("127.0.0.1", &to), client = socket(AF_INET, SOCK_DGRAM, 0), bytes;
  events("new", client);
  show_name("name", client, 0);
  show_name("peer", client, 1);
  tell("nowhere", send(client, "x", 1, 0));
  tell("nothing", recv(client, text, 1, MSG_DONTWAIT));
  tell("sendto", sendto(client, "datagram", 8, 0, (void *)&to, sizeof to));
  show_name("name now", client, 0);
  tell("sendto", sendto(client, "", 0, 0, (void *)&to, sizeof to));
  struct iovec parts[2] = {{"two ", 4}, {"parts", 5}};
  struct msghdr message = {.msg_name = &to, .msg_namelen = sizeof to, .msg_iov = parts, .msg_iovlen = 2};
  tell("sendmsg", sendmsg(client, &message, 0));
  events("server", server);
  ioctl(server, FIONREAD, &bytes);
  printf("%d bytes\n", bytes);
  tell("peek", recvfrom(server, text, 4, MSG_PEEK | MSG_TRUNC, (void *)&from, &length));
  show_address("from", &from, length);
  printf("the client's port %d\n", ntohs(from.sin_port) == port_of(client));
  tell("read", read(server, text, 3));
  tell("empty", recv(server, text, sizeof text, 0));
  struct iovec part = {text, 5};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_name = NULL;
  tell("recvmsg", recvmsg(server, &message, 0));
  printf("%.5s flags %#x\n", text, message.msg_flags);
  tell("no more", recv(server, text, 1, MSG_DONTWAIT));
  struct sockaddr_in odd = v4("127.0.0.1", 9);
  tell("short address", sendto(client, "x", 1, 0, (void *)&odd, 8));
  odd.sin_family = AF_INET6;
  tell("family", sendto(client, "x", 1, 0, (void *)&odd, sizeof odd));
  odd.sin_family = AF_UNSPEC;
  tell("no family", sendto(client, "x", 1, 0, (void *)&odd, sizeof odd));
  odd = to;
  odd.sin_port = 0;
  tell("port 0", sendto(client, "x", 1, 0, (void *)&odd, sizeof odd));
  tell("out of band", sendto(client, "x", 1, MSG_OOB, (void *)&to, sizeof to));
  tell("65507", sendto(client, block, 65507, 0, (void *)&to, sizeof to));
  tell("65508", sendto(client, block, 65508, 0, (void *)&to, sizeof to));
  tell("70000", sendto(client, block, 70000, 0, (void *)&to, sizeof to));
  tell("listen", listen(client, 1));
  tell("accept", accept(client, NULL, NULL));
  tell("shutdown", shutdown(client, SHUT_RDWR));
  tell("socketpair", socketpair(AF_INET, SOCK_DGRAM, 0, (int[2]){0, 0}));
  odd = v4("0.0.0.0", ntohs(to.sin_port));
  int third = socket(AF_INET, SOCK_DGRAM, 0);
  tell("to any", sendto(third, "any", 3, 0, (void *)&odd, sizeof odd));
  close(third);
  close(server);
  close(client);
}

static void connected(void) {
  printf("-- connected\n");
  struct sockaddr_in to, other;
  char text[64];
  int server = bound("127.0.0.1", &to), client = socket(AF_INET, SOCK_DGRAM, 0);
  tell("connect", connect(client, (void *)&to, sizeof to));
  show_name("name", client, 0);
  show_name("peer", client, 1);
  tell("send", send(client, "one", 3, 0));
  int stranger = bound("127.0.0.1", &other);
  struct sockaddr_in mine = v4("127.0.0.1", port_of(client));
  tell("a stranger's", sendto(stranger, "x", 1, 0, (void *)&mine, sizeof mine));
  tell("the peer's", sendto(server, "peer", 4, 0, (void *)&mine, sizeof mine));
  tell("recv", recv(client, text, sizeof text, MSG_DONTWAIT));
  tell("recv", recv(client, text, sizeof text, MSG_DONTWAIT));
  printf("stranger's error %d\n", error_of(stranger));
  tell("to another", sendto(client, "x", 1, 0, (void *)&other, sizeof other));
  tell("recv", recv(stranger, text, 1, MSG_DONTWAIT));
  close(server);
  tell("to nobody", send(client, "x", 1, 0));
  usleep(3000);
  events("refused", client);
  tell("send", send(client, "x", 1, 0));
  usleep(3000);
  tell("send", send(client, "x", 1, 0));
  usleep(3000);
  tell("recv", recv(client, text, 1, MSG_DONTWAIT));
  tell("recv", recv(client, text, 1, MSG_DONTWAIT));
  send(client, "x", 1, 0);
  usleep(3000);
  printf("error %d %d\n", error_of(client), error_of(client));
  tell("unconnected to nobody", sendto(stranger, "x", 1, 0, (void *)&to, sizeof to));
  usleep(3000);
  events("not told", stranger);
  struct sockaddr none = {AF_UNSPEC};
  tell("disconnect", connect(client, &none, sizeof none));
  show_name("name", client, 0);
  show_name("peer", client, 1);
  tell("send", send(client, "x", 1, 0));
  tell("connect", connect(client, (void *)&other, sizeof other));
  tell("shutdown", shutdown(client, SHUT_WR));
  tell("send", send(client, "x", 1, 0));
  tell("shutdown", shutdown(client, SHUT_RD));
  tell("recv", recv(client, text, 1, 0));
  tell("recv", recv(client, text, 1, MSG_DONTWAIT));
  events("shut", client);
  close(client);
  close(stranger);
}

static void sharing(void) {
  printf("-- sharing\n");
  struct sockaddr_in to, any;
  char text[8];
  int one = bound("127.0.0.1", &to), two = socket(AF_INET, SOCK_DGRAM, 0), on = 1;
  any = v4("0.0.0.0", ntohs(to.sin_port));
  tell("in use", bind(two, (void *)&to, sizeof to));
  tell("any", bind(two, (void *)&any, sizeof any));
  tell("SO_REUSEADDR", setsockopt(two, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on));
  tell("still", bind(two, (void *)&any, sizeof any));
  setsockopt(one, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  tell("both", bind(two, (void *)&any, sizeof any));
  tell("sendto", sendto(two, "which", 5, 0, (void *)&to, sizeof to));
  tell("the nearer", recv(one, text, sizeof text, MSG_DONTWAIT));
  tell("the other", recv(two, text, sizeof text, MSG_DONTWAIT));
  struct sockaddr_in far = v4("192.0.2.1", 0), multicast = v4("224.0.0.9", 0);
  int three = socket(AF_INET, SOCK_DGRAM, 0);
  tell("not here", bind(three, (void *)&far, sizeof far));
  tell("multicast", bind(three, (void *)&multicast, sizeof multicast));
  tell("twice", bind(three, (void *)&any, sizeof any));
  close(one);
  close(two);
  close(three);
}

static void attached(void) {
  printf("-- what comes with a datagram\n");
  struct sockaddr_in to, from;
  int server = bound("0.0.0.0", &to), client = socket(AF_INET, SOCK_DGRAM, 0), on = 1, ttl = 7, tos = 0x10;
  to = v4("127.0.0.3", ntohs(to.sin_port));
  tell("IP_PKTINFO", setsockopt(server, IPPROTO_IP, IP_PKTINFO, &on, sizeof on));
  tell("IP_RECVTTL", setsockopt(server, IPPROTO_IP, IP_RECVTTL, &on, sizeof on));
  tell("IP_RECVTOS", setsockopt(server, IPPROTO_IP, IP_RECVTOS, &on, sizeof on));
  tell("IP_TTL", setsockopt(client, IPPROTO_IP, IP_TTL, &ttl, sizeof ttl));
  tell("IP_TOS", setsockopt(client, IPPROTO_IP, IP_TOS, &tos, sizeof tos));
  tell("sendto", sendto(client, "x", 1, 0, (void *)&to, sizeof to));
  char text[8], control[256];
  struct iovec part = {text, sizeof text};
  struct msghdr message = {.msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  tell("recvmsg", recvmsg(server, &message, 0));
  show_address("from", &from, message.msg_namelen);
  for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
    printf("  level %d type %d length %zu:", c->cmsg_level, c->cmsg_type, (size_t)c->cmsg_len);
    for (size_t i = 0; i < c->cmsg_len - CMSG_LEN(0); i++) printf(" %02x", CMSG_DATA(c)[i]);
    printf("\n");
  }
  setsockopt(server, SOL_SOCKET, SO_TIMESTAMP, &on, sizeof on);
  sendto(client, "x", 1, 0, (void *)&to, sizeof to);
  message.msg_controllen = sizeof control;
  recvmsg(server, &message, 0);
  printf("timestamp %d %zu\n", CMSG_FIRSTHDR(&message)->cmsg_type == SO_TIMESTAMP, (size_t)CMSG_FIRSTHDR(&message)->cmsg_len);
  close(server);
  close(client);

  struct sockaddr_in6 to6 = {.sin6_family = AF_INET6}, from6;
  server = socket(AF_INET6, SOCK_DGRAM, 0);
  tell("bind", bind(server, (void *)&to6, sizeof to6));
  setsockopt(server, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
  setsockopt(server, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, &on, sizeof on);
  to6.sin6_port = htons(port_of(server));
  to6.sin6_addr = in6addr_loopback;
  client = socket(AF_INET6, SOCK_DGRAM, 0);
  tell("sendto", sendto(client, "six", 3, 0, (void *)&to6, sizeof to6));
  message = (struct msghdr){.msg_name = &from6, .msg_namelen = sizeof from6, .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  tell("recvmsg", recvmsg(server, &message, 0));
  show_address("from", &from6, message.msg_namelen);
  for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
    printf("  level %d type %d length %zu:", c->cmsg_level, c->cmsg_type, (size_t)c->cmsg_len);
    for (size_t i = 0; i < c->cmsg_len - CMSG_LEN(0); i++) printf(" %02x", CMSG_DATA(c)[i]);
    printf("\n");
  }
  struct sockaddr_in four = v4("127.0.0.1", port_of(server));
  int client4 = socket(AF_INET, SOCK_DGRAM, 0);
  tell("from version 4", sendto(client4, "four", 4, 0, (void *)&four, sizeof four));
  socklen_t length = sizeof from6;
  tell("recvfrom", recvfrom(server, text, sizeof text, 0, (void *)&from6, &length));
  show_address("from", &from6, length);
  four.sin_port = htons(port_of(client4));
  tell("version 4's address on 6", sendto(client, "x", 1, 0, (void *)&four, sizeof four));
  tell("received", recv(client4, text, sizeof text, MSG_DONTWAIT));
  close(server);
  close(client);
  close(client4);
}

static void multicast(void) {
  printf("-- multicast\n");
  struct sockaddr_in to, group;
  int server = bound("0.0.0.0", &to), client = socket(AF_INET, SOCK_DGRAM, 0), off = 0;
  struct ip_mreq join = {0}, wrong = {0};
  struct in_addr lo;
  char text[8];
  inet_pton(AF_INET, "224.1.2.3", &join.imr_multiaddr);
  inet_pton(AF_INET, "127.0.0.1", &join.imr_interface);
  tell("no group", setsockopt(server, IPPROTO_IP, IP_ADD_MEMBERSHIP, &wrong, sizeof wrong));
  tell("join", setsockopt(server, IPPROTO_IP, IP_ADD_MEMBERSHIP, &join, sizeof join));
  tell("again", setsockopt(server, IPPROTO_IP, IP_ADD_MEMBERSHIP, &join, sizeof join));
  inet_pton(AF_INET, "127.0.0.1", &lo);
  tell("IP_MULTICAST_IF", setsockopt(client, IPPROTO_IP, IP_MULTICAST_IF, &lo, sizeof lo));
  group = v4("224.1.2.3", ntohs(to.sin_port));
  tell("sendto", sendto(client, "group", 5, 0, (void *)&group, sizeof group));
  tell("recv", recv(server, text, sizeof text, MSG_DONTWAIT));
  group = v4("224.1.2.4", ntohs(to.sin_port));
  tell("another group", sendto(client, "group", 5, 0, (void *)&group, sizeof group));
  tell("recv", recv(server, text, sizeof text, MSG_DONTWAIT));
  tell("leave", setsockopt(server, IPPROTO_IP, IP_DROP_MEMBERSHIP, &join, sizeof join));
  tell("again", setsockopt(server, IPPROTO_IP, IP_DROP_MEMBERSHIP, &join, sizeof join));
  struct sockaddr_in broadcast = v4("127.255.255.255", ntohs(to.sin_port));
  tell("broadcast", sendto(client, "x", 1, 0, (void *)&broadcast, sizeof broadcast));
  int on = 1;
  setsockopt(client, SOL_SOCKET, SO_BROADCAST, &on, sizeof on);
  tell("allowed", sendto(client, "x", 1, 0, (void *)&broadcast, sizeof broadcast));
  tell("recv", recv(server, text, sizeof text, MSG_DONTWAIT));
  close(server);
  close(client);
}

int main(void) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  datagrams();
  connected();
  sharing();
  attached();
  multicast();
  return 0;
}

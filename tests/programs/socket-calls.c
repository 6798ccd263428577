// The calls of sockets, each with what its page says: refusals of every call on every kind of socket, flags of messages, options.
#include "call-report.h"
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <arpa/inet.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>

static struct sockaddr_in at(int port) { return (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}; }
static int listener(struct sockaddr_in *name) {
  socklen_t length = sizeof *name;
  int s = socket(AF_INET, SOCK_STREAM, 0);
  *name = at(0);
  bind(s, (void *)name, sizeof *name);
  listen(s, 5);
  getsockname(s, (void *)name, &length);
  return s;
}

static void creation(void) {
  int ends[2];
  CALL(socket, 0L, 1L, 0L); CALL(socket, 99L, 1L, 0L); CALL(socket, -1L, 1L, 0L); CALL(socket, 45L, 1L, 0L);
  CALL(socket, AF_INET, 0L, 0L); CALL(socket, AF_INET, 11L, 0L); CALL(socket, AF_INET, 0x100001L, 0L); CALL(socket, AF_INET, SOCK_STREAM, 17L); CALL(socket, AF_INET, SOCK_DGRAM, 6L); CALL(socket, AF_INET, SOCK_STREAM, 999L); CALL(socket, AF_INET, SOCK_SEQPACKET, 0L); CALL(socket, AF_INET, SOCK_RDM, 0L); CALL(socket, AF_INET, SOCK_PACKET, 0L); CALL(socket, AF_INET, SOCK_RAW, 0L);
  CALL(socket, AF_UNIX, SOCK_STREAM, 1L); CALL(socket, AF_UNIX, SOCK_STREAM, 2L); CALL(socket, AF_UNIX, SOCK_RDM, 0L); CALLED(socket, AF_UNIX, SOCK_RAW, 0L); CALL(socket, AF_NETLINK, SOCK_STREAM, 0L); CALL(socket, AF_NETLINK, SOCK_RAW, 99L);
  CALLED(socket, AF_INET6, SOCK_STREAM, 0L); CALLED(socket, AF_INET6, SOCK_DGRAM, 17L); CALL(socket, AF_INET6, SOCK_RAW, 0L);
  CALL(socketpair, AF_INET, SOCK_STREAM, 0L, ends); CALL(socketpair, AF_UNIX, SOCK_STREAM, 2L, ends); CALL(socketpair, AF_UNIX, SOCK_STREAM, 0L, hole); CALL(socketpair, AF_UNIX, SOCK_STREAM, 0L, NULL); CALL(socketpair, 99L, SOCK_STREAM, 0L, ends); CALL(socketpair, AF_UNIX, SOCK_STREAM | 0x1000000, 0L, ends); CALL(socketpair, AF_NETLINK, SOCK_RAW, 0L, ends); CALL(socketpair, AF_INET6, SOCK_DGRAM, 0L, ends);
  SHOW(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends)); printf("%x %x\n", fcntl(ends[0], F_GETFL), fcntl(ends[1], F_GETFD));
}

static void creation_by_nobody(void) {
  CALL(socket, AF_INET, SOCK_RAW, IPPROTO_ICMP); CALL(socket, AF_INET, SOCK_RAW, 0L); CALL(socket, AF_INET6, SOCK_RAW, IPPROTO_ICMPV6); CALL(socket, AF_PACKET, SOCK_RAW, 0L); CALL(socket, AF_PACKET, SOCK_DGRAM, 0L);
  int s = socket(AF_INET, SOCK_STREAM, 0), on = 1; struct sockaddr_in a = at(80);
  SHOW(bind(s, (void *)&a, sizeof a)); SHOW(setsockopt(s, SOL_SOCKET, SO_SNDBUFFORCE, &on, 4)); SHOW(setsockopt(s, SOL_SOCKET, SO_MARK, &on, 4)); SHOW(setsockopt(s, SOL_SOCKET, SO_DEBUG, &on, 4)); SHOW(setsockopt(s, IPPROTO_IP, IP_TRANSPARENT, &on, 4)); on = 7; SHOW(setsockopt(s, SOL_SOCKET, SO_PRIORITY, &on, 4)); SHOW(setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
  struct sockaddr_un u = {AF_UNIX, "/root/socket"}; int x = socket(AF_UNIX, SOCK_STREAM, 0); SHOW(bind(x, (void *)&u, sizeof u)); SHOW(connect(x, (void *)&u, sizeof u));
}

static void binding(void) {
  int file = open("/dev/null", O_RDWR), s = socket(AF_INET, SOCK_STREAM, 0), d = socket(AF_INET, SOCK_DGRAM, 0), u = socket(AF_UNIX, SOCK_STREAM, 0), s6 = socket(AF_INET6, SOCK_STREAM, 0);
  struct sockaddr_in a = at(0), b; struct sockaddr_in6 a6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT}; socklen_t length = sizeof b;
  CALL(bind, 77L, &a, sizeof a); CALL(bind, file, &a, sizeof a); CALL(bind, s, &a, 3L); CALL(bind, s, &a, -1L); CALL(bind, s, &a, 129L); CALL(bind, s, hole, sizeof a); CALL(bind, s, NULL, sizeof a);
  a.sin_family = AF_UNIX; CALL(bind, s, &a, sizeof a); a.sin_family = 0; CALL(bind, d, &a, sizeof a); a.sin_addr.s_addr = 0; SHOW(bind(d, (void *)&a, sizeof a)); a = at(0); a.sin_addr.s_addr = inet_addr("1.2.3.4"); CALL(bind, s, &a, sizeof a); a = at(0);
  CALL(getsockname, s, &b, &length); printf("port %d family %d length %d\n", b.sin_port, b.sin_family, length); CALL(getpeername, s, &b, &length);
  SHOW(bind(s, (void *)&a, sizeof a)); SHOW(bind(s, (void *)&a, sizeof a)); SHOW(getsockname(s, (void *)&b, &length)); printf("port %d\n", b.sin_port != 0);
  int t = socket(AF_INET, SOCK_STREAM, 0); CALL(bind, t, &b, sizeof b); SHOW(listen(s, 1)); CALL(bind, t, &b, sizeof b); int on = 1; setsockopt(t, SOL_SOCKET, SO_REUSEADDR, &on, 4); CALL(bind, t, &b, sizeof b);
  CALL(bind, s6, &a6, 24L); CALL(bind, s6, &a6, 23L); CALL(bind, s6, &a, sizeof a);
  CALL(getsockname, 77L, &b, &length); CALL(getsockname, file, &b, &length); CALL(getsockname, s, hole, &length); CALL(getsockname, s, &b, hole); length = -1; CALL(getsockname, s, &b, &length); length = 2; CALL(getsockname, s, &b, &length); printf("length %d\n", length); length = 0; CALL(getsockname, s, hole, &length);
  CALL(listen, 77L, 1L); CALL(listen, file, 1L); CALL(listen, d, 1L); CALL(listen, u, 1L); CALL(listen, s, -1L); CALL(listen, t, 5L);
  struct sockaddr_un n = {AF_UNIX, "socket-calls"}; unlink("socket-calls");
  CALL(bind, u, &n, 1L); CALL(bind, u, &n, 200L); SHOW(bind(u, (void *)&n, sizeof n)); int v = socket(AF_UNIX, SOCK_STREAM, 0); SHOW(bind(v, (void *)&n, sizeof n)); SHOW(bind(u, (void *)&n, sizeof n)); struct sockaddr_un far = {AF_UNIX, "nowhere/socket"}; SHOW(bind(v, (void *)&far, sizeof far)); strcpy(far.sun_path, "/dev/null/socket"); SHOW(bind(v, (void *)&far, sizeof far)); SHOW(connect(v, (void *)&far, sizeof far)); strcpy(far.sun_path, "/nowhere"); SHOW(connect(v, (void *)&far, sizeof far)); strcpy(far.sun_path, "/dev/null"); SHOW(connect(v, (void *)&far, sizeof far)); SHOW(connect(v, (void *)&n, sizeof n)); int du = socket(AF_UNIX, SOCK_DGRAM, 0); SHOW(connect(du, (void *)&n, sizeof n)); unlink("socket-calls");
}

static void connecting(void) {
  struct sockaddr_in name, a = at(1), b; socklen_t length = sizeof b; int file = open("/dev/null", O_RDWR), l = listener(&name), s = socket(AF_INET, SOCK_STREAM, 0), c;
  CALL(connect, 77L, &name, sizeof name); CALL(connect, file, &name, sizeof name); CALL(connect, s, hole, sizeof name); CALL(connect, s, &name, 3L); CALL(connect, s, &name, -1L); a.sin_family = 99; CALL(connect, s, &a, sizeof a); a = at(1); CALL(connect, s, &a, sizeof a); CALL(connect, s, &a, sizeof a);
  close(s); s = socket(AF_INET, SOCK_STREAM, 0); SHOW(connect(s, (void *)&name, sizeof name)); SHOW(connect(s, (void *)&name, sizeof name)); SHOW(connect(l, (void *)&name, sizeof name)); SHOW(listen(s, 1));
  c = accept4(l, (void *)&b, &length, SOCK_NONBLOCK | SOCK_CLOEXEC); printf("flags %x %x length %d\n", fcntl(c, F_GETFL), fcntl(c, F_GETFD), length);
  CALL(accept4, l, NULL, NULL, 1L); CALL(accept, 77L, NULL, NULL); CALL(accept, file, NULL, NULL); CALL(accept, s, NULL, NULL); int d = socket(AF_INET, SOCK_DGRAM, 0), u = socket(AF_UNIX, SOCK_STREAM, 0), p[2]; CALL(accept, d, NULL, NULL); CALL(accept, u, NULL, NULL); socketpair(AF_UNIX, SOCK_STREAM, 0, p); CALL(accept, p[0], NULL, NULL);
  fcntl(l, F_SETFL, O_NONBLOCK); CALL(accept, l, NULL, NULL); int e = socket(AF_INET, SOCK_STREAM, 0); connect(e, (void *)&name, sizeof name); CALL(accept, l, &b, hole); connect(socket(AF_INET, SOCK_STREAM, 0), (void *)&name, sizeof name); length = sizeof b; CALL(accept, l, hole, &length); connect(socket(AF_INET, SOCK_STREAM, 0), (void *)&name, sizeof name); length = -1; CALL(accept, l, &b, &length); length = sizeof b;
  SHOW(getpeername(s, (void *)&b, &length)); printf("peer %d\n", b.sin_port == name.sin_port); CALL(getpeername, s, &b, hole); CALL(getpeername, 77L, &b, &length); CALL(getpeername, d, &b, &length); CALL(getpeername, l, &b, &length);
  SHOW(shutdown(s, 3)); SHOW(shutdown(s, -1)); SHOW(shutdown(77, 0)); SHOW(shutdown(file, 0)); SHOW(shutdown(d, 0)); SHOW(shutdown(u, 2)); SHOW(shutdown(l, 0)); SHOW(shutdown(s, SHUT_WR)); char t[8]; SHOW(recv(c, t, 8, 0)); signal(SIGPIPE, SIG_IGN); SHOW(send(s, "x", 1, 0)); SHOW(send(c, "abc", 3, 0)); SHOW(recv(s, t, 8, 0)); SHOW(shutdown(s, SHUT_RD)); SHOW(recv(s, t, 8, 0));
  int nb = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), l2 = listener(&name), error; SHOW(connect(nb, (void *)&name, sizeof name)); struct pollfd r = {nb, POLLOUT}; SHOW(poll(&r, 1, 1000)); printf("%x\n", r.revents); length = 4; SHOW(getsockopt(nb, SOL_SOCKET, SO_ERROR, &error, &length)); printf("%d\n", error); SHOW(connect(nb, (void *)&name, sizeof name)); nb = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0); a = at(1); SHOW(connect(nb, (void *)&a, sizeof a)); r.fd = nb; SHOW(poll(&r, 1, 1000)); printf("%x\n", r.revents); length = 4; SHOW(getsockopt(nb, SOL_SOCKET, SO_ERROR, &error, &length)); printf("%d\n", error);
  a.sin_family = AF_UNSPEC; SHOW(connect(d, (void *)&a, sizeof a)); a = at(9); SHOW(connect(d, (void *)&a, sizeof a)); SHOW(send(d, "x", 1, 0)); rest(5); SHOW(send(d, "x", 1, 0)); SHOW(send(d, "x", 1, 0)); rest(5); SHOW(recv(d, t, 8, MSG_DONTWAIT));
}

static void messages(void) {
  int p[2], file = open("/dev/null", O_RDWR), d[2], q[2]; char t[64] = ""; struct iovec v[3] = {{"one", 3}, {"two", 3}, {hole, 3}}; struct msghdr m = {.msg_iov = v, .msg_iovlen = 2};
  signal(SIGPIPE, SIG_IGN); socketpair(AF_UNIX, SOCK_STREAM, 0, p); socketpair(AF_UNIX, SOCK_DGRAM, 0, d); socketpair(AF_UNIX, SOCK_SEQPACKET, 0, q);
  CALL(sendto, 77L, "x", 1L, 0L, NULL, 0L); CALL(sendto, file, "x", 1L, 0L, NULL, 0L); CALL(sendto, p[0], hole, 4L, 0L, NULL, 0L); CALL(sendto, d[0], hole, 4L, 0L, NULL, 0L); CALL(sendto, p[0], "x", 1L, 0L, hole, 16L); CALL(sendto, p[0], "x", 1L, 0L, "x", 200L); CALL(sendto, p[0], "x", 1L, 0L, page, 16L); CALL(sendto, d[0], "x", 0L, 0L, NULL, 0L); CALL(sendto, p[0], "x", 0L, 0L, NULL, 0L); CALL(sendto, p[0], "x", 1L, MSG_OOB, NULL, 0L); CALL(sendto, d[0], "x", 1L, MSG_OOB, NULL, 0L); CALL(recvfrom, d[0], t, 8L, MSG_OOB, NULL, NULL);
  CALL(recvfrom, 77L, t, 8L, 0L, NULL, NULL); CALL(recvfrom, file, t, 8L, 0L, NULL, NULL); CALL(recvfrom, p[0], t, 8L, MSG_DONTWAIT, NULL, NULL); recv(p[1], t, 8, MSG_DONTWAIT); SHOW(send(p[0], "hello", 5, 0)); SHOW(recv(p[1], t, 2, MSG_PEEK)); SHOW(recv(p[1], t, 2, 0)); CALL(recvfrom, p[1], hole, 3L, 0L, NULL, NULL); SHOW(recv(p[1], t, 10, MSG_DONTWAIT)); SHOW(recv(p[1], t, 10, MSG_WAITALL | MSG_DONTWAIT));
  recv(d[1], t, 8, MSG_DONTWAIT); SHOW(send(d[0], "datagram", 8, 0)); SHOW(recv(d[1], t, 3, MSG_PEEK | MSG_TRUNC)); SHOW(recv(d[1], t, 3, 0)); SHOW(recv(d[1], t, 3, MSG_DONTWAIT)); SHOW(send(d[0], "abc", 3, 0)); v[2] = (struct iovec){t, 2}; m.msg_iov = v + 2; m.msg_iovlen = 1; SHOW(recvmsg(d[1], &m, 0)); printf("flags %x\n", m.msg_flags); SHOW(send(q[0], "abc", 3, MSG_EOR)); SHOW(recvmsg(q[1], &m, 0)); printf("flags %x\n", m.msg_flags);
  m.msg_iov = v; m.msg_iovlen = 2; SHOW(sendmsg(p[0], &m, 0)); SHOW(recv(p[1], t, 10, 0)); printf("%s\n", t); CALL(sendmsg, p[0], hole, 0L); CALL(recvmsg, p[0], hole, 0L); m.msg_iovlen = 1025; CALL(sendmsg, p[0], &m, 0L); m.msg_iovlen = -1; CALL(sendmsg, p[0], &m, 0L); m.msg_iovlen = 1; v[0].iov_len = -1; CALL(sendmsg, p[0], &m, 0L); m.msg_iov = (void *)hole; CALL(sendmsg, p[0], &m, 0L); v[0] = (struct iovec){"one", 3}; m.msg_iov = v; m.msg_control = hole; m.msg_controllen = 20; CALL(sendmsg, p[0], &m, 0L); m.msg_controllen = 1 << 30; CALL(sendmsg, p[0], &m, 0L); m.msg_control = NULL; m.msg_controllen = 0; m.msg_name = page; m.msg_namelen = -1; CALL(sendmsg, p[0], &m, 0L); m.msg_name = NULL; m.msg_namelen = 0;
  struct mmsghdr mm[3] = {{m}, {m}, {{.msg_iov = (void *)hole, .msg_iovlen = 1}}}; CALL(sendmmsg, d[0], mm, 2L, 0L); printf("%u %u\n", mm[0].msg_len, mm[1].msg_len); CALL(sendmmsg, d[0], mm, 3L, 0L); CALL(sendmmsg, d[0], mm + 2, 1L, 0L); CALL(sendmmsg, d[0], hole, 1L, 0L); CALL(sendmmsg, 77L, mm, 1L, 0L); CALL(sendmmsg, d[0], mm, 0L, 0L); struct timespec w = {0, 1000000}, bad = {0, -1}; char b[2][8]; struct iovec r[2] = {{b[0], 8}, {b[1], 8}}; for (int i = 0; i < 2; i++) mm[i].msg_hdr.msg_iov = &r[i]; CALL(recvmmsg, d[1], mm, 2L, 0L, &bad); CALL(recvmmsg, d[1], mm, 2L, 0L, hole); CALL(recvmmsg, d[1], hole, 2L, 0L, NULL); CALL(recvmmsg, d[1], mm, 2L, 0L, NULL); CALL(recvmmsg, d[1], mm, 2L, MSG_WAITFORONE, NULL); CALL(recvmmsg, d[1], mm, 2L, MSG_DONTWAIT, NULL);
  SHOW(send(p[0], "x", 1, 0x40000000)); recv(p[1], t, 8, 0); int on = 1; SHOW(setsockopt(p[0], SOL_SOCKET, SO_SNDBUF, &on, 4)); static char big[1 << 20]; SHOW(send(p[0], big, sizeof big, MSG_DONTWAIT) > 0); SHOW(send(p[0], big, sizeof big, MSG_DONTWAIT)); SHOW(send(d[0], big, sizeof big, 0)); close(p[1]); SHOW(send(p[0], "x", 1, MSG_NOSIGNAL)); SHOW(recv(p[0], t, 1, 0)); close(d[1]); SHOW(send(d[0], "x", 1, 0)); close(q[1]); SHOW(send(q[0], "x", 1, 0)); SHOW(recv(q[0], t, 1, 0));
  struct sockaddr_in name; int l = listener(&name), s = socket(AF_INET, SOCK_STREAM, 0), dg = socket(AF_INET, SOCK_DGRAM, 0); SHOW(send(s, "x", 1, 0)); SHOW(recv(s, t, 1, 0)); SHOW(send(dg, "x", 1, 0)); SHOW(sendto(dg, big, 70000, 0, (void *)&name, sizeof name)); name.sin_family = AF_UNIX; SHOW(sendto(dg, "x", 1, 0, (void *)&name, sizeof name)); name = at(0); SHOW(sendto(dg, "x", 1, 0, (void *)&name, sizeof name)); SHOW(sendto(dg, "x", 1, 0, (void *)&name, 8)); SHOW(sendto(s, "x", 1, 0, (void *)&name, sizeof name)); SHOW(send(l, "x", 1, 0)); SHOW(recv(l, t, 1, MSG_DONTWAIT));
}

static void tcp_messages(void) {
  struct sockaddr_in name; char t[64]; int l = listener(&name), s = socket(AF_INET, SOCK_STREAM, 0); connect(s, (void *)&name, sizeof name); int c = accept(l, NULL, NULL); signal(SIGPIPE, SIG_IGN);
  SHOW(send(s, "hello world", 11, MSG_MORE)); SHOW(send(s, "!", 1, 0)); rest(3); SHOW(recv(c, t, 5, MSG_PEEK)); SHOW(recv(c, t, 64, MSG_TRUNC)); SHOW(recv(c, t, 64, MSG_DONTWAIT)); SHOW(send(s, "ab", 2, MSG_OOB)); rest(3); SHOW(recv(c, t, 8, MSG_OOB)); SHOW(recv(c, t, 8, MSG_OOB)); SHOW(recv(c, t, 8, 0)); int mark; SHOW(ioctl(c, SIOCATMARK, &mark)); SHOW(recv(c, t, 8, MSG_OOB)); send(s, "12345", 5, 0); rest(3); int count; SHOW(ioctl(c, FIONREAD, &count)); printf("%d\n", count); SHOW(recv(c, t, 5, MSG_WAITALL)); SHOW(ioctl(s, TIOCOUTQ, &count)); printf("%d\n", count);
  struct timeval w = {0, 5000}; SHOW(setsockopt(c, SOL_SOCKET, SO_RCVTIMEO, &w, sizeof w)); SHOW(recv(c, t, 5, 0)); send(s, "123", 3, 0); SHOW(recv(c, t, 5, MSG_WAITALL)); w.tv_usec = 1000000; SHOW(setsockopt(c, SOL_SOCKET, SO_RCVTIMEO, &w, sizeof w)); struct linger g = {1, 0}; SHOW(setsockopt(s, SOL_SOCKET, SO_LINGER, &g, sizeof g)); close(s); rest(3); SHOW(recv(c, t, 5, 0)); SHOW(send(c, "x", 1, 0)); s = socket(AF_INET, SOCK_STREAM, 0); connect(s, (void *)&name, sizeof name); c = accept(l, NULL, NULL); send(s, "x", 1, 0); rest(3); close(c); rest(3); SHOW(recv(s, t, 1, 0)); SHOW(send(s, "x", 1, MSG_NOSIGNAL)); signal(SIGPIPE, SIG_DFL); SHOW(send(s, "x", 1, MSG_NOSIGNAL)); send(s, "x", 1, 0);
}

static void options(void) {
  int s = socket(AF_INET, SOCK_STREAM, 0), d = socket(AF_INET, SOCK_DGRAM, 0), u = socket(AF_UNIX, SOCK_STREAM, 0), s6 = socket(AF_INET6, SOCK_STREAM, 0), file = open("/dev/null", O_RDWR), on = 1; socklen_t length = 4; int value; char t[256];
  CALL(setsockopt, 77L, SOL_SOCKET, SO_REUSEADDR, &on, 4L); CALL(setsockopt, file, SOL_SOCKET, SO_REUSEADDR, &on, 4L); CALL(setsockopt, s, SOL_SOCKET, SO_REUSEADDR, hole, 4L); CALL(setsockopt, s, SOL_SOCKET, SO_REUSEADDR, &on, 3L); CALL(setsockopt, s, SOL_SOCKET, SO_REUSEADDR, &on, -1L); CALL(setsockopt, s, SOL_SOCKET, 9999L, &on, 4L); CALL(setsockopt, s, 9999L, 1L, &on, 4L); CALL(setsockopt, u, IPPROTO_TCP, TCP_NODELAY, &on, 4L); CALL(setsockopt, d, IPPROTO_TCP, TCP_NODELAY, &on, 4L); CALL(setsockopt, s, SOL_SOCKET, SO_TYPE, &on, 4L); CALL(setsockopt, s, SOL_SOCKET, SO_ERROR, &on, 4L); CALL(setsockopt, s, SOL_SOCKET, SO_ACCEPTCONN, &on, 4L); CALL(setsockopt, s, IPPROTO_TCP, 999L, &on, 4L); CALL(setsockopt, s, IPPROTO_IP, 999L, &on, 4L); CALL(setsockopt, d, IPPROTO_UDP, 999L, &on, 4L); CALL(setsockopt, s6, IPPROTO_IPV6, 999L, &on, 4L);
  CALL(getsockopt, 77L, SOL_SOCKET, SO_TYPE, &value, &length); CALL(getsockopt, file, SOL_SOCKET, SO_TYPE, &value, &length); CALL(getsockopt, s, SOL_SOCKET, SO_TYPE, hole, &length); CALL(getsockopt, s, SOL_SOCKET, SO_TYPE, &value, hole); length = -1; CALL(getsockopt, s, SOL_SOCKET, SO_TYPE, &value, &length); length = 4; CALL(getsockopt, s, SOL_SOCKET, 9999L, &value, &length); CALL(getsockopt, s, 9999L, 1L, &value, &length); length = 2; value = 0; CALL(getsockopt, s, SOL_SOCKET, SO_TYPE, &value, &length); printf("%d %d\n", value, length); length = 4;
  for (int i = 1; i < 85; i++) { if (i == 56 || i == 42) continue; value = 0; memset(t, 0, sizeof t); length = sizeof t; int got = getsockopt(s, SOL_SOCKET, i, t, &length); memcpy(&value, t, 4); printf("tcp %d: %s %d %d\n", i, got ? strerror(errno) : "done", got || i == 7 || i == 8 || i == 42 || i == 49 || i == 57 ? 0 : value, got ? 0 : length); }
  for (int i = 1; i < 52; i++) { value = 0; length = 4; int got = getsockopt(s, IPPROTO_IP, i, &value, &length); printf("ip %d: %s %d\n", i, got ? strerror(errno) : "done", got ? 0 : value); }
  for (int i = 1; i < 44; i++) { if (i == 11 || i == 13 || i == 26 || i == 35 || i == 29 || i == 24) continue; value = 0; length = 4; int got = getsockopt(s, IPPROTO_TCP, i, &value, &length); printf("tcp level %d: %s %d\n", i, got ? strerror(errno) : "done", got || i == 2 || i == 23 ? 0 : value); }
  for (int i = 1; i < 80; i++) { if (i == 32 || (i > 63 && i < 70)) continue; value = 0; length = 4; int got = getsockopt(s6, IPPROTO_IPV6, i, &value, &length); printf("ipv6 %d: %s %d\n", i, got ? strerror(errno) : "done", got || i == 24 ? 0 : value); }
  int values[] = {0, 1, -1, 255, 256, 70000}; for (int i = 0; i < 6; i++) { on = values[i]; printf("value %d\n", on);
    SHOW(setsockopt(s, IPPROTO_IP, IP_TTL, &on, 4)); SHOW(setsockopt(s, IPPROTO_IP, IP_TOS, &on, 4)); SHOW(setsockopt(s, IPPROTO_IP, IP_MTU_DISCOVER, &on, 4)); SHOW(setsockopt(d, IPPROTO_IP, IP_MULTICAST_TTL, &on, 4)); SHOW(setsockopt(d, IPPROTO_IP, IP_MULTICAST_LOOP, &on, 4)); SHOW(setsockopt(s6, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &on, 4)); SHOW(setsockopt(s6, IPPROTO_IPV6, IPV6_V6ONLY, &on, 4)); SHOW(setsockopt(s, IPPROTO_TCP, TCP_KEEPIDLE, &on, 4)); SHOW(setsockopt(s, IPPROTO_TCP, TCP_KEEPINTVL, &on, 4)); SHOW(setsockopt(s, IPPROTO_TCP, TCP_KEEPCNT, &on, 4)); SHOW(setsockopt(s, IPPROTO_TCP, TCP_MAXSEG, &on, 4)); SHOW(setsockopt(s, IPPROTO_TCP, TCP_SYNCNT, &on, 4)); SHOW(setsockopt(s, IPPROTO_TCP, TCP_LINGER2, &on, 4)); SHOW(setsockopt(s, IPPROTO_TCP, TCP_DEFER_ACCEPT, &on, 4)); SHOW(setsockopt(s, IPPROTO_TCP, TCP_WINDOW_CLAMP, &on, 4)); SHOW(setsockopt(s, IPPROTO_TCP, TCP_USER_TIMEOUT, &on, 4)); SHOW(setsockopt(s, IPPROTO_TCP, TCP_CORK, &on, 4)); SHOW(setsockopt(s, IPPROTO_TCP, TCP_QUICKACK, &on, 4)); SHOW(setsockopt(s, IPPROTO_TCP, TCP_FASTOPEN, &on, 4)); SHOW(setsockopt(d, IPPROTO_UDP, 1, &on, 4)); SHOW(setsockopt(d, IPPROTO_UDP, 103, &on, 4)); SHOW(setsockopt(s, SOL_SOCKET, SO_RCVLOWAT, &on, 4)); SHOW(setsockopt(s, SOL_SOCKET, SO_BUSY_POLL, &on, 4)); SHOW(setsockopt(s, SOL_SOCKET, SO_SNDBUF, &on, 4)); length = 4; getsockopt(s, SOL_SOCKET, SO_SNDBUF, &value, &length); printf("send buffer %d\n", value); setsockopt(s, SOL_SOCKET, SO_RCVBUF, &on, 4); getsockopt(s, SOL_SOCKET, SO_RCVBUF, &value, &length); printf("receive buffer %d\n", value); SHOW(setsockopt(u, SOL_SOCKET, SO_PASSCRED, &on, 4)); SHOW(setsockopt(s, SOL_SOCKET, SO_PASSCRED, &on, 4)); SHOW(setsockopt(s, SOL_SOCKET, SO_ZEROCOPY, &on, 4)); SHOW(setsockopt(s, SOL_SOCKET, SO_TIMESTAMP, &on, 4)); }
  struct ucred peer; int p[2]; socketpair(AF_UNIX, SOCK_STREAM, 0, p); length = sizeof peer; SHOW(getsockopt(p[0], SOL_SOCKET, SO_PEERCRED, &peer, &length)); printf("%d %d %d\n", peer.pid == getpid(), peer.uid, peer.gid); length = sizeof t; SHOW(getsockopt(p[0], SOL_SOCKET, SO_PEERGROUPS, t, &length)); SHOW(setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, "nothing", 8)); SHOW(setsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3)); length = sizeof t; SHOW(getsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, t, &length)); printf("%s %d\n", t, length); SHOW(setsockopt(s, SOL_SOCKET, SO_ATTACH_FILTER, hole, 16)); SHOW(setsockopt(s, SOL_SOCKET, SO_DETACH_FILTER, &on, 4)); struct linger g; length = sizeof g; SHOW(getsockopt(s, SOL_SOCKET, SO_LINGER, &g, &length)); printf("%d %d\n", g.l_onoff, length);
  struct { char bytes[16]; } mreq = {{224, 0, 0, 99}}; SHOW(setsockopt(d, IPPROTO_IP, IP_ADD_MEMBERSHIP, &mreq, 4)); mreq.bytes[0] = 10; SHOW(setsockopt(d, IPPROTO_IP, IP_ADD_MEMBERSHIP, &mreq, 8)); SHOW(setsockopt(d, IPPROTO_IP, IP_DROP_MEMBERSHIP, &mreq, 8)); length = sizeof t; SHOW(getsockopt(s, IPPROTO_TCP, TCP_CONGESTION, t, &length)); SHOW(setsockopt(s, IPPROTO_TCP, TCP_CONGESTION, "nothing", 7)); SHOW(setsockopt(s, IPPROTO_TCP, TCP_ULP, "nothing", 7)); SHOW(setsockopt(s, IPPROTO_TCP, TCP_REPAIR, &on, 4)); SHOW(setsockopt(s, IPPROTO_TCP, TCP_MD5SIG, t, 4));
}

int main(void) {
  prepare();
  APART(creation);
  AS_NOBODY(creation_by_nobody);
  APART(binding);
  APART(connecting);
  APART(messages);
  APART(tcp_messages);
  APART(options);
}

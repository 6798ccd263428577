// Raw sockets, ping sockets and packet sockets on the loopback: echoes, headers of one's own, what others send, and what is refused.
#include "call-report.h"
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static struct sockaddr_in at(const char *address, int port) { return (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = inet_addr(address)}; }
static uint16_t sum(const void *data, int size) { const uint8_t *b = data; uint32_t s = 0; for (int i = 0; i < size; i++) s += b[i] << (i & 1 ? 0 : 8); while (s >> 16) s = (s & 0xffff) + (s >> 16); return htons(~s); }
static void wait_for(int s) { struct pollfd p = {s, POLLIN}; poll(&p, 1, 300); }

static int echo(int s, int id, int sequence) {
  struct { struct icmphdr h; char text[8]; } m = {.h = {.type = ICMP_ECHO, .un.echo = {htons(id), htons(sequence)}}, .text = "payload"};
  struct sockaddr_in to = at("127.0.0.1", 0);
  m.h.checksum = sum(&m, sizeof m);
  return sendto(s, &m, sizeof m, 0, (void *)&to, sizeof to);
}

static void tell(const char *what, int s) {
  unsigned char b[256]; struct sockaddr_in from; socklen_t length = sizeof from;
  wait_for(s);
  int n = recvfrom(s, b, sizeof b, MSG_DONTWAIT, (void *)&from, &length);
  if (n < 0) { printf("%s: %s\n", what, strerror(errno)); return; }
  struct iphdr *ip = (void *)b; struct icmphdr *i = (void *)(b + ip->ihl * 4);
  printf("%s: %d bytes from %s port %d, ip %d/%d length %d ttl %d tos %x protocol %d sum %d %s", what, n, inet_ntoa(from.sin_addr), from.sin_port, ip->version, ip->ihl, ntohs(ip->tot_len), ip->ttl, ip->tos, ip->protocol, sum(b, ip->ihl * 4), inet_ntoa(*(struct in_addr *)&ip->saddr));
  printf(" to %s, type %d code %d id %d sequence %d sum %d\n", inet_ntoa(*(struct in_addr *)&ip->daddr), ip->protocol == 17 ? 0 : i->type, ip->protocol == 17 ? 0 : i->code, ip->protocol == 1 ? ntohs(i->un.echo.id) : 0, ip->protocol == 1 ? ntohs(i->un.echo.sequence) : 0, ip->protocol == 1 ? sum(i, n - ip->ihl * 4) : 0);
}

static void icmp(void) {
  int s = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP), other = socket(AF_INET, SOCK_RAW, IPPROTO_UDP), on = 1, value; socklen_t length = 4;
  SHOW(echo(s, 77, 1)); tell("request", s); tell("reply", s); tell("no more", s); tell("not of the protocol", other);
  value = 5; setsockopt(s, IPPROTO_IP, IP_TTL, &value, 4); value = 0x10; setsockopt(s, IPPROTO_IP, IP_TOS, &value, 4); SHOW(echo(s, 78, 2)); tell("request", s); tell("reply", s);
  struct icmp_filter f = {~(1u << ICMP_ECHOREPLY)}; SHOW(setsockopt(s, SOL_RAW, ICMP_FILTER, &f, sizeof f)); SHOW(echo(s, 79, 3)); tell("reply only", s); tell("no more", s); f.data = 0; length = sizeof f; SHOW(getsockopt(s, SOL_RAW, ICMP_FILTER, &f, &length)); printf("%x %d\n", f.data, length); SHOW(setsockopt(other, SOL_RAW, ICMP_FILTER, &f, 4)); f.data = 0; setsockopt(s, SOL_RAW, ICMP_FILTER, &f, sizeof f);
  int u = socket(AF_INET, SOCK_DGRAM, 0); struct sockaddr_in to = at("127.0.0.1", 9); sendto(u, "x", 1, 0, (void *)&to, sizeof to); tell("unreachable", s); tell("datagram", other);
  struct sockaddr_in own = at("127.0.0.1", 5), name; SHOW(bind(s, (void *)&own, sizeof own)); length = sizeof name; SHOW(getsockname(s, (void *)&name, &length)); printf("port %d\n", ntohs(name.sin_port)); own = at("1.2.3.4", 0); SHOW(bind(s, (void *)&own, sizeof own)); SHOW(bind(s, (void *)&own, 8)); own = at("127.0.0.2", 0); SHOW(connect(s, (void *)&own, sizeof own)); length = sizeof name; SHOW(getpeername(s, (void *)&name, &length)); SHOW(send(s, "12345678", 8, 0)); SHOW(echo(s, 80, 4)); tell("not from the peer", s);
  length = 4; SHOW(getsockopt(s, IPPROTO_IP, IP_HDRINCL, &value, &length)); printf("%d\n", value); SHOW(listen(s, 1)); SHOW(shutdown(s, 2)); SHOW(accept(s, NULL, NULL)); length = 4; getsockopt(s, SOL_SOCKET, SO_PROTOCOL, &value, &length); printf("protocol %d\n", value);
}

static void headers(void) {
  int s = socket(AF_INET, SOCK_RAW, IPPROTO_RAW), r = socket(AF_INET, SOCK_RAW, 200), u = socket(AF_INET, SOCK_DGRAM, 0), i = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP), value = -1; socklen_t length = 4; struct sockaddr_in to = at("127.0.0.1", 0), name = at("127.0.0.1", 0); char b[64];
  SHOW(getsockopt(s, IPPROTO_IP, IP_HDRINCL, &value, &length)); printf("%d\n", value);
  struct { struct iphdr ip; char text[8]; } p = {.ip = {.version = 4, .ihl = 5, .ttl = 9, .protocol = 200, .daddr = inet_addr("127.0.0.1"), .saddr = inet_addr("127.0.0.3")}, .text = "mine"};
  SHOW(sendto(s, &p, sizeof p, 0, (void *)&to, sizeof to)); tell("own header", r); SHOW(sendto(s, &p, 19, 0, (void *)&to, sizeof to)); p.ip.ihl = 15; SHOW(sendto(s, &p, sizeof p, 0, (void *)&to, sizeof to)); p.ip.ihl = 5; p.ip.saddr = 0; SHOW(sendto(s, &p, sizeof p, 0, (void *)&to, sizeof to)); tell("filled in", r); SHOW(sendto(r, "abc", 3, 0, (void *)&to, sizeof to)); tell("header made", r); tell("nothing on it", s); int on = 1; SHOW(setsockopt(r, IPPROTO_IP, IP_HDRINCL, &on, 4)); SHOW(sendto(r, "abc", 3, 0, (void *)&to, sizeof to));
  bind(u, (void *)&name, sizeof name); length = sizeof name; getsockname(u, (void *)&name, &length); struct { struct iphdr ip; struct udphdr udp; char text[4]; } d = {.ip = {.version = 4, .ihl = 5, .ttl = 9, .protocol = 17, .daddr = to.sin_addr.s_addr, .saddr = to.sin_addr.s_addr}, .udp = {.source = htons(4321), .dest = name.sin_port, .len = htons(12)}, .text = "udp"}; SHOW(sendto(s, &d, sizeof d, 0, (void *)&to, sizeof to)); wait_for(u); length = sizeof name; SHOW(recvfrom(u, b, sizeof b, MSG_DONTWAIT, (void *)&name, &length)); printf("%s from %d\n", b, ntohs(name.sin_port)); d.ip.protocol = 201; d.ip.saddr = to.sin_addr.s_addr; SHOW(sendto(s, &d, sizeof d, 0, (void *)&to, sizeof to)); tell("protocol unreachable", i);
  SHOW(sendto(r, "abc", 3, 0, NULL, 0)); SHOW(send(r, "abc", 3, 0)); to.sin_family = AF_UNIX; SHOW(sendto(s, &p, sizeof p, 0, (void *)&to, sizeof to)); to.sin_family = AF_INET; SHOW(sendto(s, &p, sizeof p, 0, (void *)&to, 8)); SHOW(sendto(s, &p, sizeof p, MSG_OOB, (void *)&to, sizeof to)); static char big[70000]; SHOW(sendto(s, big, sizeof big, 0, (void *)&to, sizeof to)); SHOW(recv(r, b, 8, MSG_DONTWAIT)); SHOW(recv(r, b, 8, MSG_OOB | MSG_DONTWAIT));
}

static void version_6(void) {
  int s = socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6); struct { struct icmp6hdr h; char text[8]; } m = {.h = {.icmp6_type = ICMPV6_ECHO_REQUEST}, .text = "six"}, got; struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT}, from; socklen_t length = sizeof from; m.h.icmp6_identifier = htons(5);
  SHOW(sendto(s, &m, sizeof m, 0, (void *)&to, sizeof to)); for (int i = 0; i < 3; i++) { wait_for(s); int n = recvfrom(s, &got, sizeof got, MSG_DONTWAIT, (void *)&from, &length); result("received", n); if (n > 0) printf("type %d id %d %s local %d\n", got.h.icmp6_type, ntohs(got.h.icmp6_identifier), got.text, IN6_IS_ADDR_LOOPBACK(&from.sin6_addr)); }
}

static void frames(void) {
  int p = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_IP)), d = socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_ALL)), none = socket(AF_PACKET, SOCK_RAW, 0), s = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP), value; struct sockaddr_ll a = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP), .sll_ifindex = 1}, from; socklen_t length; unsigned char b[256];
  SHOW(bind(p, (void *)&a, sizeof a)); SHOW(bind(d, (void *)&a, sizeof a)); a.sll_ifindex = 99; SHOW(bind(none, (void *)&a, sizeof a)); SHOW(bind(none, (void *)&a, 8)); a.sll_family = AF_INET; SHOW(bind(none, (void *)&a, sizeof a)); a.sll_family = AF_PACKET; a.sll_ifindex = 1;
  length = sizeof from; SHOW(getsockname(p, (void *)&from, &length)); printf("%d %x %d %d %d length %d\n", from.sll_family, ntohs(from.sll_protocol), from.sll_ifindex, from.sll_hatype, from.sll_halen, length); SHOW(getpeername(p, (void *)&from, &length)); SHOW(connect(p, (void *)&a, sizeof a)); SHOW(listen(p, 1)); SHOW(shutdown(p, 2));
  SHOW(echo(s, 90, 1)); for (int i = 0; i < 5; i++) { wait_for(p); length = sizeof from; int n = recvfrom(p, b, sizeof b, MSG_DONTWAIT, (void *)&from, &length); result("frame", n); if (n > 0) printf("protocol %x type %d hatype %d halen %d ifindex %d: ethernet %x%x, ip %d icmp %d\n", ntohs(from.sll_protocol), from.sll_pkttype, from.sll_hatype, from.sll_halen, from.sll_ifindex, b[12], b[13], b[14 + 9], b[34]); }
  for (int i = 0; i < 5; i++) { wait_for(d); length = sizeof from; int n = recvfrom(d, b, sizeof b, MSG_DONTWAIT | MSG_TRUNC, (void *)&from, &length); result("cooked", n); if (n > 0) printf("type %d ip %d icmp %d\n", from.sll_pkttype, b[9], b[20]); }
  recv(s, b, sizeof b, MSG_DONTWAIT); recv(s, b, sizeof b, MSG_DONTWAIT); struct { struct ethhdr e; struct iphdr ip; struct icmphdr i; } f = {.e = {.h_proto = htons(ETH_P_IP)}, .ip = {.version = 4, .ihl = 5, .tot_len = htons(28), .ttl = 3, .protocol = 1, .saddr = inet_addr("127.0.0.1"), .daddr = inet_addr("127.0.0.1")}, .i = {.type = 13}}; f.ip.check = sum(&f.ip, 20); f.i.checksum = sum(&f.i, 8); SHOW(sendto(p, &f, sizeof f, 0, (void *)&a, sizeof a)); tell("from a frame", s); SHOW(send(p, &f, sizeof f, 0)); SHOW(sendto(p, &f, 13, 0, (void *)&a, sizeof a)); a.sll_ifindex = 99; SHOW(sendto(p, &f, sizeof f, 0, (void *)&a, sizeof a)); SHOW(sendto(none, &f, sizeof f, 0, NULL, 0)); SHOW(recv(none, b, 8, MSG_DONTWAIT));
  struct tpacket_stats st; length = sizeof st; SHOW(getsockopt(d, SOL_PACKET, PACKET_STATISTICS, &st, &length)); printf("drops %d\n", st.tp_drops); struct packet_mreq m = {1, PACKET_MR_PROMISC}; SHOW(setsockopt(d, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &m, sizeof m)); SHOW(setsockopt(d, SOL_PACKET, PACKET_DROP_MEMBERSHIP, &m, sizeof m)); SHOW(setsockopt(d, SOL_PACKET, PACKET_DROP_MEMBERSHIP, &m, sizeof m)); SHOW(setsockopt(d, SOL_PACKET, 99, &m, 4)); m.mr_ifindex = 99; SHOW(setsockopt(d, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &m, sizeof m));
}

static void refused(void) { CALL(socket, AF_INET, SOCK_DGRAM, IPPROTO_ICMP); CALL(socket, AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6); CALL(socket, AF_INET, SOCK_RAW, 256L); CALL(socket, AF_INET, SOCK_RAW, 300L); CALL(socket, AF_INET, SOCK_RAW, -1L); CALL(socket, AF_INET6, SOCK_RAW, 0L); CALL(socket, AF_PACKET, SOCK_STREAM, 0L); CALL(socket, AF_PACKET, SOCK_SEQPACKET, 0L); CALL(socketpair, AF_PACKET, SOCK_RAW, 0L, page); }

/** A network of its own: others' packets are not heard. */
static void alone(void) { struct { char name[16]; short flags; char rest[30]; } r = {"lo", 0x49}; unshare(CLONE_NEWNET); ioctl(socket(AF_INET, SOCK_DGRAM, 0), SIOCSIFFLAGS, &r); close(3); }

int main(void) { prepare(); alone(); APART(icmp); APART(headers); APART(version_6); APART(frames); APART(refused); AS_NOBODY(refused); }

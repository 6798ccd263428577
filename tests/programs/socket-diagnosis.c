// What NETLINK_SOCK_DIAG tells of the program's own sockets: dumps by family and protocol, one socket by its ports or inode, and how
// questions are refused.
#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/netlink_diag.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int diag, own[16], count;
static char lines[16][300]; // of each socket, for dumps come in any order


static int mine(unsigned inode) {
  for (int i = 0; i < count; i++) {
    struct stat about;
    fstat(own[i], &about);
    if (about.st_ino == inode) return i;
  }
  return -1;
}

static int keep(int fd) {
  if (fd < 0) printf("no socket %d: %s\n", count, strerror(errno));
  return own[count++] = fd;
}

/** Which socket's own port it is. */
static const char *port(unsigned short value, int of) {
  static const char *const names[] = {"the listener", "the client", "the listener", "the datagrams", "the datagrams of IPv6"};
  for (int i = of < 3 ? 0 : of; i < 5; i++) {
    struct sockaddr_in6 name;
    socklen_t size = sizeof name;
    getsockname(own[i], (void *)&name, &size);
    if (value != 0 && name.sin6_port == value) return names[i];
  }
  return value == 0 ? "none" : "another";
}

static void attributes(char *line, const unsigned char *at, int left, int skip) {
  while (left >= 4) {
    const struct nlattr *attribute = (const void *)at;
    int size = attribute->nla_len - 4;
    if (size < 0) break;
    if (attribute->nla_type != skip) {
      line += sprintf(line, " %d:%d", attribute->nla_type, size);
      if (size == 1) line += sprintf(line, "=%d", at[4]);
    }
    left -= (attribute->nla_len + 3) & ~3;
    at += (attribute->nla_len + 3) & ~3;
  }
}

static void inet(const struct inet_diag_msg *m, int length) {
  int index = mine(m->idiag_inode);
  if (index < 0) return;
  char *line = lines[index];
  line += sprintf(line, "  %d: family %d state %d timer %d retrans %d from %s", index, m->idiag_family, m->idiag_state, m->idiag_timer, m->idiag_retrans, port(m->id.idiag_sport, index));
  line += sprintf(line, " to %s, %08x %08x, if %u, queues %u %u uid %u attributes", port(m->id.idiag_dport, index), ntohl(m->id.idiag_src[m->idiag_family == 10 ? 3 : 0]),
         ntohl(m->id.idiag_dst[m->idiag_family == 10 ? 3 : 0]), m->id.idiag_if, m->idiag_rqueue, m->idiag_wqueue, m->idiag_uid);
  attributes(line, (const void *)(m + 1), length - sizeof *m, 21);
}

static void local(const struct unix_diag_msg *m, int length) {
  int index = mine(m->udiag_ino);
  if (index < 0) return;
  char *line = lines[index];
  line += sprintf(line, "  %d: type %d state %d attributes", index, m->udiag_type, m->udiag_state);
  attributes(line, (const void *)(m + 1), length - sizeof *m, -1);
}

static void netlink(const struct netlink_diag_msg *m, int length) {
  int index = mine(m->ndiag_ino);
  if (index < 0) return;
  char *line = lines[index];
  line += sprintf(line, "  %d: type %d protocol %d state %d port %d to %u group %u attributes", index, m->ndiag_type, m->ndiag_protocol, m->ndiag_state,
         m->ndiag_portid == (unsigned)getpid(), m->ndiag_dst_portid, m->ndiag_dst_group);
  attributes(line, (const void *)(m + 1), length - sizeof *m, -1);
}

static void tell(void) {
  for (int i = 0; i < count; i++) {
    if (lines[i][0] != 0) printf("%s\n", lines[i]);
    lines[i][0] = 0;
  }
}

static void answers(void) {
  static unsigned char buffer[65536];
  for (int isOver = 0; !isOver;) {
    ssize_t got = recv(diag, buffer, sizeof buffer, MSG_DONTWAIT);
    if (got < 0) {
      printf("  nothing more: %s\n", strerror(errno));
      return;
    }
    for (ssize_t at = 0; at + 16 <= got;) {
      const struct nlmsghdr *header = (const void *)(buffer + at);
      const unsigned char *payload = buffer + at + 16;
      int length = header->nlmsg_len - 16;
      if (header->nlmsg_type < 16) tell();
      if (header->nlmsg_type == NLMSG_DONE) printf("  done %d, flags %x\n", *(const int *)payload, header->nlmsg_flags);
      else if (header->nlmsg_type == NLMSG_ERROR) printf("  error %d\n", *(const int *)payload);
      else if (payload[0] == AF_UNIX) local((const void *)payload, length);
      else if (payload[0] == AF_NETLINK) netlink((const void *)payload, length);
      else inet((const void *)payload, length);
      isOver |= header->nlmsg_type < 16 || !(header->nlmsg_flags & NLM_F_MULTI);
      at += (header->nlmsg_len + 3) & ~3;
    }
  }
  tell();
}

static void ask(const char *what, int type, int flags, const void *question, int length) {
  unsigned char message[128] = {0};
  struct nlmsghdr *header = (void *)message;
  *header = (struct nlmsghdr){16 + length, type, NLM_F_REQUEST | flags, 5, 0};
  memcpy(message + 16, question, length);
  struct sockaddr_nl kernel = {AF_NETLINK};
  printf("%s\n", what);
  if (sendto(diag, message, 16 + length, 0, (struct sockaddr *)&kernel, sizeof kernel) < 0) printf("  refused: %s\n", strerror(errno));
  else answers();
}

static void bound(int fd, int family) {
  struct sockaddr_in v4 = {AF_INET, 0, {htonl(INADDR_LOOPBACK)}};
  struct sockaddr_in6 v6 = {AF_INET6, 0, 0, IN6ADDR_LOOPBACK_INIT};
  if (family == AF_INET ? bind(fd, (void *)&v4, sizeof v4) : bind(fd, (void *)&v6, sizeof v6)) perror("bind");
}

int main(void) {
  int listener = keep(socket(AF_INET, SOCK_STREAM, 0));
  bound(listener, AF_INET);
  listen(listener, 7);
  struct sockaddr_in to;
  socklen_t size = sizeof to;
  getsockname(listener, (void *)&to, &size);
  int client = keep(socket(AF_INET, SOCK_STREAM, 0));
  connect(client, (void *)&to, sizeof to);
  int served = keep(accept(listener, NULL, NULL));
  write(client, "unread", 6);
  int datagram = keep(socket(AF_INET, SOCK_DGRAM, 0));
  bound(datagram, AF_INET);
  int datagram6 = keep(socket(AF_INET6, SOCK_DGRAM, 0));
  bound(datagram6, AF_INET6);
  int pair[2];
  socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
  keep(pair[0]);
  keep(pair[1]);
  write(pair[0], "12345", 5);
  int named = keep(socket(AF_UNIX, SOCK_STREAM, 0));
  struct sockaddr_un path = {AF_UNIX, "diagnosed"};
  bind(named, (void *)&path, 2 + 10);
  listen(named, 3);
  int abstract = keep(socket(AF_UNIX, SOCK_DGRAM, 0));
  struct sockaddr_un name = {AF_UNIX, "\0diagnosed"};
  bind(abstract, (void *)&name, 2 + 10);
  int waiting = keep(socket(AF_UNIX, SOCK_STREAM, 0));
  connect(waiting, (void *)&path, 2 + 10);
  diag = keep(socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG));
  struct sockaddr_nl any = {AF_NETLINK};
  bind(diag, (void *)&any, sizeof any);

  struct inet_diag_req_v2 v2 = {AF_INET, IPPROTO_TCP, 0, 0, ~0u};
  ask("TCP", SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &v2, sizeof v2);
  v2.idiag_ext = 0xff & ~(1 << (INET_DIAG_INFO - 1)) & ~(1 << (INET_DIAG_CONG - 1)) & ~(1 << (INET_DIAG_VEGASINFO - 1));
  ask("TCP with more", SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &v2, sizeof v2);
  v2.idiag_ext = 0;
  v2.idiag_states = 1 << 10;
  ask("TCP that listens", SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &v2, sizeof v2);
  v2.idiag_states = 0;
  ask("TCP in no state", SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &v2, sizeof v2);
  v2.idiag_states = ~0u;
  v2.id.idiag_sport = to.sin_port;
  ask("TCP from the listener's port", SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &v2, sizeof v2);
  v2.id.idiag_sport = 0;
  v2.id.idiag_dport = to.sin_port;
  ask("TCP to the listener's port", SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &v2, sizeof v2);
  v2.id.idiag_dport = 0;
  v2.sdiag_family = AF_INET6;
  ask("TCP of IPv6", SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &v2, sizeof v2);
  v2.sdiag_family = AF_INET;
  v2.sdiag_protocol = IPPROTO_UDP;
  ask("UDP", SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &v2, sizeof v2);
  v2.idiag_ext = 0xff;
  v2.sdiag_family = AF_INET6;
  ask("UDP of IPv6 with more", SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &v2, sizeof v2);
  v2.idiag_ext = 0;
  v2.sdiag_family = AF_INET;
  v2.sdiag_protocol = IPPROTO_TCP;
  v2.id.idiag_sport = to.sin_port;
  v2.id.idiag_src[0] = htonl(INADDR_LOOPBACK);
  v2.id.idiag_cookie[0] = v2.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  ask("the listener", SOCK_DIAG_BY_FAMILY, 0, &v2, sizeof v2);
  v2.id.idiag_cookie[0] = 123;
  ask("the listener by a wrong cookie", SOCK_DIAG_BY_FAMILY, 0, &v2, sizeof v2);
  v2.id.idiag_sport = htons(1);
  ask("nobody", SOCK_DIAG_BY_FAMILY, 0, &v2, sizeof v2);
  ask("cut", SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &v2, 30);
  ask("a byte", SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &v2, 1);
  v2.sdiag_protocol = 200;
  ask("no such protocol", SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &v2, sizeof v2);
  v2.sdiag_family = AF_APPLETALK;
  ask("no such family", SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &v2, sizeof v2);
  v2.sdiag_family = 100;
  ask("beyond families", SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &v2, sizeof v2);
  ask("no such message", 30, NLM_F_DUMP, &v2, sizeof v2);
  ask("acknowledged", 30, NLM_F_ACK, &v2, sizeof v2);

  struct unix_diag_req local = {AF_UNIX, 0, 0, ~0u, 0, 0};
  ask("Unix", SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &local, sizeof local);
  local.udiag_show = 0x7f & ~UDIAG_SHOW_VFS & ~UDIAG_SHOW_MEMINFO;
  ask("Unix with more", SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &local, sizeof local);
  local.udiag_show = UDIAG_SHOW_VFS | UDIAG_SHOW_MEMINFO;
  ask("Unix with places and memory", SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &local, sizeof local);
  local.udiag_states = 1 << 10;
  ask("Unix that listens", SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &local, sizeof local);
  struct stat about;
  fstat(pair[0], &about);
  local.udiag_ino = about.st_ino;
  local.udiag_show = UDIAG_SHOW_RQLEN;
  local.udiag_cookie[0] = local.udiag_cookie[1] = ~0u;
  ask("one of a pair", SOCK_DIAG_BY_FAMILY, 0, &local, sizeof local);
  local.udiag_cookie[0] = 77;
  ask("one of a pair by a wrong cookie", SOCK_DIAG_BY_FAMILY, 0, &local, sizeof local);
  local.udiag_ino = 0;
  ask("without an inode", SOCK_DIAG_BY_FAMILY, 0, &local, sizeof local);
  local.udiag_ino = 1;
  ask("no such inode", SOCK_DIAG_BY_FAMILY, 0, &local, sizeof local);
  ask("cut", SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &local, 10);

  struct netlink_diag_req links = {AF_NETLINK, NDIAG_PROTO_ALL};
  ask("netlink", SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &links, sizeof links);
  links.sdiag_protocol = NETLINK_SOCK_DIAG;
  links.ndiag_show = NDIAG_SHOW_MEMINFO | NDIAG_SHOW_GROUPS | NDIAG_SHOW_FLAGS;
  ask("netlink of SOCK_DIAG with more", SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &links, sizeof links);
  links.sdiag_protocol = 40;
  ask("beyond protocols", SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &links, sizeof links);
  ask("one netlink socket", SOCK_DIAG_BY_FAMILY, 0, &links, sizeof links);
  unlink("diagnosed");
}

// What getaddrinfo, getifaddrs and ip(8) ask of NETLINK_ROUTE, about lo: links, addresses, routes, and errors. Other interfaces a
// machine may have are left out.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/if_addr.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void tell(const char *what, long result) {
  if (result < 0) printf("%s: %s\n", what, strerror(errno));
  else printf("%s: %ld\n", what, result);
}

static char answer[65536];

static void hex(const void *bytes, int length) {
  for (int i = 0; i < length; i++) printf("%02x", ((const unsigned char *)bytes)[i]);
}

/** The attributes every kernel has and that say the same everywhere. */
static void attributes(const struct rtattr *a, int length, const int *wanted) {
  for (; RTA_OK(a, length); a = RTA_NEXT(a, length)) {
    for (const int *w = wanted; *w; w++) {
      if (*w != (a->rta_type & NLA_TYPE_MASK)) continue;
      printf("    %d: ", *w);
      hex(RTA_DATA(a), RTA_PAYLOAD(a));
      printf("\n");
    }
  }
}

static void show(const struct nlmsghdr *h, int port) {
  static const int link[] = {IFLA_IFNAME, IFLA_ADDRESS, IFLA_BROADCAST, IFLA_MTU, IFLA_TXQLEN, IFLA_OPERSTATE, IFLA_LINKMODE, IFLA_GROUP, IFLA_CARRIER, IFLA_QDISC, IFLA_NUM_TX_QUEUES, 0};
  static const int address[] = {IFA_ADDRESS, IFA_LOCAL, IFA_LABEL, IFA_FLAGS, 0};
  static const int route[] = {RTA_DST, RTA_PREFSRC, RTA_OIF, RTA_TABLE, 0};
  const struct ifinfomsg *i = NLMSG_DATA(h);
  const struct ifaddrmsg *a = NLMSG_DATA(h);
  const struct rtmsg *r = NLMSG_DATA(h);
  const struct nlmsgerr *e = NLMSG_DATA(h);
  int lo = if_nametoindex("lo");
  if (h->nlmsg_type == RTM_NEWLINK && i->ifi_index != lo) return;
  if (h->nlmsg_type == RTM_NEWADDR && a->ifa_index != lo) return;
  if (h->nlmsg_type == RTM_NEWROUTE && r->rtm_type != RTN_LOCAL) return;
  if (h->nlmsg_type == RTM_NEWROUTE) {
    int length = RTM_PAYLOAD(h);
    const struct rtattr *at = RTM_RTA(r);
    for (; RTA_OK(at, length); at = RTA_NEXT(at, length)) {
      if (at->rta_type == RTA_OIF && *(int *)RTA_DATA(at) != lo) return;
      if (at->rta_type == RTA_DST && r->rtm_family == AF_INET && *(unsigned char *)RTA_DATA(at) != 127) return;
      if (at->rta_type == RTA_DST && r->rtm_family == AF_INET6 && *(unsigned char *)RTA_DATA(at) != 0) return;
    }
  }
  printf("  type %d flags %#x seq %u mine %d\n", h->nlmsg_type, h->nlmsg_flags, h->nlmsg_seq, (int)h->nlmsg_pid == port);
  switch (h->nlmsg_type) {
    case RTM_NEWLINK:
      printf("    family %d type %d flags %#x\n", i->ifi_family, i->ifi_type, i->ifi_flags);
      attributes(IFLA_RTA(i), IFLA_PAYLOAD(h), link);
      break;
    case RTM_NEWADDR:
      printf("    family %d prefix %d flags %#x scope %d\n", a->ifa_family, a->ifa_prefixlen, a->ifa_flags, a->ifa_scope);
      attributes(IFA_RTA(a), IFA_PAYLOAD(h), address);
      break;
    case RTM_NEWROUTE:
      printf("    family %d prefix %d table %d protocol %d scope %d type %d\n", r->rtm_family, r->rtm_dst_len, r->rtm_table, r->rtm_protocol, r->rtm_scope, r->rtm_type);
      attributes(RTM_RTA(r), RTM_PAYLOAD(h), route);
      break;
    case NLMSG_ERROR:
      printf("    error %d of type %d length %u\n", e->error, e->msg.nlmsg_type, h->nlmsg_len);
      break;
    case NLMSG_DONE:
      printf("    %d\n", *(int *)NLMSG_DATA(h));
  }
}

static void ask(const char *what, int fd, int port, int type, int flags, const void *body, int length) {
  struct { struct nlmsghdr h; char body[256]; } request = {0};
  static unsigned sequence = 100;
  request.h = (struct nlmsghdr){NLMSG_LENGTH(length), type, NLM_F_REQUEST | flags, ++sequence, 0};
  memcpy(request.body, body, length);
  struct sockaddr_nl kernel = {AF_NETLINK}, from;
  printf("%s\n", what);
  if (sendto(fd, &request, request.h.nlmsg_len, 0, (void *)&kernel, sizeof kernel) < 0) {
    tell("sendto", -1);
    return;
  }
  for (int more = 1; more;) {
    struct pollfd p = {fd, POLLIN, 0};
    if (poll(&p, 1, 100) == 0) {
      printf("  no answer\n");
      return;
    }
    socklen_t from_length = sizeof from;
    long got = recvfrom(fd, answer, sizeof answer, 0, (void *)&from, &from_length);
    if (got < 0) {
      tell("recvfrom", got);
      return;
    }
    if (from_length != sizeof from || from.nl_pid != 0) printf("  from somebody else\n");
    for (struct nlmsghdr *h = (void *)answer; NLMSG_OK(h, got); h = NLMSG_NEXT(h, got)) {
      if (h->nlmsg_seq != sequence) continue;
      show(h, port);
      if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR || !(h->nlmsg_flags & NLM_F_MULTI)) more = 0;
    }
  }
}

int main(void) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), second;
  struct sockaddr_nl address = {AF_NETLINK}, name;
  socklen_t length = sizeof name;
  tell("short", bind(fd, (void *)&address, 8));
  address.nl_family = AF_INET;
  tell("family", bind(fd, (void *)&address, sizeof address));
  address.nl_family = AF_NETLINK;
  tell("bind", bind(fd, (void *)&address, sizeof address));
  tell("getsockname", getsockname(fd, (void *)&name, &length));
  int port = name.nl_pid;
  printf("length %u mine %d groups %u\n", length, port == getpid(), name.nl_groups);
  tell("bind again", bind(fd, (void *)&address, sizeof address));
  address.nl_pid = 4711;
  tell("as another", bind(fd, (void *)&address, sizeof address));
  second = socket(AF_NETLINK, SOCK_DGRAM, NETLINK_ROUTE);
  address.nl_pid = port;
  tell("the same", bind(second, (void *)&address, sizeof address));
  address.nl_pid = 0;
  tell("a second", bind(second, (void *)&address, sizeof address));
  getsockname(second, (void *)&name, &length);
  printf("negative %d\n", (int)name.nl_pid < 0);
  tell("getpeername", getpeername(second, (void *)&name, &length));
  printf("%u %u\n", name.nl_pid, length);
  tell("listen", listen(second, 1));
  tell("shutdown", shutdown(second, SHUT_RDWR));
  tell("nothing", recv(second, answer, 10, MSG_DONTWAIT));
  tell("empty", send(second, "", 0, 0));
  tell("to nobody", (name.nl_pid = 99999999, sendto(second, "x", 1, 0, (void *)&name, sizeof name)));
  int on = 1;
  tell("NETLINK_EXT_ACK", setsockopt(second, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on));
  tell("unknown", setsockopt(second, SOL_NETLINK, 99, &on, sizeof on));
  tell("another level", setsockopt(second, SOL_SOCKET, 999, &on, sizeof on));
  close(second);

  struct ifinfomsg link = {0};
  struct ifaddrmsg addr = {0};
  struct rtmsg route = {0};
  ask("links", fd, port, RTM_GETLINK, NLM_F_DUMP, &link, sizeof link);
  ask("links, briefly", fd, port, RTM_GETLINK, NLM_F_DUMP, &(struct rtgenmsg){AF_UNSPEC}, 1);
  link.ifi_index = if_nametoindex("lo");
  ask("lo", fd, port, RTM_GETLINK, 0, &link, sizeof link);
  link.ifi_index = 9999;
  ask("no such link", fd, port, RTM_GETLINK, 0, &link, sizeof link);
  link.ifi_index = 0;
  ask("none named", fd, port, RTM_GETLINK, 0, &link, sizeof link);
  ask("addresses", fd, port, RTM_GETADDR, NLM_F_DUMP, &addr, sizeof addr);
  addr.ifa_family = AF_INET;
  ask("addresses of 4", fd, port, RTM_GETADDR, NLM_F_DUMP, &addr, sizeof addr);
  addr.ifa_family = AF_INET6;
  ask("addresses of 6", fd, port, RTM_GETADDR, NLM_F_DUMP, &addr, sizeof addr);
  route.rtm_family = AF_INET;
  ask("routes", fd, port, RTM_GETROUTE, NLM_F_DUMP, &route, sizeof route);
  ask("unknown", fd, port, 200, NLM_F_ACK, &link, sizeof link);
  ask("too short", fd, port, RTM_GETLINK, 0, &link, 4);
  ask("a control message", fd, port, NLMSG_NOOP, NLM_F_ACK, &link, 0);

  struct ifaddrs *all, *i;
  tell("getifaddrs", getifaddrs(&all));
  for (i = all; i; i = i->ifa_next) {
    char text[64] = "";
    if (strcmp(i->ifa_name, "lo") || !i->ifa_addr) continue;
    if (i->ifa_addr->sa_family == AF_INET) inet_ntop(AF_INET, &((struct sockaddr_in *)i->ifa_addr)->sin_addr, text, sizeof text);
    if (i->ifa_addr->sa_family == AF_INET6) inet_ntop(AF_INET6, &((struct sockaddr_in6 *)i->ifa_addr)->sin6_addr, text, sizeof text);
    printf("%s family %d flags %#x %s\n", i->ifa_name, i->ifa_addr->sa_family, i->ifa_flags, text);
  }
  struct addrinfo hints = {.ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM}, *info;
  printf("getaddrinfo %d\n", getaddrinfo("::1", "80", &hints, &info));
  printf("family %d length %u\n", info->ai_family, info->ai_addrlen);
  printf("index %d\n", if_nametoindex("lo") > 0);
  return 0;
}

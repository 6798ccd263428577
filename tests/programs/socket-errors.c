// What sockets refuse, and in which order: descriptors, families, types, addresses, options, and descriptors that are no sockets.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

static void tell(const char *what, long result) {
  if (result < 0) printf("%s: %s\n", what, strerror(errno));
  else printf("%s: %ld\n", what, result);
}

/** A descriptor's number is not what matters. */
static int made(const char *what, int fd) {
  tell(what, fd < 0 ? fd : 0);
  return fd;
}

static void creation(void) {
  printf("-- creation\n");
  int sv[2];
  close(made("AF_UNSPEC", socket(0, SOCK_STREAM, 0)));
  made("AF_X25", socket(9, SOCK_STREAM, 0));
  made("family 45", socket(46, SOCK_STREAM, 0));
  made("family -1", socket(-1, SOCK_STREAM, 0));
  made("type 0", socket(AF_INET, 0, 0));
  made("type 9", socket(AF_INET, 9, 0));
  made("type 11", socket(AF_UNIX, 11, 0));
  made("RDM", socket(AF_INET, SOCK_RDM, 0));
  made("seqpacket", socket(AF_INET, SOCK_SEQPACKET, 0));
  made("bad flag", socket(AF_INET, SOCK_STREAM | 0x100, 0));
  made("udp on a stream", socket(AF_INET, SOCK_STREAM, IPPROTO_UDP));
  made("tcp on datagrams", socket(AF_INET6, SOCK_DGRAM, IPPROTO_TCP));
  made("protocol -1", socket(AF_INET, SOCK_STREAM, -1));
  made("too large a protocol", socket(AF_INET, SOCK_STREAM, 1000));
  made("raw 0", socket(AF_INET, SOCK_RAW, 0));
  made("unix protocol 2", socket(AF_UNIX, SOCK_STREAM, 2));
  close(made("unix protocol 1", socket(AF_UNIX, SOCK_STREAM, 1)));
  made("unix rdm", socket(AF_UNIX, SOCK_RDM, 0));
  made("netlink stream", socket(AF_NETLINK, SOCK_STREAM, 0));
  made("netlink 40", socket(AF_NETLINK, SOCK_RAW, 40));
  made("netlink -1", socket(AF_NETLINK, SOCK_RAW, -1));
  close(made("tcp", socket(AF_INET, SOCK_STREAM, IPPROTO_TCP)));
  close(made("udp 6", socket(AF_INET6, SOCK_DGRAM, IPPROTO_UDP)));
  tell("pair of tcp", socketpair(AF_INET, SOCK_STREAM, 0, sv));
  tell("pair of netlink", socketpair(AF_NETLINK, SOCK_RAW, 0, sv));
  tell("pair nowhere", socketpair(AF_UNIX, SOCK_STREAM, 0, (int *)8));
  tell("pair of type 9", socketpair(AF_UNIX, 9, 0, sv));
  struct rlimit before, few;
  getrlimit(RLIMIT_NOFILE, &before);
  few = before;
  few.rlim_cur = 4;
  setrlimit(RLIMIT_NOFILE, &few);
  int last = dup(0);
  tell("too many", socket(AF_UNIX, SOCK_STREAM, 0));
  tell("too many for a pair", socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
  setrlimit(RLIMIT_NOFILE, &before);
  close(last);
}

static void descriptors(void) {
  printf("-- descriptors\n");
  char text[32] = "";
  struct sockaddr_in address = {.sin_family = AF_INET};
  struct msghdr message = {0};
  struct mmsghdr several = {0};
  socklen_t length = sizeof address;
  int value = 0, file = open("/dev/null", O_RDWR), bad[] = {-1, 99, file};
  const char *names[] = {"-1", "99", "a file"};
  for (int i = 0; i < 3; i++) {
    int fd = bad[i];
    printf("descriptor %s\n", names[i]);
    tell("bind", bind(fd, (void *)&address, sizeof address));
    tell("connect", connect(fd, (void *)&address, sizeof address));
    tell("listen", listen(fd, 1));
    tell("accept", accept(fd, NULL, NULL));
    tell("accept4", accept4(fd, NULL, NULL, 1));
    tell("getsockname", getsockname(fd, (void *)&address, &length));
    tell("getpeername", getpeername(fd, (void *)&address, &length));
    tell("send", send(fd, text, 1, 0));
    tell("send from nowhere", send(fd, (void *)-1, 1, 0));
    tell("recv", recv(fd, text, 1, 0));
    tell("sendmsg", sendmsg(fd, &message, 0));
    tell("sendmsg from nowhere", sendmsg(fd, (void *)8, 0));
    tell("recvmsg", recvmsg(fd, &message, 0));
    tell("sendmmsg", sendmmsg(fd, &several, 1, 0));
    tell("recvmmsg", recvmmsg(fd, &several, 1, 0, NULL));
    tell("shutdown", shutdown(fd, 9));
    tell("getsockopt", getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &length));
    tell("setsockopt", setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &value, -1));
  }
  close(file);
}

static void addresses(void) {
  printf("-- addresses\n");
  struct sockaddr_storage address;
  struct sockaddr_in in = {.sin_family = AF_INET};
  socklen_t length;
  in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int tcp = socket(AF_INET, SOCK_STREAM, 0), udp = socket(AF_INET, SOCK_DGRAM, 0), local = socket(AF_UNIX, SOCK_STREAM, 0);
  length = sizeof address;
  tell("getsockname to nowhere", getsockname(tcp, (void *)8, &length));
  tell("its length to nowhere", getsockname(tcp, (void *)&address, (void *)8));
  length = -1;
  tell("negative length", getsockname(tcp, (void *)&address, &length));
  length = 0;
  tell("no length", getsockname(tcp, NULL, &length));
  printf("%u\n", length);
  length = 5;
  memset(&address, 'x', sizeof address);
  tell("five bytes", getsockname(tcp, (void *)&address, &length));
  printf("%u %.5d %c\n", length, address.ss_family, ((char *)&address)[5]);
  tell("bind nothing", bind(tcp, NULL, 0));
  tell("bind from nowhere", bind(tcp, (void *)8, sizeof in));
  tell("bind 200", bind(tcp, (void *)&in, 200));
  tell("bind 15", bind(tcp, (void *)&in, 15));
  tell("bind 128", bind(udp, (void *)&address, 128));
  tell("connect nothing", connect(tcp, NULL, 0));
  tell("connect one byte", connect(tcp, (void *)&in, 1));
  tell("connect to nowhere", connect(tcp, (void *)8, sizeof in));
  tell("connect port 0", connect(tcp, (void *)&in, sizeof in));
  tell("connect udp port 0", connect(udp, (void *)&in, sizeof in));
  tell("connect unix to nothing", connect(local, (void *)&in, 2));
  struct sockaddr_un un = {.sun_family = AF_UNIX};
  tell("connect unix, empty", connect(local, (void *)&un, sizeof un));
  tell("bind unix, empty path", bind(local, (void *)&un, 3));
  tell("accept of nothing", accept(udp, (void *)8, NULL));
  tell("sendto, negative length", sendto(udp, "x", 1, 0, (void *)&in, -1));
  tell("sendto, nothing", sendto(udp, "x", 1, 0, (void *)&in, 0));
  tell("listen, negative", listen(tcp, -1));
  close(tcp);
  close(udp);
  close(local);
}

static void options(void) {
  printf("-- options\n");
  int fd = socket(AF_INET, SOCK_STREAM, 0), udp = socket(AF_INET, SOCK_DGRAM, 0), six = socket(AF_INET6, SOCK_STREAM, 0);
  int local = socket(AF_UNIX, SOCK_STREAM, 0), values[8], value;
  unsigned char byte;
  socklen_t length;
  static const int readable[] = {SO_TYPE, SO_PROTOCOL, SO_DOMAIN, SO_ERROR, SO_ACCEPTCONN, SO_REUSEADDR, SO_KEEPALIVE, SO_BROADCAST, SO_LINGER,
    SO_OOBINLINE, SO_RCVLOWAT, SO_SNDLOWAT, SO_PRIORITY, SO_DONTROUTE, SO_MARK, SO_REUSEPORT, SO_PASSCRED, SO_PEERCRED, SO_TIMESTAMP, SO_TIMESTAMPNS,
    SO_BINDTODEVICE, SO_INCOMING_CPU, SO_ZEROCOPY, SO_NO_CHECK, SO_BSDCOMPAT, SO_PEERSEC, SO_PEERNAME, SO_RXQ_OVFL, SO_LOCK_FILTER, 200};
  for (unsigned i = 0; i < sizeof readable / sizeof *readable; i++) {
    int fds[] = {fd, udp, local};
    for (int k = 0; k < 3; k++) {
      memset(values, 0, sizeof values);
      length = sizeof values;
      int result = getsockopt(fds[k], SOL_SOCKET, readable[i], values, &length);
      if (result) printf("%d: %s;", readable[i], strerror(errno));
      else printf("%d: length %u %d;", readable[i], length, values[0]);
    }
    printf("\n");
  }
  static const int switches[] = {SO_REUSEADDR, SO_KEEPALIVE, SO_BROADCAST, SO_OOBINLINE, SO_DONTROUTE, SO_REUSEPORT, SO_TIMESTAMP, SO_PASSCRED, SO_TYPE, SO_ERROR, SO_ACCEPTCONN, SO_SNDLOWAT, 200};
  for (unsigned i = 0; i < sizeof switches / sizeof *switches; i++) {
    value = 7;
    printf("set %d", switches[i]);
    tell("", setsockopt(fd, SOL_SOCKET, switches[i], &value, sizeof value));
    length = sizeof value;
    value = 0;
    if (switches[i] != SO_ERROR && getsockopt(fd, SOL_SOCKET, switches[i], &value, &length) == 0) printf("  now %d\n", value);
  }
  value = 1;
  tell("short", setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &value, 3));
  tell("negative", setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &value, -1));
  tell("nowhere", setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, (void *)8, 4));
  tell("level", setsockopt(fd, 99, SO_REUSEADDR, &value, 4));
  tell("unix level", setsockopt(local, IPPROTO_TCP, TCP_NODELAY, &value, 4));
  length = 4;
  tell("unix level", getsockopt(local, IPPROTO_TCP, TCP_NODELAY, &value, &length));
  tell("tcp on udp", setsockopt(udp, IPPROTO_TCP, TCP_NODELAY, &value, 4));
  tell("ipv6 on 4", setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &value, 4));
  length = 2;
  values[0] = -1;
  tell("two bytes", getsockopt(fd, SOL_SOCKET, SO_SNDBUF, values, &length));
  printf("%u %#x\n", length, values[0]);
  length = -1;
  tell("negative", getsockopt(fd, SOL_SOCKET, SO_TYPE, values, &length));
  tell("no length", getsockopt(fd, SOL_SOCKET, SO_TYPE, values, NULL));
  for (int i = 0; i < 3; i++) {
    static const int sizes[] = {0, 5000, 100000};
    value = sizes[i];
    setsockopt(udp, SOL_SOCKET, SO_RCVBUF, &value, sizeof value);
    setsockopt(udp, SOL_SOCKET, SO_SNDBUF, &value, sizeof value);
    length = 4;
    getsockopt(udp, SOL_SOCKET, SO_RCVBUF, &value, &length);
    getsockopt(udp, SOL_SOCKET, SO_SNDBUF, &values[0], &length);
    printf("buffers %d %d\n", value, values[0]);
  }
  struct linger linger = {3, 9};
  tell("SO_LINGER", setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
  tell("short", setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, 4));
  length = sizeof linger;
  getsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, &length);
  printf("%d %d\n", linger.l_onoff, linger.l_linger);
  value = 0;
  setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &value, 4);
  getsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &value, &length);
  printf("lowat %d\n", value);
  tell("device", setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
  length = 16;
  tell("device", getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, values, &length));
  printf("%s %u\n", (char *)values, length);
  tell("no device", setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "nosuch", 7));

  static const int tcp_options[] = {TCP_NODELAY, TCP_MAXSEG, TCP_CORK, TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT, TCP_SYNCNT, TCP_LINGER2, TCP_DEFER_ACCEPT, TCP_QUICKACK, TCP_USER_TIMEOUT, TCP_FASTOPEN, 99};
  for (unsigned i = 0; i < sizeof tcp_options / sizeof *tcp_options; i++) {
    length = 4;
    printf("tcp %d", tcp_options[i]);
    tell("", getsockopt(fd, IPPROTO_TCP, tcp_options[i], &value, &length));
    printf("  %d\n", value);
  }
  value = 0;
  tell("idle 0", setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &value, 4));
  value = 100;
  tell("idle 100", setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &value, 4));
  tell("count 100", setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &value, 4));
  value = 200;
  tell("count 200", setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &value, 4));
  tell("congestion", setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "nosuch", 7));
  tell("reno", setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "reno", 5));
  length = 16;
  tell("congestion", getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, values, &length));
  printf("%s %u\n", (char *)values, length);

  static const int ip_options[] = {IP_TOS, IP_TTL, IP_MTU_DISCOVER, IP_PKTINFO, IP_RECVTTL, IP_RECVERR, IP_MTU, IP_MULTICAST_TTL, IP_MULTICAST_LOOP, IP_FREEBIND, IP_OPTIONS, 53};
  for (unsigned i = 0; i < sizeof ip_options / sizeof *ip_options; i++) {
    length = 4;
    value = 0;
    printf("ip %d", ip_options[i]);
    tell("", getsockopt(udp, IPPROTO_IP, ip_options[i], &value, &length));
    printf("  %d %u\n", value, length);
  }
  value = 300;
  tell("ttl 300", setsockopt(udp, IPPROTO_IP, IP_TTL, &value, 4));
  byte = 9;
  tell("ttl 9", setsockopt(udp, IPPROTO_IP, IP_TTL, &byte, 1));
  length = 1;
  tell("ttl", getsockopt(udp, IPPROTO_IP, IP_TTL, &byte, &length));
  printf("%d %u\n", byte, length);
  value = -1;
  tell("ttl -1", setsockopt(udp, IPPROTO_IP, IP_TTL, &value, 4));
  length = 4;
  getsockopt(udp, IPPROTO_IP, IP_TTL, &value, &length);
  printf("%d\n", value);
  static const int six_options[] = {IPV6_V6ONLY, IPV6_UNICAST_HOPS, IPV6_MULTICAST_HOPS, IPV6_MULTICAST_LOOP, IPV6_RECVPKTINFO, IPV6_TCLASS, IPV6_MTU, IPV6_MTU_DISCOVER, 13};
  for (unsigned i = 0; i < sizeof six_options / sizeof *six_options; i++) {
    length = 4;
    value = 0;
    printf("ipv6 %d", six_options[i]);
    tell("", getsockopt(six, IPPROTO_IPV6, six_options[i], &value, &length));
    printf("  %d\n", value);
  }
  close(fd);
  close(udp);
  close(six);
  close(local);
}

static void interfaces(void) {
  printf("-- interfaces\n");
  int fd = socket(AF_INET, SOCK_DGRAM, 0), local = socket(AF_UNIX, SOCK_STREAM, 0);
  struct ifreq request = {0};
  strcpy(request.ifr_name, "lo");
  tell("flags", ioctl(fd, SIOCGIFFLAGS, &request));
  printf("%#x\n", request.ifr_flags);
  tell("address", ioctl(fd, SIOCGIFADDR, &request));
  printf("%s\n", inet_ntoa(((struct sockaddr_in *)&request.ifr_addr)->sin_addr));
  tell("netmask", ioctl(fd, SIOCGIFNETMASK, &request));
  printf("%s\n", inet_ntoa(((struct sockaddr_in *)&request.ifr_addr)->sin_addr));
  tell("mtu", ioctl(fd, SIOCGIFMTU, &request));
  printf("%d\n", request.ifr_mtu);
  tell("index", ioctl(local, SIOCGIFINDEX, &request));
  printf("%d\n", request.ifr_ifindex);
  memset(request.ifr_name, 0, IFNAMSIZ);
  tell("name", ioctl(fd, SIOCGIFNAME, &request));
  printf("%s\n", request.ifr_name);
  tell("hardware", ioctl(fd, SIOCGIFHWADDR, &request));
  printf("%d\n", request.ifr_hwaddr.sa_family);
  strcpy(request.ifr_name, "nosuch0");
  tell("no such", ioctl(fd, SIOCGIFFLAGS, &request));
  request.ifr_ifindex = 999;
  tell("no such", ioctl(fd, SIOCGIFNAME, &request));
  tell("nowhere", ioctl(fd, SIOCGIFFLAGS, (void *)8));
  tell("terminal", ioctl(fd, 0x5401, &request));
  tell("unknown", ioctl(fd, 0x12345678, &request));
  printf("lo is %s\n", if_indextoname(if_nametoindex("lo"), request.ifr_name));
  close(fd);
  close(local);
}

static void files(void) {
  printf("-- as files\n");
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), value = 0;
  struct stat status;
  char text[64];
  fstat(fd, &status);
  printf("mode %o links %ld size %ld\n", status.st_mode, (long)status.st_nlink, (long)status.st_size);
  tell("flags", fcntl(fd, F_GETFL));
  tell("FIONBIO", ioctl(fd, FIONBIO, &value));
  tell("flags", fcntl(fd, F_GETFL));
  tell("mmap", mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED ? -1 : 0);
  tell("lseek", lseek(fd, 0, SEEK_CUR));
  tell("pwrite", pwrite(fd, "x", 1, 0));
  tell("fchdir", fchdir(fd));
  tell("fdatasync", fdatasync(fd));
  snprintf(text, sizeof text, "/proc/self/fd/%d", fd);
  char target[64] = "";
  tell("readlink", readlink(text, target, 8));
  printf("%.8s inode %d\n", target, status.st_ino > 0);
  tell("open", open(text, O_RDONLY));
  tell("fchmod", fchmod(fd, 0600));
  fstat(fd, &status);
  printf("mode %o\n", status.st_mode);
  int ep = epoll_create1(0);
  struct epoll_event event = {EPOLLIN | EPOLLOUT, {.u32 = 7}};
  tell("epoll", epoll_ctl(ep, EPOLL_CTL_ADD, fd, &event));
  tell("epoll_wait", epoll_wait(ep, &event, 1, 0));
  printf("%#x %u\n", event.events, event.data.u32);
  fd_set readable, writable;
  FD_ZERO(&readable);
  FD_ZERO(&writable);
  FD_SET(fd, &readable);
  FD_SET(fd, &writable);
  struct timeval now = {0, 0};
  tell("select", select(fd + 1, &readable, &writable, NULL, &now));
  printf("%d %d\n", FD_ISSET(fd, &readable) != 0, FD_ISSET(fd, &writable) != 0);
  close(fd);
  close(ep);
}

int main(void) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  creation();
  descriptors();
  addresses();
  options();
  interfaces();
  files();
  return 0;
}

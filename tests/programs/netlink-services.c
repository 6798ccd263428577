// What the kernel answers in netlink's lesser protocols: the family of families, auditing that is off, and what is refused.
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct sockaddr_nl kernel = {AF_NETLINK};

static void ask(int fd, const char *what, int type, int flags, const void *body, int length) {
  static unsigned char buffer[65536];
  unsigned char message[128] = {0};
  *(struct nlmsghdr *)message = (struct nlmsghdr){16 + length, type, NLM_F_REQUEST | flags, 9, 0};
  memcpy(message + 16, body, length);
  printf("%s:", what);
  if (sendto(fd, message, 16 + length, 0, (const void *)&kernel, sizeof kernel) < 0) printf(" refused: %s", strerror(errno));
  for (;;) {
    ssize_t got = recv(fd, buffer, sizeof buffer, MSG_DONTWAIT);
    if (got < 0) break;
    const struct nlmsghdr *first = (const void *)buffer;
    printf(" [type %d flags %x seq %d", first->nlmsg_type, first->nlmsg_flags, first->nlmsg_seq);
    if (first->nlmsg_type == NLMSG_ERROR || first->nlmsg_type == NLMSG_DONE) printf(" says %d", *(const int *)(buffer + 16));
    else if (first->nlmsg_type == GENL_ID_CTRL) printf(" command %d version %d, %d %s", buffer[16], buffer[17], *(unsigned short *)(buffer + 22), buffer + 24);
    printf("]");
  }
  printf("\n");
}

static int opened(int protocol) {
  int fd = socket(AF_NETLINK, SOCK_RAW, protocol);
  struct sockaddr_nl any = {AF_NETLINK};
  if (fd < 0 || bind(fd, (void *)&any, sizeof any) < 0) printf("no socket of %d: %s\n", protocol, strerror(errno));
  return fd;
}

int main(void) {
  int generic = opened(NETLINK_GENERIC);
  ask(generic, "by name", GENL_ID_CTRL, 0, "\3\1\0\0\13\0\2\0nlctrl\0", 16);
  ask(generic, "by name, acknowledged", GENL_ID_CTRL, NLM_F_ACK, "\3\1\0\0\13\0\2\0nlctrl\0", 16);
  ask(generic, "by number", GENL_ID_CTRL, 0, "\3\1\0\0\6\0\1\0\20\0\0\0", 12);
  ask(generic, "by a wrong name", GENL_ID_CTRL, 0, "\3\1\0\0\13\0\2\0xlctrl\0", 16);
  ask(generic, "by nothing", GENL_ID_CTRL, 0, "\3\1\0\0", 4);
  ask(generic, "all", GENL_ID_CTRL, NLM_F_DUMP, "\3\1\0\0", 4);
  ask(generic, "what is not asked", GENL_ID_CTRL, 0, "\1\1\0\0\6\0\1\0\20\0\0\0", 12);
  ask(generic, "no such family", 1000, 0, "\1\1\0\0", 4);
  ask(generic, "cut", GENL_ID_CTRL, 0, "\1\1", 2);
  ask(generic, "a control message", NLMSG_NOOP, NLM_F_ACK, "", 0);
  int audit = opened(NETLINK_AUDIT);
  ask(audit, "no such message", 900, 0, "", 0);
  ask(audit, "a user's message", 1107, NLM_F_ACK, "hello", 5);
  int filters = opened(NETLINK_NETFILTER);
  ask(filters, "no such subsystem", 0x2e00, 0, "\2\0\0\0", 4);
  int policies = opened(NETLINK_XFRM);
  ask(policies, "no such message", 60, 0, "", 0);
  ask(opened(NETLINK_SELINUX), "nobody", 16, 0, "", 0);
  ask(opened(NETLINK_CONNECTOR), "into the void", 16, 0, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20);
  ask(opened(NETLINK_KOBJECT_UEVENT), "into the void", 16, 0, "\0\0\0\0", 4);
}

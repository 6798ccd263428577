// What a tracer makes of netlink messages: every type of NETLINK_ROUTE with its attributes, whole, cut and absurd, sent to a port nobody
// has, so that nothing happens; sockets with and without an address; errors with what they say.
#include "netlink-messages.h"
#include <sys/uio.h>

#define ROUTE 0
#define USERSOCK 2

static void attributesOf(unsigned type, unsigned family, unsigned size, unsigned kinds) {
  unsigned char header[16] = {family};
  attributes(type, 1, header, size, NULL, 0, kinds);
}

int main(void) {
  begin(ROUTE);
  close(fd);
  fd = socket(16, SOCK_RAW, ROUTE);
  // Nobody knows the protocol of a socket without an address.
  message(18, 0x301, "\2\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0", 16);
  message(18, 0x301, "\2\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0", 16);
  for (unsigned type = 0; type < 130; type++) {
    message(type, 0xffff, "", 0);
    message(type, 0, "\2", 1);
    message(type, 1, "\2\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1", 20);
    message(type, 1, "\12\20\30\5\377\0\0\0\4\2\1\1\0\0\0\1\1\1\0\0", 20);
  }
  attributesOf(16, 0, 16, 72);
  attributesOf(20, 2, 8, 14);
  attributesOf(20, 10, 8, 14);
  attributesOf(28, 2, 12, 18);
  attributesOf(64, 0, 4, 12);
  attributesOf(72, 2, 12, 5);
  attributesOf(80, 2, 4, 12);
  attributesOf(32, 2, 12, 34);
  attributesOf(36, 0, 20, 18);
  attributesOf(48, 0, 4, 5);
  attributesOf(84, 0, 8, 4);
  attributesOf(88, 0, 4, 7);
  attributesOf(92, 0, 12, 7);
  attributesOf(104, 2, 8, 19);
  // Errors: with the message they are about, with what there is to say.
  static const unsigned char error[] = {255, 255, 255, 255, 28, 0, 0, 0, 20, 0, 1, 3, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0};
  for (unsigned length = 0; length <= sizeof error; length++) message(2, 0, error, length);
  for (unsigned length = 0; length <= 8; length++) message(3, 2, "\3\0\0\0\0\0\0\0", length);
  use(USERSOCK);
  for (unsigned type = 0; type < 20; type++) message(type, 0x305, "\1\2\3\4", 4);
  // Several messages, lengths that lie, and no message at all.
  unsigned char two[64] = {16, 0, 0, 0, 18, 0, 1, 0, [16] = 17, [20] = 18};
  for (unsigned length = 0; length <= 40; length++) send(fd, two, length, 0);
  two[0] = 40;
  sendto(fd, two, 24, 0, (const struct sockaddr *)&nobody, sizeof nobody);
  two[0] = 12;
  sendto(fd, two, 40, 0, (const struct sockaddr *)&nobody, sizeof nobody);
  struct iovec parts[] = {{two, 16}, {two + 16, 20}, {NULL, 4}};
  struct msghdr vector = {.msg_name = (void *)&nobody, .msg_namelen = sizeof nobody, .msg_iov = parts, .msg_iovlen = 2};
  sendmsg(fd, &vector, 0);
  write(fd, two, 20);
  send(fd, (void *)1, 32, 0);
  printf("%d messages, %d refused\n", sent, refused);
}

// What a tracer makes of netlink messages: every type of NETLINK_ROUTE with its attributes, whole, cut and absurd, sent to a port nobody
// has, so that nothing happens; sockets with and without an address; errors with what they say.
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define ROUTE 0
#define USERSOCK 2

struct address {
  uint16_t family, pad;
  uint32_t pid, groups;
};

static const struct address nobody = {16, 0, 0x7ffffff0, 0};
static unsigned char *end;
static int refused, sent;

static void put16(unsigned char *at, unsigned value) { memcpy(at, &(uint16_t){value}, 2); }
static void put32(unsigned char *at, unsigned value) { memcpy(at, &(uint32_t){value}, 4); }

/** Sends the message that ends where memory does. */
static void message(int fd, unsigned type, unsigned flags, const void *payload, unsigned length) {
  unsigned char *at = end - 16 - length;
  put32(at, 16 + length);
  put16(at + 4, type);
  put16(at + 6, flags);
  put32(at + 8, 7);
  put32(at + 12, 0);
  memcpy(at + 16, payload, length);
  if (sendto(fd, at, 16 + length, 0, (const struct sockaddr *)&nobody, sizeof nobody) < 0) refused++;
  sent++;
}

/** One attribute behind a header of `size` bytes for `family`. */
static void attribute(int fd, unsigned type, unsigned family, unsigned size, unsigned kind, const void *value, unsigned length) {
  unsigned char payload[512] = {family};
  put16(payload + size, 4 + length);
  put16(payload + size + 2, kind);
  memcpy(payload + size + 4, value, length);
  message(fd, type, 1, payload, size + 4 + (length + 3) / 4 * 4);
}

static void attributes(int fd, unsigned type, unsigned family, unsigned size, unsigned kinds) {
  static const unsigned char counting[48] = {1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24,
                                             25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48};
  static const unsigned char zeros[208];
  for (unsigned kind = 0; kind < kinds; kind++) {
    attribute(fd, type, family, size, kind, "", 0);
    attribute(fd, type, family, size, kind, "\1", 1);
    attribute(fd, type, family, size, kind, "\1\0\0\0", 4);
    attribute(fd, type, family, size, kind, "lo", 3);
    attribute(fd, type, family, size, kind, "\377\376\375\374", 4);
    attribute(fd, type, family, size, kind, "\10\0\1\0lo\0\0\10\0\2\0\1\0\0\0", 16);
    attribute(fd, type, family, size, kind, counting, 6);
    attribute(fd, type, family, size, kind, counting + 1, 8);
    attribute(fd, type, family, size, kind, zeros, 16);
    // A next hop of no length sends strace round for ever.
    if (type == 24 && kind == 9) continue;
    attribute(fd, type, family, size, kind, counting, 36);
    attribute(fd, type, family, size, kind, counting, 48);
    attribute(fd, type, family, size, kind, zeros, 200);
  }
}

int main(void) {
  char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(pages + 4096, 4096);
  end = (unsigned char *)pages + 4096;
  int fd = socket(16, SOCK_RAW, ROUTE);
  // Nobody knows the protocol of a socket without an address.
  message(fd, 18, 0x301, "\2\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0", 16);
  message(fd, 18, 0x301, "\2\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0", 16);
  for (unsigned type = 0; type < 130; type++) {
    message(fd, type, 0xffff, "", 0);
    message(fd, type, 0, "\2", 1);
    message(fd, type, 1, "\2\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1", 20);
    message(fd, type, 1, "\12\20\30\5\377\0\0\0\4\2\1\1\0\0\0\1\1\1\0\0", 20);
  }
  attributes(fd, 16, 0, 16, 72);
  attributes(fd, 20, 2, 8, 14);
  attributes(fd, 20, 10, 8, 14);
  attributes(fd, 28, 2, 12, 18);
  attributes(fd, 64, 0, 4, 12);
  attributes(fd, 72, 2, 12, 5);
  attributes(fd, 80, 2, 4, 12);
  // Errors: with the message they are about, with what there is to say.
  static const unsigned char error[] = {255, 255, 255, 255, 28, 0, 0, 0, 20, 0, 1, 3, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0};
  for (unsigned length = 0; length <= sizeof error; length++) message(fd, 2, 0, error, length);
  for (unsigned length = 0; length <= 8; length++) message(fd, 3, 2, "\3\0\0\0\0\0\0\0", length);
  int other = socket(16, SOCK_RAW, USERSOCK);
  for (unsigned type = 0; type < 20; type++) message(other, type, 0x305, "\1\2\3\4", 4);
  // Several messages, lengths that lie, and no message at all.
  unsigned char two[64] = {16, 0, 0, 0, 18, 0, 1, 0, [16] = 17, [20] = 18};
  for (unsigned length = 0; length <= 40; length++) send(other, two, length, 0);
  two[0] = 40;
  sendto(other, two, 24, 0, (const struct sockaddr *)&nobody, sizeof nobody);
  two[0] = 12;
  sendto(other, two, 40, 0, (const struct sockaddr *)&nobody, sizeof nobody);
  struct iovec parts[] = {{two, 16}, {two + 16, 20}, {NULL, 4}};
  struct msghdr vector = {.msg_name = (void *)&nobody, .msg_namelen = sizeof nobody, .msg_iov = parts, .msg_iovlen = 2};
  sendmsg(other, &vector, 0);
  write(other, two, 20);
  send(other, (void *)1, 32, 0);
  printf("%d messages, %d refused\n", sent, refused);
}

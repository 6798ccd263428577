// Netlink messages that go to a port nobody has, so that nothing happens but that a tracer takes them apart.
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

struct address {
  uint16_t family, pad;
  uint32_t pid, groups;
};

static const struct address nobody = {16, 0, 0x7ffffff0, 0};
static const unsigned char zeros[208];
static unsigned char counting[48];
static unsigned char *end;
static int fd, refused, sent;

static void put16(unsigned char *at, unsigned value) { memcpy(at, &(uint16_t){value}, 2); }
static void put32(unsigned char *at, unsigned value) { memcpy(at, &(uint32_t){value}, 4); }

/** Sends the message that ends where memory does. */
static void message(unsigned type, unsigned flags, const void *payload, unsigned length) {
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

/** A message of `size` bytes of header and one attribute, in as many others as `depth` says. */
static void attribute(unsigned type, unsigned flags, const void *header, unsigned size, const unsigned *kinds, unsigned depth,
                      const void *value, unsigned length) {
  unsigned char payload[512] = {0};
  memcpy(payload, header, size);
  unsigned at = (size + 3) / 4 * 4, left = 4 * depth + length;
  for (unsigned i = 0; i < depth; i++, at += 4, left -= 4) {
    put16(payload + at, left);
    put16(payload + at + 2, kinds[i]);
  }
  memcpy(payload + at, value, length);
  message(type, flags, payload, at + (length + 3) / 4 * 4);
}

/** Attributes of all kinds below `last`, each with values that suit few of them. */
static void attributes(unsigned type, unsigned flags, const void *header, unsigned size, const unsigned *outer, unsigned depth,
                       unsigned last) {
  unsigned kinds[8];
  memcpy(kinds, outer, depth * sizeof *kinds);
  for (kinds[depth] = 0; kinds[depth] < last; kinds[depth]++) {
    static const struct {
      const void *bytes;
      unsigned length;
    } values[] = {
        {"", 0},           {"\1", 1},        {"\1\0\0\0", 4},     {"lo", 3},      {"\377\376\375\374", 4}, {"\10\0\1\0lo\0\0\10\0\2\0\1\0\0\0", 16},
        {counting, 2},     {counting, 6},    {counting + 1, 8},   {counting, 12}, {zeros, 16},            {counting, 20},
        {counting, 36},    {counting, 48},   {zeros, 200},
    };
    for (unsigned i = 0; i < sizeof values / sizeof *values; i++)
      attribute(type, flags, header, size, kinds, depth + 1, values[i].bytes, values[i].length);
  }
}

/** A bound socket of the protocol, for a tracer to know it by. */
static void use(int protocol) {
  if (fd > 0) close(fd);
  fd = socket(16, SOCK_RAW, protocol);
  struct address own = {16};
  if (fd < 0 || bind(fd, (struct sockaddr *)&own, sizeof own) < 0) printf("no socket of %d\n", protocol);
}

static void begin(int protocol) {
  char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(pages + 4096, 4096);
  end = (unsigned char *)pages + 4096;
  for (unsigned i = 0; i < sizeof counting; i++) counting[i] = i + 1;
  use(protocol);
}

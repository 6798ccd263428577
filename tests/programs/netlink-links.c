// What a tracer makes of links in NETLINK_ROUTE: kinds of links and their data, bridges and their ports, what families say of a link.
#include "netlink-messages.h"

enum { LINK = 16, LINK_HEADER = 16, PROTINFO = 12, LINKINFO = 18, AF_SPEC = 26 };

static unsigned nest(unsigned char *at, unsigned kind, const void *value, unsigned length) {
  put16(at, 4 + length);
  put16(at + 2, kind);
  memcpy(at + 4, value, length);
  return 4 + (length + 3) / 4 * 4;
}

/** A link of a kind, or the slave of one, with an attribute of what goes with that. */
static void linkOf(const char *kind, unsigned isSlave, unsigned outer, unsigned inner, const void *value, unsigned length) {
  unsigned char data[256] = {0}, info[300] = {0}, payload[512] = {0};
  unsigned size = nest(data, inner, value, length);
  unsigned at = nest(info, isSlave ? 4 : 1, kind, strlen(kind) + 1);
  at += nest(info + at, outer, data, size);
  message(LINK, 1, payload, LINK_HEADER + nest(payload + LINK_HEADER, LINKINFO, info, at));
}

/** An attribute of the link, nested as `kinds` says, in a message of `family`. */
static void ofFamily(unsigned family, const unsigned *kinds, unsigned depth, const void *value, unsigned length) {
  unsigned char header[LINK_HEADER] = {family};
  attribute(LINK, 1, header, LINK_HEADER, kinds, depth, value, length);
}

static void kinds(void) {
  static const char *const names[] = {"bridge", "tun", "can", "vlan", "bond", "veth", "xxx"};
  static const unsigned char lengths[] = {1, 4, 6, 8, 16, 24, 48};
  for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
    for (unsigned outer = 2; outer <= 5; outer++)
      for (unsigned inner = 0; inner < (i < 3 ? 56 : 3); inner++)
        for (unsigned j = 0; j < sizeof lengths; j++) linkOf(names[i], outer == 5, outer, inner, counting, lengths[j]);
  linkOf("bridge\0x", 1, 5, 1, "\1", 1);
}

static void bridges(void) {
  for (unsigned bit = 0; bit < 32; bit++) {
    unsigned words[2] = {1u << bit, 0};
    linkOf("bridge", 0, 2, 46, words, 8);
    if (bit >= 16) continue;
    ofFamily(7, (unsigned[]){AF_SPEC, 0}, 2, words, 2);
    ofFamily(7, (unsigned[]){AF_SPEC, 2}, 2, words, 4);
    ofFamily(7, (unsigned[]){AF_SPEC, 3, 3}, 3, words, 2);
  }
  for (unsigned value = 0; value < 8; value++) {
    linkOf("bridge", 0, 2, 50, &value, 4);
    linkOf("tun", 0, 2, 3, &value, 1);
    ofFamily(7, (unsigned[]){AF_SPEC, 1}, 2, &value, 2);
  }
  for (unsigned kind = 0; kind < 12; kind++) {
    for (unsigned length = 1; length <= 24; length = length < 4 ? 4 : length + 4) {
      unsigned char value[64];
      linkOf("bridge", 0, 2, 47, value, nest(value, kind, counting, length));
      ofFamily(7, (unsigned[]){AF_SPEC, 3, kind}, 3, counting, length);
      // The port of a router, by its index and what is known of it.
      unsigned char port[64] = {1};
      attribute(84, 1, "\7\0\0\0\0\0\0", 8, (unsigned[]){2, 1}, 2, port, 4 + nest(port + 4, kind, counting, length));
    }
  }
  static const unsigned char protocols[][2] = {{0x81, 0}, {0x88, 0xa8}, {8, 0}, {1, 0}};
  for (unsigned i = 0; i < sizeof protocols / 2; i++) linkOf("bridge", 0, 2, 8, protocols[i], 2);
  for (unsigned length = 0; length < 16; length++) ofFamily(7, (unsigned[]){AF_SPEC, 2}, 2, counting, length);
}

static void families(void) {
  static const unsigned char lengths[] = {1, 2, 3, 4, 8, 12, 16, 48};
  for (unsigned kind = 0; kind < 50; kind++) {
    for (unsigned i = 0; i < sizeof lengths; i++) {
      ofFamily(7, (unsigned[]){PROTINFO, kind}, 2, counting, lengths[i]);
      if (kind < 12) ofFamily(7, (unsigned[]){AF_SPEC, kind}, 2, counting, lengths[i]);
      if (kind < 12) ofFamily(10, (unsigned[]){PROTINFO, kind}, 2, counting, lengths[i]);
      if (kind < 12) ofFamily(0, (unsigned[]){AF_SPEC, 10, kind}, 3, counting, lengths[i]);
      if (kind < 12) ofFamily(0, (unsigned[]){AF_SPEC, 2, kind}, 3, counting, lengths[i]);
    }
  }
  static const unsigned char many[480];
  ofFamily(2, (unsigned[]){AF_SPEC, 2, 1}, 3, many, 200);
  ofFamily(2, (unsigned[]){AF_SPEC, 10, 2}, 3, many, 400);
  ofFamily(2, (unsigned[]){AF_SPEC, 10, 3}, 3, many, 440);
  ofFamily(2, (unsigned[]){AF_SPEC, 10, 6}, 3, many, 120);
  // Addresses are as long as what strace takes for the type of hardware says.
  for (unsigned family = 0; family < 256; family++) ofFamily(family, (unsigned[]){1}, 1, counting, 30);
  ofFamily(0, (unsigned[]){1}, 1, counting, 40);
}

int main(void) {
  begin(0);
  kinds();
  bridges();
  families();
  printf("%d messages, %d refused\n", sent, refused);
}

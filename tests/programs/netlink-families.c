// What a tracer makes of netlink protocols other than ROUTE and SOCK_DIAG: names of messages and of the flags that go with them, headers whole
// and cut, attributes.
#include "netlink-messages.h"

enum { XFRM = 6, SELINUX = 7, AUDIT = 9, FIB_LOOKUP = 10, CONNECTOR = 11, NETFILTER = 12, UEVENT = 15, GENERIC = 16 };

static void types(unsigned first, unsigned last) {
  for (unsigned type = first; type < last; type++) {
    message(type, 0xffff, "", 0);
    message(type, 0x705, "\2\3\4\5", 4);
    message(type, 1, counting, 29);
  }
}

static void simple(int protocol) {
  use(protocol);
  types(0, 44);
  for (unsigned length = 0; length < 40; length++) message(20, 0, counting, length);
}

static void netfilter(void) {
  use(NETFILTER);
  for (unsigned subsystem = 0; subsystem < 16; subsystem++) {
    for (unsigned type = 0; type < 40; type++) {
      message(subsystem << 8 | type, 0xffff, "", 0);
      message(subsystem << 8 | type, 1, "\2\0\0\1", 4);
    }
    for (unsigned length = 0; length < 10; length++) message(subsystem << 8 | 1, 1, counting + 4, length);
    attributes(subsystem << 8, 1, "\2\0\0\5", 4, NULL, 0, 2);
  }
  for (unsigned family = 0; family < 50; family++) message(0xa00, 1, (unsigned char[]){family, 0, 1, 2}, 4);
  for (unsigned version = 0; version < 4; version++)
    for (unsigned id = 0; id < 16; id++) message(0xa06, 1, (unsigned char[]){2, version, 0, id}, 4);
  message(0xffff, 1, "\2\0\0\5\1\2\3\4", 8);
}

/** What a device's manager tells, itself or by way of udev. */
static void events(void) {
  use(UEVENT);
  static const char text[] = "add@/devices/virtual/x\0ACTION=add\0DEVPATH=/devices/virtual/x";
  unsigned char udev[120] = "libudev";
  for (unsigned i = 0; i < 32; i++) udev[8 + i] = 0x51 + i;
  udev[8] = 0xfe, udev[9] = 0xed, udev[10] = 0xca, udev[11] = 0xfe;
  memcpy(udev + 40, text, sizeof text);
  for (unsigned length = 0; length <= sizeof udev; length += 4) {
    memcpy(end - length, udev, length);
    sendto(fd, end - length, length, 0, (const struct sockaddr *)&nobody, sizeof nobody);
  }
  udev[8] = 1;
  memcpy(end - sizeof udev, udev, sizeof udev);
  sendto(fd, end - sizeof udev, sizeof udev, 0, (const struct sockaddr *)&nobody, sizeof nobody);
  sendto(fd, end - 4, 60, 0, (const struct sockaddr *)&nobody, sizeof nobody);
  sendto(fd, text, sizeof text, 0, (const struct sockaddr *)&nobody, sizeof nobody);
}

static void generic(void) {
  use(GENERIC);
  types(0, 17);
  types(1000, 1002);
  unsigned char header[4] = {3, 2};
  for (unsigned command = 0; command < 14; command++) {
    header[0] = command;
    message(16, 0x305, header, 4);
    attributes(16, 0x305, header, 4, NULL, 0, command == 3 ? 13 : 2);
  }
  for (unsigned length = 0; length < 10; length++) message(16, 1, "\3\2\1\2\10\0\1\0\20\0", length);
  header[0] = 1;
  attributes(16, 0, header, 4, (unsigned[]){6}, 1, 3);
  attributes(16, 0, header, 4, (unsigned[]){6, 1}, 2, 4);
  attributes(16, 0, header, 4, (unsigned[]){7}, 1, 3);
  attributes(16, 0, header, 4, (unsigned[]){7, 1}, 2, 4);
  attributes(16, 0, header, 4, (unsigned[]){8}, 1, 3);
  attributes(16, 0, header, 4, (unsigned[]){8, 5}, 2, 3);
  attributes(16, 0, header, 4, (unsigned[]){8, 5, 6}, 3, 14);
  attributes(16, 0, header, 4, (unsigned[]){9}, 1, 3);
  attributes(16, 0, header, 4, (unsigned[]){9, 5}, 2, 4);
  for (unsigned value = 0; value < 24; value++) {
    unsigned char word[4] = {value};
    attribute(16, 0, header, 4, (unsigned[]){8, 5, 6, 1}, 4, word, 4);
    attribute(16, 0, header, 4, (unsigned[]){6, 1, 1}, 3, word, 4);
    attribute(16, 0, header, 4, (unsigned[]){10}, 1, word, 4);
    attribute(16, 0, header, 4, (unsigned[]){9, 5, 1}, 3, word, 4);
  }
  attribute(16, 0, header, 4, (unsigned[]){1}, 1, "\20", 2);
  for (unsigned bit = 0; bit < 32; bit++) {
    unsigned char word[4];
    put32(word, 1u << bit);
    attribute(16, 0, header, 4, (unsigned[]){6, 1, 2}, 3, word, 4);
  }
}

int main(void) {
  begin(XFRM);
  simple(XFRM);
  simple(SELINUX);
  use(AUDIT);
  types(0, 20);
  types(999, 1030);
  types(1098, 1102);
  types(1105, 1110);
  types(1120, 1130);
  types(1198, 1210);
  types(1298, 1345);
  types(1398, 1430);
  types(1498, 1503);
  types(1598, 1603);
  types(1698, 1710);
  types(1798, 1815);
  types(1898, 1903);
  types(1998, 2002);
  types(2098, 2106);
  simple(FIB_LOOKUP);
  simple(CONNECTOR);
  netfilter();
  simple(UEVENT);
  events();
  generic();
  printf("%d messages, %d refused\n", sent, refused);
}

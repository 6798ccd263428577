// What a tracer makes of NETLINK_SOCK_DIAG: questions and answers about sockets of each family, whole and cut, with all attributes.
#include "netlink-messages.h"

enum { QUESTION = 1, ANSWER = 2 };

static const unsigned families[] = {0, 1, 2, 10, 16, 17, 30, 40, 43, 44, 45, 46, 200};

/** A message of which all bytes say something. */
static void filled(unsigned type, unsigned flags, unsigned family, unsigned length, unsigned char first) {
  unsigned char payload[128];
  for (unsigned i = 0; i < length; i++) payload[i] = first == 255 ? 255 : first * (i + 1);
  if (length > 0) payload[0] = family;
  message(type, flags, payload, length);
}

static void headers(unsigned type, unsigned family) {
  for (unsigned flags = QUESTION; flags <= ANSWER; flags++) {
    for (unsigned length = 0; length <= 84; length += length < 4 ? 1 : 4) filled(type, flags, family, length, 3);
    for (unsigned first = 0; first < 12; first++) filled(type, flags, family, 80, first);
    filled(type, flags, family, 80, 255);
  }
}

/** Every value of the bytes and words whose names are known. */
static void named(unsigned family, unsigned flags, unsigned at, unsigned size, unsigned last) {
  for (unsigned value = 0; value < last; value++) {
    unsigned char payload[72] = {family};
    memcpy(payload + at, &value, size);
    message(20, flags, payload, sizeof payload);
  }
}

/** Every bit of a word of flags. */
static void bits(unsigned type, unsigned family, unsigned at, unsigned size) {
  for (unsigned bit = 0; bit < 8 * size; bit++) {
    unsigned value = 1u << bit;
    unsigned char payload[72] = {family};
    memcpy(payload + at, &value, size);
    message(type, QUESTION, payload, sizeof payload);
  }
}

int main(void) {
  begin(4);
  for (unsigned type = 0; type < 26; type++) {
    message(type, 0xffff, "", 0);
    for (unsigned i = 0; i < sizeof families / sizeof *families; i++) {
      unsigned char family = families[i];
      message(type, 0, &family, 1);
      if (type >= 18) filled(type, type & 1 ? QUESTION : ANSWER, family, 76, 5);
    }
  }
  for (unsigned i = 0; i < sizeof families / sizeof *families; i++) headers(20, families[i]);
  headers(18, 2);
  headers(19, 10);
  named(2, QUESTION, 1, 1, 256);
  named(2, ANSWER, 1, 1, 16);
  named(1, ANSWER, 1, 1, 12);
  named(1, ANSWER, 2, 1, 16);
  named(16, QUESTION, 1, 1, 256);
  named(16, ANSWER, 1, 1, 12);
  named(16, ANSWER, 2, 1, 24);
  named(16, ANSWER, 3, 1, 10);
  named(17, ANSWER, 1, 1, 12);
  named(17, ANSWER, 2, 2, 2100);
  named(43, ANSWER, 1, 1, 40);
  named(43, ANSWER, 2, 1, 4);
  bits(20, 2, 2, 1);
  bits(20, 2, 4, 4);
  bits(18, 2, 3, 1);
  bits(18, 2, 52, 4);
  bits(20, 1, 4, 4);
  bits(20, 1, 12, 4);
  bits(20, 16, 8, 4);
  bits(20, 17, 8, 4);
  bits(20, 43, 3, 1);
  static const struct {
    unsigned family, size, kinds;
  } answers[] = {{1, 16, 10}, {2, 72, 25}, {10, 72, 2}, {16, 28, 7}, {17, 16, 10}, {43, 68, 6}};
  for (unsigned i = 0; i < sizeof answers / sizeof *answers; i++) {
    unsigned char header[80] = {answers[i].family};
    attributes(20, ANSWER, header, answers[i].size, NULL, 0, answers[i].kinds);
  }
  unsigned char inet[72] = {2};
  attributes(20, QUESTION, inet, 56, NULL, 0, 6);
  attributes(18, QUESTION, inet, 60, NULL, 0, 6);
  unsigned char others[28] = {1};
  attributes(20, QUESTION, others, 24, NULL, 0, 2);
  others[0] = 16;
  attributes(20, QUESTION, others, 20, NULL, 0, 2);
  others[0] = 17;
  attributes(20, QUESTION, others, 20, NULL, 0, 2);
  // What upper-layer protocols and BPF programs keep with a socket.
  attributes(20, ANSWER, inet, 72, (unsigned[]){19}, 1, 5);
  attributes(20, ANSWER, inet, 72, (unsigned[]){19, 2}, 2, 8);
  attributes(20, ANSWER, inet, 72, (unsigned[]){19, 3}, 2, 13);
  attributes(20, ANSWER, inet, 72, (unsigned[]){20}, 1, 3);
  attributes(20, ANSWER, inet, 72, (unsigned[]){20, 1}, 2, 5);
  attributes(20, QUESTION, inet, 56, (unsigned[]){2}, 1, 4);
  printf("%d messages, %d refused\n", sent, refused);
}

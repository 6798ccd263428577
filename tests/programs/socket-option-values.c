// The values of socket options that are set, of every length: numbers, times, memberships, bytes.
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

int main(void) {
  static const int lengths[] = {0, 1, 2, 3, 4, 5, 8, 12, 16, 20, 24, 32, 44, 136, 200, 288, -1};
  static const int levels[] = {0, 1, 6, 17, 41, 132, 270, 271, 279};
  char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(pages + 4096, 4096);
  char *end = pages + 4096;
  int calls = 0;
  for (unsigned i = 0; i < sizeof levels / sizeof *levels; i++) {
    for (int option = 0; option < 36; option++) {
      if (levels[i] == 41 && option >= 20) continue;
      for (unsigned j = 0; j < sizeof lengths / sizeof *lengths; j++) {
        int length = lengths[j] < 0 ? 8 : lengths[j];
        memset(end - length, 0, length);
        // The first interface is the same on every machine.
        for (int at = 0; at < length; at += 4) end[at - length] = 1;
        setsockopt(-1, levels[i], option, end - length, lengths[j]);
        calls++;
      }
    }
  }
  // Those with structures or words of their own: groups, hashing, ranges of ports, types of messages, packet sockets.
  static const struct {
    int level, option;
  } structured[] = {{0, 42}, {0, 45}, {41, 42}, {41, 45}, {1, 74}, {0, 51}, {255, 1}, {6, 38}, {263, 1}, {263, 2}, {263, 5}, {263, 13}};
  for (unsigned i = 0; i < sizeof structured / sizeof *structured; i++) {
    for (unsigned j = 0; j < sizeof lengths / sizeof *lengths; j++) {
      int length = lengths[j] < 0 ? 8 : lengths[j];
      for (unsigned bits = 0; bits <= 32; bits += 3) {
        for (int at = 0; at < length; at++) end[at - length] = at < 4 ? (1ull << bits) - 1 >> 8 * at : at == 6 ? bits + 1 : at * 5;
        setsockopt(-1, structured[i].level, structured[i].option, end - length, lengths[j]);
        calls++;
      }
    }
    setsockopt(-1, structured[i].level, structured[i].option, NULL, 16);
    setsockopt(-1, structured[i].level, structured[i].option, end - 2, 200);
  }
  setsockopt(-1, 1, 2, NULL, 4);
  setsockopt(-1, 1, 2, end - 2, 4);
  printf("%d values\n", calls);
}

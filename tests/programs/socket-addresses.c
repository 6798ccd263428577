// What a tracer makes of socket addresses: the families with many fields, in every length, whole, empty and absurd, and addresses that cannot
// be read. The descriptor is none, so that nothing happens.
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void) {
  static const int families[] = {0, 1, 2, 3, 4, 9, 10, 12, 16, 17, 28, 29, 30, 31, 33, 36, 38, 39, 40, 42, 43, 44, 45, 46, 255};
  char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(pages + 4096, 4096);
  unsigned char *end = (unsigned char *)pages + 4096;
  int calls = 0;
  for (unsigned i = 0; i < sizeof families / sizeof *families; i++) {
    for (int length = 2; length <= 130; length += length < 32 ? 1 : 7) {
      for (int form = 0; form < 3; form++) {
        unsigned char *address = end - length;
        for (int at = 0; at < length; at++) address[at] = form == 0 ? 0 : form == 1 ? at % 5 + 1 : 'a' + at % 26;
        address[0] = families[i], address[1] = 0;
        // A link address is as long as it says, and no longer than there is room.
        if (length > 11) address[11] %= 7;
        connect(-1, (struct sockaddr *)address, length);
        calls++;
      }
    }
  }
  // Amateur radio: call signs, plain and not, and stations that repeat.
  static const unsigned char signs[][7] = {{0x98, 0x92, 0x9c, 0xaa, 0xb0, 0x40, 6}, {0x40, 0x82, 0x40, 0x82, 0x82, 0x40, 0x1e}, {0x40, 0x40, 0x40, 0x40, 0x40, 0x40, 2},
                                           {0x83, 0x82, 0x82, 0x82, 0x82, 0x82, 0}, {0x54, 0x82, 0x82, 0x82, 0x82, 0x82, 0}, {0x82, 0x60, 0xb4, 0x72, 0x82, 0x82, 0xe0}};
  for (unsigned i = 0; i < sizeof signs / sizeof *signs; i++) {
    for (int stations = -1; stations <= 10; stations++) {
      static const unsigned char lengths[] = {16, 17, 22, 23, 30, 44, 71, 72, 73, 79, 100};
      for (unsigned j = 0; j < sizeof lengths; j++) {
        unsigned char address[100] = {3};
        memcpy(address + 2, signs[i], 7);
        memcpy(address + 12, &stations, 4);
        for (int at = 16; at + 7 <= 100; at += 7) memcpy(address + at, signs[(i + at) % 6], 7);
        connect(-1, (struct sockaddr *)address, lengths[j]);
        calls++;
      }
    }
  }
  // RxRPC: the address of what carries it may be cut.
  for (int family = 1; family < 12; family += family == 2 ? 8 : 1) {
    for (int length = 0; length < 40; length++) {
      unsigned char address[48] = {33, 0, length, length % 9 ? 0 : 9, length % 12, 0, length, 0, family, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
      connect(-1, (struct sockaddr *)address, 36);
      connect(-1, (struct sockaddr *)address, 48);
      calls += 2;
    }
  }
  for (int service = 2495; service < 2510; service++) connect(-1, (struct sockaddr *)(unsigned char[36]){33, 0, service & 255, service >> 8}, 36);
  connect(-1, NULL, 16);
  connect(-1, (struct sockaddr *)1, 16);
  bind(-1, (struct sockaddr *)(end - 16), 1);
  bind(-1, (struct sockaddr *)(end - 16), 0);
  bind(-1, (struct sockaddr *)(end - 16), -1);
  sendto(-1, "x", 1, 0, (struct sockaddr *)(end - 16), 32);
  printf("%d calls\n", calls);
}

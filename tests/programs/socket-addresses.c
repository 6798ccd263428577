// What a tracer makes of socket addresses: the families with many fields, in every length, whole, empty and absurd, and addresses that cannot
// be read. The descriptor is none, so that nothing happens.
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void) {
  static const int families[] = {0, 1, 2, 4, 9, 10, 12, 16, 17, 28, 29, 30, 31, 36, 38, 39, 40, 42, 43, 44, 45, 46, 255};
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
  connect(-1, NULL, 16);
  connect(-1, (struct sockaddr *)1, 16);
  bind(-1, (struct sockaddr *)(end - 16), 1);
  bind(-1, (struct sockaddr *)(end - 16), 0);
  bind(-1, (struct sockaddr *)(end - 16), -1);
  sendto(-1, "x", 1, 0, (struct sockaddr *)(end - 16), 32);
  printf("%d calls\n", calls);
}

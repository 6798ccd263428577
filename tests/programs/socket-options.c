// The names of socket options, at every level, for the call that sets and the one that asks.
#include <stdio.h>
#include <sys/socket.h>

int main(void) {
  int calls = 0;
  for (int level = 0; level < 300; level++) {
    int options = level == 0 || level == 1 || level == 41 || level == 132 ? 140 : level == 271 || level == 277 || level == 278 ? 135 : 50;
    for (int option = 0; option < options; option++) {
      if (level == 271 && option < 120) option = 120;
      setsockopt(-1, level, option, NULL, 0);
      getsockopt(-1, level, option, NULL, NULL);
      calls++;
    }
    setsockopt(-1, level, 0x1080, NULL, 0);
    setsockopt(-1, level, -1, NULL, 0);
  }
  printf("%d options\n", calls);
}

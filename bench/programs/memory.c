// The C library's memcpy, memset, strlen, strchr and memcmp, on blocks from a word to many pages.
#include <stdio.h>
#include <string.h>
static char from[1 << 16], to[1 << 16];
int main(void) {
  memset(from, 'a', sizeof from - 1);
  unsigned long sum = 0;
  for (int round = 0; round < 4500000; round++) {
    int size = 8 << (round % 13);
    volatile int unknown = size;
    from[unknown] = 0;
    memcpy(to, from, unknown + 1);
    sum += strlen(to);
    sum += strchr(to, 0) - to;
    sum += memcmp(from, to, unknown) == 0;
    memset(to, round, unknown / 2);
    from[unknown] = 'a';
  }
  printf("%lu\n", sum);
}

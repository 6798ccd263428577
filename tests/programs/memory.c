// memcpy, memmove, memset, memchr and memcmp in sizes from 0 to many pages, all alignments of the small ones.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned char from[70000], to[70000];

static unsigned hash(const unsigned char *bytes, int count) {
  unsigned sum = 0;
  for (int i = 0; i < count; i++) sum = sum * 16777619 ^ bytes[i];
  return sum;
}

int main(void) {
  for (int i = 0; i < 70000; i++) from[i] = (unsigned char)(i * 2654435761u >> 13);
  unsigned sum = 0;
  for (int size = 0; size < 300; size += 1 + size / 40)
    for (int a = 0; a < 33; a += 3)
      for (int b = 0; b < 33; b += 5) {
        memset(to, 0xee, 400);
        memcpy(to + a, from + b, size);
        sum = sum * 31 + hash(to, 370);
        memmove(to + b, to + a, size);
        sum = sum * 31 + hash(to, 370);
        sum += memcmp(to + a, from + b, size) > 0;
        unsigned char *found = memchr(to, 0x55, 370);
        sum += found ? (unsigned)(found - to) : 999;
      }
  for (int size = 1000; size <= 65536; size *= 2) {
    memcpy(to + 7, from + 3, size);
    memmove(to + 100, to + 7, size);
    memset(to + 50, size, size / 2);
    sum = sum * 31 + hash(to, size);
  }
  printf("%08x\n", sum);
  memset(to, 'x', 65000);
  to[65000] = 0;
  printf("%zu\n", strlen((char *)to));
  return 0;
}

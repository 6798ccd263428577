// malloc in many sizes and orders, and what realloc keeps.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned state = 99;
static unsigned next(void) { return state = state * 1664525 + 1013904223, state >> 10; }

int main(void) {
  enum { SLOTS = 200 };
  static unsigned char *slots[SLOTS];
  static size_t sizes[SLOTS];
  for (int round = 0; round < 20000; round++) {
    int i = next() % SLOTS;
    if (!slots[i]) {
      sizes[i] = next() % (round % 100 == 0 ? 300000 : 2000) + 1;
      slots[i] = malloc(sizes[i]);
      memset(slots[i], i, sizes[i]);
    } else if (next() % 3 == 0) {
      size_t larger = sizes[i] + next() % 4000;
      slots[i] = realloc(slots[i], larger);
      for (size_t k = 0; k < sizes[i]; k += 97)
        if (slots[i][k] != i) return 1;
      memset(slots[i], i, larger);
      sizes[i] = larger;
    } else {
      if (slots[i][0] != i || slots[i][sizes[i] - 1] != i) return 2;
      free(slots[i]);
      slots[i] = NULL;
    }
  }
  size_t total = 0;
  for (int i = 0; i < SLOTS; i++) total += slots[i] ? sizes[i] : 0;
  printf("%zu\n", total);
  char *zeroed = calloc(1000, 1000);
  for (int i = 0; i < 1000000; i++)
    if (zeroed[i]) return 3;
  free(zeroed);
  void *aligned = aligned_alloc(4096, 8192);
  printf("%d\n", (int)((uintptr_t)aligned % 4096));
  free(aligned);
  void *huge = malloc(64 << 20);
  printf("%s\n", huge ? "got" : "refused");
  free(huge);
  printf("%s\n", malloc((size_t)1 << 60) ? "got" : "refused");
  return 0;
}

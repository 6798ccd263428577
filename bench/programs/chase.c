// A pointer chase through 64 MiB in no order: every step waits for memory.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
int main(void) {
  uint32_t count = 1 << 24, *next = malloc(count * sizeof *next);
  for (uint32_t i = 0; i < count; i++) next[i] = (i * 1664525u + 1013904223u) & (count - 1); // one cycle through all
  uint32_t at = 0;
  for (int i = 0; i < 3000000; i++) at = next[at];
  printf("%u\n", at);
}

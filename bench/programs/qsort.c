// The C library's qsort on a million integers, with its callback.
#include <stdio.h>
#include <stdlib.h>
enum { N = 1000000 };
static int numbers[N];
static int compare(const void *a, const void *b) {
  int x = *(const int *)a, y = *(const int *)b;
  return (x > y) - (x < y);
}
int main(void) {
  unsigned state = 1;
  for (int round = 0; round < 6; round++) {
    for (int i = 0; i < N; i++) numbers[i] = (int)(state = state * 1664525 + 1013904223);
    qsort(numbers, N, sizeof(int), compare);
  }
  printf("%d %d %d\n", numbers[0], numbers[N / 2], numbers[N - 1]);
}

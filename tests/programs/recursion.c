// Deep and mutual recursion, function pointers, and a stack of a few megabytes.
#include <stdio.h>

static unsigned ackermann(unsigned m, unsigned n) {
  return m == 0 ? n + 1 : n == 0 ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1));
}
static int is_odd(unsigned n);
static int is_even(unsigned n) { return n == 0 ? 1 : is_odd(n - 1); }
static int is_odd(unsigned n) { return n == 0 ? 0 : is_even(n - 1); }
static unsigned fib(unsigned n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

static long depth(int n) {
  volatile char room[400];
  room[n % 400] = (char)n;
  return n == 0 ? 0 : 1 + depth(n - 1) + (room[n % 400] != (char)n);
}

static int moves;
static void hanoi(int n, int from, int to, int over) {
  if (n == 0) return;
  hanoi(n - 1, from, over, to);
  moves++;
  hanoi(n - 1, over, to, from);
}

static int permutations(int *items, int n, int at, int (*accept)(const int *, int)) {
  if (at == n) return accept(items, n);
  int count = 0;
  for (int i = at; i < n; i++) {
    int saved = items[at];
    items[at] = items[i], items[i] = saved;
    count += permutations(items, n, at + 1, accept);
    saved = items[at];
    items[at] = items[i], items[i] = saved;
  }
  return count;
}
static int no_fixed_point(const int *items, int n) {
  for (int i = 0; i < n; i++)
    if (items[i] == i) return 0;
  return 1;
}

int main(void) {
  printf("%u %d %u\n", ackermann(2, 9), is_even(1000), fib(22));
  printf("%ld\n", depth(10000));
  hanoi(14, 0, 1, 2);
  int items[] = {0, 1, 2, 3, 4, 5, 6};
  printf("%d %d\n", moves, permutations(items, 7, 0, no_fixed_point));
  return 0;
}

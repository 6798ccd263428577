// 128-bit integers: multiplied, divided, shifted, printed; and divisions by every kind of divisor.
#include <stdio.h>
#include <stdint.h>

typedef unsigned __int128 wide;

static void print(wide value) {
  char text[40];
  int at = 40;
  text[--at] = 0;
  do {
    text[--at] = '0' + (int)(value % 10);
    value /= 10;
  } while (value);
  puts(text + at);
}

int main(void) {
  wide factorial = 1;
  for (unsigned i = 2; i <= 33; i++) factorial *= i;
  print(factorial);
  print(~(wide)0);
  print(((wide)0x123456789abcdef0 << 64 | 0xfedcba9876543210) / 0x1234567);
  print(((wide)0x123456789abcdef0 << 64) / (((wide)1 << 70) + 12345));
  print((wide)UINT64_MAX * UINT64_MAX >> 17);
  __int128 negative = -((__int128)1 << 100);
  print((wide)(-(negative / 12345)));
  printf("%lld\n", (long long)(negative % 12345));
  long sum = 0;
  volatile long dividends[] = {0, 1, -1, 7, -7, INT64_MAX, INT64_MIN, 123456789012345};
  volatile long divisors[] = {1, 2, -2, 3, 7, 10, -10, 1000000007, INT64_MAX};
  for (int i = 0; i < 8; i++)
    for (int k = 0; k < 9; k++) sum = sum * 31 + dividends[i] / divisors[k] + dividends[i] % divisors[k];
  printf("%lx\n", sum);
  volatile unsigned a = 4000000000u, b = 7;
  volatile int c = -100, d = 7;
  printf("%u %u %d %d %d\n", a / b, a % b, c / d, c % d, (short)c / (short)d);
  return 0;
}

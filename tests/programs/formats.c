// printf in all its conversions.
#include <inttypes.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <wchar.h>

int main(void) {
  printf("%d %i %u %o %x %X %#x %#o\n", -42, 42, 42u, 42u, 42u, 0xBEEFu, 255u, 8u);
  printf("[%5d] [%-5d] [%05d] [%+d] [% d] [%.4d] [%8.3d]\n", 42, 42, 42, 42, 42, 42, 42);
  printf("%ld %lld %lu %llu %hd %hhd %zu %td %jd\n", LONG_MIN, LLONG_MAX, ULONG_MAX, 1ull << 63, (short)70000,
         (signed char)300, sizeof(long), (ptrdiff_t)-3, (intmax_t)5);
  printf("[%s] [%10s] [%-10s] [%.3s] [%c] [%%]\n", "text", "right", "left", "truncated", 'c');
  printf("%f %.0f %.10f %e %E %g %G %a\n", 3.14159, 2.5, 1.0 / 3, 12345.678, 0.00012, 1e10, 1e-10, 0.1);
  printf("%g %g %g %g %g\n", 100000.0, 1000000.0, 0.0001, 0.00001, 123456789.0);
  printf("[%10.2f] [%-10.2f] [%+.2f] [%010.2f] [%#.0f]\n", 3.14159, 3.14159, 3.14159, -3.14159, 3.0);
  printf("%Lf %Le %Lg %.20Lg %La\n", 3.14159265358979323846L, 1e4000L, 1e-4000L, 1.0L / 3, 1.0L / 3);
  printf("%f %F %e %g\n", 1.0 / 0.0, -1.0 / 0.0, 0.0 / -1.0, 5e-324);
  printf("%.17g %.17g %.3g %.1f %.0f %.0f\n", 0.1, 1e308, 999.5, 0.25, 0.5, 1.5);
  printf("%*d %.*f %-*d|\n", 6, 42, 3, 2.71828, 6, 42);
  printf("%" PRId64 " %" PRIx32 " %p\n", (int64_t)-1, (uint32_t)0xdeadbeef, (void *)0x1234);
  printf("%.60f\n%.40e\n", 1e-20, 1.7976931348623157e308);
  char text[16];
  int wanted = snprintf(text, sizeof text, "%s-%d", "a long string that is cut", 7);
  printf("%s %d\n", text, wanted);
  int count = 0;
  sscanf("17 3.5 word 0x1f", "%d", &count);
  double real;
  char word[8];
  unsigned hex;
  int matched = sscanf("17 3.5 word 0x1f", "%d %lf %7s %x", &count, &real, word, &hex);
  printf("%d %d %g %s %u\n", matched, count, real, word, hex);
  return 0;
}

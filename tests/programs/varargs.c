// Variable arguments of all classes: more integers and doubles than registers, structs by value, long double.
#include <stdarg.h>
#include <stdio.h>

struct small { int a; float b; };
struct large { long a, b, c; };

static double sum(const char *kinds, ...) {
  va_list list, again;
  va_start(list, kinds);
  va_copy(again, list);
  double total = 0;
  for (const char *kind = kinds; *kind; kind++) {
    switch (*kind) {
      case 'i': total += va_arg(list, int); break;
      case 'l': total += va_arg(list, long); break;
      case 'd': total += va_arg(list, double); break;
      case 'L': total += (double)va_arg(list, long double); break;
      case 's': { struct small s = va_arg(list, struct small); total += s.a + s.b; break; }
      case 'S': { struct large s = va_arg(list, struct large); total += s.a + s.b + s.c; break; }
    }
  }
  if (kinds[0] == 'i') total += va_arg(again, int) * 1000;
  va_end(list);
  va_end(again);
  return total;
}

static struct large make(int n) { return (struct large){n, n * 2, n * 3}; }

int main(void) {
  struct small small = {3, 0.25f};
  printf("%g\n", sum("iiiiiiii", 1, 2, 3, 4, 5, 6, 7, 8));
  printf("%g\n", sum("dddddddddd", .1, .2, .3, .4, .5, .6, .7, .8, .9, 1.0));
  printf("%g\n", sum("idlLsSid", 1, 2.5, 3L, 4.5L, small, make(7), 8, 9.5));
  return 0;
}

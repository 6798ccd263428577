// Text to floating point and back, to the last bit.
#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
  const char *texts[] = {"0.1", "1e23", "9007199254740993", "2.2250738585072011e-308", "4.9e-324", "2.4e-324", "1.7976931348623158e308",
                         "1.8e308", "-0", "0x1.8p3", "inf", "nan", "1e-400", "123456789012345678901234567890", ".5e1x", "12abc"};
  for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++) {
    char *end;
    errno = 0;
    double value = strtod(texts[i], &end);
    unsigned long bits;
    memcpy(&bits, &value, 8);
    if (value != value) bits &= 0x7fffffffffffffff;
    printf("%s -> %016lx %.17g rest \"%s\" errno %d\n", texts[i], bits, fabs(value), end, errno);
    long double wide = strtold(texts[i], NULL);
    float narrow = strtof(texts[i], NULL);
    if (wide == wide) printf("  %.21Lg %.9g\n", wide, narrow);
  }
  unsigned long state = 88172645463325252ul;
  int wrong = 0;
  for (int i = 0; i < 2000; i++) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    double value;
    memcpy(&value, &state, 8);
    if (value != value) continue;
    char text[40];
    snprintf(text, sizeof text, "%.17g", value);
    wrong += strtod(text, NULL) != value;
  }
  printf("%d wrong\n", wrong);
  return 0;
}

// The floating-point environment: every rounding mode, and the exception flags.
#include <fenv.h>
#include <math.h>
#include <stdio.h>

int main(void) {
  volatile double one = 1, three = 3;
  int modes[] = {FE_TONEAREST, FE_DOWNWARD, FE_UPWARD, FE_TOWARDZERO};
  for (int i = 0; i < 4; i++) {
    fesetround(modes[i]);
    printf("%.17g %.17g %ld\n", one / three, -one / three, lrint(one * 2.5));
  }
  fesetround(FE_TONEAREST);
  feclearexcept(FE_ALL_EXCEPT);
  volatile double quotient = one / three;
  (void)quotient;
  printf("inexact %d\n", fetestexcept(FE_INEXACT) != 0);
  return 0;
}

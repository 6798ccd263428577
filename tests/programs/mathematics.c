// libm: elementary functions of double, float and long double, and classification.
#include <math.h>
#include <stdio.h>

int main(void) {
  for (double x = -2.5; x <= 2.5; x += 0.7) {
    printf("%.14g %.14g %.14g %.14g %.14g\n", sin(x), cos(x), tan(x), atan(x), exp(x));
    printf("%.14g %.14g %.14g %.14g\n", sinh(x), tanh(x), cbrt(x), erf(x));
    printf("%g %g %g %g %ld %g\n", floor(x), ceil(x), trunc(x), round(x), lrint(x), nearbyint(x));
  }
  for (double x = 0.1; x < 100; x *= 3.3) {
    printf("%.14g %.14g %.14g %.14g %.14g\n", log(x), log2(x), log10(x), sqrt(x), pow(x, 1.7));
    printf("%.14g %.14g %.14g\n", tgamma(x), lgamma(x), hypot(x, 3));
    printf("%.6g %.6g %.6g\n", sinf((float)x), expf(-(float)x), powf((float)x, 0.3f));
    printf("%.17Lg %.17Lg %.17Lg\n", sinl((long double)x), expl(-(long double)x), logl((long double)x));
  }
  printf("%.14g %.14g %g\n", fmod(1e20, 7), remainder(10, 3), fma(3, 4, 5));
  int exponent;
  double mantissa = frexp(1234.5, &exponent), whole;
  double fraction = modf(-3.75, &whole);
  printf("%g %d %g %g %g\n", mantissa, exponent, ldexp(1, 70), fraction, whole);
  printf("%d %d %d %d\n", fpclassify(0.0) == FP_ZERO, isnan(sqrt(-1.0)) != 0, isinf(1e308 * 10) != 0, signbit(-0.0) != 0);
  return 0;
}

// Floating point printed: musl's printf does it in 80-bit long double, so x87 works or the digits are wrong.
#include <float.h>
#include <math.h>
#include <stdio.h>

int main(void) {
  printf("%f %.17g %e\n", 3.14159265358979, 0.1, 6.02214076e23);
  printf("%.20Lg %La\n", 1.0L / 3, 1.0L / 3);
  printf("%g %g %g %g\n", DBL_MAX, DBL_MIN, DBL_MIN / 4, -0.0);
  printf("%f %f %f\n", INFINITY, -INFINITY, NAN);
  double sum = 0;
  for (int i = 1; i <= 1000; i++) sum += 1.0 / ((double)i * i);
  printf("%.15f %.15f\n", sum, sqrt(6 * sum));
  volatile double one = 1; // nothing for the compiler to compute
  printf("%.15g %.15g %.15g %.17Lg\n", sin(one), exp(one), pow(2 * one, 0.5), atan2l(one, 3));
  return 0;
}

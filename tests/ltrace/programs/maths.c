// Functions of math.h, complex.h and fenv.h with ordinary arguments.
#define _GNU_SOURCE
#include <complex.h>
#include <fenv.h>
#include <math.h>
#include <stdlib.h>

// A result that is used keeps the call of a pure function.
static volatile double kept;
static volatile long kept_integer;
#define keep(call) (kept = (call))
#define keep_integer(call) (kept_integer = (call))

int main(void) {
	volatile double x = 0.75, y = 2.0;
	volatile float small = 0.5f;
	int exponent;
	double whole, cosine;
	keep(acos(x));
	keep(asin(x));
	keep(atan(x));
	keep(ceil(x));
	keep(cos(x));
	keep(cosh(x));
	keep(exp(x));
	keep(exp2(x));
	keep(expm1(x));
	keep(fabs(x));
	keep(floor(x));
	keep(log(x));
	keep(log10(x));
	keep(log1p(x));
	keep(log2(x));
	keep(logb(x));
	keep(sin(x));
	keep(sinh(x));
	keep(sqrt(x));
	keep(tan(x));
	keep(tanh(x));
	keep(cbrt(x));
	keep(rint(x));
	keep(round(x));
	keep(trunc(x));
	keep(nearbyint(x));
	keep(erf(x));
	keep(erfc(x));
	keep(lgamma(x));
	keep(tgamma(x));
	keep(asinh(x));
	keep(acosh(x));
	keep(atanh(x));
	keep(j0(x));
	keep(y1(x));
	keep(cosf(small));
	keep(sqrtf(small));
	keep(floorf(small));
	keep(expf(small));
	keep(logf(small));
	keep(atan2(x, y));
	keep(fmod(x, y));
	keep(pow(x, y));
	keep(hypot(x, y));
	keep(copysign(x, y));
	keep(fdim(x, y));
	keep(fmax(x, y));
	keep(fmin(x, y));
	keep(nextafter(x, y));
	keep(remainder(x, y));
	keep(drem(x, y));
	keep(powf(small, 2.0f));
	keep(fma(x, y, 1.0));
	keep(frexp(x, &exponent));
	keep(ldexp(x, 3));
	keep(scalbn(x, 2));
	keep(scalbln(x, 2));
	keep(modf(y + x, &whole));
	keep(remquo(y, x, &exponent));
	keep(lgamma_r(x, &exponent));
	sincos(x, &whole, &cosine);
	keep(jn(2, x));
	keep(nan("1"));
	keep_integer(lround(x));
	keep_integer(lrint(y));
	keep_integer(llround(x));
	keep_integer(ilogb(y));
	keep_integer((isnan)(x));
	keep_integer((isinf)(x));
	keep_integer((finite)(x));
	keep(cabs(x + y * I));
	keep(creal(cexp(x + y * I)));
	keep(cimag(csqrt(x)));
	keep(crealf(cexpf(small + I)));
	feclearexcept(FE_ALL_EXCEPT);
	fetestexcept(FE_INEXACT);
	fegetround();
	fesetround(FE_TONEAREST);
	return 0;
}

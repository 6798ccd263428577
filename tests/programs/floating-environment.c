// <fenv.h> and MXCSR: rounding modes, exception flags in cold and hot code, flushing to zero, and exceptions that trap.
#define _GNU_SOURCE
#include <fenv.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <xmmintrin.h>

static const int modes[] = {FE_TONEAREST, FE_DOWNWARD, FE_UPWARD, FE_TOWARDZERO};
static volatile double zero = 0, one = 1, three = 3, huge = 1e308, tiny = 1e-308;
static volatile float huge_single = 3e38f;

static void show(const char *what) {
  int raised = fetestexcept(FE_ALL_EXCEPT);
  printf("%-24s%s%s%s%s%s\n", what, raised & FE_INVALID ? " invalid" : "", raised & FE_DIVBYZERO ? " divbyzero" : "",
         raised & FE_OVERFLOW ? " overflow" : "", raised & FE_UNDERFLOW ? " underflow" : "",
         raised & FE_INEXACT ? " inexact" : "");
  feclearexcept(FE_ALL_EXCEPT);
}

static __attribute__((noinline)) double harmonic(int terms) {
  double sum = 0;
  for (int n = 1; n <= terms; n++) sum += 1.0 / n;
  return sum;
}

static __attribute__((noinline)) double overflowing(int steps) {
  double product = 1;
  for (int n = 0; n < steps; n++) product *= 1.5;
  return product;
}

static sigjmp_buf back;
static void on_float(int signal, siginfo_t *info, void *context) {
  ucontext_t *frame = context;
  unsigned mxcsr = frame->uc_mcontext.fpregs->mxcsr;
  printf("SIGFPE code %d trapno %lld mxcsr %04x\n", info->si_code, (long long)frame->uc_mcontext.gregs[REG_TRAPNO], mxcsr);
  siglongjmp(back, 1);
}

static __attribute__((noinline)) double divide(double a, double b) { return a / b; }
static __attribute__((noinline)) double multiply(double a, double b) { return a * b; }

int main(void) {
  volatile double out = one / zero;
  printf("before anything was cleared: %d\n", fetestexcept(FE_DIVBYZERO) != 0);
  feclearexcept(FE_ALL_EXCEPT);
  out = one / three;
  show("1 / 3");
  out = one / zero;
  show("1 / 0");
  out = zero / zero;
  show("0 / 0");
  out = huge * huge;
  show("huge * huge");
  out = tiny * tiny;
  show("tiny * tiny");
  out = tiny / 4;
  show("tiny / 4");
  out = sqrt(-one);
  show("sqrt(-1)");
  out = (float)huge;
  show("(float)huge");
  out = (int)huge;
  show("(int)huge");
  out = one + one;
  show("1 + 1");
  out = harmonic(100000);
  show("hot sum");
  out = overflowing(20000);
  show("hot product");
  feraiseexcept(FE_OVERFLOW);
  show("raised");

  for (int i = 0; i < 4; i++) {
    fesetround(modes[i]);
    printf("%d: %.17g %.17g %.9g %ld %.0f %.17g\n", fegetround() == modes[i], one / three, -one / three,
           (double)(huge_single * 2), lrint(2.5), nearbyint(-2.5), harmonic(20000));
  }
  fesetround(FE_UPWARD);
  printf("%a %a %a %g\n", sin(one), exp(one), pow(three, 0.3), strtod("0.1", NULL));
  fesetround(FE_TONEAREST);
  feclearexcept(FE_ALL_EXCEPT);

  unsigned before = _mm_getcsr();
  _MM_SET_FLUSH_ZERO_MODE(_MM_FLUSH_ZERO_ON);
  printf("flushed %g\n", tiny / 16);
  _mm_setcsr(before);
  volatile double denormal = tiny / 16;
  _mm_setcsr(before | 0x40);
  printf("denormals are zero: %g\n", denormal * 1e300);
  _mm_setcsr(before);
  printf("gradual %g %g\n", tiny / 16, denormal * 1e300);

  fenv_t saved;
  feholdexcept(&saved);
  out = one / zero;
  printf("held: %d\n", fetestexcept(FE_DIVBYZERO) != 0);
  fesetenv(&saved);
  printf("restored: %d\n", fetestexcept(FE_DIVBYZERO) != 0);
  feholdexcept(&saved);
  out = one / zero;
  feupdateenv(&saved);
  show("updated");

  struct sigaction action = {.sa_sigaction = on_float, .sa_flags = SA_SIGINFO};
  sigaction(SIGFPE, &action, NULL);
  for (int masked = 7; masked < 13; masked++) {
    _mm_setcsr(0x1f80 & ~(1 << masked));
    if (!sigsetjmp(back, 1)) {
      out = divide(one, zero);
      out = divide(zero, zero);
      out = multiply(huge, huge);
      out = multiply(tiny, tiny);
      out = multiply(denormal, 2);
      out = divide(one, three);
      printf("nothing\n");
    }
    _mm_setcsr(0x1f80);
  }
  return 0;
}

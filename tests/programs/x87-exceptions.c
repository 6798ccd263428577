// x87 exceptions that trap: reported by the next waiting instruction, with the pointers to the one that caused them.
#define _GNU_SOURCE
#include <fenv.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <ucontext.h>

static sigjmp_buf back;
static double zero = 0, one = 1, denormal = 4e-320;
static long double huge = 1e4900L, tiny = 1e-4900L;
static uintptr_t first;
static void on_float(int signal, siginfo_t *info, void *context) {
  ucontext_t *frame = context;
  __typeof__(frame->uc_mcontext.fpregs) fpu = frame->uc_mcontext.fpregs;
  uint64_t rip = frame->uc_mcontext.gregs[REG_RIP];
  printf("SIGFPE code %d trapno %lld status %04x control %04x tag %02x opcode %03x addr %s rip +%ld fip +%ld\n", info->si_code,
         (long long)frame->uc_mcontext.gregs[REG_TRAPNO], fpu->swd, fpu->cwd, fpu->ftw, fpu->fop,
         (uintptr_t)info->si_addr == rip ? "rip" : "other", (long)(rip - first), (long)(fpu->rip - first));
  siglongjmp(back, 1);
}

#define TRY(what, control, ...)                                                                                        \
  do {                                                                                                                 \
    unsigned short word = control;                                                                                     \
    printf("%-22s", what);                                                                                             \
    fflush(stdout);                                                                                                    \
    if (!sigsetjmp(back, 1)) {                                                                                         \
      asm volatile("fninit\n\tlea 1f(%%rip), %%rax\n\tmov %%rax, %0" : "=m"(first)::"rax");                             \
      asm volatile("fldcw %0\n1:\n\t" __VA_ARGS__                                                                      \
                   : "+m"(word)                                                                                        \
                   : "r"(&zero), "r"(&one), "r"(&denormal), "r"(&huge), "r"(&tiny)                                     \
                   : "memory", "st", "st(1)", "st(2)");                                                                \
      printf("nothing\n");                                                                                             \
    }                                                                                                                  \
    asm volatile("fninit");                                                                                            \
  } while (0)

int main(void) {
  struct sigaction action = {.sa_sigaction = on_float, .sa_flags = SA_SIGINFO};
  sigaction(SIGFPE, &action, NULL);
  TRY("zero divide", 0x37b, "fldl (%2)\n\tfdivl (%1)\n\tfwait");
  TRY("zero divide, later", 0x37b, "fldl (%2)\n\tfdivl (%1)\n\tnop\n\tnop\n\tfnop");
  TRY("not waiting", 0x37b, "fldl (%2)\n\tfdivl (%1)\n\tfnstsw %%ax\n\tfnclex\n\tfwait");
  TRY("store waits", 0x37b, "fldl (%2)\n\tfdivl (%1)\n\tfstpl -64(%%rsp)");
  TRY("invalid", 0x37e, "fldl (%1)\n\tfdivl (%1)\n\tfwait");
  TRY("stack underflow", 0x37e, "fadd %%st(3), %%st\n\tfwait");
  TRY("stack overflow", 0x37e, "fld1\n\tfld1\n\tfld1\n\tfld1\n\tfld1\n\tfld1\n\tfld1\n\tfld1\n\tfld1\n\tfwait");
  TRY("denormal", 0x37d, "fldl (%3)\n\tfwait");
  TRY("overflow", 0x377, "fldt (%4)\n\tfmul %%st, %%st\n\tfwait");
  TRY("underflow", 0x36f, "fldt (%5)\n\tfmul %%st, %%st\n\tfwait");
  TRY("inexact", 0x35f, "fldl (%2)\n\tfldpi\n\tfdivrp\n\tfwait");
  TRY("masked", 0x37f, "fldl (%2)\n\tfdivl (%1)\n\tfwait");
  TRY("stored too large", 0x377, "fldt (%4)\n\tfstpl -64(%%rsp)\n\tfwait");
#ifdef __GLIBC__
  feclearexcept(FE_ALL_EXCEPT);
  feenableexcept(FE_DIVBYZERO);
  if (!sigsetjmp(back, 1)) {
    volatile long double quotient = one / (long double)zero;
    printf("nothing\n");
  }
#endif
  return 0;
}

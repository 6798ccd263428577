// What processors of other makers do otherwise, and some hypervisors: INT1, RF between iterations, alignment of MOVUPS, x87's opcode.
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

static sigjmp_buf back;
static unsigned char *code;
static char area[64] __attribute__((aligned(64)));
static int go_on;

static void on_signal(int signal, siginfo_t *info, void *context) {
  asm volatile("pushf\n\tandl $~0x40000, (%%rsp)\n\tpopf" ::: "cc", "memory"); // AC stays set in handlers
  ucontext_t *frame = context;
  greg_t *gregs = frame->uc_mcontext.gregs;
  printf(" [signal %d code %d trapno %lld err %llx rip +%lld flags %llx", signal, info->si_code, (long long)gregs[REG_TRAPNO],
         (long long)gregs[REG_ERR], (long long)gregs[REG_RIP] - (long long)code, (long long)gregs[REG_EFL] & 0x50100);
  if (signal == SIGFPE)
    printf(" opcode %03x status %04x", frame->uc_mcontext.fpregs->fop, frame->uc_mcontext.fpregs->swd);
  printf("]");
  fflush(stdout);
  if (!go_on) siglongjmp(back, 1);
}

static void run(const char *what, int going_on, const unsigned char *bytes, unsigned length) {
  memcpy(code, bytes, length);
  memcpy(code + length, "\x0f\x0b", 2);
  go_on = going_on;
  printf("%s:", what);
  fflush(stdout);
  if (!sigsetjmp(back, 1)) {
    uint64_t address = (uint64_t)area;
    asm volatile("call *%[code]" : "+a"(address) : [code] "r"(code) : "memory", "cc", "rcx", "rdi", "st", "xmm0");
  }
  asm volatile("fninit");
  printf("\n");
}
#define RUN(what, going_on, ...) do { static const unsigned char bytes[] = {__VA_ARGS__}; run(what, going_on, bytes, sizeof bytes); } while (0)
#define SET(flags) 0x9c, 0x81, 0x0c, 0x24, 0, (flags) & 0xff, (flags) >> 8, 0, 0x9d /* pushf; or dword [rsp], flags << 8; popf */
#define CLEAR 0x9c, 0x81, 0x24, 0x24, 0xff, 0xfe, 0xfb, 0xff, 0x9d /* pushf; and dword [rsp], ~(TF | AC); popf */

int main(void) {
  code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};
  int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
  for (int i = 0; i < 5; i++) sigaction(signals[i], &action, NULL);
  RUN("int1", 0, 0xf1);
  RUN("int1, gone on from", 1, 0xf1, 0xc3);
  RUN("int1, stepped", 1, SET(1), 0xf1, 0x90, CLEAR, 0xc3);
  RUN("rep stosb, stepped", 1, 0x48, 0x89, 0xc7, 0xb9, 3, 0, 0, 0, SET(1), 0xf3, 0xaa, 0x90, CLEAR, 0xc3);
  RUN("AC movups", 0, SET(0x400), 0x0f, 0x10, 0x40, 0x01);
  RUN("AC movupd store", 0, SET(0x400), 0x66, 0x0f, 0x11, 0x40, 0x08);
  RUN("AC movups, aligned", 0, SET(0x400), 0x0f, 0x10, 0x00);
  // fld1; fldz; fdivp, masked; then mov word [rsp-8], 0x37b; fldcw; fwait.
  RUN("unmasked afterwards", 0, 0xd9, 0xe8, 0xd9, 0xee, 0xde, 0xf9, 0x66, 0xc7, 0x44, 0x24, 0xf8, 0x7b, 0x03, 0xd9, 0x6c, 0x24, 0xf8, 0x9b);
  return 0;
}

// Faults in loops that have run often: the handler must see the registers, flags and memory of the very iteration.
#define _GNU_SOURCE
#include <fenv.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#define TIMES 20000
static char *pages;
static const char *what;
static int faults;

static void on_fault(int signal, siginfo_t *info, void *context) {
  ucontext_t *frame = context;
  greg_t *r = frame->uc_mcontext.gregs;
  long offset = r[REG_TRAPNO] == 14 ? (char *)info->si_addr - pages : 0;
  if (faults++ < 4)
    printf("%s: signal %d code %d offset %lx err %llx rcx %lld rax %llx rdx %llx rsi %llx r8 %llx flags %llx\n", what, signal,
           info->si_code, offset, (long long)r[REG_ERR], (long long)r[REG_RCX], (long long)r[REG_RAX], (long long)r[REG_RDX],
           (long long)r[REG_RSI], (long long)r[REG_R8], (long long)r[REG_EFL] & 0x108d5);
  // Repair what is wrong and go on: r9 says how.
  switch (r[REG_R9]) {
  case 1: // make the page accessible
    mprotect((void *)((uintptr_t)info->si_addr & ~4095ul), 4096, PROT_READ | PROT_WRITE);
    break;
  case 2: // another divisor
    r[REG_R8] = 1;
    break;
  case 3: // skip the instruction, whose length is in r10
    r[REG_RIP] += r[REG_R10];
    break;
  case 4: // mask what was unmasked
    frame->uc_mcontext.fpregs->mxcsr |= 0x1f80;
    break;
  }
}

static void show(const char *name, uint64_t result) {
  printf("%s: %d faults, result %llx\n", name, faults, (long long)result);
  faults = 0;
}

static void fresh(void) {
  mmap(pages, 0x10000, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  mprotect(pages, 0x2000, PROT_READ | PROT_WRITE);
  faults = 0;
}

#define LOOP(name, repair, length, body, ...)                                                                          \
  do {                                                                                                                 \
    what = name;                                                                                                       \
    fresh();                                                                                                           \
    uint64_t count = TIMES, result = 0, pointer = (uintptr_t)pages;                                                    \
    register uint64_t r9 asm("r9") = repair;                                                                           \
    register uint64_t r10 asm("r10") = length;                                                                         \
    register uint64_t r8 asm("r8") = 7;                                                                                \
    asm volatile("xor %%esi, %%esi\n\txor %%edx, %%edx\n1:\n\t" body "\n\tdec %%rcx\n\tjnz 1b"                         \
                 : "+c"(count), "+a"(result), "+D"(pointer), "+r"(r8)                                                  \
                 : "r"(r9), "r"(r10), ##__VA_ARGS__                                                                    \
                 : "memory", "cc", "rdx", "rsi", "xmm0", "xmm1", "xmm2");                                              \
    show(name, result);                                                                                                \
  } while (0)

int main(void) {
  pages = mmap(NULL, 0x10000, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
  int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};
  for (int i = 0; i < 5; i++) sigaction(signals[i], &action, NULL);

  LOOP("writes", 1, 0, "mov %%ecx, (%%rdi)\n\tadd $3, %%rdi\n\tcmp $0xfffc, %%esi\n\tlea 3(%%rsi), %%esi\n\tjb 2f\n\tsub %%rsi, %%rdi\n\txor %%esi, %%esi\n2:");
  LOOP("reads", 1, 0, "add (%%rdi), %%eax\n\tadc $0, %%eax\n\tadd $2, %%rdi\n\tlea 2(%%rsi), %%esi\n\tcmp $0xfff0, %%esi\n\tjb 2f\n\tsub %%rsi, %%rdi\n\txor %%esi, %%esi\n2:");
  LOOP("read, change, write", 1, 0, "addl $5, (%%rdi)\n\tsetc %%dl\n\tadd %%edx, %%eax\n\tadd $6, %%rdi\n\tlea 6(%%rsi), %%esi\n\tcmp $0xfff0, %%esi\n\tjb 2f\n\tsub %%rsi, %%rdi\n\txor %%esi, %%esi\n2:");
  LOOP("vectors", 1, 0, "movups (%%rdi), %%xmm0\n\tmovq %%xmm0, %%rdx\n\tadd %%rdx, %%rax\n\tmovups %%xmm0, 8(%%rdi)\n\tadd $8, %%rdi\n\tlea 8(%%rsi), %%esi\n\tcmp $0xff00, %%esi\n\tjb 2f\n\tsub %%rsi, %%rdi\n\txor %%esi, %%esi\n2:");
  LOOP("divisions", 2, 0, "mov %%rcx, %%rax\n\txor %%edx, %%edx\n\tmov %%rcx, %%r8\n\tand $0xfff, %%r8\n\tdivq %%r8\n\tadd %%rax, %%rsi\n\tmov %%rsi, %%rax");
  LOOP("undefined", 3, 2, "add %%rcx, %%rax\n\ttest $0x1fff, %%ecx\n\tjnz 2f\n\tcmp $5, %%rax\n\tud2\n2:");
  LOOP("breakpoints", 0, 0, "add %%rcx, %%rax\n\ttest $0x1fff, %%ecx\n\tjnz 2f\n\tint3\n2:");
  LOOP("alignment", 3, 4, "xor %%edx, %%edx\n\ttest $0x1fff, %%ecx\n\tsetz %%dl\n\tmovaps (%%rdi,%%rdx), %%xmm0\n\tlea 1(%%rax,%%rdx), %%rax");

  feclearexcept(FE_ALL_EXCEPT);
  unsigned unmasked = 0x1f80 & ~0x200;
  asm volatile("ldmxcsr %0" ::"m"(unmasked));
  LOOP("float division", 4, 0, "cvtsi2sd %%rcx, %%xmm1\n\tmov %%rcx, %%rdx\n\tand $0x1fff, %%edx\n\tcvtsi2sd %%rdx, %%xmm2\n\tdivsd %%xmm2, %%xmm1\n\tcvttsd2si %%xmm1, %%rdx\n\tadd %%rdx, %%rax");
  unsigned after;
  asm volatile("stmxcsr %0" : "=m"(after));
  printf("mxcsr %04x\n", after);
  return 0;
}

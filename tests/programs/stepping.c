// Single-stepping by TF: a SIGTRAP handler counts the instructions of functions, repeated string instructions and system calls.
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

static volatile int steps, stop_after;
static uintptr_t first, last;
static int codes[8];
static unsigned char *code;
static unsigned offsets[64];
static int recorded;

static void on_trap(int signal, siginfo_t *info, void *context) {
  ucontext_t *frame = context;
  greg_t *gregs = frame->uc_mcontext.gregs;
  uintptr_t at = gregs[REG_RIP] - (uintptr_t)code;
  if (info->si_code >= 0 && info->si_code < 8) codes[info->si_code]++;
  else codes[0]++;
  if (at < 4096) {
    steps++;
    if (recorded < 64) offsets[recorded++] = at << 16 | (gregs[REG_RCX] & 0xff) << 8 | (info->si_code & 0xf) << 4 | !!(gregs[REG_EFL] & 0x100);
  }
  if (stop_after && steps >= stop_after) gregs[REG_EFL] &= ~0x100;
}

static void step(const char *what, const unsigned char *bytes, unsigned length) {
  // pushf; or [rsp], TF; popf; the code; pushf; and [rsp], ~TF; popf; ret
  static const unsigned char before[] = {0x9c, 0x81, 0x0c, 0x24, 0, 1, 0, 0, 0x9d};
  static const unsigned char after[] = {0x9c, 0x81, 0x24, 0x24, 0xff, 0xfe, 0xff, 0xff, 0x9d, 0xc3};
  memcpy(code, before, sizeof before);
  memcpy(code + sizeof before, bytes, length);
  memcpy(code + sizeof before + length, after, sizeof after);
  steps = recorded = 0;
  memset(codes, 0, sizeof codes);
  static char area[256];
  uint64_t result, count = 5;
  asm volatile("call *%[code]"
               : "=a"(result), "+c"(count)
               : [code] "r"(code), "a"(SYS_getppid), "S"(area), "D"(area + 64)
               : "memory", "cc", "rdx", "r8", "r9", "r10", "r11");
  printf("%-12s %d steps, codes %d %d %d %d:", what, steps, codes[0], codes[1], codes[2], codes[3]);
  for (int i = 0; i < recorded; i++) printf(" %x", offsets[i]);
  printf("\n");
}
#define STEP(what, ...) do { static const unsigned char bytes[] = {__VA_ARGS__}; step(what, bytes, sizeof bytes); } while (0)

static __attribute__((noinline)) int work(int n) {
  int sum = 0;
  for (int i = 0; i < n; i++) sum += i % 7 * (sum & 3);
  return sum;
}

static volatile int all;
static void count_all(int signal) { all++; }

int main(void) {
  code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  struct sigaction action = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO};
  sigaction(SIGTRAP, &action, NULL);
  STEP("nothing");
  STEP("nop", 0x90);
  STEP("three nops", 0x90, 0x90, 0x90);
  STEP("rep stosb", 0xf3, 0xaa);
  STEP("rep movsb", 0xf3, 0xa4);
  STEP("rep movsq", 0xf3, 0x48, 0xa5);
  STEP("rep lodsb", 0xf3, 0xac);
  STEP("repe cmpsb", 0xf3, 0xa6);
  STEP("repne scasb", 0xf2, 0xae);
  STEP("rep, rcx 0", 0x31, 0xc9, 0xf3, 0xaa);
  STEP("rep, rcx 1", 0xb9, 1, 0, 0, 0, 0xf3, 0xaa);
  STEP("syscall", 0x0f, 0x05);
  STEP("syscall nop", 0x0f, 0x05, 0x90);
  STEP("int3", 0xcc);
  STEP("int 3", 0xcd, 0x03);
  STEP("jump", 0xeb, 0x00);
  STEP("call", 0xe8, 0, 0, 0, 0, 0x5a);
  STEP("mov ss", 0x8c, 0xd2, 0x8e, 0xd2, 0x90, 0x90);
  STEP("mov ds", 0x8c, 0xda, 0x8e, 0xda, 0x90, 0x90);
  STEP("pushf popf", 0x9c, 0x9d);
  STEP("loop", 0xe2, 0xfe);
  STEP("lock", 0xf0, 0x01, 0x06);
  STEP("fld", 0xd9, 0xe8, 0xdd, 0xd8);
  STEP("sse", 0xf3, 0x0f, 0x58, 0xc0);
  STEP("pushf shows", 0x9c, 0x5a, 0x81, 0xe2, 0, 1, 0, 0);
  stop_after = 3;
  STEP("cleared", 0x90, 0x90, 0x90, 0x90, 0x90);
  stop_after = 0;

  signal(SIGTRAP, count_all);
  uint64_t flags;
  asm volatile("pushf\n\torl $0x100, (%%rsp)\n\tpopf" ::: "memory", "cc");
  int sum = work(1000);
  asm volatile("pushf\n\tandl $~0x100, (%%rsp)\n\tpopf" ::: "memory", "cc");
  printf("a loop: %s, sum %d\n", all > 5000 ? "many" : "few", sum);
  all = 0;
  asm volatile("pushf\n\torl $0x100, (%%rsp)\n\tpopf\n\tmov $1000, %%ecx\n\tmov $1000000, %%eax\n1:\tadd $3, %%eax\n\tdec %%ecx\n\tjnz 1b\n\tpushf\n\tandl $~0x100, (%%rsp)\n\tpopf" ::: "memory", "cc", "rcx", "rax");
  printf("instructions %d\n", all);
  return 0;
}

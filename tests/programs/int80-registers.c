// int $0x80 from 64-bit code: what it takes of each register, and what the registers are afterwards.
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const char *names[] = {"rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "r8",
                              "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};

/* `in` and `out`: rax, rbx, rcx, rdx, rsi, rdi, rbp; out has r8 to r15 too. */
static void int80(const uint64_t *in, uint64_t *out) {
  __asm__ volatile(
      "push %%rbp\n\tpush %%rbx\n\tpush %%rdi\n\tmov %%rsi, %%rax\n\tmov (%%rax), %%r15\n\t"
      "mov 8(%%rax), %%rbx\n\tmov 16(%%rax), %%rcx\n\tmov 24(%%rax), %%rdx\n\tmov 32(%%rax), %%rsi\n\t"
      "mov 40(%%rax), %%rdi\n\tmov 48(%%rax), %%rbp\n\tmov %%r15, %%rax\n\t"
      "movabs $0x8888888800000008, %%r8\n\tmovabs $0x9999999900000009, %%r9\n\t"
      "movabs $0x1010101000000010, %%r10\n\tmovabs $0x1111111100000011, %%r11\n\t"
      "movabs $0x1212121200000012, %%r12\n\tmovabs $0x1313131300000013, %%r13\n\t"
      "movabs $0x1414141400000014, %%r14\n\tmovabs $0x1515151500000015, %%r15\n\t"
      "int $0x80\n\txchg %%rax, (%%rsp)\n\t"
      "mov %%rbx, 8(%%rax)\n\tmov %%rcx, 16(%%rax)\n\tmov %%rdx, 24(%%rax)\n\tmov %%rsi, 32(%%rax)\n\t"
      "mov %%rdi, 40(%%rax)\n\tmov %%rbp, 48(%%rax)\n\tmov %%r8, 56(%%rax)\n\tmov %%r9, 64(%%rax)\n\t"
      "mov %%r10, 72(%%rax)\n\tmov %%r11, 80(%%rax)\n\tmov %%r12, 88(%%rax)\n\tmov %%r13, 96(%%rax)\n\t"
      "mov %%r14, 104(%%rax)\n\tmov %%r15, 112(%%rax)\n\tpop %%rbx\n\tmov %%rbx, (%%rax)\n\tpop %%rbx\n\tpop %%rbp"
      :
      : "S"(in), "D"(out)
      : "rax", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "memory");
}

static void try(const char *what, uint64_t number, uint64_t b, uint64_t c, uint64_t d, uint64_t si, uint64_t di,
                uint64_t bp) {
  uint64_t in[7] = {number, b, c, d, si, di, bp};
  uint64_t out[15];
  memset(out, 0, sizeof out);
  int80(in, out);
  printf("%s: %lx\n", what, out[0]);
  for (int i = 1; i < 15; i++) {
    uint64_t usual = i < 7 ? in[i] : out[i];
    if (i >= 7 || out[i] != usual) printf("  %s %lx\n", names[i], out[i]);
  }
}

int main(void) {
  uint64_t high = 0x7abcull << 32;
  char *low = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
  strcpy(low, "hello by int $0x80\n");
  setvbuf(stdout, NULL, _IONBF, 0);
  try("setpgid of nobody", 57, high | 99999999, high | 2, high | 3, high | 4, high | 5, high | 6);
  try("number with more above", high | 4, high | 1, high | (uint64_t)low, high | 19, 0, 0, 0);
  try("no such call", 9999, 1, 2, 3, 4, 5, 6);
  try("minus one", -1, 1, 2, 3, 4, 5, 6);
  try("x32's bit", 0x40000014, 1, 2, 3, 4, 5, 6);
  try("bad descriptor", 6, high | 0xffffffff, 2, 3, 4, 5, 6);
  try("bad address", 90, 0, 2, 3, 4, 5, 6);
  try("umask", 60, high | 022, 2, 3, 4, 5, 6);
  try("long path", 33, high | (uint64_t)low, 4, 3, 4, 5, 6);
  return 0;
}

// What a system call leaves in the registers: rcx is the address after `syscall`, r11 is rflags, the rest is as it was.
#include <stdio.h>

struct registers {
  unsigned long rax, rcx, rdx, rsi, rdi, r8, r9, r10, r11;
  unsigned long next, flags;
};

static void get_parent(struct registers *after) {
  __asm__ volatile(
      "mov $2, %%edx\n mov $3, %%esi\n mov $4, %%edi\n mov $5, %%r8d\n mov $6, %%r9d\n mov $7, %%r10d\n"
      "xor %%ecx, %%ecx\n xor %%r11d, %%r11d\n mov $110, %%eax\n"
      "stc\n pushfq\n popq 80(%[after])\n"
      "syscall\n"
      "1: mov %%rax, 0(%[after])\n mov %%rcx, 8(%[after])\n mov %%rdx, 16(%[after])\n mov %%rsi, 24(%[after])\n"
      "mov %%rdi, 32(%[after])\n mov %%r8, 40(%[after])\n mov %%r9, 48(%[after])\n mov %%r10, 56(%[after])\n"
      "mov %%r11, 64(%[after])\n lea 1b(%%rip), %%rax\n mov %%rax, 72(%[after])\n"
      :
      : [after] "b"(after)
      : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "cc", "memory");
}

int main(void) {
  struct registers after;
  get_parent(&after);
  printf("rcx %s the address after syscall\n", after.rcx == after.next ? "is" : "is not");
  printf("r11 %s rflags\n", after.r11 == after.flags ? "is" : "is not");
  printf("CF %s\n", after.r11 & 1 ? "kept" : "lost");
  printf("rdx %lu rsi %lu rdi %lu r8 %lu r9 %lu r10 %lu\n", after.rdx, after.rsi, after.rdi, after.r8, after.r9, after.r10);
  return 0;
}

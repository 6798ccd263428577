// The doors of a 32-bit program: int $0x80, and the vDSO's, which is SYSENTER's or SYSCALL's. Registers are kept, results and errors alike.
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

uint32_t door;

struct registers {
  uint32_t ax, bx, cx, dx, si, di, bp, flags;
};

struct registers given, seen;

__asm__(".text\n"
        "cross:\n\t"
        "pusha\n\t"
        "mov given, %eax\n\tmov given+4, %ebx\n\tmov given+8, %ecx\n\tmov given+12, %edx\n\t"
        "mov given+16, %esi\n\tmov given+20, %edi\n\tmov given+24, %ebp\n\t"
        "cmpl $0, door\n\tje 1f\n\tcall *door\n\tjmp 2f\n"
        "1:\tint $0x80\n"
        "2:\tmov %eax, seen\n\tmov %ebx, seen+4\n\tmov %ecx, seen+8\n\tmov %edx, seen+12\n\t"
        "mov %esi, seen+16\n\tmov %edi, seen+20\n\tmov %ebp, seen+24\n\tpushf\n\tpop %eax\n\tmov %eax, seen+28\n\t"
        "popa\n\tret\n");
extern void cross(void);

static void try(const char *what, uint32_t number, uint32_t b, uint32_t c, uint32_t d, uint32_t si, uint32_t di,
                uint32_t bp) {
  given = (struct registers){number, b, c, d, si, di, bp, 0};
  cross();
  int kept = seen.bx == b && seen.cx == c && seen.dx == d && seen.si == si && seen.di == di && seen.bp == bp;
  printf("%s: %x, the rest %s\n", what, seen.ax, kept ? "kept" : "changed");
  if (!kept) printf("  %x %x %x %x %x %x\n", seen.bx, seen.cx, seen.dx, seen.si, seen.di, seen.bp);
}

static void all(const char *name) {
  static char text[] = "written\n";
  printf("by %s\n", name);
  fflush(stdout);
  try("write", 4, 1, (uint32_t)text, 8, 11, 12, 13);
  try("no such call", 9999, 1, 2, 3, 4, 5, 6);
  try("minus one", -1, 1, 2, 3, 4, 5, 6);
  try("bad descriptor", 6, -1, 2, 3, 4, 5, 6);
  try("six arguments", 192, 0x20000000, 4096, 3, 0x22, -1, 0);
  *(volatile char *)0x20000000 = 1;
  try("unmapped", 91, 0x20000000, 4096, 3, 4, 5, 6);
  try("sixth argument", 192, 0, 4096, 1, 2, 99, 7);
  fflush(stdout);
}

int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  all("int $0x80");
  door = getauxval(AT_SYSINFO);
  all("the vDSO");
  return 0;
}

// SYSCALL from 32-bit code, which AMD's processors have: registers kept and lost, a stack that cannot be read, single steps, a call that is
// begun again. By a door of the program's own, so that the vDSO is only where it comes back to.
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

struct registers {
  uint32_t ax, bx, cx, dx, si, di, bp, flags;
};

struct registers given, seen;
uint32_t trap_flag, stack_top, kept_stack;

__asm__(".text\n"
        "door:\n\t"
        "push %ecx\n\tpush %edx\n\tpush %ebp\n\tmov %ecx, %ebp\n\t"
        "testl $1, trap_flag\n\tjz 1f\n\tpushf\n\torl $0x100, (%esp)\n\tpopf\n"
        "1:\tsyscall\n\t"
        "ud2\n" // the kernel comes back to the landing pad
        "cross:\n\t"
        "pusha\n\t"
        "mov given, %eax\n\tmov given+4, %ebx\n\tmov given+8, %ecx\n\tmov given+12, %edx\n\t"
        "mov given+16, %esi\n\tmov given+20, %edi\n\tmov given+24, %ebp\n\t"
        "call door\n\t"
        "mov %eax, seen\n\tmov %ebx, seen+4\n\tmov %ecx, seen+8\n\tmov %edx, seen+12\n\t"
        "mov %esi, seen+16\n\tmov %edi, seen+20\n\tmov %ebp, seen+24\n\tpushf\n\tandl $0xfffffeff, (%esp)\n\tpopf\n\t"
        "pushf\n\tpop %eax\n\tmov %eax, seen+28\n\t"
        "popa\n\tret\n"
        "without_stack:\n\t"
        "mov %esp, kept_stack\n\tmov $20, %eax\n\tmov $0x11111111, %ebx\n\tmov $0x22222222, %ebp\n\tmov $0x1000, %esp\n\tsyscall\n"
        "by_sysenter:\n\t"
        "mov $20, %eax\n\tmov %esp, %ebp\n\tsysenter\n\tret\n");
extern void cross(void), without_stack(void), by_sysenter(void);
extern char door[];

static void try(const char *what, uint32_t number, uint32_t b, uint32_t c, uint32_t d, uint32_t si, uint32_t di,
                uint32_t bp) {
  given = (struct registers){number, b, c, d, si, di, bp, 0};
  cross();
  int kept = seen.bx == b && seen.cx == c && seen.dx == d && seen.si == si && seen.di == di && seen.bp == bp;
  printf("%s: %x, the rest %s, flags %x\n", what, seen.ax, kept ? "kept" : "changed", seen.flags & ~0x8d5);
  if (!kept) printf("  %x %x %x %x %x %x\n", seen.bx, seen.cx, seen.dx, seen.si, seen.di, seen.bp);
}

static jmp_buf back;
static uint32_t first_step;
static int steps;

static void step(int signal, siginfo_t *info, void *context) {
  greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
  if (first_step == 0 && (uint32_t)registers[REG_EIP] - (uint32_t)door >= 0x40) {
    first_step = registers[REG_EIP];
    printf("first step out there: code %d, ax %x, cx %x, flags %x\n", info->si_code, (int)registers[REG_EAX],
           (int)registers[REG_ECX], (int)registers[REG_EFL] & ~0x8d5);
  }
  if (first_step != 0) steps++;
}

static void fault(int signal, siginfo_t *info, void *context) {
  greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
  printf("signal %d, ax %x", signal, (int)registers[REG_EAX]);
  if (signal == SIGILL) printf(", at the instruction: %d\n", memcmp((void *)registers[REG_EIP], "\x0f\x34", 2) == 0);
  else
    printf(", bx %x, cx %x, bp %x, sp %x, at the landing pad: %d\n", (int)registers[REG_EBX], (int)registers[REG_ECX],
           (int)registers[REG_EBP], (int)registers[REG_UESP], registers[REG_EIP] == first_step - 1);
  siglongjmp(back, 1);
}

static int pipe_ends[2];

static void feed(int signal) { write(pipe_ends[1], "late", 4); }

int main(void) {
  static char text[] = "written\n", stack[65536], got[8];
  setvbuf(stdout, NULL, _IONBF, 0);
  try("write", 4, 1, (uint32_t)text, 8, 11, 12, 13);
  try("no such call", 9999, 1, 2, 3, 4, 5, 6);
  try("minus one", -1, 1, 2, 3, 4, 5, 6);
  try("bad descriptor", 6, -1, 2, 3, 4, 5, 6);
  try("six arguments", 192, 0x20000000, 4096, 3, 0x22, -1, 0);
  *(volatile char *)0x20000000 = 1;
  try("unmapped", 91, 0x20000000, 4096, 3, 4, 5, 6);
  try("sixth argument", 192, 0, 4096, 1, 2, 99, 7);

  struct sigaction action = {.sa_sigaction = step, .sa_flags = SA_SIGINFO};
  sigaction(SIGTRAP, &action, NULL);
  trap_flag = 1;
  try("stepping", 6, -1, 2, 3, 4, 5, 6);
  trap_flag = 0;
  printf("%d steps behind it\n", steps);

  sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL);
  action.sa_sigaction = fault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigaction(SIGSEGV, &action, NULL);
  sigaction(SIGILL, &action, NULL);
  if (sigsetjmp(back, 1) == 0) without_stack();
  if (sigsetjmp(back, 1) == 0) by_sysenter();

  pipe(pipe_ends);
  action.sa_handler = feed;
  action.sa_flags = SA_RESTART;
  sigaction(SIGALRM, &action, NULL);
  setitimer(ITIMER_REAL, &(struct itimerval){.it_value.tv_usec = 20000}, NULL);
  try("begun again", 3, pipe_ends[0], (uint32_t)got, sizeof got, 4, 5, 6);
  printf("%s\n", got);
  action.sa_flags = 0;
  sigaction(SIGALRM, &action, NULL);
  try("drained", 3, pipe_ends[0], (uint32_t)got, 0, 4, 5, 6);
  setitimer(ITIMER_REAL, &(struct itimerval){.it_value.tv_usec = 20000}, NULL);
  try("interrupted", 3, pipe_ends[0], (uint32_t)got, sizeof got, 4, 5, 6);
  return 0;
}

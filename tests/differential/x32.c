// x32: pointers of 32 bits in 64-bit code, numbers with a bit of their own, and the frame of a handler as x32 has it. No C library.
typedef unsigned int u32;
typedef unsigned long long u64;
#define NR(n) (0x40000000 | (n))

static u64 call(u64 n, u64 a, u64 b, u64 c, u64 d) {
  u64 r;
  register u64 r10 __asm__("r10") = d;
  __asm__ volatile("syscall" : "=a"(r) : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10) : "rcx", "r11", "memory");
  return r;
}
#define P(x) ((u64)(u32)(x))

static void text(const char *s) {
  u32 n = 0;
  while (s[n]) n++;
  call(NR(1), 1, P(s), n, 0);
}
static void number(const char *what, u64 value) {
  char line[24], *at = line + sizeof line - 1;
  text(what);
  *at = '\n';
  do *--at = "0123456789abcdef"[value & 15]; while (value >>= 4);
  call(NR(1), 1, P(at), line + sizeof line - at, 0);
}

struct action { u32 handler, flags, restorer; u64 mask; } __attribute__((packed));
struct stack { u32 sp; int flags; u32 size; };
struct context { u32 flags, link; struct stack stack; u32 pad; u64 registers[17], rflags; unsigned short cs, gs, fs, ss; u64 err, trapno, oldmask, cr2, fpstate, reserved[8], mask; };
struct info { int signo, error, code; union { struct { u32 pid, uid, value; } queued; struct { u32 address; } fault; } by; };

void restorer(void);
__asm__(".text\nrestorer:\n\tmov $0x40000201, %eax\n\tsyscall\n");

static void handler(int signal, struct info *info, struct context *context) {
  number("signal ", signal);
  number("code ", (u32)info->code);
  if (signal == 11) {
    number("address ", info->by.fault.address);
    number("cr2 ", context->cr2);
    context->registers[16] += 3; // behind the movb
  } else number("value ", info->by.queued.value);
  number("cs ", context->cs);
  number("mask ", context->mask);
  number("alternate stack's flags ", context->stack.flags);
  number("size ", context->stack.size);
  number("below 4 GiB ", (context->registers[15] >> 32) == 0);
}

static char room[16384] __attribute__((aligned(16)));
struct vector { u32 base, size; };

static int start(u32 *stack) {
  number("bytes of a pointer ", sizeof(void *));
  number("arguments ", stack[0]);
  text((char *)stack[1]), text("\n");
  u32 *words = stack + stack[0] + 2;
  while (*words) words++;
  for (words++; words[0]; words += 2)
    if (words[0] == 6) number("page ", words[1]);
  struct stack alternate = {P(room), 0, sizeof room};
  number("sigaltstack ", call(NR(525), P(&alternate), 0, 0, 0));
  struct action action = {P(handler), 0x4 | 0x04000000 | 0x08000000, P(restorer), 0x400};
  number("rt_sigaction ", call(NR(512), 11, P(&action), 0, 8));
  number("and the other ", call(NR(512), 10, P(&action), 0, 8));
  __asm__ volatile("movb $1, (%0)" : : "a"(0x1000LL) : "memory");
  u64 pid = call(NR(39), 0, 0, 0, 0);
  struct info sent = {10, 0, -1, {.queued = {pid, 0, 0x12345678}}};
  char whole[128] = {0};
  __builtin_memcpy(whole, &sent, sizeof sent);
  number("rt_sigqueueinfo ", call(NR(524), pid, 10, P(whole), 0));
  struct vector parts[] = {{P("two "), 4}, {P("parts\n"), 6}};
  number("writev ", call(NR(516), 1, P(parts), 2, 0));
  u64 time[2] = {0, 1000000};
  number("nanosleep ", call(NR(35), P(time), 0, 0, 0));
  number("mmap below 4 GiB ", call(NR(9), 0, 4096, 3, 0x22) >> 32);
  number("readv of 64 bits' number ", call(NR(19), 1, P(parts), 2, 0));
  number("getpid by x86-64's number ", call(39, 0, 0, 0, 0) == pid);
  u64 child = call(NR(57), 0, 0, 0, 0);
  if (child == 0) call(NR(231), 7, 0, 0, 0);
  int status = 0;
  number("wait4 ", call(NR(61), child, P(&status), 0, 0) == child);
  number("status ", status);
  return 3;
}
__asm__(".globl _start\n_start:\n\tmov %esp, %edi\n\tand $-16, %esp\n\tcall begin\n");
void begin(u32 *stack) { call(NR(231), start(stack), 0, 0, 0); }

// Runs test cases on the real processor. Reads batches of cases from stdin, writes their outcomes to stdout.
// One case costs one signal: the int3 (or fault) that ends a case enters the handler, which stores the outcome, puts the next
// case's registers into the signal frame and returns into it. No fork, no trampoline, nothing of ours on the case's stack.
//
// batch in:   u32 count, then count struct test_case         batch out:  count struct outcome
// All little-endian; struct layouts below are the record layouts (native-driver.ts encodes and decodes them).
#define _GNU_SOURCE
#include <asm/prctl.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/ucontext.h>
#include <unistd.h>

#define CODE_BASE 0x10000000
#define DATA_BASE 0x20000000
#define AREA_SIZE 0x2000
#define WINDOW 256
#define XSAVE_SIZE 832
#define TRAP_TIMEOUT 0x100
#define TRAP_SYSTEM_CALL 0x101
#define SETTABLE_FLAGS 0x40cd5
#define FS_BASE 0x12003210ull
#define GS_BASE 0x7abc00001000ull
#define FS_BASE_32 0x1fff8210
#define GS_BASE_32 0xe0001004
#define LIMIT_32 0x8d8b
#define FIRST_TLS_ENTRY 12
// struct user_desc: 32-bit, usable, and of the first the limit in pages.
#define FLAT_DATA 0x51
#define LIMITED_DATA 0x41
#define USER_CS_32 0x23
#define USER_DS 0x2b
#define SET_THREAD_AREA_32 243
#define MAX_BATCH 8192
#define HWCAP2_FSGSBASE 2
#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH 59
#endif

struct test_case { // 1312 bytes
  uint32_t code_length, code_offset, data_offset, rflags;
  uint64_t gpr[16]; // 16
  uint8_t code[64]; // 144
  uint8_t data[WINDOW]; // 208
  uint8_t xsave[XSAVE_SIZE]; // 464
  uint32_t quick, is_32; // 1296
  uint8_t pad[8];
};

struct outcome { // 1280 bytes
  uint64_t gpr[16];
  uint64_t rip, rflags, cr2; // 128
  uint32_t trap, error; // 152
  int32_t stray_first, stray_last; // 160
  uint32_t stray_hash, segments; // 168
  uint8_t data[WINDOW]; // 176
  uint8_t xsave[XSAVE_SIZE]; // 432
  uint64_t fs_base, gs_base; // 1264
};

// The kernel's order of general registers in a signal frame, for the processor's rax rcx rdx rbx rsp rbp rsi rdi r8..r15.
static const int frame_order[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
                                    REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};

static uint8_t *const code_area = (uint8_t *)CODE_BASE;
static uint8_t *const data_area = (uint8_t *)DATA_BASE;
static uint8_t pattern[AREA_SIZE];
static struct test_case *cases;
static struct outcome *outcomes;
static uint32_t case_count, current;
static volatile int running;
static uint32_t last_tick_case;
static ucontext_t home;
static uint8_t home_fpu[512];
static int writes_bases;

// Cases have segment bases of their own. Nothing here uses thread-local memory once they are set: system calls are made by hand.
static long system_call(long number, long a, long b, long c) {
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
  return result;
}

static void set_segments_32(void) {
  __asm__ volatile("mov %0, %%ds\n\tmov %0, %%es" : : "r"(USER_DS));
  __asm__ volatile("mov %0, %%fs\n\tmov %1, %%gs" : : "r"(FIRST_TLS_ENTRY * 8 + 3), "r"(FIRST_TLS_ENTRY * 8 + 11));
}

static void set_segments(void) {
  if (!writes_bases) return; // then they cannot be set again at this speed: cases must leave them alone
  __asm__ volatile("mov %0, %%ds\n\tmov %0, %%es\n\tmov %0, %%fs\n\tmov %0, %%gs" : : "r"(0));
  __asm__ volatile("wrfsbase %0\n\twrgsbase %1" : : "r"(FS_BASE), "r"(GS_BASE));
}

static void load_case(ucontext_t *frame) {
  const struct test_case *test = &cases[current];
  if (test->is_32)
    set_segments_32();
  else
    set_segments();
  memset(code_area, 0xcc, AREA_SIZE);
  memcpy(code_area + test->code_offset, test->code, test->code_length);
  memcpy(data_area, pattern, AREA_SIZE);
  memcpy(data_area + test->data_offset, test->data, WINDOW);
  greg_t *gregs = frame->uc_mcontext.gregs;
  for (int i = 0; i < 16; i++) gregs[frame_order[i]] = test->gpr[i];
  gregs[REG_CSGSFS] = home.uc_mcontext.gregs[REG_CSGSFS]; // a far return may have changed cs
  if (test->is_32) *(uint16_t *)&gregs[REG_CSGSFS] = USER_CS_32;
  gregs[REG_RIP] = CODE_BASE + test->code_offset;
  gregs[REG_EFL] = (test->rflags & SETTABLE_FLAGS) | 0x202;
  uint8_t *fpu = (uint8_t *)frame->uc_mcontext.fpregs;
  memcpy(fpu, test->xsave, 416); // what follows is the kernel's note about the frame
  *(uint32_t *)(fpu + 24) &= 0xffff;
  *(uint32_t *)(fpu + 512) |= 7;
  memcpy(fpu + 576, test->xsave + 576, 256);
}

static void store_stray(struct outcome *out, uint32_t window) {
  out->stray_first = out->stray_last = -1;
  out->stray_hash = 0;
  uint32_t after = window + WINDOW;
  if (!memcmp(data_area, pattern, window) && !memcmp(data_area + after, pattern + after, AREA_SIZE - after)) return;
  for (uint32_t i = 0; i < AREA_SIZE; i++) {
    if (i >= window && i < after) continue;
    if (data_area[i] == pattern[i]) continue;
    if (out->stray_first < 0) out->stray_first = i;
    out->stray_last = i;
  }
  uint32_t hash = 0x811c9dc5;
  for (int32_t i = out->stray_first; i <= out->stray_last; i++) hash = (hash ^ data_area[i]) * 0x01000193;
  out->stray_hash = hash;
}

static void store_outcome(const ucontext_t *frame, uint32_t trap) {
  struct outcome *out = &outcomes[current];
  const greg_t *gregs = frame->uc_mcontext.gregs;
  for (int i = 0; i < 16; i++) out->gpr[i] = gregs[frame_order[i]];
  out->rip = gregs[REG_RIP] - (trap == 3);
  out->rflags = gregs[REG_EFL];
  out->trap = trap;
  out->error = trap < 0x100 ? gregs[REG_ERR] : 0;
  out->cr2 = trap == 14 ? gregs[REG_CR2] : 0;
  memcpy(out->data, data_area + cases[current].data_offset, WINDOW);
  store_stray(out, cases[current].data_offset);
  const uint8_t *fpu = (const uint8_t *)frame->uc_mcontext.fpregs;
  memcpy(out->xsave, fpu, XSAVE_SIZE);
  uint16_t es;
  __asm__ volatile("mov %%es, %0" : "=r"(es));
  if (!(es & 0xfffc)) es = 0; // on the way through the kernel a null selector loses its RPL
  out->segments = (uint16_t)gregs[REG_CSGSFS] | (uint32_t)es << 16;
  out->fs_base = FS_BASE;
  out->gs_base = GS_BASE;
  if (writes_bases) __asm__ volatile("rdfsbase %0\n\trdgsbase %1" : "=r"(out->fs_base), "=r"(out->gs_base));
}

static void on_end(int signal, siginfo_t *info, void *context) {
  (void)info;
  ucontext_t *frame = context;
  if (!running) { // the first case of a batch is entered by a signal too
    if (signal != SIGTRAP) system_call(SYS_exit_group, 70, 0, 0); // a bug of this program
    memcpy(&home, frame, sizeof home);
    memcpy(home_fpu, frame->uc_mcontext.fpregs, 416);
    running = 1;
    load_case(frame);
    return;
  }
  store_outcome(frame, signal == SIGSYS ? TRAP_SYSTEM_CALL : (uint32_t)frame->uc_mcontext.gregs[REG_TRAPNO]);
  if (++current < case_count) {
    load_case(frame);
    return;
  }
  running = 0;
  memcpy(frame->uc_mcontext.gregs, home.uc_mcontext.gregs, sizeof home.uc_mcontext.gregs);
  memcpy(frame->uc_mcontext.fpregs, home_fpu, 416);
}

// Ticks twice as often as a case may run long: the same case seen at two ticks is given up.
static void on_tick(int signal, siginfo_t *info, void *context) {
  (void)signal;
  (void)info;
  if (!running) return;
  if (last_tick_case != current + 1) {
    last_tick_case = current + 1;
    return;
  }
  ucontext_t *frame = context;
  store_outcome(frame, TRAP_TIMEOUT);
  if (++current < case_count) {
    load_case(frame);
    return;
  }
  running = 0;
  memcpy(frame->uc_mcontext.gregs, home.uc_mcontext.gregs, sizeof home.uc_mcontext.gregs);
  memcpy(frame->uc_mcontext.fpregs, home_fpu, 416);
}

static void handle(int signal, void (*handler)(int, siginfo_t *, void *)) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigfillset(&action.sa_mask);
  if (sigaction(signal, &action, NULL)) _exit(71);
}

static int read_all(void *to, size_t size) {
  uint8_t *at = to;
  while (size > 0) {
    long got = system_call(SYS_read, 0, (long)at, size);
    if (got == -EINTR) continue;
    if (got <= 0) return 0;
    at += got;
    size -= got;
  }
  return 1;
}

static void write_all(const void *from, size_t size) {
  const uint8_t *at = from;
  while (size > 0) {
    long put = system_call(SYS_write, 1, (long)at, size);
    if (put == -EINTR) continue;
    if (put <= 0) system_call(SYS_exit_group, 72, 0, 0);
    at += put;
    size -= put;
  }
}

static void *map_at(uintptr_t address, int protection) {
  void *at = mmap((void *)address, AREA_SIZE, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  if (at == MAP_FAILED) _exit(73);
  memset(at, 0, AREA_SIZE);
  return at;
}

// The segments of 32-bit cases. In 64-bit code only the entry for 32-bit programs has this call.
static void set_thread_area(unsigned entry, unsigned base, unsigned limit, unsigned flags) {
  static struct { unsigned entry, base, limit, flags; } description;
  description.entry = entry;
  description.base = base;
  description.limit = limit;
  description.flags = flags;
  long result;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(SET_THREAD_AREA_32), "b"(&description) : "memory", "r8", "r9", "r10", "r11");
  if (result) _exit(76);
}

// A case that makes a system call gets SIGSYS instead. Where the kernel cannot do that, cases must not make any.
static void forbid_system_calls(void) {
  extern char __executable_start, etext;
  static char selector = 1; // PR_SYS_DISPATCH block
  uintptr_t start = (uintptr_t)&__executable_start;
  prctl(PR_SET_SYSCALL_USER_DISPATCH, 1, start, (uintptr_t)&etext - start, &selector);
}

int main(void) {
  for (uint32_t i = 0; i < AREA_SIZE; i++) pattern[i] = i * 151 + 17 + (i >> 8);
  map_at(CODE_BASE, PROT_READ | PROT_WRITE | PROT_EXEC);
  map_at(DATA_BASE, PROT_READ | PROT_WRITE);
  stack_t stack = {.ss_sp = malloc(1 << 18), .ss_size = 1 << 18};
  sigaltstack(&stack, NULL);
  const int ends[] = {SIGTRAP, SIGSEGV, SIGILL, SIGFPE, SIGBUS, SIGSYS};
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) handle(ends[i], on_end);
  handle(SIGVTALRM, on_tick);
  struct itimerval tick = {{0, 25000}, {0, 25000}};
  setitimer(ITIMER_VIRTUAL, &tick, NULL);
  set_thread_area(FIRST_TLS_ENTRY, FS_BASE_32, 0xfffff, FLAT_DATA);
  set_thread_area(FIRST_TLS_ENTRY + 1, GS_BASE_32, 0xfffff, FLAT_DATA);
  set_thread_area(FIRST_TLS_ENTRY + 2, FS_BASE_32, LIMIT_32, LIMITED_DATA);
  forbid_system_calls();
  cases = calloc(MAX_BATCH, sizeof *cases);
  outcomes = calloc(MAX_BATCH, sizeof *outcomes);
  if (!cases || !outcomes) return 74;
  writes_bases = (getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE) != 0;
  system_call(SYS_arch_prctl, ARCH_SET_GS, GS_BASE, 0);
  system_call(SYS_arch_prctl, ARCH_SET_FS, FS_BASE, 0);
  while (read_all(&case_count, sizeof case_count)) {
    if (case_count > MAX_BATCH || !read_all(cases, case_count * sizeof *cases)) system_call(SYS_exit_group, 75, 0, 0);
    current = last_tick_case = 0;
    if (case_count) __asm__ volatile("int3" : : : "memory");
    write_all(outcomes, case_count * sizeof *outcomes);
  }
  system_call(SYS_exit_group, 0, 0, 0);
}

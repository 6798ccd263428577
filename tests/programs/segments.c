// Segments of a 32-bit program's own: TLS entries of the GDT and the LDT, what can be loaded, and what the frames of signals hold.
#define _GNU_SOURCE
#include <asm/ldt.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

static uint32_t words[4] = {0x11111111, 0x22222222, 0x33333333, 0x44444444};
static sigjmp_buf back;

static void show(const char *name, long result) {
  if (result < 0) printf("%s: %s\n", name, strerror(errno));
  else printf("%s: %ld\n", name, result);
}

static uint32_t by_fs(uint16_t selector, uint32_t offset) {
  uint32_t value;
  uint16_t before;
  __asm__ volatile("mov %%fs, %w1\n\tmov %w2, %%fs\n\tmov %%fs:(%3), %0\n\tmov %w1, %%fs"
                   : "=&r"(value), "=&r"(before)
                   : "r"(selector), "r"(offset));
  return value;
}

static void describe(const char *name, const struct user_desc *d) {
  printf("%s: entry %d base %s limit %x 32 %d contents %d ro %d pages %d absent %d useable %d\n", name, d->entry_number,
         d->base_addr == (uint32_t)words ? "words" : d->base_addr == 0 ? "0" : "other", d->limit, d->seg_32bit,
         d->contents, d->read_exec_only, d->limit_in_pages, d->seg_not_present, d->useable);
}

static void handler(int signal, siginfo_t *info, void *context) {
  greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;
  printf("signal %d code %d trapno %d err %x cs %x ss %x ds %x es %x gs %d\n", signal, info->si_code, r[REG_TRAPNO],
         r[REG_ERR], r[REG_CS], r[REG_SS], r[REG_DS], r[REG_ES], r[REG_GS] != 0);
  siglongjmp(back, 1);
}

static void areas(void) {
  struct user_desc d = {.entry_number = -1, .base_addr = (uint32_t)words, .limit = 15, .seg_32bit = 1, .useable = 1};
  show("set_thread_area", syscall(SYS_set_thread_area, &d));
  describe("set", &d);
  int entry = d.entry_number;
  printf("%x %x\n", by_fs(entry << 3 | 3, 0), by_fs(entry << 3 | 3, 12));
  struct user_desc got = {.entry_number = entry};
  show("get_thread_area", syscall(SYS_get_thread_area, &got));
  describe("got", &got);
  got.entry_number = 11;
  show("below", syscall(SYS_get_thread_area, &got));
  got.entry_number = 15;
  show("above", syscall(SYS_get_thread_area, &got));
  d.contents = 2;
  show("code", syscall(SYS_set_thread_area, &d));
  d.contents = 0;
  d.seg_32bit = 0;
  show("of 16 bits", syscall(SYS_set_thread_area, &d));
  struct user_desc more = {.entry_number = -1, .base_addr = 0x1000, .limit = 1, .seg_32bit = 1};
  show("another", syscall(SYS_set_thread_area, &more));
  more.entry_number = -1;
  show("one too many", syscall(SYS_set_thread_area, &more));
  struct user_desc none = {.entry_number = entry, .read_exec_only = 1, .seg_not_present = 1};
  show("cleared", syscall(SYS_set_thread_area, &none));
  if (!sigsetjmp(back, 1)) by_fs(entry << 3 | 3, 0);
  show("bad address", syscall(SYS_set_thread_area, (void *)8));
}

static void table(void) {
  char bytes[64];
  memset(bytes, 0x55, sizeof bytes);
  show("empty", syscall(SYS_modify_ldt, 0, bytes, sizeof bytes));
  struct user_desc d = {.entry_number = 2, .base_addr = (uint32_t)words + 4, .limit = 7, .seg_32bit = 1, .useable = 1};
  show("written", syscall(SYS_modify_ldt, 0x11, &d, sizeof d));
  printf("%x\n", by_fs(2 << 3 | 7, 0));
  show("read", syscall(SYS_modify_ldt, 0, bytes, 32));
  printf("useable %d present %d limit %d\n", bytes[22] >> 4 & 1, bytes[21] >> 7 & 1, bytes[16]);
  if (!sigsetjmp(back, 1)) by_fs(2 << 3 | 7, 8);
  if (!sigsetjmp(back, 1)) by_fs(3 << 3 | 7, 0);
  d.entry_number = 8192;
  show("too far", syscall(SYS_modify_ldt, 0x11, &d, sizeof d));
  show("short", syscall(SYS_modify_ldt, 0x11, &d, 12));
  d.entry_number = 2;
  d.seg_not_present = 1;
  show("absent", syscall(SYS_modify_ldt, 0x11, &d, sizeof d));
  if (!sigsetjmp(back, 1)) by_fs(2 << 3 | 7, 0);
  pid_t child = fork();
  if (child == 0) {
    d.seg_not_present = 0;
    syscall(SYS_modify_ldt, 0x11, &d, sizeof d);
    printf("in the child %x\n", by_fs(2 << 3 | 7, 4));
    fflush(stdout);
    _exit(0);
  }
  waitpid(child, NULL, 0);
  if (!sigsetjmp(back, 1)) by_fs(2 << 3 | 7, 0);
}

int main(void) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigaction(SIGSEGV, &action, NULL);
  sigaction(SIGBUS, &action, NULL);
  setvbuf(stdout, NULL, _IOLBF, 0);
  areas();
  table();
  if (!sigsetjmp(back, 1)) *(volatile int *)8 = 1;
  if (!sigsetjmp(back, 1)) __asm__ volatile("int $0x81");
  return 0;
}

/* Calls made in depths of all kinds: what -k tells of them is compared by stack-trace.test.ts. */
#define _GNU_SOURCE
#include <alloca.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define APART __attribute__((noinline, noclone))

/* No call frame information, a symbol without a size, one that is another's alias. */
__asm__(".text\n"
        ".type bare_call, @function\n"
        "bare_call: push %rbp\n mov %rdi, %rbp\n mov $39, %eax\n syscall\n pop %rbp\n ret\n"
        ".size bare_call, . - bare_call\n"
        ".type sizeless, @function\n"
        "sizeless: nop\n nop\n nop\n"
        ".type first_name, @function\n"
        "first_name: nop\n nop\n nop\n nop\n"
        ".size first_name, 4\n"
        ".globl second_name\n .type second_name, @function\n .set second_name, first_name\n .size second_name, 2\n");
long bare_call(const void *frame);
extern char sizeless[], first_name[];
static char data[16];

APART static long leaf(int x) {
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(39L) : "rcx", "r11", "memory");
  return result + x;
}

APART static long deep(int depth) {
  volatile char room[40];
  room[0] = (char)depth;
  long result = depth == 0 ? leaf(3) : deep(depth - 1);
  return result + room[0];
}

APART static long with_frame_pointer(int size) {
  char *room = alloca(1000 + size);
  memset(room, 1, 1000);
  return leaf(room[size]);
}

APART static long a_function_whose_name_has_thirty_nine_c(int x) { return leaf(x) + 1; }
APART static long a_function_whose_name_has_forty_charactr(int x) { return leaf(x) + 2; }

static void handler(int signal) { leaf(signal); }

APART static void leave(int status) { exit(status); }

/* A frame pointer that leads to a frame of our making. */
APART static void with_caller(const void *caller) {
  const void *volatile frame[2] = {0, caller};
  bare_call((const void *)frame);
}

APART static void with_callers(const void *caller, const void *another) {
  const void *volatile frames[8] = {0};
  frames[0] = (const void *)&frames[4];
  frames[1] = caller;
  frames[5] = another;
  bare_call((const void *)frames);
}

int main(int argc, char **argv) {
  leaf(1);
  deep(3);
  deep(300);
  with_frame_pointer(argc);
  a_function_whose_name_has_thirty_nine_c(1);
  a_function_whose_name_has_forty_charactr(1);

  signal(SIGUSR1, handler);
  raise(SIGUSR1);

  char *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memcpy(code, "\xb8\x27\0\0\0\x0f\x05\xc3", 8);
  ((long (*)(void))code)();

  with_caller(0);
  with_caller((void *)1);
  with_caller(sizeless + 1);
  with_caller(first_name);
  with_caller(first_name + 1);
  with_caller(first_name + 4);
  with_caller(data);
  with_caller(&argc);
  with_caller((void *)-1);
  with_callers(first_name + 1, first_name + 2);
  with_callers((void *)0x12345, first_name + 2);
  bare_call(0);
  bare_call((void *)8);
  bare_call(data);
  bare_call((void *)-8);
  puts("done");
  fflush(stdout);
  leave(3);
}

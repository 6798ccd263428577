// Code that is written while the program runs: cold and hot, in the same page and block, by other threads and by the kernel.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

typedef int (*function)(int);
#define HOT 3000
static unsigned char *page_of(int protection, int pages) {
  return mmap(NULL, pages * 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}
#define RWX (PROT_READ | PROT_WRITE | PROT_EXEC)

// mov eax, value; add eax, edi; ret
static void put_constant(unsigned char *at, int value) {
  at[0] = 0xb8;
  memcpy(at + 1, &value, 4);
  memcpy(at + 5, "\x01\xf8\xc3", 3);
}

static long call(void *at, int times) {
  long sum = 0;
  for (int i = 0; i < times; i++) sum += ((function)at)(i & 3);
  return sum;
}

static void written_then_called(int times) {
  unsigned char *code = page_of(RWX, 1);
  for (int value = 1; value < 6; value++) {
    put_constant(code, value);
    printf(" %ld", call(code, times));
  }
  // Only the immediate changes.
  for (int value = 10; value < 13; value++) {
    memcpy(code + 1, &value, 4);
    printf(" %ld", call(code, times));
  }
  // Another function of the same page is written while this one is called.
  for (int value = 20; value < 23; value++) {
    put_constant(code + 512, value);
    printf(" %ld %ld", call(code, times), call(code + 512, times));
  }
  munmap(code, 4096);
  puts("");
}

// A loop that changes an instruction of its own body, in the same block, just behind the store.
static void next_instruction(int times) {
  static const unsigned char bytes[] = {
      0x31, 0xc0,                               // xor eax, eax
      0x89, 0xf9,                               // mov ecx, edi
      0x48, 0x8d, 0x15, 0x06, 0, 0, 0,          // lea rdx, [rip+6]: the immediate of add
      0x88, 0x0a,                               // loop: mov [rdx], cl
      0x90, 0x90, 0x90,                         // nop
      0x83, 0xc0, 0x00,                         // add eax, 0
      0xff, 0xc9,                               // dec ecx
      0x75, 0xf4,                               // jnz loop
      0xc3};
  unsigned char *code = page_of(RWX, 1);
  memcpy(code, bytes, sizeof bytes);
  // The immediate is at 18; the lea's end is at 11.
  int displacement = 18 - 11;
  memcpy(code + 7, &displacement, 4);
  printf(" %d", ((function)code)(times));
  printf(" %d\n", ((function)code)(5));
  munmap(code, 4096);
}

// rep stosb and rep movsb over the code that follows.
static void by_string_instruction(int times) {
  // mov rdi, rsi... : lea rdi, [rip+..]; mov ecx, 4; mov al, 0x90; rep stosb; <4 bytes: mov eax..>; mov eax, 7; ret
  static const unsigned char bytes[] = {0x57, 0x48, 0x8d, 0x3d, 0x0a, 0, 0, 0, 0xb9, 2, 0, 0, 0, 0xb0, 0x90, 0xf3, 0xaa, 0x5f,
                                        0x0f, 0x0b, 0x8d, 0x47, 0x07, 0xc3};
  unsigned char *code = page_of(RWX, 1);
  long sum = 0;
  for (int i = 0; i < times; i++) {
    memcpy(code, bytes, sizeof bytes); // ud2 is there again; the code turns it into two nops
    sum += ((function)code)(i & 7);
  }
  printf(" %ld\n", sum);
  munmap(code, 4096);
}

static void protections(int times) {
  unsigned char *code = page_of(PROT_READ | PROT_WRITE, 1);
  for (int value = 1; value < 5; value++) {
    mprotect(code, 4096, PROT_READ | PROT_WRITE);
    put_constant(code, value * 100);
    mprotect(code, 4096, PROT_READ | PROT_EXEC);
    printf(" %ld", call(code, times));
  }
  // Unmapped and mapped again at the same address.
  for (int value = 1; value < 4; value++) {
    munmap(code, 4096);
    mmap(code, 4096, RWX, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    put_constant(code, value * 1000);
    printf(" %ld", call(code, times));
  }
  // Replaced by MAP_FIXED without unmapping, and zeroed by madvise.
  mmap(code, 4096, RWX, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  put_constant(code, 5);
  printf(" %ld", call(code, times));
  madvise(code, 4096, MADV_DONTNEED);
  put_constant(code, 6);
  printf(" %ld\n", call(code, times));
  munmap(code, 4096);
}

static void moved(int times) {
  unsigned char *code = page_of(RWX, 1), *room = page_of(PROT_NONE, 4);
  put_constant(code, 31);
  printf(" %ld", call(code, times));
  put_constant(code, 32);
  unsigned char *there = mremap(code, 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, room + 4096);
  printf(" %ld", call(there, times));
  unsigned char *again = mmap(code, 4096, RWX, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  put_constant(again, 33);
  printf(" %ld %ld\n", call(again, times), call(there, times));
  munmap(again, 4096);
  munmap(room, 4 * 4096);
}

static void across_pages(int times) {
  unsigned char *code = page_of(RWX, 2);
  unsigned char *at = code + 4096 - 3; // the immediate of mov straddles the border
  for (int value = 0x01020304; value < 0x01020308; value++) {
    put_constant(at, value);
    printf(" %ld", call(at, times));
  }
  // Only the second page changes.
  for (int high = 2; high < 5; high++) {
    code[4096 + 1] = high;
    printf(" %ld", call(at, times));
  }
  puts("");
  munmap(code, 8192);
}

static void by_read(int times) {
  unsigned char *code = page_of(RWX, 1);
  int ends[2];
  pipe(ends);
  for (int value = 1; value < 4; value++) {
    unsigned char bytes[8];
    put_constant(bytes, value);
    write(ends[1], bytes, 8);
    read(ends[0], code, 8);
    printf(" %ld", call(code, times));
  }
  puts("");
  close(ends[0]);
  close(ends[1]);
  munmap(code, 4096);
}

static unsigned char *shared_code;
static volatile int turn;
static void *other_thread(void *unused) {
  for (int value = 2; value < 6; value++) {
    while (turn != 1) usleep(100);
    put_constant(shared_code, value);
    __sync_synchronize();
    turn = 0;
  }
  return NULL;
}
static void by_thread(int times) {
  shared_code = page_of(RWX, 1);
  put_constant(shared_code, 1);
  printf(" %ld", call(shared_code, times));
  pthread_t thread;
  pthread_create(&thread, NULL, other_thread, NULL);
  for (int i = 0; i < 4; i++) {
    turn = 1;
    while (turn != 0) usleep(100);
    printf(" %ld", call(shared_code, times));
  }
  pthread_join(thread, NULL);
  puts("");
  munmap(shared_code, 4096);
}

// A tiny compiler: sums of products over a variable, made again for each expression.
static unsigned char *emit(unsigned char *at, const char *text) {
  at = (unsigned char *)memcpy(at, "\x31\xc0", 2) + 2; // xor eax, eax
  for (; *text; text++) {
    if (*text == 'x') at = (unsigned char *)memcpy(at, "\x0f\xaf\xc7", 3) + 3; // imul eax, edi
    else {
      at[0] = 0x05; // add eax, n
      at[1] = *text - '0';
      at[2] = at[3] = at[4] = 0;
      at += 5;
    }
  }
  *at++ = 0xc3;
  return at;
}
static void compiler(int times) {
  unsigned char *code = page_of(RWX, 1), *at = code;
  static const char *const polynomials[] = {"1x2x3", "9x8x7x6", "5", "1x", "3x1x4x1x5x9"};
  for (int round = 0; round < 3; round++)
    for (int which = 0; which < 5; which++) {
      unsigned char *start = at + 64 < code + 4096 ? at : code;
      at = emit(start, polynomials[(which + round) % 5]);
      printf(" %ld", call(start, times));
    }
  puts("");
  munmap(code, 4096);
}

// Code on the stack, as a trampoline would be: the stack must be made executable first.
static void on_stack(int times) {
  unsigned char room[8192];
  unsigned char *page = (unsigned char *)(((uintptr_t)room + 4095) & ~4095ul);
  mprotect(page, 4096, RWX);
  for (int value = 1; value < 4; value++) {
    put_constant(page, value);
    printf(" %ld", call(page, times));
  }
  mprotect(page, 4096, PROT_READ | PROT_WRITE);
  puts("");
}

// Two address spaces with different code at the same address.
#include <sys/wait.h>
static void after_fork(int times) {
  unsigned char *code = page_of(RWX, 1);
  put_constant(code, 1);
  printf(" %ld", call(code, times));
  fflush(stdout);
  if (fork() == 0) {
    put_constant(code, 2);
    printf(" child %ld", call(code, times));
    fflush(stdout);
    _exit(0);
  }
  wait(NULL);
  printf(" %ld", call(code, times));
  put_constant(code, 3);
  printf(" %ld\n", call(code, times));
  munmap(code, 4096);
}

int main(void) {
  static const struct { const char *name; void (*run)(int); } tests[] = {
      {"written then called", written_then_called}, {"the next instruction", next_instruction},
      {"string instruction", by_string_instruction}, {"protections", protections}, {"moved", moved},
      {"across pages", across_pages}, {"by read", by_read}, {"by thread", by_thread},
      {"compiler", compiler}, {"on stack", on_stack}, {"after fork", after_fork}};
  setvbuf(stdout, NULL, _IOLBF, 1 << 12);
  for (unsigned i = 0; i < sizeof tests / sizeof *tests; i++) {
    printf("%s, cold:", tests[i].name);
    tests[i].run(3);
    printf("%s, hot:", tests[i].name);
    tests[i].run(HOT);
  }
  return 0;
}

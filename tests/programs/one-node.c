// A machine with one memory node and a clock that nobody disciplines: memory policies, adjtimex, and the calls of futex2.
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef SYS_set_mempolicy_home_node
#define SYS_set_mempolicy_home_node 450
#endif
#ifndef SYS_futex_wake
#define SYS_futex_wake 454
#define SYS_futex_wait 455
#define SYS_futex_requeue 456
#endif

static void result(const char *what, long value) {
  if (value < 0) printf("%s: %s\n", what, strerror(errno));
  else printf("%s: %ld\n", what, value);
}

#define CALL(name, ...) result(#name " " #__VA_ARGS__, syscall(SYS_##name, ##__VA_ARGS__))

static unsigned long first = 1, none, second = 2, three[3] = {1, 0, 0}, wide[640];

static void policy(void *address, long flags) {
  int mode = 99;
  unsigned long nodes = 99;
  result("policy", syscall(SYS_get_mempolicy, &mode, &nodes, 64L, address, flags));
  printf("%x %lx\n", mode, nodes);
}

static void task_policies(void) {
  int mode = 9;
  policy(NULL, 0);
  policy(NULL, 4);
  policy(NULL, 5);
  policy(NULL, 8);
  policy(NULL, 1);
  CALL(get_mempolicy, &mode, &none, 1L, NULL, 4L);
  CALL(get_mempolicy, NULL, &none, 0L, NULL, 4L);
  CALL(get_mempolicy, &mode, three, 192L, NULL, 4L);
  printf("%lx %lx %lx\n", three[0], three[1], three[2]);
  CALL(set_mempolicy, 0L, NULL, 0L);
  CALL(set_mempolicy, 0L, &first, 64L);
  CALL(set_mempolicy, 1L, &first, 64L);
  policy(NULL, 0);
  CALL(set_mempolicy, 2L, &first, 64L);
  policy(NULL, 0);
  policy(NULL, 1);
  CALL(set_mempolicy, 3L, &first, 64L);
  policy(NULL, 1);
  CALL(set_mempolicy, 2L, &second, 64L);
  CALL(set_mempolicy, 2L, NULL, 0L);
  CALL(set_mempolicy, 1L, NULL, 0L);
  policy(NULL, 0);
  CALL(set_mempolicy, 4L, &first, 64L);
  CALL(set_mempolicy, 4L, NULL, 0L);
  CALL(set_mempolicy, 7L, &first, 64L);
  CALL(set_mempolicy, 0x8002L, &first, 64L);
  policy(NULL, 0);
  CALL(set_mempolicy, 0x4002L, &first, 64L);
  CALL(set_mempolicy, 0xc002L, &first, 64L);
  CALL(set_mempolicy, 0x2002L, &first, 64L);
  policy(NULL, 0);
  CALL(set_mempolicy, 0x2001L, &first, 64L);
  CALL(set_mempolicy, 2L, (void *)8, 64L);
  CALL(set_mempolicy, 2L, &first, 1L);
  CALL(set_mempolicy, 2L, &first, 2L);
  CALL(set_mempolicy, 2L, wide, 40000L);
  CALL(set_mempolicy, 2L, three, 192L);
  fflush(stdout);
  if (fork() == 0) {
    policy(NULL, 0);
    fflush(stdout);
    _exit(0);
  }
  wait(NULL);
  CALL(set_mempolicy, 0L, NULL, 0L);
}

static void area_policies(char *page) {
  CALL(mbind, page, 4096L, 2L, &first, 64L, 0L);
  policy(page, 2);
  policy(page + 4096, 2);
  policy(page, 0);
  policy(page, 3);
  policy(page + 4096, 3);
  policy((void *)8, 3);
  CALL(mbind, page + 1, 4096L, 2L, &first, 64L, 0L);
  CALL(mbind, page, 0L, 2L, &first, 64L, 0L);
  CALL(mbind, 8192L, 4096L, 2L, &first, 64L, 0L);
  CALL(mbind, page, 32768L, 2L, &first, 64L, 0L);
  CALL(mbind, page, 4096L, 2L, &first, 64L, 8L);
  CALL(mbind, page, 4096L, 2L, &first, 64L, 4L);
  CALL(mbind, page, 4096L, 0L, NULL, 0L, 0L);
  policy(page, 2);
  CALL(mbind, page, 4096L, 2L, &first, 64L, 3L);
  CALL(mbind, page, 4096L, 0L, NULL, 0L, 1L);
  CALL(mbind, page, -1L, 0L, NULL, 0L, 1L);
  CALL(set_mempolicy_home_node, page, 4096L, 0L, 0L);
  CALL(mbind, page, 4096L, 2L, &first, 64L, 0L);
  CALL(set_mempolicy_home_node, page, 4096L, 0L, 0L);
  CALL(set_mempolicy_home_node, page, 4096L, 1L, 0L);
  CALL(set_mempolicy_home_node, page, 4096L, 0L, 1L);
  CALL(set_mempolicy_home_node, page + 1, 4096L, 0L, 0L);
  CALL(set_mempolicy_home_node, 8192L, 4096L, 0L, 0L);
  CALL(mbind, page, 4096L, 3L, &first, 64L, 0L);
  CALL(set_mempolicy_home_node, page, 4096L, 0L, 0L);
}

static void clocks(void) {
  unsigned char timex[208] = {0};
  for (long clock = -1; clock < 13; clock++) {
    if (clock == 0) continue;
    CALL(clock_adjtime, clock, timex);
  }
  CALL(clock_adjtime, 99L, NULL);
  CALL(adjtimex, NULL);
  *(unsigned *)timex = 0x8000;
  CALL(adjtimex, timex);
  *(unsigned *)timex = 2;
  CALL(adjtimex, timex);
  CALL(modify_ldt, 0L, timex, 64L);
  CALL(modify_ldt, 2L, timex, 5L);
  CALL(modify_ldt, 2L, timex, 500L);
}

static void futexes(void) {
  unsigned word = 5, other = 0;
  struct timespec past = {1, 0}, wrong = {1, -1};
  struct {
    uint64_t value, address;
    unsigned flags, reserved;
  } pair[2] = {{5, (uintptr_t)&word, 0x82, 0}, {0, (uintptr_t)&other, 0x82, 0}};
  CALL(futex_wake, &word, -1L, 1L, 0x82L);
  CALL(futex_wake, &word, 0xffffffffL, 1L, 0x82L);
  CALL(futex_wake, &word, 0xffffffffL, 0L, 0x82L);
  CALL(futex_wake, &word, 0L, 1L, 0x82L);
  CALL(futex_wake, &word, 1L, 1L, 0x81L);
  CALL(futex_wake, (char *)&word + 1, 1L, 1L, 0x82L);
  CALL(futex_wait, &word, 6L, 1L, 0x82L, NULL, 0L);
  CALL(futex_wait, &word, 1L << 32, 1L, 0x82L, NULL, 0L);
  CALL(futex_wait, &word, 5L, 0L, 0x82L, NULL, 0L);
  CALL(futex_wait, &word, 5L, 1L, 0x82L, &past, 7L);
  CALL(futex_wait, &word, 5L, 1L, 0x82L, &wrong, 1L);
  CALL(futex_wait, &word, 5L, 1L, 0x82L, &past, 0L);
  CALL(futex_wait, &word, 5L, 1L, 0x82L, &past, 1L);
  CALL(futex_requeue, pair, 0L, 1L, 1L);
  CALL(futex_requeue, pair, 1L, 1L, 1L);
  CALL(futex_requeue, NULL, 0L, 1L, 1L);
  CALL(futex_requeue, pair, 0L, -1L, 1L);
  pair[0].value = 6;
  CALL(futex_requeue, pair, 0L, 1L, 1L);
  pair[1].reserved = 1;
  CALL(futex_requeue, pair, 0L, 1L, 1L);
}

int main(void) {
  setvbuf(stdout, NULL, _IOFBF, 65536);
  setgroups(0, NULL);
  setgid(65534);
  setuid(65534);
  if (geteuid() == 0) return 1;
  char *page = mmap((void *)0x10000000, 16384, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  page[0] = 1;
  task_policies();
  area_policies(page);
  clocks();
  futexes();
  return 0;
}

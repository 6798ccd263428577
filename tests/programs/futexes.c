// futex(2) by itself: what each operation answers, who is woken, and what goes wrong.
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
  FUTEX_WAIT, FUTEX_WAKE, FUTEX_FD, FUTEX_REQUEUE, FUTEX_CMP_REQUEUE, FUTEX_WAKE_OP, FUTEX_LOCK_PI, FUTEX_UNLOCK_PI, FUTEX_TRYLOCK_PI,
  FUTEX_WAIT_BITSET, FUTEX_WAKE_BITSET, FUTEX_WAKE_PRIVATE = 129, FUTEX_CLOCK_REALTIME = 256,
  FUTEX_OP_ADD = 1, FUTEX_OP_OR = 2, FUTEX_OP_CMP_EQ = 0, FUTEX_OP_CMP_GT = 4, FUTEX_32 = 2,
};
#define FUTEX_OP(op, argument, cmp, compared) ((op) << 28 | (cmp) << 24 | (argument) << 12 | (compared))
#define FUTEX_WAITERS 0x80000000u
#define FUTEX_TID_MASK 0x3fffffffu
#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif

struct futex_waitv {
  uint64_t val, uaddr;
  uint32_t flags, reserved;
};

static long futex(void *word, int operation, unsigned value, void *timeout, void *second, unsigned third) {
  long result = syscall(SYS_futex, word, operation, value, timeout, second, third);
  return result < 0 ? -errno : result;
}

static void show(const char *what, long result) {
  if (result < 0) printf("%-28s %s\n", what, strerror(-result));
  else printf("%-28s %ld\n", what, result);
  fflush(stdout);
}

struct words {
  uint32_t word, second, ready;
};

static struct words *shared;

/** Returns when the child sleeps. */
static void until_asleep(pid_t pid) {
  char name[32], text[256];
  snprintf(name, sizeof name, "/proc/%d/stat", pid);
  do {
    FILE *file = fopen(name, "r");
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
  } while (strstr(text, ") ")[2] != 'S');
}

/** A child that waits; it ends with what the call answered. */
static pid_t waiting(int operation, unsigned bitset) {
  pid_t pid = fork();
  if (pid == 0) {
    _exit(futex(&shared->word, operation, shared->word, NULL, NULL, bitset) == 0 ? 0 : 1);
  }
  until_asleep(pid);
  return pid;
}

/** Waits for that many children, and tells how many of them had been woken. */
static int ended(int count) {
  int status, woken = 0;
  while (count-- > 0) woken += waitpid(-1, &status, 0) > 0 && status == 0;
  return woken;
}

int main(void) {
  shared = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  struct timespec soon = {0, 1000000}, wrong = {0, 1000000000}, past = {1, 0};
  uint32_t own[2] = {7, 0};
  show("wait, other value", futex(own, FUTEX_WAIT, 8, NULL, NULL, 0));
  show("wait, time over", futex(own, FUTEX_WAIT, 7, &soon, NULL, 0));
  show("wait, no time", futex(own, FUTEX_WAIT, 7, &wrong, NULL, 0));
  show("wait, no memory", futex((void *)8, FUTEX_WAIT, 7, NULL, NULL, 0));
  show("wait, not aligned", futex((char *)own + 1, FUTEX_WAIT, 7, NULL, NULL, 0));
  show("bitset 0", futex(own, FUTEX_WAIT_BITSET, 7, NULL, NULL, 0));
  show("bitset, past", futex(own, FUTEX_WAIT_BITSET, 7, &past, NULL, -1));
  show("bitset, past, real time", futex(own, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 7, &past, NULL, -1));
  show("wait, real time", futex(own, FUTEX_WAIT | FUTEX_CLOCK_REALTIME, 8, &past, NULL, -1));
  show("wake nobody", futex(own, FUTEX_WAKE, 1, NULL, NULL, 0));
  show("wake bitset 0", futex(own, FUTEX_WAKE_BITSET, 1, NULL, NULL, 0));
  show("wake, no memory", futex((void *)8, FUTEX_WAKE, 1, NULL, NULL, 0));
  show("wake, no memory, private", futex((void *)8, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
  show("unknown", futex(own, 99, 1, NULL, NULL, 0));
  show("fd", futex(own, FUTEX_FD, 1, NULL, NULL, 0));

  for (int i = 0; i < 4; i++) waiting(FUTEX_WAIT, 0);
  show("wake one of four", futex(&shared->word, FUTEX_WAKE, 1, NULL, NULL, 0));
  show("ended", ended(1));
  show("wake private", futex(&shared->word, FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0));
  show("compare and requeue, other", futex(&shared->word, FUTEX_CMP_REQUEUE, 1, (void *)1, &shared->second, 5));
  show("compare and requeue", futex(&shared->word, FUTEX_CMP_REQUEUE, 1, (void *)1, &shared->second, 0));
  show("ended", ended(1));
  show("wake the first", futex(&shared->word, FUTEX_WAKE, 9, NULL, NULL, 0));
  show("wake the second", futex(&shared->second, FUTEX_WAKE, 9, NULL, NULL, 0));
  show("ended", ended(2));

  waiting(FUTEX_WAIT_BITSET, 1);
  waiting(FUTEX_WAIT_BITSET, 6);
  show("wake bit 3", futex(&shared->word, FUTEX_WAKE_BITSET, 9, NULL, NULL, 8));
  show("wake bit 1", futex(&shared->word, FUTEX_WAKE_BITSET, 9, NULL, NULL, 2));
  show("wake bit 0", futex(&shared->word, FUTEX_WAKE_BITSET, 9, NULL, NULL, 1));
  show("ended", ended(2));

  waiting(FUTEX_WAIT, 0);
  shared->second = 5;
  show("wake op", futex(&shared->word, FUTEX_WAKE_OP, 1, (void *)1, &shared->second, FUTEX_OP(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_EQ, 5)));
  show("second is", shared->second);
  show("wake op, shift", futex(&shared->word, FUTEX_WAKE_OP, 1, (void *)1, &shared->second, FUTEX_OP(FUTEX_OP_OR | 8, 4, FUTEX_OP_CMP_GT, 5)));
  show("second is", shared->second);
  show("ended", ended(1));

  uint32_t lock = 0;
  pid_t me = getpid();
  show("lock pi", futex(&lock, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
  show("mine", lock == (uint32_t)me);
  show("again", futex(&lock, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
  show("try", futex(&lock, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0));
  show("unlock", futex(&lock, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
  show("word", lock);
  show("unlock again", futex(&lock, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
  lock = 0x3ffffff;
  show("an owner who is not", futex(&lock, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
  shared->word = 0;
  futex(&shared->word, FUTEX_LOCK_PI, 0, NULL, NULL, 0);
  pid_t pid = fork();
  if (pid == 0) {
    struct timespec late;
    clock_gettime(CLOCK_REALTIME, &late);
    late.tv_nsec += 10000000;
    if (late.tv_nsec >= 1000000000) late.tv_sec++, late.tv_nsec -= 1000000000;
    show("child, try", futex(&shared->word, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0));
    show("child, time over", futex(&shared->word, FUTEX_LOCK_PI, 0, &late, NULL, 0));
    show("child, unlock", futex(&shared->word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
    shared->ready = 1;
    show("child, lock", futex(&shared->word, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
    show("child, has it", (shared->word & FUTEX_TID_MASK) == (uint32_t)getpid());
    show("child, unlock", futex(&shared->word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
    _exit(0);
  }
  while (!*(volatile uint32_t *)&shared->ready) usleep(1000);
  until_asleep(pid);
  show("others wait", (shared->word & FUTEX_WAITERS) != 0);
  int unlocked = futex(&shared->word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0);
  waitpid(pid, NULL, 0); // from here on only one of the two prints
  show("unlock", unlocked);
  show("word", shared->word);

  struct futex_waitv words[2] = {{0, (uintptr_t)&shared->word, FUTEX_32, 0}, {8, (uintptr_t)&shared->second, FUTEX_32, 0}};
  shared->second = 8;
  show("waitv, none", syscall(SYS_futex_waitv, words, 0, 0, NULL, 0) < 0 ? -errno : 0);
  show("waitv, flags", syscall(SYS_futex_waitv, words, 2, 1, NULL, 0) < 0 ? -errno : 0);
  show("waitv, past", syscall(SYS_futex_waitv, words, 2, 0, &past, CLOCK_MONOTONIC) < 0 ? -errno : 0);
  words[1].val = 9;
  show("waitv, other value", syscall(SYS_futex_waitv, words, 2, 0, NULL, 0) < 0 ? -errno : 0);
  words[1].val = 8;
  pid = fork();
  if (pid == 0) _exit(syscall(SYS_futex_waitv, words, 2, 0, NULL, 0));
  until_asleep(pid);
  show("wake the second", futex(&shared->second, FUTEX_WAKE, 1, NULL, NULL, 0));
  int status;
  waitpid(pid, &status, 0);
  show("index", WEXITSTATUS(status));
  return 0;
}

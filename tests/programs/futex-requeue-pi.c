// FUTEX_WAIT_REQUEUE_PI and FUTEX_CMP_REQUEUE_PI: waiters at one word are brought to another, to own it one after the other.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { WAIT = FUTEX_WAIT_REQUEUE_PI | FUTEX_PRIVATE_FLAG, MOVE = FUTEX_CMP_REQUEUE_PI | FUTEX_PRIVATE_FLAG };

static unsigned from, to, other;
static volatile int done;

static long futex(unsigned *word, int operation, unsigned value, const void *timeout, unsigned *second, unsigned third) {
  return syscall(SYS_futex, word, operation, value, timeout, second, third);
}

static void say(const char *what, long result) {
  printf("%s: %ld %s\n", what, result, result < 0 ? strerror(errno) : "");
}

static void *owner(void *unused) {
  unsigned self = syscall(SYS_gettid);
  long result = futex(&from, WAIT, 0, NULL, &to, 0);
  int isMine = (to & FUTEX_TID_MASK) == self;
  usleep(1000);
  printf("waited %ld, %s\n", result, isMine ? "owner" : "not the owner");
  done++;
  if (futex(&to, FUTEX_UNLOCK_PI | FUTEX_PRIVATE_FLAG, 0, NULL, NULL, 0) < 0) printf("not unlocked: %s\n", strerror(errno));
  return unused;
}

static void start(pthread_t *thread) {
  pthread_create(thread, NULL, owner, NULL);
  usleep(30000);
}

static void refusals(void) {
  unsigned *odd = (unsigned *)((char *)&to + 1);
  say("another value", futex(&from, WAIT, 1, NULL, &to, 0));
  say("one word", futex(&from, WAIT, 0, NULL, &from, 0));
  say("not aligned", futex(odd, WAIT, 0, NULL, &to, 0));
  say("to one that is not", futex(&from, WAIT, 0, NULL, odd, 0));
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  at.tv_nsec = 0;
  say("time over", futex(&from, WAIT, 0, &at, &to, 0));
  clock_gettime(CLOCK_REALTIME, &at);
  say("real time over", futex(&from, WAIT | FUTEX_CLOCK_REALTIME, 0, &at, &to, 0));
  at.tv_nsec = -1;
  say("no time", futex(&from, WAIT, 0, &at, &to, 0));
  say("nobody", futex(&from, MOVE, 1, (void *)1, &to, 0));
  say("wakes two", futex(&from, MOVE, 2, (void *)1, &to, 0));
  say("wakes none", futex(&from, MOVE, 0, (void *)1, &to, 0));
  say("one word", futex(&from, MOVE, 1, (void *)1, &from, 0));
  say("another value", futex(&from, MOVE, 1, (void *)1, &to, 9));
  say("less than none", futex(&from, MOVE, 1, (void *)-1, &to, 0));
  say("with a clock", futex(&from, MOVE | FUTEX_CLOCK_REALTIME, 1, (void *)1, &to, 0));
}

int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  refusals();
  pthread_t threads[3];
  start(&threads[0]);
  start(&threads[1]);
  say("wake", futex(&from, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, NULL, NULL, 0));
  say("requeue", futex(&from, FUTEX_CMP_REQUEUE | FUTEX_PRIVATE_FLAG, 1, (void *)1, &to, 0));
  say("to another word", futex(&from, MOVE, 1, (void *)1, &other, 0));
  long one = futex(&from, MOVE, 1, (void *)0, &to, 0);
  usleep(50000);
  say("one", one);
  say("lock", futex(&to, FUTEX_LOCK_PI | FUTEX_PRIVATE_FLAG, 0, NULL, NULL, 0));
  say("while it is owned", futex(&from, MOVE, 1, (void *)5, &to, 0));
  usleep(30000);
  printf("done %d, others wait %d\n", done, (to & FUTEX_WAITERS) != 0);
  long unlocked = futex(&to, FUTEX_UNLOCK_PI | FUTEX_PRIVATE_FLAG, 0, NULL, NULL, 0);
  pthread_join(threads[0], NULL);
  pthread_join(threads[1], NULL);
  say("unlock", unlocked);
  for (int i = 0; i < 3; i++) start(&threads[i]);
  long moved = futex(&from, MOVE, 1, (void *)10, &to, 0);
  for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
  printf("all %ld, done %d, word %x\n", moved, done, to);
  start(&threads[0]);
  to = 0x3fffff;
  say("an owner that is not there", futex(&from, MOVE, 1, (void *)1, &to, 0));
  to = 0;
  moved = futex(&from, MOVE, 1, (void *)1, &to, 0);
  pthread_join(threads[0], NULL);
  printf("then %ld\n", moved);
  return 0;
}

// Time namespaces: clocks that count from another time, and who may say from when.
#include "call-report.h"
#include <sched.h>
#include <sys/sysinfo.h>
#include <time.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

static int set(const char *text) { int f = open("/proc/self/timens_offsets", O_WRONLY), got = f < 0 ? -1 : write(f, text, strlen(text)), error = errno; close(f); errno = error; return got; }
static void show(void) { char b[200] = ""; int f = open("/proc/self/timens_offsets", O_RDONLY); read(f, b, 199); printf("%s", b); close(f); }
static long at(int clock) { struct timespec t; clock_gettime(clock, &t); return t.tv_sec; }
static long called(int clock) { struct timespec t; syscall(SYS_clock_gettime, clock, &t); return t.tv_sec; }

static void offsets(void) {
  long before = at(CLOCK_MONOTONIC), boot = at(CLOCK_BOOTTIME);
  show(); SHOW(set("monotonic 5 0")); SHOW(unshare(CLONE_NEWTIME)); SHOW(set("x 5 0")); SHOW(set("monotonic 5")); SHOW(set("monotonic 5 1000000000")); SHOW(set("monotonic 99999999999 0")); SHOW(set("monotonic -99999999 0")); SHOW(set("monotonic 1000 0\nboottime 2000 500")); SHOW(set("1 3000 7\n")); show(); printf("still %d\n", at(CLOCK_MONOTONIC) - before < 100);
  if (fork() == 0) {
    struct sysinfo s; struct timespec t, then; sysinfo(&s);
    printf("monotonic %ld called %ld boottime %ld called %ld coarse %ld uptime %ld\n", (at(1) - before) / 100, (called(1) - before) / 100, (at(7) - boot) / 100, (called(7) - boot) / 100, (at(6) - before) / 100, (s.uptime - boot) / 100);
    clock_gettime(CLOCK_MONOTONIC, &t); t.tv_nsec += 5000000; if (t.tv_nsec >= 1000000000) t.tv_sec++, t.tv_nsec -= 1000000000; SHOW(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL)); clock_gettime(CLOCK_MONOTONIC, &then); printf("slept %d\n", then.tv_sec - t.tv_sec < 3); SHOW(set("monotonic 1 0")); show();
    fflush(stdout); _exit(0);
  }
  wait(NULL); SHOW(set("monotonic 1 0"));
}

static void unprivileged(void) { SHOW(unshare(CLONE_NEWTIME)); }

int main(void) { prepare(); APART(offsets); AS_NOBODY(unprivileged); }

// Clocks: a sleep that takes as long as it should, and a date computed from a number.
#include <stdio.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long nanoseconds(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return now.tv_sec * 1000000000L + now.tv_nsec;
}

int main(void) {
  struct timespec pause = {0, 20000000};
  long before = nanoseconds(CLOCK_MONOTONIC);
  nanosleep(&pause, NULL);
  long passed = nanoseconds(CLOCK_MONOTONIC) - before;
  printf("slept %s\n", passed >= 20000000 ? "20 ms or more" : "too little");

  struct timeval day;
  gettimeofday(&day, NULL);
  printf("clocks %s\n", time(NULL) - day.tv_sec <= 1 ? "agree" : "disagree");

  time_t launch = 682920000; // 1991-08-23
  char text[64];
  strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %a", gmtime(&launch));
  printf("%s\n", text);
  return 0;
}

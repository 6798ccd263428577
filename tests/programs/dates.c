// Calendar arithmetic and clocks that go forward.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int main(void) {
  time_t times[] = {0, 86399, 951782400, 1709164800, 2147483647, 4102444800, -1};
  for (int i = 0; i < 7; i++) {
    char text[80];
    struct tm parts;
    gmtime_r(&times[i], &parts);
    strftime(text, sizeof text, "%F %T %j %a %b %U", &parts);
    printf("%s %ld\n", text, (long)timegm(&parts));
  }
  setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
  tzset();
  time_t summer = 1720000000, winter = 1700000000;
  printf("%s", ctime(&summer));
  printf("%s", ctime(&winter));
  struct timespec first, second;
  clock_gettime(CLOCK_MONOTONIC, &first);
  clock_gettime(CLOCK_MONOTONIC, &second);
  long passed = (second.tv_sec - first.tv_sec) * 1000000000L + second.tv_nsec - first.tv_nsec;
  printf("%s\n", passed >= 0 ? "forward" : "backward");
  printf("%s\n", time(NULL) > 1700000000 ? "now" : "then");
  struct timespec resolution;
  printf("%d\n", clock_getres(CLOCK_REALTIME, &resolution));
  printf("%g\n", difftime(summer, winter));
  return 0;
}

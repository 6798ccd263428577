// adjtimex as root: what is set is read back, clamped as Linux does, and put back to what it was.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/timex.h>
#include <unistd.h>

static void set(const char *what, struct timex wanted) {
  int result = adjtimex(&wanted);
  printf("%s: %s", what, result < 0 ? strerror(errno) : "set");
  if (result >= 0)
    printf(", freq %ld maxerror %ld esterror %ld constant %ld tick %ld tai %d nano %d", wanted.freq, wanted.maxerror, wanted.esterror,
           wanted.constant, wanted.tick, wanted.tai, (wanted.status & STA_NANO) != 0);
  printf("\n");
}

int main(void) {
  struct timex before = {.modes = 0};
  adjtimex(&before);
  set("errors", (struct timex){.modes = ADJ_MAXERROR | ADJ_ESTERROR | ADJ_FREQUENCY | ADJ_TICK | ADJ_MICRO | ADJ_TAI | ADJ_TIMECONST,
                               .maxerror = 1234, .esterror = 77, .tick = 10000});
  set("frequency", (struct timex){.modes = ADJ_FREQUENCY, .freq = 0x10000});
  set("a large one", (struct timex){.modes = ADJ_FREQUENCY, .freq = 0x7f000000});
  set("a small one", (struct timex){.modes = ADJ_FREQUENCY, .freq = -0x7f000000});
  set("none", (struct timex){.modes = ADJ_FREQUENCY});
  set("tick", (struct timex){.modes = ADJ_TICK, .tick = 10001});
  set("a short one", (struct timex){.modes = ADJ_TICK, .tick = 8999});
  set("a long one", (struct timex){.modes = ADJ_TICK, .tick = 11001});
  set("the usual one", (struct timex){.modes = ADJ_TICK, .tick = 10000});
  set("errors below none", (struct timex){.modes = ADJ_MAXERROR | ADJ_ESTERROR, .maxerror = -5, .esterror = -5});
  set("errors beyond all", (struct timex){.modes = ADJ_MAXERROR | ADJ_ESTERROR, .maxerror = 0x7fffffff, .esterror = 0x7fffffff});
  set("constant", (struct timex){.modes = ADJ_TIMECONST, .constant = 3});
  set("a large constant", (struct timex){.modes = ADJ_TIMECONST, .constant = 99});
  set("a small constant", (struct timex){.modes = ADJ_TIMECONST, .constant = -4});
  set("TAI", (struct timex){.modes = ADJ_TAI, .constant = 37});
  set("no TAI", (struct timex){.modes = ADJ_TAI, .constant = -1});
  set("nanoseconds", (struct timex){.modes = ADJ_NANO});
  set("constant", (struct timex){.modes = ADJ_TIMECONST, .constant = 3});
  set("microseconds", (struct timex){.modes = ADJ_MICRO});
  set("adjtime's bit alone", (struct timex){.modes = 0x8000});
  set("a step without a fraction", (struct timex){.modes = ADJ_SETOFFSET, .time = {0, -1}});
  set("a step with too much", (struct timex){.modes = ADJ_SETOFFSET, .time = {0, 1000000}});
  before.modes = ADJ_FREQUENCY | ADJ_TICK | ADJ_MAXERROR | ADJ_ESTERROR;
  adjtimex(&before);
  struct timex constant = {.modes = ADJ_TAI, .constant = before.tai};
  adjtimex(&constant);
  constant = (struct timex){.modes = ADJ_NANO};
  adjtimex(&constant);
  constant = (struct timex){.modes = ADJ_TIMECONST, .constant = before.constant};
  adjtimex(&constant);
  constant = (struct timex){.modes = before.status & STA_NANO ? ADJ_NANO : ADJ_MICRO};
  adjtimex(&constant);
  if (setuid(1000) < 0) return 1;
  set("a user's", (struct timex){.modes = ADJ_FREQUENCY});
  set("a user's tick", (struct timex){.modes = ADJ_TICK, .tick = 1});
  return 0;
}

// Switches of prctl that few programs touch, and what PR_SET_MDWE forbids.
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static long say(const char *what, long result) {
  if (result == -1) printf("%s: error %d\n", what, errno);
  else printf("%s: %ld\n", what, result);
  return result;
}
static long control(const char *what, int option, long a, long b, long c, long d) {
  return say(what, syscall(SYS_prctl, (long)option, a, b, c, d));
}
static char *map(int protection) { return mmap(NULL, 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); }

int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  int mode = 0;
  control("the time stamp counter", 25, (long)&mode, 0, 0, 0);
  printf("%d\n", mode);
  control("set", 26, 1, 0, 0, 0);
  control("set to none", 26, 3, 0, 0, 0);
  control("to nowhere", 25, 8, 0, 0, 0);
  control("performance events off", 31, 0, 0, 0, 0);
  control("and on", 32, 0, 0, 0, 0);
  control("machine checks", 34, 0, 0, 0, 0);
  control("early", 33, 1, 1, 0, 0);
  control("now", 34, 0, 0, 0, 0);
  control("with a policy of none", 33, 1, 3, 0, 0);
  control("with more", 33, 1, 1, 1, 0);
  control("cleared with a policy", 33, 0, 1, 0, 0);
  control("another operation", 33, 2, 0, 0, 0);
  control("cleared", 33, 0, 0, 0, 0);
  control("asked with an argument", 34, 1, 0, 0, 0);
  control("speculation of nothing", 52, 9, 0, 0, 0);
  control("set of nothing", 53, 9, 0, 0, 0);
  control("with more", 53, 0, 0, 1, 0);
  control("merging", 68, 0, 0, 0, 0);
  control("set with more", 67, 1, 1, 0, 0);
  control("asked with an argument", 68, 1, 0, 0, 0);
  control("bits of security", 28, -1, 0, 0, 0);
  control("ids of timers", 77, 2, 0, 0, 0);
  control("set", 77, 1, 0, 0, 0);
  control("now", 77, 2, 0, 0, 0);
  control("to none", 77, 3, 0, 0, 0);
  control("with more", 77, 1, 1, 0, 0);
  control("auxiliary vector with more", 0x41555856, 0, 0, 1, 0);

  control("nothing is denied", 66, 0, 0, 0, 0);
  control("with more", 65, 1, 1, 0, 0);
  control("unknown bits", 65, 4, 0, 0, 0);
  control("only not inherited", 65, 2, 0, 0, 0);
  char *plain = map(PROT_READ | PROT_WRITE), *code = map(PROT_READ | PROT_EXEC);
  int pid = fork();
  if (pid == 0) {
    control("not inherited", 65, 3, 0, 0, 0);
    if (fork() == 0) {
      control("in a child", 66, 0, 0, 0, 0);
      _exit(0);
    }
    wait(NULL);
    control("something else then", 65, 1, 0, 0, 0);
    _exit(0);
  }
  wait(NULL);
  control("denied", 65, 1, 0, 0, 0);
  control("again", 65, 1, 0, 0, 0);
  control("not any longer", 65, 0, 0, 0, 0);
  control("now", 66, 0, 0, 0, 0);
  say("to write and run", map(PROT_WRITE | PROT_EXEC) == MAP_FAILED ? -1 : 0);
  say("to run", map(PROT_READ | PROT_EXEC) == MAP_FAILED ? -1 : 0);
  say("what could be written", mprotect(plain, 4096, PROT_READ | PROT_EXEC));
  say("what could be run", mprotect(code, 4096, PROT_READ | PROT_EXEC));
  say("to be written too", mprotect(code, 4096, PROT_READ | PROT_WRITE | PROT_EXEC));
  say("no longer to be run", mprotect(code, 4096, PROT_READ));
  say("and run again", mprotect(code, 4096, PROT_READ | PROT_EXEC));
  if (fork() == 0) {
    control("in a child", 66, 0, 0, 0, 0);
    _exit(0);
  }
  wait(NULL);
  return 0;
}

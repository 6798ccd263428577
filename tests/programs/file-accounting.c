// Swap files and process accounting: what is taken, what is refused, and the records that ended processes leave.
#include "report.h"
#include <sys/swap.h>
#include <sys/utsname.h>

static void makeSwap(const char *path, int pages, int hole) {
  static char page[4096];
  int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
  for (int i = 0; i < pages; i++) write(fd, page, sizeof page);
  unsigned header[3] = {1, pages - 1, 0};
  pwrite(fd, header, sizeof header, 1024);
  pwrite(fd, "SWAPSPACE2", 10, 4086);
  if (hole) ftruncate(fd, (pages + 10) * 4096);
  close(fd);
}

static void swaps(const char *what) {
  FILE *file = fopen("/proc/swaps", "r");
  static char line[512];
  printf("%s\n", what);
  while (file && fgets(line, sizeof line, file)) {
    char path[256], type[32];
    int size, used, priority;
    if (sscanf(line, "%255s %31s %d %d %d", path, type, &size, &used, &priority) != 5) continue;
    printf("  %s %s %d %d %d\n", strrchr(path, '/'), type, size, used, priority);
  }
  if (file) fclose(file);
}

static void somebody(void) {
  DONE(swapon("swap", 0));
  DONE(swapoff("swap"));
  DONE(acct("records"));
  DONE(acct(NULL));
}

static void swapping(void) {
  makeSwap("swap", 100, 0);
  makeSwap("swap2", 50, 0);
  makeSwap("short", 100, 0);
  truncate("short", 4096);
  makeFile("plain", "no swap at all", 0600);
  DONE(swapon("swap", 0));
  DONE(swapon("swap", 0));
  DONE(swapon("plain", 0));
  DONE(swapon(".", 0));
  DONE(swapon("/dev/null", 0));
  DONE(swapon("missing", 0));
  DONE(swapon("swap2", SWAP_FLAG_PREFER | 7));
  DONE(swapon("short", 0));
  swaps("two");
  DONE(swapoff("plain"));
  DONE(swapoff("."));
  DONE(swapoff("missing"));
  DONE(swapoff("swap"));
  DONE(swapoff("swap"));
  swaps("one");
  DONE(swapoff("swap2"));
  swaps("none");
  DONE(swapon("swap", 0x1000000));
}

struct record { char flag, version; unsigned short tty; unsigned exit, uid, gid, pid, ppid, begun; float elapsed; unsigned short values[8]; char comm[16]; };

static void recording(void) {
  makeFile("records", "", 0644);
  DONE(acct("missing"));
  DONE(acct("."));
  DONE(acct("/dev/null"));
  DONE(acct("records"));
  if (fork() == 0) _exit(3);
  wait(NULL);
  if (fork() == 0) {
    setgid(88);
    setuid(77);
    kill(getpid(), SIGKILL);
  }
  wait(NULL);
  char *arguments[] = {"true", NULL};
  if (fork() == 0) {
    execv("/bin/true", arguments);
    _exit(1);
  }
  wait(NULL);
  DONE(acct(NULL));
  if (fork() == 0) _exit(4);
  wait(NULL);
  int fd = open("records", O_RDONLY);
  struct record record;
  int mine = 0;
  while (read(fd, &record, sizeof record) == sizeof record) {
    if (record.ppid != getpid()) continue; // of others on the machine
    printf("  %d %x %x %u:%u %d %.16s\n", record.version, record.flag & ~2, record.exit, record.uid, record.gid, record.begun > 1000000000, record.comm);
  }
  printf("size %d\n", (int)sizeof record);
  close(fd);
}

int main(void) {
  begin();
  swapping();
  recording();
  asUser(1234, somebody);
  return 0;
}

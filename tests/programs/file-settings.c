// Files of /proc that programs read and write: settings and who may change them, locks, accounts of input and output, pages.
#include "report.h"
#include <sys/file.h>
#include <sys/sysmacros.h>

static const char *named(const char *path) {
  static char text[256];
  const char *at = strstr(path, "PARENT");
  if (!at) return path;
  sprintf(text, "%.*s%d%s", (int)(at - path), path, getppid(), at + 6);
  return text;
}

static void shows(const char *path) {
  static char text[65536];
  int fd = open(named(path), O_RDONLY);
  if (fd < 0) {
    printf("%s: %s\n", path, strerror(errno));
    return;
  }
  int size = read(fd, text, sizeof text - 1);
  if (size < 0) printf("%s: reading %s\n", path, strerror(errno));
  else printf("%s: %.*s", path, size, text);
  close(fd);
}

static void writes(const char *path, const char *text) {
  int fd = open(path, O_WRONLY);
  printf("%s '%s': ", path, text);
  if (fd < 0) {
    printf("opening %s\n", strerror(errno));
    return;
  }
  int count = write(fd, text, strlen(text));
  if (count < 0) printf("%s\n", strerror(errno));
  else printf("%d\n", count);
  close(fd);
}

static void is(const char *path) {
  struct stat found;
  if (stat(path, &found) < 0) printf("%s: %s\n", path, strerror(errno));
  else printf("%s: %o %d:%d\n", path, found.st_mode, found.st_uid, found.st_gid);
}

static void counts(const char *path) {
  static char text[65536];
  FILE *file = fopen(path, "r");
  while (file && fgets(text, sizeof text, file))
    if (!strncmp(text, "rchar", 5) || !strncmp(text, "wchar", 5) || !strncmp(text, "sysc", 4)) printf("  %.6s %d\n", text, atoi(text + 7) > 0);
  if (file) fclose(file);
}

static void lockLines(void) {
  FILE *file = fopen("/proc/locks", "r");
  static char line[512];
  struct stat found;
  stat("locked", &found);
  char place[64];
  sprintf(place, ":%lu ", (unsigned long)found.st_ino);
  while (file && fgets(line, sizeof line, file)) {
    char kind[16], advice[16], type[16], range[64];
    int pid;
    if (!strstr(line, place)) continue;
    sscanf(line, "%*d: %15s %15s %15s %d %*s %63[^\n]", kind, advice, type, &pid, range);
    printf("  %s %s %s %s %s\n", kind, advice, type, pid == getpid() ? "mine" : pid < 0 ? "-1" : "other", range);
  }
  if (file) fclose(file);
}

static void somebody(void) {
  writes("/proc/sys/kernel/panic", "1");
  writes("/proc/sys/kernel/hostname", "x");
  writes("/proc/self/autogroup", "1");
  shows("/proc/sys/vm/mmap_rnd_bits");
  shows("/proc/slabinfo");
  shows("/proc/PARENT/io");
  OPENS(open(named("/proc/PARENT/pagemap"), O_RDONLY));
  shows("/proc/PARENT/numa_maps");
  shows("/proc/PARENT/environ");
}

int main(void) {
  begin();
  const char *values[] = {"kernel/ostype", "kernel/sem", "kernel/msgmax", "kernel/msgmnb", "kernel/msgmni", "kernel/shmmni", "kernel/cap_last_cap",
                          "kernel/ngroups_max", "kernel/overflowuid", "kernel/overflowgid", "fs/overflowuid", "fs/nr_open" , "fs/lease-break-time",
                          "fs/leases-enable", "fs/dir-notify-enable", "fs/pipe-max-size", "fs/mqueue/msg_max", "fs/mqueue/msgsize_max",
                          "fs/mqueue/queues_max", "fs/inotify/max_queued_events", "fs/inotify/max_user_instances", "vm/overcommit_memory",
                          "vm/overcommit_ratio", "vm/swappiness", "vm/max_map_count", "vm/nr_hugepages", "vm/page-cluster", "kernel/pid_max",
                          "kernel/printk", "kernel/sched_rr_timeslice_ms", "kernel/sched_rt_runtime_us", "kernel/keys/maxkeys", "kernel/random/poolsize"};
  char path[128];
  for (unsigned i = 0; i < sizeof values / sizeof *values; i++) {
    sprintf(path, "/proc/sys/%s", values[i]);
    if (strcmp(values[i], "fs/nr_open") && strcmp(values[i], "kernel/pid_max")) shows(path);
    is(path);
  }
  is("/proc/sys/kernel");
  is("/proc/sys/vm/drop_caches");
  is("/proc/sys/vm/mmap_rnd_bits");
  OPENS(open("/proc/sys/vm/drop_caches", O_RDONLY));
  writes("/proc/sys/kernel/panic", "abc");
  writes("/proc/sys/kernel/ostype", "x");
  writes("/proc/sys/vm/overcommit_memory", "3");
  writes("/proc/sys/vm/swappiness", "201");
  writes("/proc/sys/vm/swappiness", "-1");
  writes("/proc/sys/fs/protected_hardlinks", "2");
  writes("/proc/sys/kernel/pid_max", "1");
  writes("/proc/sys/kernel/nothing", "1");
  DONE(mkdir("/proc/sys/new", 0755));
  DONE(unlink("/proc/sys/kernel/panic"));
  DONE(truncate("/proc/sys/kernel/panic", 0));
  OPENS(open("/proc/sys/kernel/new", O_RDWR | O_CREAT, 0644));
  int fd = open("/proc/sys/kernel/ostype", O_RDONLY);
  char text[32] = "";
  TELL(pread(fd, text, 2, 2));
  puts(text);
  TELL(lseek(fd, 1, SEEK_SET));
  memset(text, 0, sizeof text);
  TELL(read(fd, text, 31));
  puts(text);
  close(fd);
  const char *files[] = {"io", "sched", "autogroup", "clear_refs", "numa_maps", "pagemap", "smaps_rollup", "oom_score_adj", "coredump_filter",
                         "timerslack_ns", "syscall", "personality", "setgroups", "uid_map", "mem", "map_files", "environ", "auxv",
                         "wchan", "schedstat", "limits", "comm", "attr", "fdinfo", "fd", "task", "ns"};
  for (unsigned i = 0; i < sizeof files / sizeof *files; i++) {
    sprintf(path, "/proc/self/%s", files[i]);
    is(path);
  }
  const char *machine[] = {"swaps", "partitions", "devices", "modules", "interrupts", "softirqs", "vmstat", "zoneinfo", "buddyinfo", "slabinfo", "cgroups",
                           "crypto", "diskstats", "locks", "keys", "key-users", "consoles", "misc", "pressure/cpu", "pressure/io", "pressure/memory",
                           "sysvipc/msg", "sysvipc/sem", "sysvipc/shm", "tty/drivers", "execdomains", "meminfo", "stat", "uptime", "loadavg", "version"};
  for (unsigned i = 0; i < sizeof machine / sizeof *machine; i++) {
    sprintf(path, "/proc/%s", machine[i]);
    if (strcmp(machine[i], "modules")) is(path);
  }
  puts("input and output");
  counts("/proc/self/io");
  writes("/proc/self/clear_refs", "1");
  writes("/proc/self/clear_refs", "9");
  writes("/proc/self/clear_refs", "x");
  writes("/proc/self/autogroup", "x");
  writes("/proc/self/autogroup", "30");
  writes("/proc/self/coredump_filter", "0x33");
  writes("/proc/self/oom_score_adj", "2000");
  writes("/proc/self/oom_score_adj", "100");
  shows("/proc/self/oom_score_adj");
  writes("/proc/self/comm", "another");
  shows("/proc/self/comm");
  puts("pages");
  unsigned long long entries[2];
  long size = sysconf(_SC_PAGESIZE);
  char *pages = mmap(NULL, 2 * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  pages[0] = 1;
  fd = open("/proc/self/pagemap", O_RDONLY);
  TELL(pread(fd, entries, 16, (off_t)((unsigned long)pages / size * 8)));
  printf("%d %d\n", (int)(entries[0] >> 63), (int)(entries[1] >> 63));
  TELL(pread(fd, entries, 7, 0));
  TELL(pread(fd, entries, 8, 3));
  close(fd);
  puts("locks");
  makeFile("locked", "0123456789", 0644);
  fd = open("locked", O_RDWR);
  struct flock lock = {F_WRLCK, SEEK_SET, 2, 3};
  fcntl(fd, F_SETLK, &lock);
  lock = (struct flock){F_RDLCK, SEEK_SET, 20, 0};
  fcntl(fd, F_SETLK, &lock);
  lockLines();
  lock = (struct flock){F_UNLCK, SEEK_SET, 0, 0};
  fcntl(fd, F_SETLK, &lock);
  flock(fd, LOCK_EX);
  lockLines();
  flock(fd, LOCK_UN);
  lock = (struct flock){F_WRLCK, SEEK_SET, 0, 5};
  fcntl(fd, 37, &lock);
  lockLines();
  close(fd);
  fd = open("locked", O_RDONLY);
  fcntl(fd, F_SETLEASE, F_RDLCK);
  lockLines();
  close(fd);
  asUser(1234, somebody);
  return 0;
}

// Reading directories in pieces, openat2's and statx's arguments, O_PATH, and other calls whose arguments are structures.
#include "report.h"
#include <dirent.h>
#include <linux/openat2.h>
#include <linux/stat.h>
#include <sys/sysmacros.h>

struct entry { unsigned long long ino; long long off; unsigned short length; unsigned char type; char name[]; };
static void *none;
static char buffer[65536];

static int count(int fd, size_t size, int *pieces) {
  int total = 0, got;
  *pieces = 0;
  while ((got = syscall(SYS_getdents64, fd, buffer, size)) > 0) {
    ++*pieces;
    for (int at = 0; at < got; at += ((struct entry *)(buffer + at))->length) total++;
  }
  return got < 0 ? -errno : total;
}

static void reading(void) {
  puts("reading");
  char name[64];
  int pieces;
  mkdir("many", 0755);
  for (int i = 0; i < 1500; i++) {
    sprintf(name, "many/%s%d", i % 3 ? "a-file-with-a-rather-long-name-" : "f", i);
    close(open(name, O_WRONLY | O_CREAT, 0644));
  }
  int fd = open("many", O_RDONLY | O_DIRECTORY);
  int total = count(fd, 4096, &pieces);
  printf("%d %d\n", total, pieces > 10);
  TELL(syscall(SYS_getdents64, fd, buffer, 4096));
  TELL(lseek(fd, 0, SEEK_SET));
  total = count(fd, 65536, &pieces);
  printf("%d %d\n", total, pieces >= 1);
  lseek(fd, 0, SEEK_SET);
  TELL(syscall(SYS_getdents64, fd, buffer, 1));
  TELL(syscall(SYS_getdents64, fd, buffer, 20));
  TELL(syscall(SYS_getdents64, fd, buffer, 24));
  TELL(syscall(SYS_getdents64, fd, none, 4096));
  TELL(syscall(SYS_getdents64, fd, buffer, 0));
  lseek(fd, 0, SEEK_SET);
  // somewhere in the middle, and back there
  syscall(SYS_getdents64, fd, buffer, 4096);
  long long there = ((struct entry *)buffer)->off;
  char second[256];
  strcpy(second, ((struct entry *)(buffer + ((struct entry *)buffer)->length))->name);
  printf("%d\n", lseek(fd, there, SEEK_SET) == there);
  syscall(SYS_getdents64, fd, buffer, 4096);
  printf("%d\n", !strcmp(second, ((struct entry *)buffer)->name));
  close(fd);
  // removing while reading
  DIR *directory = opendir("many");
  struct dirent *entry;
  int removed = 0;
  while ((entry = readdir(directory))) {
    if (entry->d_name[0] == '.') continue;
    sprintf(name, "many/%s", entry->d_name);
    if (unlink(name) == 0) removed++;
  }
  closedir(directory);
  printf("removed %d, %d left\n", removed, rmdir("many") < 0 ? errno : 0);
  mkdir("gone", 0755);
  fd = open("gone", O_RDONLY);
  rmdir("gone");
  TELL(syscall(SYS_getdents64, fd, buffer, 4096));
  close(fd);
  fd = open("file", O_RDONLY);
  TELL(syscall(SYS_getdents64, fd, buffer, 4096));
  TELL(syscall(SYS_getdents64, -1, buffer, 4096));
  close(fd);
  fd = open(".", O_PATH);
  TELL(syscall(SYS_getdents64, fd, buffer, 4096));
  close(fd);
  mkdir("kinds", 0755);
  close(open("kinds/file", O_WRONLY | O_CREAT, 0644));
  mkdir("kinds/directory", 0755);
  symlink("x", "kinds/link");
  mkfifo("kinds/fifo", 0644);
  mknod("kinds/socket", S_IFSOCK | 0644, 0);
  mknod("kinds/device", S_IFCHR | 0644, makedev(1, 3));
  directory = opendir("kinds");
  int kinds[16] = {0};
  while ((entry = readdir(directory))) kinds[entry->d_type]++;
  for (int i = 0; i < 16; i++) printf("%d ", kinds[i]);
  puts("");
}

static long open2(int fd, const char *path, unsigned long long flags, unsigned long long mode, unsigned long long resolve, size_t size) {
  static struct { struct open_how how; char more[5000]; } how;
  memset(&how, 0, sizeof how);
  how.how.flags = flags, how.how.mode = mode, how.how.resolve = resolve;
  if (size == 25) how.more[0] = 1, size = 32;
  long result = syscall(SYS_openat2, fd, path, &how, size);
  if (result >= 0) close(result), result = 0;
  return result;
}

static void opening(void) {
  puts("openat2");
  DONE(open2(AT_FDCWD, "file", O_RDONLY, 0, 0, 24));
  DONE(open2(AT_FDCWD, "file", O_RDONLY, 0, 0, 23));
  DONE(open2(AT_FDCWD, "file", O_RDONLY, 0, 0, 32));
  DONE(open2(AT_FDCWD, "file", O_RDONLY, 0, 0, 25));
  DONE(open2(AT_FDCWD, "file", O_RDONLY, 0, 0, 5000));
  DONE(open2(AT_FDCWD, "file", O_RDONLY, 0644, 0, 24));
  DONE(open2(AT_FDCWD, "new", O_RDWR | O_CREAT, 0644, 0, 24));
  DONE(open2(AT_FDCWD, "new", O_RDWR | O_CREAT, 0200000, 0, 24));
  DONE(open2(AT_FDCWD, "file", 1ULL << 40, 0, 0, 24));
  DONE(open2(AT_FDCWD, "file", 0x40000000, 0, 0, 24));
  DONE(open2(AT_FDCWD, "file", O_PATH | O_RDWR, 0, 0, 24));
  DONE(open2(AT_FDCWD, "file", O_RDONLY, 0, 0x100, 24));
  DONE(open2(AT_FDCWD, "file", O_RDONLY, 0, RESOLVE_BENEATH | RESOLVE_IN_ROOT, 24));
  DONE(open2(AT_FDCWD, ".", O_TMPFILE | O_RDWR, 0600, 0, 24));
  DONE(open2(AT_FDCWD, "/etc/passwd", O_RDONLY, 0, RESOLVE_BENEATH, 24));
  DONE(open2(AT_FDCWD, "..", O_RDONLY, 0, RESOLVE_BENEATH, 24));
  DONE(open2(AT_FDCWD, "link", O_RDONLY, 0, RESOLVE_NO_SYMLINKS, 24));
  DONE(open2(AT_FDCWD, "/proc/self/exe", O_RDONLY, 0, RESOLVE_NO_MAGICLINKS, 24));
  DONE(open2(AT_FDCWD, "/proc/version", O_RDONLY, 0, RESOLVE_NO_XDEV, 24));
  DONE(open2(AT_FDCWD, "file", O_RDONLY, 0, RESOLVE_CACHED, 24));
  DONE(open2(AT_FDCWD, "file", O_RDWR | O_TRUNC, 0, RESOLVE_CACHED, 24));
  DONE(open2(-1, "file", O_RDONLY, 0, 0, 24));
  DONE(open2(AT_FDCWD, none, O_RDONLY, 0, 0, 24));
  DONE(syscall(SYS_openat2, AT_FDCWD, "file", none, 24));
}

static void status2(const char *what, int fd, const char *path, int flags, unsigned mask) {
  struct statx found;
  memset(&found, 0xee, sizeof found);
  long result = syscall(SYS_statx, fd, path, flags, mask, &found);
  if (result < 0) printf("%s: %s\n", what, strerror(errno));
  else printf("%s: basic %d btime %d mnt %d attributes %llx mode %o size %lld dio %d\n", what, (found.stx_mask & STATX_BASIC_STATS) == STATX_BASIC_STATS,
              (found.stx_mask & STATX_BTIME) != 0, (found.stx_mask & 0x5000) != 0, (unsigned long long)found.stx_attributes & 0x2070, found.stx_mode,
              S_ISDIR(found.stx_mode) ? -1 : (long long)found.stx_size, (found.stx_mask & 0x2000) != 0);
}

static void statuses(void) {
  puts("statx");
  int fd = open("file", O_RDONLY), only = open("link", O_PATH | O_NOFOLLOW), ends[2];
  pipe(ends);
  status2("file", AT_FDCWD, "file", 0, STATX_ALL);
  status2("basic", AT_FDCWD, "file", 0, STATX_BASIC_STATS);
  status2("nothing", AT_FDCWD, "file", 0, 0);
  status2("direct", AT_FDCWD, "file", 0, 0x2000);
  status2("link", AT_FDCWD, "link", AT_SYMLINK_NOFOLLOW, STATX_ALL);
  status2("followed", AT_FDCWD, "link", 0, STATX_ALL);
  status2("descriptor", fd, "", AT_EMPTY_PATH, STATX_ALL);
  status2("without the flag", fd, "", 0, STATX_ALL);
  status2("null path", fd, NULL, AT_EMPTY_PATH, STATX_ALL);
  status2("null path without", fd, NULL, 0, STATX_ALL);
  status2("O_PATH", only, "", AT_EMPTY_PATH, STATX_ALL);
  status2("pipe", ends[0], "", AT_EMPTY_PATH, STATX_BASIC_STATS);
  status2("root", AT_FDCWD, "/", 0, STATX_BASIC_STATS);
  status2("proc", AT_FDCWD, "/proc", 0, STATX_BASIC_STATS);
  status2("sync", AT_FDCWD, "file", AT_STATX_FORCE_SYNC, STATX_BASIC_STATS);
  status2("both", AT_FDCWD, "file", AT_STATX_FORCE_SYNC | AT_STATX_DONT_SYNC, STATX_BASIC_STATS);
  status2("reserved", AT_FDCWD, "file", 0, 0x80000000);
  status2("flags", AT_FDCWD, "file", 0x10000, STATX_BASIC_STATS);
  status2("missing", AT_FDCWD, "missing", 0, STATX_BASIC_STATS);
  status2("bad", AT_FDCWD, none, 0, STATX_BASIC_STATS);
  status2("bad descriptor", -1, "x", 0, STATX_BASIC_STATS);
  DONE(syscall(SYS_statx, AT_FDCWD, "file", 0, STATX_ALL, none));
  struct stat found;
  DONE(fstat(-1, &found));
  DONE(syscall(SYS_fstat, fd, none));
  DONE(syscall(SYS_newfstatat, AT_FDCWD, "file", none, 0));
  DONE(syscall(SYS_newfstatat, AT_FDCWD, "file", &found, 0x4));
  DONE(syscall(SYS_newfstatat, fd, "x", &found, 0));
}

static void roots(void) {
  puts("roots");
  mkdir("jail", 0755);
  mkdir("jail/inner", 0755);
  makeFile("jail/file", "", 0644);
  symlink("/file", "jail/absolute");
  symlink("../../../file", "jail/inner/up");
  int outside = open(".", O_RDONLY);
  DONE(chroot("jail"));
  char text[256];
  TELL(syscall(SYS_getcwd, text, sizeof text) > 0);
  printf("%.13s\n", text);
  chdir("/");
  DONE(access("/file", F_OK));
  DONE(access("absolute", F_OK));
  DONE(access("inner/up", F_OK));
  DONE(access("../../../file", F_OK));
  DONE(access("/proc", F_OK));
  TELL(syscall(SYS_getcwd, text, sizeof text));
  DONE(fchdir(outside));
  DONE(access("jail/file", F_OK));
  TELL(syscall(SYS_getcwd, text, sizeof text) > 0);
  printf("%.13s\n", text);
  DONE(chdir("/inner"));
  TELL(syscall(SYS_getcwd, text, sizeof text));
  puts(text);
}

int main(void) {
  begin();
  none = forbidden();
  makeFile("file", "0123456789", 0644);
  symlink("file", "link");
  reading();
  opening();
  statuses();
  asUser(0, roots);
  return 0;
}

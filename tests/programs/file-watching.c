// inotify: what it refuses, and which call is told how.
#include "report.h"
#include <limits.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/xattr.h>
#include <utime.h>

static int fd;
static int names[64];

static void drain(const char *what) {
  static char buffer[65536];
  printf("%s:", what);
  for (;;) {
    int size = read(fd, buffer, sizeof buffer);
    if (size <= 0) break;
    for (int at = 0; at < size;) {
      struct inotify_event *event = (void *)(buffer + at);
      printf(" [%d %x%s%s%s]", event->wd, event->mask, event->cookie ? " cookie" : "", event->len ? " " : "", event->len ? event->name : "");
      at += sizeof *event + event->len;
    }
  }
  puts("");
}

static void *none;

static void refusals(void) {
  static char small[15];
  char *component = calloc(1, 400);
  memset(component, 'c', 300);
  TELL(inotify_init1(0x10));
  TELL(inotify_add_watch(fd, "missing", IN_ALL_EVENTS));
  TELL(inotify_add_watch(fd, "file", 0));
  TELL(inotify_add_watch(fd, "file", 0x10000000 & 0));
  TELL(inotify_add_watch(fd, "file", IN_ONESHOT));
  TELL(inotify_add_watch(fd, "file", IN_MASK_ADD | IN_MASK_CREATE | IN_OPEN));
  TELL(inotify_add_watch(fd, "file", IN_ONLYDIR | IN_OPEN));
  TELL(inotify_add_watch(fd, "link", IN_DONT_FOLLOW | IN_ONLYDIR | IN_OPEN));
  TELL(inotify_add_watch(fd, none, IN_OPEN));
  TELL(inotify_add_watch(fd, "", IN_OPEN));
  TELL(inotify_add_watch(fd, component, IN_OPEN) < 0 ? -1 : 0);
  TELL(inotify_add_watch(-1, "file", IN_OPEN));
  int plain = open("file", O_RDONLY);
  TELL(inotify_add_watch(plain, "file", IN_OPEN));
  TELL(inotify_rm_watch(fd, 77));
  TELL(inotify_rm_watch(plain, 1));
  TELL(inotify_rm_watch(-1, 1));
  close(plain);
  TELL(read(fd, small, 15));
  TELL(write(fd, small, 15));
  TELL(lseek(fd, 0, SEEK_SET));
  int number = -1;
  TELL(ioctl(fd, FIONREAD, &number));
  printf("%d\n", number);
}

static void somebody(void) {
  int mine = inotify_init();
  TELL(inotify_add_watch(mine, "secret", IN_OPEN));
  TELL(inotify_add_watch(mine, "closed/file", IN_OPEN));
  TELL(inotify_add_watch(mine, "file", IN_OPEN));
}

int main(void) {
  begin();
  none = forbidden();
  makeFile("file", "text", 0644);
  makeFile("secret", "text", 0600);
  mkdir("closed", 0700);
  makeFile("closed/file", "text", 0644);
  symlink("file", "link");
  mkdir("dir", 0755);
  fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  refusals();
  TELL(inotify_add_watch(fd, "dir", IN_ALL_EVENTS));
  TELL(inotify_add_watch(fd, "dir", IN_ALL_EVENTS | IN_MASK_CREATE));
  makeFile("dir/a", "text", 0644);
  drain("made");
  int watch = inotify_add_watch(fd, "dir/a", IN_ALL_EVENTS);
  printf("%d\n", watch);
  int file = open("dir/a", O_RDWR);
  drain("opened");
  char buffer[16];
  read(file, buffer, 4);
  drain("read");
  read(file, buffer, 4);
  drain("read at the end");
  read(file, buffer, 0);
  write(file, "", 0);
  drain("nothing");
  pwrite(file, "x", 1, 0);
  drain("written");
  pread(file, buffer, 1, 0);
  drain("pread");
  ftruncate(file, 10);
  drain("ftruncate");
  ftruncate(file, 10);
  drain("ftruncate to the same");
  fchmod(file, 0600);
  drain("fchmod");
  fchown(file, 1, 1);
  drain("fchown");
  fallocate(file, 0, 0, 100);
  drain("fallocate");
  futimens(file, NULL);
  drain("futimens");
  close(dup(file));
  drain("dup");
  char *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  map[0] = 1;
  msync(map, 4096, MS_SYNC);
  munmap(map, 4096);
  drain("mapped");
  setxattr("dir/a", "user.x", "1", 1, 0);
  removexattr("dir/a", "user.x");
  drain("xattr");
  close(file);
  drain("closed");
  truncate("dir/a", 3);
  drain("truncate");
  close(open("dir/a", O_WRONLY | O_TRUNC));
  drain("O_TRUNC of some");
  close(open("dir/a", O_WRONLY | O_TRUNC));
  drain("O_TRUNC of nothing");
  close(open("dir/a", O_PATH));
  drain("O_PATH");
  struct stat found;
  stat("dir/a", &found);
  access("dir/a", R_OK);
  drain("stat");
  struct utimbuf times = {1, 2};
  utime("dir/a", &times);
  drain("utime");
  utime("dir/a", NULL);
  drain("utime now");
  link("dir/a", "dir/b");
  drain("link");
  rename("dir/b", "dir/c");
  drain("rename of the same");
  unlink("dir/c");
  drain("unlink of one");
  rename("dir/a", "dir/d");
  drain("rename");
  rename("dir/d", "out");
  drain("rename out");
  rename("out", "dir/e");
  drain("rename in");
  makeFile("dir/f", "", 0644);
  drain("made");
  rename("dir/f", "dir/e");
  drain("rename over");
  mkdir("dir/sub", 0755);
  drain("mkdir");
  close(open("dir/sub", O_RDONLY));
  drain("open sub");
  int directory = open("dir", O_RDONLY);
  syscall(SYS_getdents64, directory, map = malloc(4096), 4096);
  close(directory);
  drain("getdents");
  mknod("dir/fifo", S_IFIFO | 0644, 0);
  symlink("x", "dir/link");
  readlink("dir/link", buffer, 16);
  drain("fifo and link");
  chmod("dir", 0700);
  drain("chmod of it");
  rmdir("dir/sub");
  drain("rmdir");
  file = open("dir/e", O_RDONLY);
  unlink("dir/e");
  drain("unlink while open");
  close(file);
  drain("close");
  unlink("dir/fifo");
  unlink("dir/link");
  drain("unlink");
  rename("dir", "dir2");
  drain("moved");
  rmdir("dir2");
  drain("gone");
  watch = inotify_add_watch(fd, "file", IN_OPEN | IN_ONESHOT);
  close(open("file", O_RDONLY));
  close(open("file", O_RDONLY));
  drain("once");
  watch = inotify_add_watch(fd, "file", IN_OPEN);
  TELL(inotify_add_watch(fd, "file", IN_CLOSE_NOWRITE | IN_MASK_ADD) == watch);
  close(open("file", O_RDONLY));
  drain("both");
  TELL(inotify_rm_watch(fd, watch));
  drain("removed");
  watch = inotify_add_watch(fd, ".", IN_CREATE | IN_DELETE | IN_EXCL_UNLINK | IN_OPEN);
  file = open("tmp", O_RDWR | O_CREAT, 0644);
  unlink("tmp");
  write(file, "x", 1);
  close(file);
  file = open(".", O_RDWR | O_TMPFILE, 0600);
  linkat(file, "", AT_FDCWD, "named", AT_EMPTY_PATH);
  drain("temporary");
  asUser(1234, somebody);
  return 0;
}

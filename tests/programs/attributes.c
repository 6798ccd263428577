// Extended attributes: name spaces, sizes, replacing and creating, lists; and what else files tell and let be set.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

static void show(const char *what, long result) {
  if (result < 0) printf("%s: %s\n", what, strerror(errno));
  else printf("%s: %ld\n", what, result);
}

static int byText(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static void list(const char *path) {
  char text[1024];
  char *names[16];
  int count = 0;
  long size = listxattr(path, text, sizeof text);
  if (size < 0) {
    show("list", size);
    return;
  }
  for (char *at = text; at < text + size; at += strlen(at) + 1) names[count++] = at;
  qsort(names, count, sizeof *names, byText);
  printf("list %ld:", size);
  for (int i = 0; i < count; i++) printf(" %s", names[i]);
  printf("\n");
}

static void value(const char *path, const char *name) {
  char text[64];
  long size = getxattr(path, name, text, sizeof text);
  if (size < 0) show(name, size);
  else printf("%s = %.*s\n", name, (int)size, text);
}

static void times(const char *path) {
  struct stat status;
  stat(path, &status);
  printf("times %ld.%09ld %ld.%09ld\n", (long)status.st_atim.tv_sec, status.st_atim.tv_nsec, (long)status.st_mtim.tv_sec,
         status.st_mtim.tv_nsec);
}

int main(void) {
  setvbuf(stdout, NULL, _IOFBF, 32768);
  syscall(SYS_close_range, 3, 100, 0);
  chmod(".", 0755);
  int fd = open("file", O_RDWR | O_CREAT, 0644);
  symlink("file", "link");
  symlink("nowhere", "dangling");
  mkdir("directory", 0755);
  list("file");
  show("set", setxattr("file", "user.color", "blue", 4, 0));
  value("file", "user.color");
  value("link", "user.color");
  show("create again", setxattr("file", "user.color", "red", 3, XATTR_CREATE));
  show("replace", setxattr("file", "user.color", "red", 3, XATTR_REPLACE));
  value("file", "user.color");
  show("replace nothing", setxattr("file", "user.size", "1", 1, XATTR_REPLACE));
  show("create", setxattr("file", "user.size", "", 0, XATTR_CREATE));
  value("file", "user.size");
  list("file");
  show("both flags", setxattr("file", "user.size", "1", 1, 3));
  show("unknown flag", setxattr("file", "user.size", "1", 1, 4));
  show("size of the value", getxattr("file", "user.color", NULL, 0));
  char small[2];
  show("small buffer", getxattr("file", "user.color", small, 2));
  show("size of the list", listxattr("file", NULL, 0));
  show("small list", listxattr("file", small, 2));
  show("missing", getxattr("file", "user.none", small, 2));
  show("no name space", setxattr("file", "color", "x", 1, 0));
  show("only a name space", setxattr("file", "user.", "x", 1, 0));
  show("unknown name space", setxattr("file", "other.color", "x", 1, 0));
  show("unknown name space", getxattr("file", "other.color", small, 2));
  show("empty name", setxattr("file", "", "x", 1, 0));
  char name[300] = "user.";
  memset(name + 5, 'n', 250);
  name[255] = 0;
  show("long name", setxattr("file", name, "x", 1, 0));
  name[255] = 'n';
  name[256] = 0;
  show("longer name", setxattr("file", name, "x", 1, 0));
  show("remove the long", removexattr("file", (name[255] = 0, name)));
  static char large[70000];
  show("too large", setxattr("file", "user.large", large, 65537, 0));
  show("bad value", setxattr("file", "user.bad", (void *)8, 4, 0));
  show("bad name", setxattr("file", (void *)8, "x", 1, 0));
  show("trusted", setxattr("file", "trusted.mine", "yes", 3, 0));
  value("file", "trusted.mine");
  show("security", setxattr("file", "security.mine", "yes", 3, 0));
  list("file");
  show("on a directory", setxattr("directory", "user.color", "x", 1, 0));
  show("on a link", lsetxattr("link", "user.color", "x", 1, 0));
  show("trusted on a link", lsetxattr("link", "trusted.color", "x", 1, 0));
  show("through nowhere", setxattr("dangling", "user.color", "x", 1, 0));
  show("nothing", setxattr("none", "user.color", "x", 1, 0));
  show("descriptor", fsetxattr(fd, "user.fd", "3", 1, 0));
  show("descriptor", fgetxattr(fd, "user.fd", small, 2));
  show("list descriptor", flistxattr(fd, NULL, 0));
  show("remove by descriptor", fremovexattr(fd, "user.fd"));
  show("no descriptor", fsetxattr(77, "user.fd", "3", 1, 0));
  show("path descriptor", fsetxattr(open("file", O_PATH), "user.fd", "3", 1, 0));
  show("remove", removexattr("file", "user.color"));
  show("remove again", removexattr("file", "user.color"));
  show("capability", setxattr("file", "security.capability", "x", 1, 0));
  show("on /proc", setxattr("/proc/self/status", "user.x", "x", 1, 0));
  show("list /proc", listxattr("/proc/self/status", NULL, 0));
  link("file", "second");
  show("second name", getxattr("second", "trusted.mine", NULL, 0));
  chmod("file", 0666);
  seteuid(2000);
  list("file");
  value("file", "trusted.mine");
  show("trusted, unprivileged", setxattr("file", "trusted.mine", "no", 2, 0));
  show("security, unprivileged", setxattr("file", "security.mine", "no", 2, 0));
  show("user, writable", setxattr("file", "user.mine", "no", 2, 0));
  seteuid(0);
  chmod("file", 0600);
  seteuid(2000);
  show("user, not writable", setxattr("file", "user.mine", "no", 2, 0));
  show("not readable", getxattr("file", "user.mine", NULL, 0));
  seteuid(0);

  struct timespec both[2] = {{100, 5}, {200, 6}};
  show("times", utimensat(AT_FDCWD, "file", both, 0));
  times("file");
  both[0].tv_nsec = UTIME_OMIT;
  both[1].tv_sec = 300;
  show("omit one", utimensat(AT_FDCWD, "file", both, 0));
  times("file");
  both[1].tv_nsec = UTIME_OMIT;
  show("omit both", utimensat(AT_FDCWD, "file", both, 0));
  show("omit both of nothing", utimensat(AT_FDCWD, "none", both, 0));
  both[1].tv_nsec = 1000000000;
  show("bad nanoseconds", utimensat(AT_FDCWD, "file", both, 0));
  both[0] = (struct timespec){-5, 0};
  both[1] = (struct timespec){0, UTIME_NOW};
  show("before the epoch", utimensat(AT_FDCWD, "file", both, 0));
  struct stat status;
  stat("file", &status);
  printf("%ld now %d\n", (long)status.st_atim.tv_sec, status.st_mtim.tv_sec > 1000000000);
  show("link itself", utimensat(AT_FDCWD, "dangling", NULL, AT_SYMLINK_NOFOLLOW));
  show("through nowhere", utimensat(AT_FDCWD, "dangling", NULL, 0));
  show("descriptor", futimens(fd, NULL));
  show("empty path", syscall(SYS_utimensat, fd, "", NULL, AT_EMPTY_PATH));
  show("bad flag", syscall(SYS_utimensat, AT_FDCWD, "file", NULL, 0x10));
  seteuid(2000);
  show("not mine, now", utimensat(AT_FDCWD, "file", NULL, 0));
  show("not mine, then", utimensat(AT_FDCWD, "file", both, 0));
  show("mode", chmod("file", 0777));
  show("owner", chown("file", 2000, -1));
  seteuid(0);

  unsigned more[64]; // struct statx, which not every library has
  show("statx", syscall(SYS_statx, AT_FDCWD, "file", 0, 0xfff, more));
  printf("mask %#x mode %o links %u size %llu birth %d attributes %#llx\n", more[0] & 0xfff, more[7] & 0xffff, more[4],
         (unsigned long long)more[10], more[20] > 0, (unsigned long long)more[2]);
  show("statx by descriptor", syscall(SYS_statx, fd, "", AT_EMPTY_PATH, 0x7ff, more));
  show("reserved bit", syscall(SYS_statx, AT_FDCWD, "file", 0, 0x80000000, more));
  show("bad flag", syscall(SYS_statx, AT_FDCWD, "file", 0x40, 1, more));
  show("both kinds of sync", syscall(SYS_statx, AT_FDCWD, "file", 0x6000, 1, more));
  show("bad buffer", syscall(SYS_statx, AT_FDCWD, "file", 0, 1, (void *)8));

  show("device", mknod("device", S_IFCHR | 0600, makedev(1, 3)));
  stat("device", &status);
  printf("device %u %u mode %o\n", major(status.st_rdev), minor(status.st_rdev), status.st_mode);
  int null = open("device", O_RDWR);
  show("write to it", write(null, "x", 1));
  show("plain", mknod("plain", 0600, 0));
  show("socket", mknod("socket", S_IFSOCK | 0600, 0));
  show("open the socket", open("socket", O_RDONLY));
  show("directory", mknod("directory2", S_IFDIR | 0700, 0));
  show("strange", mknod("strange", 0130000, 0));
  show("exists", mknod("plain", 0600, 0));
  show("slash", mknod("slash/", 0600, 0));
  seteuid(2000);
  show("unprivileged", mknod("/tmp/tsstrace-device", S_IFCHR | 0600, makedev(1, 3)));
  show("chroot", chroot("/"));
  seteuid(0);
  show("chroot to a file", chroot("file"));
  show("chroot to nothing", chroot("none"));
  show("chroot", chroot("directory"));
  show("nothing there", access("/bin", F_OK));
  return 0;
}

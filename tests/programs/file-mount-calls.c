// The calls that mount in steps, and remounting: each with what it refuses; in a mount namespace of its own.
#include "report.h"
#include <sched.h>
#include <sys/mount.h>
#include <sys/statvfs.h>

static void *none;
#define FSOPEN 430
#define FSCONFIG 431
#define FSMOUNT 432
#define FSPICK 433
#define OPEN_TREE 428
#define MOVE_MOUNT 429
#define MOUNT_SETATTR 442

static long fsopen_(const char *kind, unsigned flags) { return syscall(FSOPEN, kind, flags); }
static long fsconfig_(long fd, unsigned command, const char *key, const void *value, long aux) { return syscall(FSCONFIG, fd, command, key, value, aux); }
static long fsmount_(long fd, unsigned flags, unsigned attributes) { return syscall(FSMOUNT, fd, flags, attributes); }
static long fspick_(long fd, const char *path, unsigned flags) { return syscall(FSPICK, fd, path, flags); }
static long openTree(long fd, const char *path, unsigned flags) { return syscall(OPEN_TREE, fd, path, flags); }
static long moveMount(long from, const char *path, long to, const char *target, unsigned flags) { return syscall(MOVE_MOUNT, from, path, to, target, flags); }
static long setattr_(long fd, const char *path, unsigned flags, unsigned long long set, unsigned long long clear, unsigned long long propagation, size_t size) {
  unsigned long long attributes[5] = {set, clear, propagation, 0, 0};
  return syscall(MOUNT_SETATTR, fd, path, flags, attributes, size);
}

static void opens_(const char *what, long fd) { printf("%s: %s\n", what, fd < 0 ? strerror(errno) : "done"); if (fd >= 0) close(fd); }
#define FD(call) opens_(#call, call)

static void shown(const char *what) {
  FILE *file = fopen("/proc/self/mountinfo", "r");
  static char line[2048];
  printf("%s:", what);
  while (file && fgets(line, sizeof line, file)) {
    char point[512], options[256], rest[1024];
    if (sscanf(line, "%*d %*d %*s %*s %511s %255s %1023[^\n]", point, options, rest) != 3) continue;
    char *name = strrchr(point, '/');
    if (name && (!strcmp(name, "/place") || !strcmp(name, "/second"))) printf(" [%s %s %s]", name, options, strstr(rest, "- ") + 2);
  }
  puts("");
  if (file) fclose(file);
}

static void stepwise(void) {
  FD(fsopen_("tmpfs", 0));
  FD(fsopen_("tmpfs", 1));
  FD(fsopen_("tmpfs", 2));
  FD(fsopen_("nosuch", 0));
  FD(fsopen_("", 0));
  FD(fsopen_(none, 0));
  FD(fsopen_(NULL, 0));
  long fs = fsopen_("tmpfs", 0);
  DONE(fsconfig_(fs, 99, NULL, NULL, 0));
  DONE(fsconfig_(fs, 0, "ro", NULL, 0));
  DONE(fsconfig_(fs, 0, "nonsense", NULL, 0));
  DONE(fsconfig_(fs, 0, NULL, NULL, 0));
  DONE(fsconfig_(fs, 0, "ro", "x", 0));
  DONE(fsconfig_(fs, 1, "size", "1m", 0));
  DONE(fsconfig_(fs, 1, "size", "nonsense", 0));
  DONE(fsconfig_(fs, 1, "size", NULL, 0));
  DONE(fsconfig_(fs, 1, "mode", "755", 0));
  DONE(fsconfig_(fs, 1, "source", "somewhere", 0));
  DONE(fsconfig_(fs, 1, "source", "again", 0));
  DONE(fsconfig_(fs, 1, none, "x", 0));
  DONE(fsconfig_(fs, 1, "size", none, 0));
  DONE(fsconfig_(fs, 2, "size", "x", 1));
  DONE(fsconfig_(fs, 2, "size", "x", 0));
  DONE(fsconfig_(fs, 3, "size", "/", AT_FDCWD));
  DONE(fsconfig_(fs, 5, "size", NULL, 0));
  DONE(fsconfig_(-1, 0, "ro", NULL, 0));
  DONE(fsconfig_(99, 0, "ro", NULL, 0));
  DONE(fsconfig_(0, 0, "ro", NULL, 0));
  FD(fsmount_(fs, 0, 0));
  DONE(fsconfig_(fs, 7, NULL, NULL, 0));
  DONE(fsconfig_(fs, 6, "x", NULL, 0));
  DONE(fsconfig_(fs, 6, NULL, NULL, 0));
  DONE(fsconfig_(fs, 6, NULL, NULL, 0));
  DONE(fsconfig_(fs, 0, "ro", NULL, 0));
  FD(fsmount_(fs, 2, 0));
  FD(fsmount_(fs, 0, 0x80000000));
  FD(fsmount_(fs, 0, 0x70));
  FD(fsmount_(-1, 0, 0));
  FD(fsmount_(0, 0, 0));
  long mounted = fsmount_(fs, 1, 0x2 | 0x8);
  printf("%d\n", fcntl(mounted, F_GETFD));
  FD(fsmount_(fs, 0, 0));
  DONE(moveMount(mounted, "", AT_FDCWD, "place", 0));
  DONE(moveMount(mounted, "", AT_FDCWD, "place", 0x1000));
  DONE(moveMount(mounted, "", AT_FDCWD, "missing", 4));
  DONE(moveMount(mounted, "", AT_FDCWD, "file", 4));
  DONE(moveMount(-1, "", AT_FDCWD, "place", 4));
  DONE(moveMount(AT_FDCWD, "place", AT_FDCWD, "second", 0));
  DONE(moveMount(mounted, "", AT_FDCWD, "place", 4));
  DONE(moveMount(mounted, "", AT_FDCWD, "second", 4));
  shown("mounted");
  close(mounted);
  char text[256];
  TELL(read(fs, text, sizeof text) < 0 ? -1 : 0);
  close(fs);
}

static void trees(void) {
  FD(openTree(AT_FDCWD, "place", 0));
  FD(openTree(AT_FDCWD, "place", 0x10));
  FD(openTree(AT_FDCWD, "missing", 1));
  FD(openTree(AT_FDCWD, "", 1));
  FD(openTree(AT_FDCWD, none, 1));
  FD(openTree(-1, "x", 1));
  FD(openTree(AT_FDCWD, "place", 0x8000));
  FD(openTree(AT_FDCWD, "place", 0x8001));
  long tree = openTree(AT_FDCWD, "second", 1);
  DONE(moveMount(tree, "", AT_FDCWD, "place", 4));
  shown("a copy");
  close(tree);
  DONE(umount("place"));
  puts("mount_setattr");
  DONE(setattr_(AT_FDCWD, "second", 0, 1, 0, 0, 32));
  shown("read-only");
  DONE(setattr_(AT_FDCWD, "second", 0, 0x2, 0x1, 0, 32));
  shown("not any more");
  DONE(setattr_(AT_FDCWD, "second", 0, 0x10, 0, 0, 32));
  DONE(setattr_(AT_FDCWD, "second", 0, 0x10, 0x70, 0, 32));
  shown("noatime");
  DONE(setattr_(AT_FDCWD, "second", 0, 0, 0x10, 0, 32));
  DONE(setattr_(AT_FDCWD, "second", 0, 0x80000000, 0, 0, 32));
  DONE(setattr_(AT_FDCWD, "second", 0, 0, 0, 0, 32));
  DONE(setattr_(AT_FDCWD, "second", 0, 1, 0, 0, 16));
  DONE(setattr_(AT_FDCWD, "second", 0, 1, 0, 0, 40));
  DONE(setattr_(AT_FDCWD, "second", 0, 1, 0, 0, 5000));
  DONE(setattr_(AT_FDCWD, "second", 0x10, 1, 0, 0, 32));
  DONE(setattr_(AT_FDCWD, "second", 0, 0, 0, MS_SHARED | MS_PRIVATE, 32));
  DONE(setattr_(AT_FDCWD, "second", 0, 0, 0, MS_SHARED, 32));
  DONE(setattr_(AT_FDCWD, "second", 0, 0, 0, MS_PRIVATE, 32));
  DONE(setattr_(AT_FDCWD, "file", 0, 1, 0, 0, 32));
  DONE(setattr_(AT_FDCWD, "missing", 0, 1, 0, 0, 32));
  DONE(setattr_(-1, "x", 0, 1, 0, 0, 32));
  int held = open("second/file", O_RDWR | O_CREAT, 0644);
  DONE(setattr_(AT_FDCWD, "second", 0, 1, 0, 0, 32));
  close(held);
  puts("fspick");
  FD(fspick_(AT_FDCWD, "second", 0));
  FD(fspick_(AT_FDCWD, "second", 0x10));
  FD(fspick_(AT_FDCWD, "file", 0));
  FD(fspick_(AT_FDCWD, "missing", 0));
  FD(fspick_(AT_FDCWD, none, 0));
  long fs = fspick_(AT_FDCWD, "second", 0);
  DONE(fsconfig_(fs, 1, "size", "2m", 0));
  DONE(fsconfig_(fs, 6, NULL, NULL, 0));
  DONE(fsconfig_(fs, 7, NULL, NULL, 0));
  shown("reconfigured");
  FD(fsmount_(fs, 0, 0));
  close(fs);
}

static void remounting(void) {
  puts("remounting");
  DONE(mount("none", "place", "tmpfs", MS_NOSUID | MS_NODEV, "size=1m,mode=700"));
  shown("mounted");
  DONE(mount("ignored", "place", "ignored", MS_REMOUNT, NULL));
  shown("flags are gone");
  DONE(mount(NULL, "place", NULL, MS_REMOUNT | MS_NOEXEC | MS_NOATIME, "size=2m"));
  shown("others");
  DONE(mount(NULL, "place", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
  shown("only this mount");
  OPENS(open("place/file", O_RDWR | O_CREAT, 0644));
  DONE(mount("place", "second", NULL, MS_BIND, NULL));
  shown("a bind has the flags");
  DONE(mount(NULL, "second", NULL, MS_REMOUNT | MS_BIND, NULL));
  OPENS(open("second/file", O_RDWR | O_CREAT, 0644));
  OPENS(open("place/file", O_RDWR));
  DONE(mount(NULL, "second", NULL, MS_REMOUNT | MS_RDONLY, NULL));
  shown("all of it");
  OPENS(open("second/file", O_RDWR));
  DONE(mount(NULL, "place", NULL, MS_REMOUNT, "mode=755"));
  DONE(mount(NULL, "place", NULL, MS_REMOUNT, "uid=3"));
  struct stat found;
  stat("place", &found);
  printf("%o %d\n", found.st_mode, found.st_uid);
  DONE(mount(NULL, "place", NULL, MS_REMOUNT, "nosuch"));
  mkdir("place/inner", 0755);
  DONE(mount(NULL, "place/inner", NULL, MS_REMOUNT, NULL));
  DONE(mount(NULL, "file", NULL, MS_REMOUNT, NULL));
  DONE(mount(NULL, "missing", NULL, MS_REMOUNT, NULL));
  DONE(mount(NULL, "/proc", NULL, MS_REMOUNT | MS_BIND | MS_NOSUID, NULL));
  DONE(umount("second"));
  DONE(umount("second"));
  DONE(umount("place"));
}

int main(void) {
  begin();
  none = forbidden();
  DONE(unshare(CLONE_NEWNS));
  DONE(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
  mkdir("place", 0755);
  mkdir("second", 0755);
  makeFile("file", "", 0644);
  stepwise();
  trees();
  remounting();
  return 0;
}

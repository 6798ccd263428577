// Flags of inodes by ioctl, what immutable and append-only files refuse, and ioctls that any file answers or none.
#include "report.h"
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/xattr.h>
#include <termios.h>

static int flags(const char *path, int wanted) {
  int fd = open(path, O_RDONLY), result;
  if (fd < 0) return -1;
  result = ioctl(fd, FS_IOC_SETFLAGS, &wanted);
  close(fd);
  return result;
}

static void shown(const char *path) {
  int fd = open(path, O_RDONLY), seen = -1;
  DONE(ioctl(fd, FS_IOC_GETFLAGS, &seen));
  printf("  %s %x\n", path, seen);
  close(fd);
}

static void attempts(const char *file, const char *directory) {
  char inside[64], fresh[64];
  struct timespec times[2] = {{1, 0}, {2, 0}};
  sprintf(inside, "%s/file", directory);
  sprintf(fresh, "%s/new", directory);
  OPENS(open(file, O_RDONLY));
  OPENS(open(file, O_WRONLY));
  OPENS(open(file, O_WRONLY | O_APPEND));
  OPENS(open(file, O_WRONLY | O_APPEND | O_TRUNC));
  OPENS(open(file, O_RDONLY | O_TRUNC));
  DONE(truncate(file, 0));
  DONE(unlink(file));
  DONE(rename(file, "elsewhere"));
  DONE(rename("spare", file));
  DONE(link(file, "linked"));
  DONE(chmod(file, 0600));
  DONE(chown(file, 0, 0));
  DONE(utimensat(AT_FDCWD, file, NULL, 0));
  DONE(utimensat(AT_FDCWD, file, times, 0));
  DONE(setxattr(file, "user.a", "1", 1, 0));
  DONE(access(file, W_OK));
  OPENS(open(fresh, O_RDWR | O_CREAT, 0644));
  DONE(unlink(inside));
  DONE(unlink(fresh));
  DONE(rename(inside, fresh));
  DONE(mkdir(fresh, 0755));
  DONE(rmdir(directory));
  DONE(chmod(directory, 0755));
  int fd = open(file, O_WRONLY | O_APPEND);
  if (fd < 0) return;
  TELL(write(fd, "x", 1));
  DONE(fcntl(fd, F_SETFL, 0));
  DONE(ftruncate(fd, 0));
  DONE(fallocate(fd, 0, 0, 100));
  DONE(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 100));
  close(fd);
}

static void somebody(void) {
  DONE(flags("mine", FS_IMMUTABLE_FL));
  DONE(flags("mine", FS_APPEND_FL));
  DONE(flags("mine", FS_NODUMP_FL));
  DONE(flags("file", FS_NODUMP_FL));
  shown("mine");
}

static void any(void) {
  puts("of any kind");
  int number = 0, ends[2];
  int files[5] = {open("spare", O_RDWR), open(".", O_RDONLY), open("/dev/null", O_RDWR), -1, open("spare", O_PATH)};
  pipe(ends);
  files[3] = ends[0];
  struct termios terminal;
  for (int i = 0; i < 5; i++) {
    int fd = files[i];
    printf("file %d\n", i);
    DONE(ioctl(fd, TCGETS, &terminal));
    DONE(ioctl(fd, FIONREAD, &number));
    DONE(ioctl(fd, FIGETBSZ, &number));
    DONE(ioctl(fd, FIONBIO, (void *)1));
    DONE(ioctl(fd, FIONBIO, &number));
    DONE(ioctl(fd, FIOASYNC, &number));
    DONE(ioctl(fd, FIOCLEX, 0));
    printf("%d\n", fcntl(fd, F_GETFD));
    DONE(ioctl(fd, FIONCLEX, 0));
    DONE(ioctl(fd, FIOQSIZE, &terminal));
    DONE(ioctl(fd, FS_IOC_GETFLAGS, (void *)1));
    DONE(ioctl(fd, 0x12345678, 0));
    DONE(ioctl(fd, FICLONE, files[0]));
    DONE(ioctl(fd, FICLONE, -1));
    DONE(ioctl(fd, FIDEDUPERANGE, (void *)1));
  }
  DONE(ioctl(-1, TCGETS, &terminal));
  DONE(ioctl(files[0], FIONREAD, (void *)1));
}

struct extended { unsigned long long flags; unsigned more[4]; };

/** Each of file_setattr's flags by itself, and what it is called elsewhere. */
static void extended(const char *what, int fd) {
  printf("%s\n", what);
  for (int bit = -1; bit < 17; bit++) {
    static struct extended wanted, seen;
    struct fsxattr old = {0};
    int own = -1;
    wanted.flags = bit < 0 ? 0 : 1ULL << bit;
    long result = syscall(469, fd, "", &wanted, 24L, (long)AT_EMPTY_PATH);
    printf("  %d: %s", bit, result < 0 ? strerror(errno) : "done");
    syscall(468, fd, "", &seen, 24L, (long)AT_EMPTY_PATH);
    ioctl(fd, FS_IOC_GETFLAGS, &own);
    ioctl(fd, FS_IOC_FSGETXATTR, &old);
    printf(", %llx %x %x\n", seen.flags, own, old.fsx_xflags);
  }
  static struct extended none;
  syscall(469, fd, "", &none, 24L, (long)AT_EMPTY_PATH);
}

int main(void) {
  begin();
  makeFile("file", "text", 0644);
  makeFile("spare", "text", 0644);
  makeFile("mine", "", 0644);
  chown("mine", 1234, 1234);
  mkdir("directory", 0755);
  makeFile("directory/file", "", 0644);
  shown("file");
  shown("directory");
  shown("/proc/version");
  DONE(flags("file", FS_IMMUTABLE_FL));
  DONE(flags("directory", FS_IMMUTABLE_FL));
  shown("file");
  puts("immutable");
  attempts("file", "directory");
  DONE(flags("file", FS_APPEND_FL));
  DONE(flags("directory", FS_APPEND_FL));
  puts("append-only");
  attempts("file", "directory");
  unsigned char seen[256];
  DONE(syscall(SYS_statx, AT_FDCWD, "file", 0, 0x7ff, seen));
  printf("%x\n", seen[8]);
  DONE(flags("file", FS_NODUMP_FL | FS_NOATIME_FL | FS_SYNC_FL));
  DONE(flags("directory", 0));
  shown("file");
  DONE(flags("file", 0x80000000));
  DONE(flags("file", 0));
  asUser(1234, somebody);
  extended("a file", open("spare", O_RDONLY));
  extended("a directory", open("directory", O_RDONLY));
  extended("memory", syscall(SYS_memfd_create, "m", 0));
  any();
  return 0;
}

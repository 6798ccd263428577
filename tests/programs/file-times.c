// Which times a call moves: of the file, and of the directory it is in. And what else stat tells: blocks, links, sizes.
#include "report.h"
#include <dirent.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <time.h>

static struct stat before[3];
static const char *paths[3];

static void remember(const char *file, const char *directory, const char *other) {
  struct timespec past[2] = {{1000000, 0}, {1000000, 0}};
  paths[0] = file, paths[1] = directory, paths[2] = other;
  for (int i = 0; i < 3; i++) {
    if (!paths[i]) continue;
    utimensat(AT_FDCWD, paths[i], past, AT_SYMLINK_NOFOLLOW);
    if (lstat(paths[i], &before[i]) < 0) memset(&before[i], 0, sizeof before[i]);
  }
  struct timespec nap = {0, 12000000};
  nanosleep(&nap, NULL);
}

static int differs(struct timespec one, struct timespec other) { return one.tv_sec != other.tv_sec || one.tv_nsec != other.tv_nsec; }

static void moved(const char *what) {
  printf("%s:", what);
  for (int i = 0; i < 3; i++) {
    struct stat now;
    if (!paths[i]) continue;
    if (lstat(paths[i], &now) < 0) {
      printf(" (gone)");
      continue;
    }
    printf(" %s%s%s%s", i == 0 ? "file" : i == 1 ? "dir" : "other", differs(now.st_atim, before[i].st_atim) ? " a" : "",
           differs(now.st_mtim, before[i].st_mtim) ? " m" : "", differs(now.st_ctim, before[i].st_ctim) ? " c" : "");
  }
  puts("");
}

static void told(const char *path) {
  struct stat found;
  stat(path, &found);
  printf("  %s size %ld blocks %ld blksize %ld links %ld\n", path, (long)found.st_size, (long)found.st_blocks, (long)found.st_blksize, (long)found.st_nlink);
}

#define CHECK(call) (remember("d/file", "d", NULL), (void)(call), moved(#call))

int main(void) {
  begin();
  char c[16] = "0123456789";
  mkdir("d", 0755);
  mkdir("e", 0755);
  makeFile("d/file", "0123456789", 0644);
  int fd = open("d/file", O_RDWR), other = open("e/source", O_RDWR | O_CREAT, 0644), append = open("d/file", O_WRONLY | O_APPEND);
  write(other, "0123456789", 10);
  struct iovec part = {c, 2};
  struct timespec set[2] = {{5, 0}, {6, 0}}, omit[2] = {{0, UTIME_OMIT}, {0, UTIME_NOW}};
  CHECK(close(open("d/file", O_RDONLY)));
  CHECK(close(open("d/file", O_RDWR)));
  CHECK(pread(fd, c, 2, 0));
  CHECK(pread(fd, c, 0, 0));
  CHECK(pread(fd, c, 2, 100));
  CHECK(preadv(fd, &part, 1, 0));
  CHECK(pwrite(fd, c, 2, 0));
  CHECK(pwrite(fd, c, 0, 0));
  CHECK(write(append, c, 1));
  CHECK(ftruncate(fd, 5));
  CHECK(ftruncate(fd, 5));
  CHECK(truncate("d/file", 5));
  CHECK(truncate("d/file", 7));
  CHECK(close(open("d/file", O_WRONLY | O_TRUNC)));
  CHECK(close(open("d/file", O_WRONLY | O_TRUNC)));
  CHECK(fallocate(fd, 0, 0, 100));
  CHECK(fallocate(fd, 0, 0, 100));
  CHECK(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 10000));
  CHECK(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096));
  CHECK(chmod("d/file", 0600));
  CHECK(chmod("d/file", 0600));
  CHECK(chown("d/file", 0, 0));
  CHECK(chown("d/file", -1, -1));
  CHECK(utimensat(AT_FDCWD, "d/file", set, 0));
  CHECK(utimensat(AT_FDCWD, "d/file", omit, 0));
  CHECK(utimensat(AT_FDCWD, "d/file", NULL, 0));
  CHECK(setxattr("d/file", "user.a", "1", 1, 0));
  CHECK(getxattr("d/file", "user.a", c, 10));
  CHECK(removexattr("d/file", "user.a"));
  CHECK(link("d/file", "d/link"));
  CHECK(link("d/file", "d/link"));
  CHECK(unlink("d/link"));
  CHECK(rename("d/file", "d/new"));
  rename("d/new", "d/file");
  CHECK(rename("d/file", "d/file"));
  CHECK(symlink("file", "d/sym"));
  CHECK(readlink("d/sym", c, 10));
  CHECK(mkdir("d/sub", 0755));
  CHECK(rmdir("d/sub"));
  CHECK(close(open("d/created", O_RDWR | O_CREAT, 0644)));
  CHECK(close(open("d/created", O_RDWR | O_CREAT, 0644)));
  CHECK(mknod("d/fifo", S_IFIFO | 0644, 0));
  CHECK(close(open("d", O_RDWR | O_TMPFILE, 0600)));
  CHECK(sendfile(fd, other, NULL, 3));
  lseek(other, 0, SEEK_SET);
  CHECK(syscall(SYS_copy_file_range, other, NULL, fd, NULL, 3, 0));
  CHECK(access("d/file", R_OK));
  char *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  CHECK(map[0] = 1);
  CHECK(msync(map, 4096, MS_SYNC));
  munmap(map, 4096);
  DIR *directory = opendir("d");
  CHECK(readdir(directory));
  closedir(directory);
  remember("d/sym", "d", NULL);
  readlink("d/sym", c, 10);
  moved("readlink");
  remember("d/sym", "d", NULL);
  close(open("d/sym", O_RDONLY));
  moved("through a link");
  remember("d/file", "d", "e");
  rename("d/file", "e/file");
  moved("rename to another directory");
  remember("e/file", "e", "d");
  moved("nothing");
  mkdir("d/moving", 0755);
  remember("d/moving", "d", "e");
  rename("d/moving", "e/moving");
  moved("rename of a directory");
  makeFile("e/victim", "", 0644);
  link("e/victim", "e/kept");
  remember("e/kept", "e", "e/file");
  rename("e/file", "e/victim");
  moved("rename over another");
  remember("d/created", "d", "e/victim");
  syscall(SYS_renameat2, AT_FDCWD, "d/created", AT_FDCWD, "e/victim", 2);
  moved("exchange");
  puts("told");
  told("d");
  told("e");
  int sizes[] = {0, 1, 511, 512, 4095, 4096, 4097, 8192, 100000};
  static char data[100000];
  for (int i = 0; i < 9; i++) {
    int file = open("sized", O_RDWR | O_CREAT | O_TRUNC, 0644);
    memset(data, 'x', sizeof data);
    write(file, data, sizes[i]);
    fsync(file);
    told("sized");
    close(file);
  }
  truncate("sized", 10);
  told("sized");
  int file = open("sized", O_RDWR);
  pwrite(file, "x", 1, 1 << 20);
  fsync(file);
  told("sized");
  ftruncate(file, 0);
  told("sized");
  for (int i = 0; i < 3; i++) {
    sprintf(c, "d/n%d", i);
    mkdir(c, 0755);
    told("d");
  }
  rmdir("d/n0");
  told("d");
  struct stat one, same;
  mkdir("d/inner", 0755);
  stat("d", &one);
  stat("d/inner/..", &same);
  printf("%d %d\n", one.st_ino == same.st_ino, one.st_dev == same.st_dev);
  return 0;
}

// The space of files: holes, ranges set aside, taken out and put in, data sought; advice and synchronisation; reads and writes with flags.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define KEEP 1
#define PUNCH 2
#define COLLAPSE 8
#define ZERO 16
#define INSERT 32

static void show(const char *what, long result) {
  if (result < 0) printf("%s: %s\n", what, strerror(errno));
  else printf("%s: %ld\n", what, result);
}

static void size(int fd) {
  struct stat status;
  fstat(fd, &status);
  printf("size %ld blocks %ld\n", (long)status.st_size, (long)status.st_blocks);
}

static void map(int fd) {
  long at = 0;
  while ((at = lseek(fd, at, SEEK_DATA)) >= 0) {
    long end = lseek(fd, at, SEEK_HOLE);
    printf("data %ld-%ld\n", at, end);
    at = end;
  }
  printf("then %s\n", strerror(errno));
}

static void bytes(int fd, long at) {
  char text[9] = "";
  long count = pread(fd, text, 8, at);
  printf("at %ld: %ld", at, count);
  for (int i = 0; i < count; i++) printf(" %d", text[i]);
  printf("\n");
}

static long with(int fd, int write, const char *text, long offset, int flags) {
  char buffer[16];
  strcpy(buffer, text);
  struct iovec vector = {buffer, strlen(text)};
  return syscall(write ? SYS_pwritev2 : SYS_preadv2, fd, &vector, 1L, offset, 0L, (long)flags);
}

int main(void) {
  setvbuf(stdout, NULL, _IOFBF, 16384);
  syscall(SYS_close_range, 3, 100, 0);
  char page[4096];
  int fd = open("sparse", O_RDWR | O_CREAT | O_TRUNC, 0644);
  size(fd);
  map(fd);
  memset(page, 1, sizeof page);
  pwrite(fd, page, sizeof page, 0);
  memset(page, 2, sizeof page);
  pwrite(fd, page, sizeof page, 81920);
  memset(page, 3, sizeof page);
  pwrite(fd, page, sizeof page, 1048576);
  fsync(fd);
  size(fd);
  map(fd);
  show("hole in a hole", lseek(fd, 5000, SEEK_HOLE));
  show("data in data", lseek(fd, 100, SEEK_DATA));
  show("data beyond", lseek(fd, 2000000, SEEK_DATA));
  show("hole beyond", lseek(fd, 2000000, SEEK_HOLE));
  show("negative", lseek(fd, -1, SEEK_DATA));
  bytes(fd, 4092);
  bytes(fd, 500000);
  show("grow", ftruncate(fd, 2000000));
  fsync(fd);
  size(fd);
  map(fd);
  show("shrink", ftruncate(fd, 82000));
  show("grow again", ftruncate(fd, 90000));
  bytes(fd, 81996);
  fsync(fd);
  size(fd);

  show("punch", fallocate(fd, PUNCH | KEEP, 81920, 4096));
  bytes(fd, 81920);
  fsync(fd);
  size(fd);
  show("punch parts", fallocate(fd, PUNCH | KEEP, 100, 200));
  bytes(fd, 96);
  bytes(fd, 296);
  map(fd);
  show("punch beyond", fallocate(fd, PUNCH | KEEP, 1000000, 4096));
  show("punch without keeping", fallocate(fd, PUNCH, 0, 4096));
  show("keep size", fallocate(fd, KEEP, 100000, 100000));
  struct stat status;
  fstat(fd, &status);
  printf("size %ld more blocks %d\n", (long)status.st_size, status.st_blocks > 100);
  show("allocate", fallocate(fd, 0, 0, 200000));
  fstat(fd, &status);
  printf("size %ld\n", (long)status.st_size);
  show("zero", fallocate(fd, ZERO, 0, 50));
  bytes(fd, 48);
  show("zero, longer", fallocate(fd, ZERO, 200000, 1024));
  fstat(fd, &status);
  printf("size %ld\n", (long)status.st_size);
  show("zero, keep", fallocate(fd, ZERO | KEEP, 300000, 1024));
  show("negative", fallocate(fd, 0, -1, 10));
  show("nothing", fallocate(fd, 0, 0, 0));
  show("unknown mode", fallocate(fd, 0x1000, 0, 10));
  show("two modes", fallocate(fd, ZERO | PUNCH | KEEP, 0, 10));
  show("too far", fallocate(fd, 0, 0x7fffffffffff0000, 10));
  show("read only", fallocate(open("sparse", O_RDONLY), 0, 0, 10));
  show("directory", fallocate(open(".", O_RDONLY), 0, 0, 10));
  int ends[2];
  pipe(ends);
  show("pipe", fallocate(ends[1], 0, 0, 10));
  show("device", fallocate(open("/dev/null", O_RDWR), 0, 0, 10));

  syscall(SYS_close_range, 5, 100, 0);
  fd = open("ranges", O_RDWR | O_CREAT | O_TRUNC, 0644);
  for (int i = 0; i < 5; i++) {
    memset(page, 10 + i, sizeof page);
    write(fd, page, sizeof page);
  }
  show("collapse", fallocate(fd, COLLAPSE, 4096, 8192));
  fstat(fd, &status);
  printf("size %ld\n", (long)status.st_size);
  bytes(fd, 4092);
  show("insert", fallocate(fd, INSERT, 4096, 4096));
  fstat(fd, &status);
  printf("size %ld\n", (long)status.st_size);
  bytes(fd, 4092);
  bytes(fd, 8188);
  map(fd);
  show("unaligned", fallocate(fd, COLLAPSE, 100, 4096));
  show("all of it", fallocate(fd, COLLAPSE, 0, 16384));
  show("insert at the end", fallocate(fd, INSERT, 16384, 4096));
  show("keep", fallocate(fd, INSERT | KEEP, 0, 4096));

  show("advice", posix_fadvise(fd, 0, 0, POSIX_FADV_WILLNEED));
  printf("bad advice %s\n", strerror(posix_fadvise(fd, 0, 0, 99)));
  printf("advice on a pipe %s\n", strerror(posix_fadvise(ends[0], 0, 0, 0)));
  printf("advice on nothing %s\n", strerror(posix_fadvise(77, 0, 0, 0)));
  show("read ahead", readahead(fd, 0, 4096));
  show("read ahead a pipe", readahead(ends[0], 0, 4096));
  show("read ahead, write only", readahead(ends[1], 0, 4096));
  show("sync range", sync_file_range(fd, 0, 4096, 7));
  show("bad flags", sync_file_range(fd, 0, 4096, 8));
  show("negative", sync_file_range(fd, -1, 4096, 0));
  show("sync range of a pipe", sync_file_range(ends[0], 0, 0, 0));
  show("syncfs", syncfs(fd));
  show("syncfs of nothing", syncfs(77));
  show("fsync of a pipe", fsync(ends[0]));

  show("plain", with(fd, 1, "hello", 0, 0));
  show("in order", with(fd, 1, "hello", -1, 2 | 4));
  show("position", lseek(fd, 0, SEEK_CUR));
  show("append", with(fd, 1, "end", 0, 0x10));
  fstat(fd, &status);
  printf("size %ld\n", (long)status.st_size);
  show("priority", with(fd, 0, "hello", 0, 1));
  show("no wait", with(fd, 0, "hello", 0, 8));
  show("unknown flag", with(fd, 0, "hello", 0, 0x10000));
  show("atomic", with(fd, 1, "hello", 0, 0x40));
  show("both", with(fd, 1, "hello", 0, 0x30));
  int appending = open("ranges", O_WRONLY | O_APPEND);
  show("no append", with(appending, 1, "x", 0, 0x20));
  fstat(fd, &status);
  printf("size %ld\n", (long)status.st_size);
  show("empty pipe", with(ends[0], 0, "x", -1, 8));
  show("pipe", with(ends[1], 1, "x", -1, 0));
  show("full pipe", with(ends[0], 0, "x", -1, 8));
  show("pipe with a position", with(ends[0], 0, "x", 0, 0));
  show("negative position", with(fd, 0, "x", -2, 0));

  signal(SIGXFSZ, SIG_IGN);
  struct rlimit limit = {100000, 100000};
  setrlimit(RLIMIT_FSIZE, &limit);
  show("truncate to the limit", ftruncate(fd, 100000));
  show("beyond", ftruncate(fd, 100001));
  show("allocate beyond", fallocate(fd, 0, 0, 100001));
  show("write beyond", pwrite(fd, "xy", 2, 99999));
  show("truncate a directory", truncate(".", 0));
  show("truncate nothing", truncate("nothing", 0));
  show("negative size", truncate("ranges", -1));
  show("truncate, read only", ftruncate(open("ranges", O_RDONLY), 0));
  return 0;
}

// Sizes and positions: limits with SIGXFSZ, big files, holes, truncating, allocating, vectors, and arguments that are out of range.
#define _FILE_OFFSET_BITS 64
#include "report.h"
#include <limits.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <sys/resource.h>
#include <sys/uio.h>
#ifndef RWF_NOWAIT
#define RWF_NOWAIT 8
#endif
#ifndef RWF_APPEND
#define RWF_APPEND 0x10
#endif

/** musl has neither. */
static long readsv(int fd, struct iovec *parts, int count, long at, int flags) { return syscall(SYS_preadv2, fd, parts, count, at, at >> 31, flags); }
static long writesv(int fd, struct iovec *parts, int count, long at, int flags) { return syscall(SYS_pwritev2, fd, parts, count, at, at >> 31, flags); }

static void onSignal(int number) { printf("signal %d\n", number); }

static void *none;

static void limits(void) {
  puts("limits");
  signal(SIGXFSZ, onSignal);
  struct rlimit limit = {990, RLIM_INFINITY};
  int fd = open("limited", O_RDWR | O_CREAT | O_TRUNC, 0644);
  static char buffer[3000];
  setrlimit(RLIMIT_FSIZE, &limit);
  TELL(write(fd, buffer, 900));
  TELL(write(fd, buffer, 900));
  TELL(write(fd, buffer, 900));
  TELL(write(fd, buffer, 0));
  TELL(pwrite(fd, buffer, 10, 989));
  TELL(pwrite(fd, buffer, 10, 990));
  TELL(pwrite(fd, buffer, 10, 5000));
  TELL(lseek(fd, 2000, SEEK_SET));
  TELL(write(fd, buffer, 1));
  DONE(ftruncate(fd, 990));
  DONE(ftruncate(fd, 991));
  DONE(truncate("limited", 2000));
  DONE(fallocate(fd, 0, 0, 990));
  DONE(fallocate(fd, 0, 0, 991));
  DONE(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 5000));
  struct iovec parts[2] = {{buffer, 600}, {buffer, 600}};
  lseek(fd, 0, SEEK_SET);
  TELL(writev(fd, parts, 2));
  TELL(writev(fd, parts, 2));
  struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};
  setrlimit(RLIMIT_FSIZE, &none);
  ftruncate(fd, 5000);
  setrlimit(RLIMIT_FSIZE, &limit);
  TELL(pwrite(fd, buffer, 10, 2000));
  DONE(ftruncate(fd, 4000));
  DONE(ftruncate(fd, 6000));
  signal(SIGXFSZ, SIG_IGN);
  TELL(pwrite(fd, buffer, 10, 2000));
  DONE(ftruncate(fd, 6000));
  int from = open("/dev/zero", O_RDONLY);
  TELL(syscall(SYS_copy_file_range, from, NULL, fd, NULL, 100, 0));
  close(from);
  limit.rlim_cur = RLIM_INFINITY;
  setrlimit(RLIMIT_FSIZE, &limit);
}

static void killed(void) {
  struct rlimit limit = {990, RLIM_INFINITY};
  int fd = open("limited", O_RDWR);
  setrlimit(RLIMIT_FSIZE, &limit);
  pwrite(fd, "x", 1, 2000);
}

static void positions(void) {
  puts("positions");
  int fd = open("holes", O_RDWR | O_CREAT | O_TRUNC, 0644);
  TELL(lseek(fd, -1, SEEK_SET));
  TELL(lseek(fd, 10, SEEK_CUR));
  TELL(lseek(fd, -11, SEEK_CUR));
  TELL(lseek(fd, 0, SEEK_END));
  TELL(lseek(fd, LLONG_MAX, SEEK_SET) > 0);
  TELL(lseek(fd, 0, 5));
  TELL(lseek(fd, 0, -1));
  TELL(lseek(-1, 0, SEEK_SET));
  TELL(lseek(fd, 0, SEEK_DATA));
  TELL(lseek(fd, 0, SEEK_HOLE));
  pwrite(fd, "a", 1, 0);
  pwrite(fd, "b", 1, 1 << 20);
  TELL(lseek(fd, 0, SEEK_DATA));
  TELL(lseek(fd, 0, SEEK_HOLE));
  TELL(lseek(fd, 5000, SEEK_DATA));
  TELL(lseek(fd, 5000, SEEK_HOLE));
  TELL(lseek(fd, 1 << 20, SEEK_HOLE));
  TELL(lseek(fd, 2 << 20, SEEK_DATA));
  TELL(lseek(fd, 2 << 20, SEEK_HOLE));
  TELL(lseek(fd, -1, SEEK_DATA));
  DONE(ftruncate(fd, 4 << 20));
  TELL(lseek(fd, 2 << 20, SEEK_DATA));
  TELL(lseek(fd, 2 << 20, SEEK_HOLE));
  close(fd);
  int pipes[2];
  pipe(pipes);
  TELL(lseek(pipes[0], 0, SEEK_CUR));
  TELL(lseek(pipes[1], 0, SEEK_DATA));
  char c;
  TELL(pread(pipes[0], &c, 1, 0));
  TELL(pwrite(pipes[1], &c, 1, 0));
  TELL(ftruncate(pipes[1], 0));
  TELL(fallocate(pipes[1], 0, 0, 1));
  fd = open("/dev/null", O_RDWR);
  TELL(lseek(fd, 100, SEEK_SET));
  TELL(lseek(fd, 5, SEEK_END));
  TELL(ftruncate(fd, 0));
  TELL(fallocate(fd, 0, 0, 1));
  close(fd);
  fd = open(".", O_RDONLY);
  TELL(read(fd, &c, 1));
  TELL(pread(fd, &c, 1, 0));
  TELL(write(fd, &c, 1));
  TELL(ftruncate(fd, 0));
  TELL(fallocate(fd, 0, 0, 1));
  TELL(truncate(".", 0));
  TELL(truncate("/dev/null", 0));
  TELL(lseek(fd, 0, SEEK_SET));
  close(fd);
}

static void big(void) {
  puts("big");
  int fd = open("big", O_RDWR | O_CREAT | O_TRUNC, 0644);
  off_t at = 5LL << 30;
  struct stat found;
  char c = 0;
  DONE(ftruncate(fd, at));
  fstat(fd, &found);
  printf("%lld\n", (long long)found.st_size);
  TELL(pwrite(fd, "z", 1, at));
  TELL(pread(fd, &c, 1, at));
  printf("%c %lld\n", c, (long long)lseek(fd, 0, SEEK_END));
  printf("%lld\n", (long long)lseek(fd, 990, SEEK_DATA));
  DONE(ftruncate(fd, -1));
  DONE(truncate("big", -1));
  DONE(ftruncate(fd, 1LL << 45));
  DONE(ftruncate(fd, LLONG_MAX));
  TELL(pwrite(fd, "z", 1, 1LL << 45));
  TELL(pwrite(fd, "z", 1, LLONG_MAX));
  TELL(pwrite(fd, "z", 1, -1));
  TELL(pread(fd, &c, 1, -1));
  TELL(pread(fd, &c, 1, LLONG_MAX));
  TELL(fallocate(fd, 0, 1LL << 45, 10));
  TELL(fallocate(fd, 0, LLONG_MAX, 10));
  TELL(fallocate(fd, 0, -1, 10));
  TELL(fallocate(fd, 0, 0, 0));
  TELL(fallocate(fd, 0, 0, -1));
  TELL(fallocate(fd, 0x1000, 0, 1));
  TELL(fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, 4096));
  TELL(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096));
  TELL(fallocate(fd, FALLOC_FL_COLLAPSE_RANGE | FALLOC_FL_KEEP_SIZE, 0, 4096));
  TELL(fallocate(fd, FALLOC_FL_COLLAPSE_RANGE, 0, 100));
  TELL(fallocate(fd, FALLOC_FL_COLLAPSE_RANGE, 0, 6LL << 30));
  TELL(fallocate(fd, FALLOC_FL_INSERT_RANGE, 0, 100));
  TELL(fallocate(fd, FALLOC_FL_INSERT_RANGE | FALLOC_FL_ZERO_RANGE, 0, 4096));
  TELL(fallocate(fd, FALLOC_FL_INSERT_RANGE, 6LL << 30, 4096));
  TELL(fallocate(fd, FALLOC_FL_UNSHARE_RANGE, 0, 4096));
  TELL(fallocate(-1, 0, 0, 1));
  close(fd);
  fd = open("big", O_RDONLY);
  TELL(fallocate(fd, 0, 0, 1));
  DONE(ftruncate(fd, 0));
  TELL(write(fd, "x", 1));
  close(fd);
  fd = open("big", O_WRONLY);
  TELL(read(fd, &c, 1));
  TELL(pread(fd, &c, 1, 0));
  close(fd);
  fd = open("big", O_PATH);
  TELL(read(fd, &c, 1));
  TELL(write(fd, &c, 1));
  TELL(lseek(fd, 0, SEEK_SET));
  DONE(ftruncate(fd, 0));
  DONE(fsync(fd));
  close(fd);
  unlink("big");
}

static void vectors(void) {
  puts("vectors");
  int fd = open("vectors", O_RDWR | O_CREAT | O_TRUNC, 0644);
  static char text[100] = "0123456789", buffer[100];
  static struct iovec many[1025];
  for (int i = 0; i < 1025; i++) many[i] = (struct iovec){text, i < 10 ? 1 : 0};
  TELL(writev(fd, many, 1024));
  TELL(writev(fd, many, 1025));
  TELL(writev(fd, many, -1));
  TELL(writev(fd, many, 0));
  TELL(writev(fd, NULL, 1));
  TELL(writev(fd, NULL, 0));
  TELL(readv(fd, (void *)1, 1));
  struct iovec negative[2] = {{text, 1}, {text, (size_t)-1}}, bad[2] = {{text, 5}, {none, 5}}, worse[2] = {{none, 5}, {text, 5}},
               sum[2] = {{text, SSIZE_MAX}, {text, SSIZE_MAX}}, zero[2] = {{none, 0}, {text, 3}};
  TELL(writev(fd, negative, 2));
  TELL(writev(fd, bad, 2));
  TELL(writev(fd, worse, 2));
  TELL(writev(fd, zero, 2));
  TELL(lseek(fd, 0, SEEK_CUR));
  TELL(writev(-1, NULL, 1));
  TELL(pwritev(fd, many, 10, 5));
  TELL(pwritev(fd, many, 10, -2));
  TELL(preadv(fd, many, 10, -2));
  TELL(preadv(fd, many, 1025, 0));
  struct iovec into[2] = {{buffer, 4}, {buffer + 4, 4}};
  TELL(preadv(fd, into, 2, 2));
  printf("%.8s\n", buffer);
  TELL(readsv(fd, into, 2, -1, 0));
  TELL(lseek(fd, 0, SEEK_SET));
  TELL(readsv(fd, into, 2, -1, 0));
  TELL(lseek(fd, 0, SEEK_CUR));
  TELL(readsv(fd, into, 2, 0, 0x8000));
  TELL(readsv(fd, into, 2, 0, RWF_APPEND));
  TELL(writesv(fd, into, 2, 0, RWF_APPEND));
  TELL(lseek(fd, 0, SEEK_CUR));
  TELL(lseek(fd, 0, SEEK_END));
  TELL(writesv(fd, into, 2, 0, RWF_SYNC | RWF_DSYNC));
  TELL(writesv(fd, into, 2, 0, 0x4000));
  TELL(readsv(fd, into, 2, 0, RWF_HIPRI));
  TELL(readsv(fd, into, 2, 0, RWF_NOWAIT));
  TELL(read(fd, none, 10));
  lseek(fd, 0, SEEK_SET);
  TELL(read(fd, none, 10));
  TELL(read(fd, NULL, 10));
  TELL(read(fd, none, 0));
  TELL(read(fd, (void *)-4096L, 10));
  TELL(write(fd, none, 10));
  TELL(write(fd, NULL, 10));
  TELL(write(fd, none, 0));
  TELL(read(fd, buffer, (size_t)-1));
  TELL(read(-1, none, 10));
  TELL(write(99, none, 10));
  TELL(read(-1, none, 0));
  close(fd);
  // half of a buffer that ends in forbidden land
  char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  mprotect(page + 4096, 4096, PROT_NONE);
  fd = open("edge", O_RDWR | O_CREAT | O_TRUNC, 0644);
  memset(page, 'p', 4096);
  TELL(write(fd, page + 4000, 200));
  TELL(pread(fd, page + 4090, 90, 0));
  TELL(lseek(fd, 0, SEEK_END));
  int pipes[2];
  pipe(pipes);
  TELL(write(pipes[1], page + 4000, 200));
  TELL(write(pipes[1], "0123456789", 10));
  TELL(read(pipes[0], page + 4090, 90));
  TELL(read(pipes[0], buffer, 90));
}

static void direct(void) {
  puts("append and direct");
  int fd = open("appended", O_RDWR | O_CREAT | O_TRUNC | O_APPEND, 0644);
  write(fd, "abc", 3);
  lseek(fd, 0, SEEK_SET);
  write(fd, "def", 3);
  TELL(lseek(fd, 0, SEEK_CUR));
  TELL(pwrite(fd, "X", 1, 0));
  char buffer[16] = "";
  TELL(pread(fd, buffer, 15, 0));
  puts(buffer);
  TELL(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 1));
  DONE(ftruncate(fd, 2));
  TELL(write(fd, "Z", 1));
  close(fd);
  fd = open("direct", O_RDWR | O_CREAT | O_TRUNC | O_DIRECT, 0644);
  char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  TELL(write(fd, page, 4096));
  TELL(write(fd, page + 1, 4096));
  TELL(write(fd, page, 100));
  TELL(pwrite(fd, page, 4096, 100));
  TELL(pread(fd, page, 4096, 0));
  TELL(pread(fd, page + 1, 4096, 0));
  TELL(pread(fd, page, 100, 0));
  TELL(lseek(fd, 0, SEEK_END));
}

int main(void) {
  begin();
  none = forbidden();
  positions();
  big();
  vectors();
  direct();
  asUser(0, limits);
  asUser(0, killed);
  return 0;
}

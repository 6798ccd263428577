// lseek, pread and pwrite on devices that have no positions: all of it succeeds, and nothing moves.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *said(long result) { return result < 0 ? strerror(errno) : "fine"; }

static void seek_everywhere(const char *name, int fd) {
  static const struct {
    off_t offset;
    int whence;
  } seeks[] = {{0, SEEK_SET}, {5, SEEK_CUR}, {-1, SEEK_END}, {100, SEEK_END}, {3, SEEK_DATA}, {1, SEEK_HOLE}, {7, 5}};
  for (unsigned i = 0; i < sizeof seeks / sizeof *seeks; i++) {
    long at = lseek(fd, seeks[i].offset, seeks[i].whence);
    printf("%s: lseek %ld %d = %ld, %s\n", name, (long)seeks[i].offset, seeks[i].whence, at, said(at));
  }
}

static void transfer(const char *name, int fd) {
  char bytes[16];
  long result = pread(fd, bytes, sizeof bytes, 4);
  printf("%s: pread %ld, %s\n", name, result, said(result));
  result = read(fd, bytes, 8);
  printf("%s: read %ld, %s, at %ld\n", name, result, said(result), (long)lseek(fd, 0, SEEK_CUR));
  memset(bytes, 0, sizeof bytes);
  result = pwrite(fd, bytes, sizeof bytes, 4);
  printf("%s: pwrite %ld, %s\n", name, result, said(result));
  result = write(fd, bytes, 8);
  printf("%s: write %ld, %s, at %ld\n", name, result, said(result), (long)lseek(fd, 0, SEEK_CUR));
}

int main(void) {
  static const char *const names[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/urandom"};
  for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
    int fd = open(names[i], i == 3 ? O_RDONLY : O_RDWR);
    seek_everywhere(names[i], fd);
    if (i < 3) transfer(names[i], fd); // what is random differs in traces
    close(fd);
  }
  seek_everywhere("standard input", 0);
  return 0;
}

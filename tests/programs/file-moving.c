// Calls that move bytes between files: sendfile, splice, tee, vmsplice, copy_file_range; and those that advise and write back.
#include "report.h"
#include <sys/eventfd.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

static void *none;
static char buffer[70000];

static void sending(void) {
  puts("sendfile");
  int from = open("from", O_RDWR), to = open("to", O_RDWR | O_TRUNC), reads = open("from", O_RDONLY), writes = open("to", O_WRONLY),
      append = open("to", O_WRONLY | O_APPEND), only = open("from", O_PATH), directory = open(".", O_RDONLY), ends[2], pair[2];
  pipe(ends);
  socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
  off_t offset = 2;
  TELL(sendfile(to, from, &offset, 3));
  printf("%ld %ld\n", (long)offset, (long)lseek(from, 0, SEEK_CUR));
  TELL(sendfile(to, from, NULL, 100));
  TELL(sendfile(to, from, NULL, 100));
  TELL(sendfile(to, from, NULL, 0));
  TELL(sendfile(-1, from, NULL, 1));
  TELL(sendfile(to, -1, NULL, 1));
  TELL(sendfile(reads, from, NULL, 1));
  TELL(sendfile(to, writes, NULL, 1));
  TELL(sendfile(append, from, NULL, 1));
  TELL(sendfile(to, only, NULL, 1));
  TELL(sendfile(to, directory, NULL, 1));
  TELL(sendfile(to, ends[0], NULL, 1));
  TELL(sendfile(to, pair[0], NULL, 1));
  offset = -1;
  TELL(sendfile(to, from, &offset, 1));
  TELL(sendfile(to, from, none, 1));
  offset = 0;
  TELL(sendfile(ends[1], from, &offset, 4));
  TELL(sendfile(pair[1], from, &offset, 4));
  TELL(read(ends[0], buffer, 100));
  TELL(read(pair[0], buffer, 100));
  offset = 100;
  TELL(sendfile(to, from, &offset, 4));
  TELL(sendfile(to, from, &offset, -1));
}

static void splicing(void) {
  puts("splice");
  int from = open("from", O_RDWR), to = open("to", O_RDWR | O_TRUNC), append = open("to", O_WRONLY | O_APPEND), ends[2], others[2],
      directory = open(".", O_RDONLY), reads = open("from", O_RDONLY), null = open("/dev/null", O_RDWR), zero = open("/dev/zero", O_RDWR);
  pipe2(ends, O_NONBLOCK);
  pipe2(others, O_NONBLOCK);
  loff_t offset = 1;
  TELL(splice(from, &offset, ends[1], NULL, 4, 0));
  printf("%ld\n", (long)offset);
  TELL(splice(from, NULL, ends[1], NULL, 4, 0));
  TELL(splice(ends[0], NULL, to, NULL, 3, 0));
  TELL(splice(ends[0], &offset, to, NULL, 3, 0));
  TELL(splice(ends[0], NULL, ends[1], NULL, 3, 0));
  TELL(splice(ends[0], NULL, others[1], NULL, 3, 0));
  TELL(splice(from, NULL, to, NULL, 3, 0));
  TELL(splice(ends[1], NULL, to, NULL, 3, 0));
  TELL(splice(from, NULL, ends[0], NULL, 3, 0));
  TELL(splice(from, NULL, ends[1], NULL, 3, 0x100));
  TELL(splice(from, NULL, ends[1], NULL, 0, 0));
  TELL(splice(-1, NULL, ends[1], NULL, 3, 0));
  TELL(splice(from, NULL, -1, NULL, 3, 0));
  TELL(splice(from, none, ends[1], NULL, 3, 0));
  offset = -1;
  TELL(splice(from, &offset, ends[1], NULL, 3, 0));
  TELL(splice(ends[0], NULL, append, NULL, 1, 0));
  TELL(splice(ends[0], NULL, reads, NULL, 1, 0));
  TELL(splice(ends[0], NULL, null, NULL, 1, 0));
  TELL(splice(zero, NULL, ends[1], NULL, 5, 0));
  TELL(splice(directory, NULL, ends[1], NULL, 5, 0));
  while (read(ends[0], buffer, 900) > 0) continue;
  TELL(splice(ends[0], NULL, to, NULL, 3, SPLICE_F_NONBLOCK));
  TELL(splice(ends[0], NULL, to, NULL, 3, 0));
  close(ends[1]);
  TELL(splice(ends[0], NULL, to, NULL, 3, 0));
  puts("tee");
  pipe2(ends, O_NONBLOCK);
  write(ends[1], "abcdef", 6);
  TELL(tee(ends[0], others[1], 4, 0));
  TELL(tee(ends[0], ends[1], 4, 0));
  TELL(tee(from, others[1], 4, 0));
  TELL(tee(ends[0], to, 4, 0));
  TELL(tee(ends[0], others[1], 4, 0x100));
  TELL(tee(ends[0], others[1], 0, 0));
  TELL(tee(-1, others[1], 4, 0));
  TELL(tee(ends[0], others[0], 4, 0));
  TELL(tee(ends[1], others[1], 4, 0));
  TELL(read(ends[0], buffer, 100));
  TELL(tee(ends[0], others[1], 4, SPLICE_F_NONBLOCK));
  puts("vmsplice");
  static struct iovec parts[1025] = {{buffer, 5}, {buffer, 7}};
  struct iovec bad = {none, 5};
  TELL(vmsplice(ends[1], parts, 2, 0));
  TELL(vmsplice(ends[0], parts, 1, 0));
  TELL(vmsplice(from, parts, 1, 0));
  TELL(vmsplice(-1, parts, 1, 0));
  TELL(vmsplice(ends[1], parts, 1025, 0));
  TELL(vmsplice(ends[1], none, 1, 0));
  TELL(vmsplice(ends[1], &bad, 1, 0));
  TELL(vmsplice(ends[1], parts, 0, 0));
  TELL(vmsplice(ends[1], parts, 1, 0x100));
}

static long copies(int from, loff_t *in, int to, loff_t *out, size_t count, unsigned flags) {
  return syscall(SYS_copy_file_range, from, in, to, out, count, flags);
}

static void copying(void) {
  puts("copy_file_range");
  int from = open("from", O_RDWR), to = open("to", O_RDWR | O_TRUNC), reads = open("from", O_RDONLY), writes = open("to", O_WRONLY),
      append = open("to", O_WRONLY | O_APPEND), directory = open(".", O_RDONLY), ends[2], null = open("/dev/null", O_RDWR),
      memory = syscall(SYS_memfd_create, "m", 0);
  pipe(ends);
  loff_t in = 2, out = 900;
  TELL(copies(from, &in, to, &out, 4, 0));
  printf("%ld %ld\n", (long)in, (long)out);
  TELL(copies(from, NULL, to, NULL, 100, 0));
  TELL(copies(from, NULL, to, NULL, 100, 0));
  TELL(copies(from, NULL, to, NULL, 0, 0));
  TELL(copies(from, NULL, to, NULL, 1, 1));
  TELL(copies(-1, NULL, to, NULL, 1, 0));
  TELL(copies(from, NULL, -1, NULL, 1, 0));
  TELL(copies(writes, NULL, to, NULL, 1, 0));
  TELL(copies(from, NULL, reads, NULL, 1, 0));
  TELL(copies(from, NULL, append, NULL, 1, 0));
  TELL(copies(directory, NULL, to, NULL, 1, 0));
  TELL(copies(from, NULL, directory, NULL, 1, 0));
  TELL(copies(ends[0], NULL, to, NULL, 1, 0));
  TELL(copies(from, NULL, ends[1], NULL, 1, 0));
  TELL(copies(null, NULL, to, NULL, 1, 0));
  TELL(copies(from, NULL, null, NULL, 1, 0));
  in = 0;
  TELL(copies(from, &in, memory, NULL, 4, 0));
  TELL(copies(from, none, to, NULL, 1, 0));
  in = 0, out = 2;
  TELL(copies(from, &in, from, &out, 5, 0));
  in = 0, out = 5;
  TELL(copies(from, &in, from, &out, 5, 0));
  in = 0, out = -1;
  TELL(copies(from, &in, to, &out, 5, 0));
  in = 0, out = 0x7fffffffffffffff;
  TELL(copies(from, &in, to, &out, 5, 0));
  out = 0x7ffffffffffffff0;
  TELL(copies(from, &in, to, &out, 64, 0));
  in = 900;
  out = 0;
  TELL(copies(from, &in, to, &out, 64, 0));
}

static void advising(void) {
  puts("advice and writing back");
  int file = open("from", O_RDWR), directory = open(".", O_RDONLY), ends[2], null = open("/dev/null", O_RDWR), writes = open("to", O_WRONLY),
      event = eventfd(0, 0), pair[2], only = open("from", O_PATH);
  pipe(ends);
  socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
  int files[] = {file, directory, ends[0], null, writes, event, pair[0], only, -1};
  for (int i = 0; i < 9; i++) {
    int fd = files[i];
    printf("file %d\n", i);
    TELL(fsync(fd));
    TELL(fdatasync(fd));
    TELL(syncfs(fd));
    TELL(sync_file_range(fd, 0, 10, 7));
    TELL(syscall(SYS_readahead, fd, 0, 10));
    printf("fadvise %d %d\n", posix_fadvise(fd, 0, 10, POSIX_FADV_NORMAL), posix_fadvise(fd, 0, -1, POSIX_FADV_WILLNEED));
  }
  for (int i = 0; i < 8; i++) printf("%d ", posix_fadvise(file, 0, 0, i));
  printf("%d\n", posix_fadvise(ends[0], 0, 0, 77));
  TELL(sync_file_range(file, -1, 10, 0));
  TELL(sync_file_range(file, 0, -1, 0));
  TELL(sync_file_range(file, 0x7fffffffffffffff, 10, 0));
  TELL(sync_file_range(file, 0, 10, 8));
}

int main(void) {
  begin();
  none = forbidden();
  signal(SIGPIPE, SIG_IGN);
  makeFile("from", "0123456789", 0644);
  makeFile("to", "", 0644);
  sending();
  splicing();
  copying();
  advising();
  return 0;
}

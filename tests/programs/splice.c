// Bytes moved between descriptors by the kernel: splice, tee, vmsplice, sendfile, copy_file_range; pipes of packets; FIFOs.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static void show(const char *what, long result) {
  if (result < 0) printf("%s: %s\n", what, strerror(errno));
  else printf("%s: %ld\n", what, result);
}

static void drain(int fd) {
  char text[64];
  long count = read(fd, text, sizeof text);
  printf("read %ld: %.*s\n", count, count > 0 ? (int)count : 0, text);
}

static int ready(int fd) {
  struct pollfd one = {.fd = fd, .events = POLLIN | POLLOUT};
  poll(&one, 1, 0);
  return one.revents;
}

int main(void) {
  setvbuf(stdout, NULL, _IOFBF, 16384);
  signal(SIGPIPE, SIG_IGN);
  syscall(SYS_close_range, 3, 100, 0);
  int a[2], b[2];
  pipe(a);
  pipe2(b, O_NONBLOCK);
  int file = open("source", O_RDWR | O_CREAT | O_TRUNC, 0644);
  write(file, "0123456789abcdef", 16);

  off_t at = 4;
  show("file to pipe", splice(file, &at, a[1], NULL, 6, 0));
  printf("offset %ld position %ld\n", (long)at, (long)lseek(file, 0, SEEK_CUR));
  show("tee", tee(a[0], b[1], 100, 0));
  drain(a[0]);
  show("pipe to pipe", splice(b[0], NULL, a[1], NULL, 3, 0));
  drain(a[0]);
  at = 14;
  show("pipe to file", splice(b[0], &at, file, NULL, 10, 0));
  show("pipe to file", splice(b[0], NULL, file, &at, 10, 0));
  printf("offset %ld\n", (long)at);
  lseek(file, 0, SEEK_SET);
  show("all of it", splice(file, NULL, a[1], NULL, 1024, 0));
  drain(a[0]);
  show("at the end", splice(file, NULL, a[1], NULL, 10, 0));
  show("nothing", splice(file, NULL, a[1], NULL, 0, 0));
  show("no pipe", splice(file, NULL, file, NULL, 10, 0));
  show("bad flags", splice(file, NULL, a[1], NULL, 10, 0x100));
  show("read end", splice(file, NULL, a[0], NULL, 10, 0));
  show("write end", splice(a[1], NULL, file, NULL, 10, 0));
  show("no file", splice(77, NULL, a[1], NULL, 10, 0));
  show("same pipe", splice(a[0], NULL, a[1], NULL, 10, 0));
  show("empty", splice(a[0], NULL, b[1], NULL, 10, SPLICE_F_NONBLOCK));
  show("empty, nonblocking", splice(b[0], NULL, a[1], NULL, 10, 0));
  show("tee of files", tee(file, a[1], 10, 0));
  show("tee of itself", tee(a[0], a[1], 10, 0));
  show("tee, empty", tee(b[0], a[1], 10, 0));
  int appending = open("source", O_WRONLY | O_APPEND);
  write(a[1], "xyz", 3);
  show("appending", splice(a[0], NULL, appending, NULL, 10, 0));
  show("zeros", splice(open("/dev/zero", O_RDONLY), NULL, b[1], NULL, 10, 0));
  show("directory", splice(open(".", O_RDONLY), NULL, b[1], NULL, 10, 0));

  char one[] = "one", two[] = "two", into[8] = "";
  struct iovec vector[2] = {{one, 3}, {two, 3}};
  show("gift", vmsplice(a[1], vector, 2, 0));
  drain(a[0]);
  vector[0].iov_base = into;
  write(a[1], "taken", 5);
  vector[0].iov_len = 5;
  show("take", vmsplice(a[0], vector, 1, 0));
  printf("%s\n", into);
  show("take nothing", vmsplice(a[0], vector, 1, SPLICE_F_NONBLOCK));
  show("no pipe", vmsplice(file, vector, 1, 0));
  show("no vectors", vmsplice(a[1], vector, 0, 0));
  show("too many", vmsplice(a[1], NULL, 1025, 0));

  int copy = open("copy", O_RDWR | O_CREAT | O_TRUNC, 0644);
  at = 2;
  show("send", sendfile(copy, file, &at, 5));
  printf("offset %ld\n", (long)at);
  show("send to pipe", sendfile(a[1], file, &at, 4));
  drain(a[0]);
  lseek(file, 0, SEEK_SET);
  show("send the rest", sendfile(copy, file, NULL, 1024));
  show("send from a pipe", sendfile(copy, a[0], NULL, 10));
  show("send from a pipe at", sendfile(copy, a[0], &at, 10));
  show("send to appending", sendfile(appending, file, NULL, 10));
  show("send zeros", sendfile(copy, open("/dev/zero", O_RDONLY), NULL, 3));
  at = -1;
  show("send from before", sendfile(copy, file, &at, 10));
  show("send from write only", sendfile(copy, appending, NULL, 10));

  off_t from = 0, to = 8;
  show("copy", copy_file_range(file, &from, copy, &to, 4, 0));
  printf("offsets %ld %ld\n", (long)from, (long)to);
  from = 100;
  show("copy beyond", copy_file_range(file, &from, copy, &to, 4, 0));
  from = 0;
  to = 2;
  show("overlapping", copy_file_range(file, &from, file, &to, 4, 0));
  show("flags", copy_file_range(file, &from, copy, &to, 4, 1));
  show("to appending", copy_file_range(file, &from, appending, NULL, 4, 0));
  show("to a pipe", copy_file_range(file, &from, a[1], NULL, 4, 0));
  show("of a directory", copy_file_range(open(".", O_RDONLY), NULL, copy, NULL, 4, 0));

  syscall(SYS_close_range, 3, 100, 0);
  pipe2(a, O_DIRECT | O_NONBLOCK);
  printf("flags %#x\n", fcntl(a[1], F_GETFL));
  write(a[1], "first", 5);
  write(a[1], "second", 6);
  char few[4] = "";
  show("packet", read(a[0], few, 3));
  printf("%s\n", few);
  drain(a[0]);
  drain(a[0]);
  close(a[0]);
  show("no readers", write(a[1], "x", 1));
  printf("ready %#x\n", ready(a[1]));

  show("fifo", mkfifo("fifo", 0600));
  show("nobody reads", open("fifo", O_WRONLY | O_NONBLOCK));
  int reader = open("fifo", O_RDONLY | O_NONBLOCK);
  printf("reader %d ready %#x\n", reader >= 0, ready(reader));
  drain(reader);
  int writer = open("fifo", O_WRONLY | O_NONBLOCK);
  printf("writer %d ready %#x\n", writer >= 0, ready(writer));
  show("nothing yet", read(reader, few, 3));
  write(writer, "text", 4);
  printf("ready %#x\n", ready(reader));
  close(writer);
  printf("ready %#x\n", ready(reader));
  drain(reader);
  printf("ready %#x\n", ready(reader));
  drain(reader);
  close(reader);
  int both = open("fifo", O_RDWR);
  show("both ways", write(both, "loop", 4));
  drain(both);
  show("seek", lseek(both, 0, SEEK_SET));
  show("truncate", truncate("fifo", 0));
  close(both);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    int end = open("fifo", O_WRONLY);
    write(end, "from the child", 14);
    _exit(0);
  }
  reader = open("fifo", O_RDONLY);
  drain(reader);
  waitpid(child, NULL, 0);
  drain(reader);
  return 0;
}

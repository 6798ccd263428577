// Asynchronous I/O of the kernel's own: contexts, requests, their ring, what is refused when.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long say(const char *what, long result) {
  if (result < 0) printf("%s: error %d\n", what, errno);
  else printf("%s: %ld\n", what, result);
  return result;
}
static aio_context_t context;
static struct iocb blocks[8];
static struct io_event events[8];

static struct iocb *fill(int i, int operation, int fd, const void *buffer, uint64_t size, int64_t offset) {
  memset(&blocks[i], 0, sizeof blocks[i]);
  blocks[i].aio_data = 100 + i;
  blocks[i].aio_lio_opcode = operation;
  blocks[i].aio_fildes = fd;
  blocks[i].aio_buf = (uintptr_t)buffer;
  blocks[i].aio_nbytes = size;
  blocks[i].aio_offset = offset;
  return &blocks[i];
}
static long submit(struct iocb *block) { return syscall(SYS_io_submit, context, 1L, &block); }
static long get(long least, long most, struct timespec *timeout) {
  long got = syscall(SYS_io_getevents, context, least, most, events, timeout);
  say("io_getevents", got);
  for (long i = 0; i < got; i++)
    printf("  data %llu, block %ld, result %lld %lld\n", (unsigned long long)events[i].data,
           (long)((struct iocb *)(uintptr_t)events[i].obj - blocks), (long long)events[i].res, (long long)events[i].res2);
  return got;
}
static void nothing(int signal) {}

int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  struct timespec none = {0, 0}, little = {0, 20000000};
  context = 1;
  say("io_setup of one that is there", syscall(SYS_io_setup, 4, &context));
  context = 0;
  say("io_setup of none", syscall(SYS_io_setup, 0, &context));
  say("io_setup nowhere", syscall(SYS_io_setup, 4, 8L));
  say("io_setup of too many", syscall(SYS_io_setup, 100000, &context));
  say("io_setup of far too many", syscall(SYS_io_setup, 0x7fffffff, &context));
  say("io_setup", syscall(SYS_io_setup, 4, &context));
  unsigned *ring = (unsigned *)context;
  printf("ring: id %u, nr %u, head %u, tail %u, magic %x, features %x %x, header %u\n", ring[0], ring[1], ring[2], ring[3], ring[4], ring[5],
         ring[6], ring[7]);
  aio_context_t other = 0;
  say("io_setup of another", syscall(SYS_io_setup, 200, &other));
  printf("ring: id %u, nr %u\n", ((unsigned *)other)[0], ((unsigned *)other)[1]);
  say("io_destroy", syscall(SYS_io_destroy, other));
  say("io_destroy again", syscall(SYS_io_destroy, other));
  say("io_submit there", syscall(SYS_io_submit, other, 1L, NULL));
  say("io_getevents there", syscall(SYS_io_getevents, other, 0L, 1L, events, NULL));

  char buffer[64] = "", more[16] = "";
  int fd = memfd_create("aio", 0), ends[2];
  pipe(ends);
  say("io_submit of none", syscall(SYS_io_submit, context, 0L, NULL));
  say("io_submit of less", syscall(SYS_io_submit, context, -1L, NULL));
  say("io_submit from nowhere", syscall(SYS_io_submit, context, 1L, NULL));
  say("io_submit of nothing", submit(NULL));
  say("write", submit(fill(0, IOCB_CMD_PWRITE, fd, "hello, world", 12, 3)));
  struct iovec vector[] = {{buffer, 4}, {more, 8}};
  struct iocb *several[] = {fill(1, IOCB_CMD_PREAD, fd, buffer + 16, 20, 4), fill(2, IOCB_CMD_PREADV, fd, vector, 2, 0),
                            fill(3, IOCB_CMD_FSYNC, fd, NULL, 0, 0), fill(4, 77, fd, NULL, 0, 0)};
  say("four, the last of them none", syscall(SYS_io_submit, context, 4L, several));
  get(4, 8, NULL);
  printf("%s, %s\n", buffer + 16, more);
  get(0, 8, NULL);
  get(1, 8, &none);
  get(1, 8, &little);
  get(-1, 8, NULL);
  get(3, 2, NULL);
  get(0, 0, NULL);
  say("timeout from nowhere", syscall(SYS_io_getevents, context, 1L, 8L, events, 8L));
  struct timespec bad = {0, 2000000000};
  get(0, 8, &bad);

  say("no such operation", submit(fill(0, 77, fd, NULL, 0, 0)));
  say("noop", submit(fill(0, 6, fd, NULL, 0, 0)));
  say("bad descriptor", submit(fill(0, IOCB_CMD_PREAD, -1, buffer, 1, 0)));
  say("bad descriptor and operation", submit(fill(0, 77, -1, buffer, 1, 0)));
  say("read of one to write", submit(fill(0, IOCB_CMD_PREAD, ends[1], buffer, 1, 0)));
  say("negative length", submit(fill(0, IOCB_CMD_PREAD, fd, buffer, -1, 0)));
  say("negative offset", submit(fill(0, IOCB_CMD_PREAD, fd, buffer, 1, -1)));
  blocks[0].aio_offset = 0;
  blocks[0].aio_reserved2 = 1;
  say("reserved", submit(&blocks[0]));
  blocks[0].aio_reserved2 = 0;
  blocks[0].aio_rw_flags = 0x40000000;
  say("unknown flags", submit(&blocks[0]));
  blocks[0].aio_rw_flags = 0;
  blocks[0].aio_flags = IOCB_FLAG_RESFD;
  blocks[0].aio_resfd = fd;
  say("events to a file", submit(&blocks[0]));
  blocks[0].aio_resfd = -1;
  say("events to nothing", submit(&blocks[0]));
  blocks[0].aio_flags = 0x100;
  say("other flags", submit(&blocks[0]));
  get(1, 1, NULL);
  say("read into nowhere", submit(fill(0, IOCB_CMD_PREAD, fd, (void *)8, 4, 0)));
  get(1, 1, NULL);
  say("read of a directory", submit(fill(0, IOCB_CMD_PREAD, open("/tmp", O_RDONLY), buffer, 4, 0)));
  get(0, 1, NULL);
  say("fsync with a buffer", submit(fill(0, IOCB_CMD_FSYNC, fd, buffer, 0, 0)));
  say("fdsync of a pipe", submit(fill(0, IOCB_CMD_FDSYNC, ends[0], NULL, 0, 0)));
  get(0, 1, NULL);
  write(ends[1], "through", 7);
  say("read of a pipe", submit(fill(0, IOCB_CMD_PREAD, ends[0], buffer, 4, 0)));
  get(1, 1, NULL);
  say("and with an offset", submit(fill(0, IOCB_CMD_PREAD, ends[0], buffer, 3, 7)));
  get(1, 1, NULL);

  int counter = eventfd(0, EFD_NONBLOCK);
  fill(0, IOCB_CMD_PREAD, fd, buffer, 4, 3);
  blocks[0].aio_flags = IOCB_FLAG_RESFD;
  blocks[0].aio_resfd = counter;
  say("with an eventfd", submit(&blocks[0]));
  say("again", submit(&blocks[0]));
  uint64_t count = 0;
  read(counter, &count, sizeof count);
  printf("it says %llu\n", (unsigned long long)count);
  get(1, 8, NULL);

  say("poll with a length", submit(fill(1, IOCB_CMD_POLL, ends[0], (void *)POLLIN, 1, 0)));
  say("poll of more events", submit(fill(1, IOCB_CMD_POLL, ends[0], (void *)0x10001, 0, 0)));
  say("poll", submit(fill(1, IOCB_CMD_POLL, ends[0], (void *)POLLIN, 0, 0)));
  get(0, 8, NULL);
  get(1, 8, &little);
  if (fork() == 0) {
    aio_context_t inherited = context;
    say("io_submit in a child", syscall(SYS_io_submit, inherited, 0L, NULL));
    usleep(20000);
    write(ends[1], "x", 1);
    _exit(0);
  }
  get(1, 8, NULL);
  wait(NULL);
  read(ends[0], buffer, 1);
  fill(2, IOCB_CMD_POLL, ends[0], (void *)POLLIN, 0, 0);
  blocks[2].aio_flags = IOCB_FLAG_RESFD;
  blocks[2].aio_resfd = counter;
  say("poll with an eventfd", submit(&blocks[2]));
  struct pollfd waits = {counter, POLLIN};
  say("ready", poll(&waits, 1, 0));
  write(ends[1], "y", 1);
  say("ready", poll(&waits, 1, 900));
  get(1, 8, NULL);
  read(counter, &count, sizeof count);
  read(ends[0], buffer, 1);
  say("poll to write", submit(fill(3, IOCB_CMD_POLL, ends[1], (void *)POLLOUT, 0, 0)));
  get(1, 8, NULL);
  say("poll", submit(fill(4, IOCB_CMD_POLL, ends[0], (void *)POLLIN, 0, 0)));
  say("io_cancel", syscall(SYS_io_cancel, context, &blocks[4], events));
  get(1, 8, &little);
  say("io_cancel of what is over", syscall(SYS_io_cancel, context, &blocks[4], events));
  blocks[4].aio_key = 5;
  say("io_cancel by another key", syscall(SYS_io_cancel, context, &blocks[4], events));
  say("io_cancel of nothing", syscall(SYS_io_cancel, context, 8L, events));
  say("io_cancel in no context", syscall(SYS_io_cancel, 0L, &blocks[3], events));

  struct sigaction action = {.sa_handler = nothing};
  sigaction(SIGALRM, &action, NULL);
  struct itimerval soon = {{0, 0}, {0, 20000}};
  setitimer(ITIMER_REAL, &soon, NULL);
  get(1, 8, NULL);
  sigset_t blocked, empty;
  sigemptyset(&empty);
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGALRM);
  sigprocmask(SIG_BLOCK, &blocked, NULL);
  setitimer(ITIMER_REAL, &soon, NULL);
  struct { void *set; size_t size; } mask = {&empty, 8};
  say("io_pgetevents", syscall(SYS_io_pgetevents, context, 1L, 8L, events, NULL, &mask));
  mask.size = 4;
  say("io_pgetevents with half a set", syscall(SYS_io_pgetevents, context, 0L, 8L, events, NULL, &mask));
  say("io_pgetevents with none", syscall(SYS_io_pgetevents, context, 0L, 8L, events, NULL, NULL));
  say("with a set from nowhere", syscall(SYS_io_pgetevents, context, 0L, 8L, events, NULL, 8L));
  say("write", submit(fill(5, IOCB_CMD_PWRITE, fd, "bye", 3, 0)));
  say("events to nowhere", syscall(SYS_io_getevents, context, 1L, 1L, 8L, NULL));
  get(0, 1, NULL);
  if (fork() == 0) {
    say("in a child", submit(fill(5, IOCB_CMD_PWRITE, fd, "bye", 3, 0)));
    say("io_destroy there", syscall(SYS_io_destroy, context));
    _exit(0);
  }
  wait(NULL);
  say("poll", submit(fill(4, IOCB_CMD_POLL, ends[0], (void *)POLLIN, 0, 0)));
  say("io_destroy", syscall(SYS_io_destroy, context));
  return 0;
}

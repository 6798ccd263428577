// What can be done to mappings that is rarely done: remap_file_pages, mseal, process_madvise, cachestat, move_pages, memfd_secret.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096L
static long say(const char *what, long result) {
  if (result == -1) printf("%s: error %d\n", what, errno);
  else printf("%s: %ld\n", what, result);
  return result;
}
static char *map(size_t pages, int protection, int flags, int fd) {
  return mmap(NULL, pages * PAGE, protection, flags | (fd < 0 ? MAP_ANONYMOUS : 0), fd, 0);
}
static long remap(volatile void *at, size_t size, int protection, size_t page, int flags) {
  return syscall(SYS_remap_file_pages, at, size, protection, page, flags);
}
static long seal(void *at, size_t size, unsigned long flags) { return syscall(462, at, size, flags); }

static void remapping(void) {
  int fd = memfd_create("pages", 0);
  char text[PAGE];
  for (int i = 0; i < 4; i++) {
    memset(text, 'a' + i, PAGE);
    write(fd, text, PAGE);
  }
  volatile char *shared = map(4, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
  say("remap_file_pages", remap(shared, PAGE, 0, 3, 0));
  say("another", remap(shared + PAGE, 2 * PAGE, 0, 0, MAP_NONBLOCK));
  printf("%c%c%c%c\n", shared[0], shared[PAGE], shared[2 * PAGE], shared[3 * PAGE]);
  shared[0] = 'z';
  printf("%c\n", shared[3 * PAGE]);
  say("with a protection", remap(shared, PAGE, PROT_READ, 0, 0));
  say("of nothing", remap(shared, 0, 0, 0, 0));
  say("unaligned", remap(shared + 5, PAGE + 9, 0, 2, 0));
  printf("%c\n", shared[0]);
  say("across areas that do not follow", remap(shared, 4 * PAGE, 0, 0, 0));
  say("far", remap(shared, PAGE, 0, ~0ul, 0));
  char *own = map(2, PROT_READ, MAP_PRIVATE, fd);
  say("of a private one", remap(own, PAGE, 0, 1, 0));
  say("of nothing mapped", remap((void *)0x10000, PAGE, 0, 1, 0));
}

static void sealing(void) {
  char *area = map(4, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
  memset(area, 'x', 4 * PAGE);
  say("mseal with flags", seal(area, PAGE, 1));
  say("mseal unaligned", seal(area + 1, PAGE, 0));
  say("mseal of nothing", seal(area, 0, 0));
  say("mseal of too much", seal(area, -1, 0));
  munmap(area + 3 * PAGE, PAGE);
  say("mseal with a hole", seal(area + 2 * PAGE, 2 * PAGE, 0));
  say("mseal", seal(area + PAGE, PAGE, 0));
  say("mseal again", seal(area + PAGE, 5, 0));
  say("mprotect", mprotect(area, 2 * PAGE, PROT_READ));
  say("mprotect of it", mprotect(area + PAGE, PAGE, PROT_READ));
  say("munmap", munmap(area, 2 * PAGE));
  say("mremap", mremap(area + PAGE, PAGE, 2 * PAGE, MREMAP_MAYMOVE) == MAP_FAILED ? -1 : 0);
  say("mremap to it", mremap(area + 2 * PAGE, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, area + PAGE) == MAP_FAILED ? -1 : 0);
  say("mmap over it", mmap(area, 2 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED ? -1 : 0);
  say("madvise", madvise(area + PAGE, PAGE, MADV_DONTNEED));
  printf("%d\n", area[PAGE]);
  char *constant = map(1, PROT_READ, MAP_PRIVATE, -1);
  say("mseal", seal(constant, PAGE, 0));
  say("madvise of what cannot be written", madvise(constant, PAGE, MADV_DONTNEED));
  say("harmless advice", madvise(constant, PAGE, MADV_WILLNEED));
  say("MADV_FREE", madvise(constant, PAGE, MADV_FREE));
  char *shared = map(1, PROT_READ, MAP_SHARED, -1);
  say("mseal", seal(shared, PAGE, 0));
  say("madvise of a shared one", madvise(shared, PAGE, MADV_DONTNEED));
  say("mprotect", mprotect(shared, PAGE, PROT_WRITE));
  if (fork() == 0) {
    say("in a child", munmap(shared, PAGE));
    _exit(0);
  }
  wait(NULL);
  char *more = map(3, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
  seal(more + PAGE, PAGE, 0);
  say("mprotect across it", mprotect(more, 3 * PAGE, PROT_READ));
  say("the first can be written", pipe((int *)more));
  say("nor the last", pipe((int *)(more + 2 * PAGE)));
}

static void advising(void) {
  char *area = map(3, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
  area[0] = area[PAGE] = 'x';
  int self = syscall(SYS_pidfd_open, getpid(), 0);
  struct iovec parts[] = {{area, PAGE}, {area + PAGE, PAGE}};
  say("process_madvise", syscall(440, self, parts, 2, MADV_DONTNEED, 0));
  printf("%d %d\n", area[0], area[PAGE]);
  say("with flags", syscall(440, self, parts, 2, MADV_COLD, 1));
  say("no descriptor", syscall(440, -1, parts, 2, MADV_COLD, 0));
  say("no process", syscall(440, 0, parts, 2, MADV_COLD, 0));
  say("no advice", syscall(440, self, parts, 2, 77, 0));
  say("none", syscall(440, self, parts, 0, MADV_COLD, 0));
  say("nowhere", syscall(440, self, 8L, 2, MADV_COLD, 0));
  parts[1].iov_base = (void *)0x10000;
  say("the second unmapped", syscall(440, self, parts, 2, MADV_COLD, 0));
  parts[0].iov_base = (void *)0x10000;
  say("the first unmapped", syscall(440, self, parts, 2, MADV_COLD, 0));
  parts[0].iov_base = parts[1].iov_base = area;
  int child = fork();
  if (child == 0) {
    raise(SIGSTOP);
    _exit(0);
  }
  waitpid(child, NULL, WUNTRACED);
  int other = syscall(SYS_pidfd_open, child, 0);
  say("of a child", syscall(440, other, parts, 2, MADV_WILLNEED, 0));
  say("what others may not", syscall(440, other, parts, 2, MADV_DONTNEED, 0));
  kill(child, 9);
  waitpid(child, NULL, 0);
  say("of one that was", syscall(440, other, parts, 2, MADV_WILLNEED, 0));
}

static void caching(void) {
  struct { uint64_t at, length; } range = {0, 0};
  struct { uint64_t cached, dirty, written, evicted, recently; } seen;
  int fd = memfd_create("cached", 0), ends[2];
  pipe(ends);
  write(fd, "text", 4);
  pwrite(fd, "more", 4, 10 * PAGE);
  say("cachestat", syscall(451, fd, &range, &seen, 0));
  printf("%d pages\n", (int)seen.cached);
  range.at = 5 * PAGE;
  range.length = PAGE;
  say("cachestat of a hole", syscall(451, fd, &range, &seen, 0));
  printf("%d pages, %d\n", (int)seen.cached, (int)seen.evicted);
  range.length = 100 * PAGE;
  say("of the end", syscall(451, fd, &range, &seen, 0));
  printf("%d pages\n", (int)seen.cached);
  say("with flags", syscall(451, fd, &range, &seen, 1));
  say("of a pipe", syscall(451, ends[0], &range, &seen, 0));
  say("of nothing", syscall(451, -1, &range, &seen, 0));
  say("nowhere", syscall(451, fd, 8L, &seen, 0));
  say("to nowhere", syscall(451, fd, &range, 8L, 0));
  say("of a directory", syscall(451, open("/proc", O_RDONLY), &range, &seen, 0));
}

static void moving(void) {
  char *area = map(3, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
  area[0] = 'x';
  void *pages[] = {area, area + PAGE, (void *)0x10000, area + 17};
  int nodes[] = {0, 0, 0, 0}, status[] = {7, 7, 7, 7};
  say("move_pages, where", syscall(SYS_move_pages, 0, 4L, pages, NULL, status, 0));
  printf("%d %d %d %d\n", status[0], status[1], status[2], status[3]);
  say("move_pages", syscall(SYS_move_pages, 0, 4L, pages, nodes, status, 2));
  printf("%d %d %d %d\n", status[0], status[1], status[2], status[3]);
  say("of a process", syscall(SYS_move_pages, getpid(), 1L, pages, NULL, status, 0));
  say("of none", syscall(SYS_move_pages, 0x7ffffff, 1L, pages, NULL, status, 0));
  say("with flags", syscall(SYS_move_pages, 0, 1L, pages, NULL, status, 1));
  say("from nowhere", syscall(SYS_move_pages, 0, 1L, 8L, NULL, status, 0));
  say("to nowhere", syscall(SYS_move_pages, 0, 1L, pages, NULL, 8L, 0));
  nodes[0] = 5;
  say("to no node", syscall(SYS_move_pages, 0, 1L, pages, nodes, status, 2));
  nodes[0] = -1;
  say("to less", syscall(SYS_move_pages, 0, 1L, pages, nodes, status, 2));
  say("nothing", syscall(SYS_move_pages, 0, 0L, pages, nodes, status, 2));
  unsigned long here = 1, there = 2, none = 0;
  static unsigned long many[1 << 14];
  say("migrate_pages", syscall(SYS_migrate_pages, 0, 64L, &here, &here));
  say("to another node", syscall(SYS_migrate_pages, 0, 64L, &here, &there));
  say("to none", syscall(SYS_migrate_pages, 0, 64L, &here, &none));
  say("of none", syscall(SYS_migrate_pages, 0x7ffffff, 64L, &here, &here));
  say("from nowhere", syscall(SYS_migrate_pages, 0, 64L, 8L, &here));
  say("of too many", syscall(SYS_migrate_pages, 0, 1L << 20, many, many));
}

static long mapped(int fd, int protection, int flags) {
  return mmap(NULL, PAGE, protection, flags, fd, 0) == MAP_FAILED ? -1 : 0;
}

static void secrets(void) {
  say("memfd_secret with flags", syscall(447, 1));
  int fd = syscall(447, 02000000);
  char byte = 'x';
  say("close on exec", fcntl(fd, F_GETFD));
  say("flags", fcntl(fd, F_GETFL) & ~O_LARGEFILE);
  say("read", read(fd, &byte, 1));
  say("write", write(fd, &byte, 1));
  say("pread", pread(fd, &byte, 1, 0));
  say("lseek", lseek(fd, 0, SEEK_SET));
  say("private", mapped(fd, PROT_READ, MAP_PRIVATE));
  say("to run", mapped(fd, PROT_READ | PROT_EXEC, MAP_SHARED));
  char *secret = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  say("ftruncate", ftruncate(fd, 2 * PAGE));
  say("again", ftruncate(fd, PAGE));
  secret[5] = 'y';
  say("mprotect", mprotect(secret, PAGE, PROT_READ | PROT_EXEC));
  if (fork() == 0) {
    printf("%c in a child\n", secret[5]);
    _exit(0);
  }
  wait(NULL);
  char link[64] = "", path[64];
  sprintf(path, "/proc/self/fd/%d", fd);
  readlink(path, link, sizeof link - 1);
  printf("%s\n", link);
}

int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  remapping();
  sealing();
  advising();
  caching();
  moving();
  secrets();
  return 0;
}

// file_getattr and file_setattr: what has flags, and what is refused.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

struct attributes { uint64_t flags; uint32_t extent_size, extents, project, cow_size; uint64_t more; } seen;
static void get(const char *what, int fd, const char *path, void *at, size_t size, unsigned flags) {
  long result = syscall(468, fd, path, at, size, flags);
  printf("%s: %ld %d, %d\n", what, result, result < 0 ? errno : 0, (int)seen.flags);
}
static void set(const char *what, int fd, uint64_t flags, uint64_t more, size_t size) {
  struct attributes wanted = {.flags = flags, .more = more};
  long result = syscall(469, fd, "", &wanted, size, AT_EMPTY_PATH);
  printf("%s: %ld %d\n", what, result, result < 0 ? errno : 0);
}

int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  int memory = memfd_create("flags", 0), proc = open("/proc/self/status", O_RDONLY), device = open("/dev/null", O_RDWR), ends[2];
  pipe(ends);
  get("a file", memory, "", &seen, 24, AT_EMPTY_PATH);
  get("without a path", memory, NULL, &seen, 24, AT_EMPTY_PATH);
  get("a later structure", memory, "", &seen, 32, AT_EMPTY_PATH);
  get("an earlier one", memory, "", &seen, 16, AT_EMPTY_PATH);
  get("too much", memory, "", &seen, 5000, AT_EMPTY_PATH);
  get("unknown flags", memory, "", &seen, 5000, 1);
  get("without AT_EMPTY_PATH", memory, "", &seen, 24, 0);
  get("to nowhere", memory, "", (void *)8, 24, AT_EMPTY_PATH);
  get("from nowhere", memory, (void *)8, &seen, 24, AT_EMPTY_PATH);
  get("the root", AT_FDCWD, "/dev/shm", &seen, 24, 0);
  get("of proc", proc, "", &seen, 24, AT_EMPTY_PATH);
  get("a device", device, "", &seen, 24, AT_EMPTY_PATH);
  get("a pipe", ends[0], "", &seen, 24, AT_EMPTY_PATH);
  get("nothing", AT_FDCWD, "/nonesuch", &seen, 24, 0);
  get("no descriptor", 77, "", &seen, 24, AT_EMPTY_PATH);
  set("no flags", memory, 0, 0, 24);
  set("synchronous", memory, 0x20, 0, 24);
  set("flags of none", memory, 1ull << 40, 0, 24);
  set("more than is known", memory, 0, 1, 32);
  set("no more than is known", memory, 0, 0, 32);
  set("of proc", proc, 0, 0, 24);
  set("of a pipe", ends[0], 0, 0, 24);
  set("of nothing", 77, 0, 0, 24);
  return 0;
}

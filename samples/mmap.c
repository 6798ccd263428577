// Memory: mapped, protected, moved, given back; a file seen through a mapping; the heap's end.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int main(void) {
  char *area = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  strcpy(area, "kept");
  mprotect(area + 8192, 4096, PROT_NONE);
  munmap(area + 12288, 4096);
  area = mremap(area, 8192, 65536, MREMAP_MAYMOVE);
  printf("%s, then %d\n", area, area[60000]);
  munmap(area, 65536);

  int fd = open("mapped", O_RDWR | O_CREAT | O_TRUNC, 0644);
  ftruncate(fd, 4096);
  char *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  memcpy(shared, "through memory", 14);
  msync(shared, 4096, MS_SYNC);
  char text[15] = "";
  pread(fd, text, 14, 0);
  printf("%s\n", text);
  munmap(shared, 4096);
  close(fd);
  unlink("mapped");

  void *refused = mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (refused == MAP_FAILED) perror("mmap");
  return 0;
}

// A system call by hand: write(2) through the `syscall` instruction, and what it returned.
#include <fcntl.h>
#include <stdio.h>

static unsigned long write_by_hand(int fd, const void *bytes, unsigned long count) {
  unsigned long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(1L), "D"((long)fd), "S"(bytes), "d"(count)
                   : "rcx", "r11", "memory");
  return result;
}

int main(void) {
  const char text[] = "hello systemcall";
  int fd = open("tmp1", O_WRONLY | O_CREAT | O_APPEND, 0644);
  if (fd < 0) {
    perror("tmp1");
    return 1;
  }
  unsigned long result = write_by_hand(fd, text, sizeof text);
  printf("write %d return %lu\n", fd, result);
  return 0;
}

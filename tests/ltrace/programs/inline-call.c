// A system call without a library, between calls of a library that make one too.
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int main(void) {
  int fd = open("/dev/null", O_WRONLY, 0);
  unsigned long length = strlen("by hand\n");
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(1L), "D"((long)fd), "S"("by hand\n"), "d"(length) : "rcx", "r11", "memory");
  return result == 8 ? close(fd) : 1;
}

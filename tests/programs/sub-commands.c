// Calls that are many in one, each asked for things that are refused: what they are given is shown all the same.
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

static int count, refused;

#define CALL(...) (count++, refused += syscall(__VA_ARGS__) == -1)

/** NULL, unreadable, zeros, ones, small numbers, and the last bytes before what cannot be read. */
static unsigned char *buffers[6];

int main(void) {
  unsigned char *room = mmap((void *)0x700000000000, 5 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(room + 4 * 4096, 4096);
  buffers[1] = (void *)8;
  buffers[2] = room;
  buffers[3] = room + 4096;
  buffers[4] = room + 8192;
  buffers[5] = room + 4 * 4096 - 4;
  memset(buffers[3], 0xff, 4096);
  for (int i = 0; i < 512; i++) ((unsigned *)buffers[4])[i] = 1 + i % 30;

  for (int k = 0; k < 6; k++) {
    for (long command = 0; command < 11; command++) {
      CALL(SYS_msgctl, -1, command | 0x100, buffers[k]);
      CALL(SYS_semctl, -1, 2L, command | 0x100, buffers[k]);
      CALL(SYS_fcntl, -1, command, buffers[k]);
      CALL(SYS_fcntl, -1, 1024 + command, buffers[k]);
    }
    for (long command = 0; command < 6; command++) {
      CALL(SYS_quotactl, (int)((0x800001 + command + (command >= 5)) << 8 | k % 4), "/dev/none", k * 7L, buffers[k]);
    }
    for (long command = 0; command < 5; command++) CALL(SYS_fsconfig, -1, command, "key", buffers[k], 0L);
    CALL(SYS_mount_setattr, -1, "nowhere", 0x1000L, buffers[k], 16L);
    CALL(SYS_io_uring_enter, -1, 1L, 2L, 8L, buffers[k], 24L);
    if (k < 4) CALL(SYS_futex, 8L, 0x101L + k, 7L, 8L, 8L, 0x55L);
  }
  printf("%d calls, all refused: %d\n", count, count == refused);
  return 0;
}

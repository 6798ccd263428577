// Calls that are many in one, each asked for things that are refused: what they are given is shown all the same.
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_landlock_add_rule
#define SYS_landlock_add_rule 445
#endif
#ifndef SYS_quotactl_fd
#define SYS_quotactl_fd 443
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

static int count, refused;

#define CALL(...) (count++, refused += syscall(__VA_ARGS__) == -1)

/** NULL, unreadable, zeros, ones, small numbers, and the last bytes before what cannot be read. */
static unsigned char *buffers[6];

static void control_blocks(void) {
  unsigned char *block = buffers[4] + 2048, *vector = block + 128;
  void *list[2] = {block, buffers[5]};
  for (int opcode = 0; opcode < 10; opcode++) {
    memset(block, 0, 64);
    *(unsigned long *)block = 0x1234;
    *(unsigned short *)(block + 16) = opcode;
    *(short *)(block + 18) = opcode;
    *(int *)(block + 20) = 3;
    *(void **)(block + 24) = opcode >= 7 ? vector : buffers[2];
    *(long *)(block + 32) = opcode >= 7 ? 2 : 10;
    *(long *)(block + 40) = 77;
    ((void **)vector)[0] = buffers[2];
    ((long *)vector)[1] = 5;
    ((void **)vector)[2] = buffers[3];
    ((long *)vector)[3] = 3;
    CALL(SYS_io_submit, 8L, 1L, list);
    CALL(SYS_io_submit, 8L, 2L, list);
    CALL(SYS_io_cancel, 8L, block, buffers[3]);
  }
}

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
    for (long operation = 12; operation < 13; operation++) CALL(SYS_keyctl, operation, -9L, buffers[k], 8L, -3L);
    CALL(SYS_keyctl, 19L, -9L, (long)k, 126L + k, -3L);
    for (long command = 0; command < 5; command++) CALL(SYS_fsconfig, -1, command, "key", buffers[k], 0L);
    CALL(SYS_mount_setattr, -1, "nowhere", 0x1000L, buffers[k], 16L);
    CALL(SYS_io_uring_enter, -1, 1L, 2L, 8L, buffers[k], 24L);
    CALL(SYS_ptrace, 0x4206L, -5L, 1L, 1L << k);
    CALL(SYS_ptrace, 0x4204L, -5L, 1L, buffers[k]);
    CALL(SYS_ptrace, 0x4203L, -5L, 1L, buffers[k]);
    CALL(SYS_ptrace, 3L, -5L, k * 32L, 0L);
    CALL(SYS_futex, 8L, 0x101L + k, 7L, 8L, 8L, 0x55L);
  }
  control_blocks();
  printf("%d calls, all refused: %d\n", count, count == refused);
  return 0;
}

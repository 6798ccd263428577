// Filter programs that the kernel refuses, and refused attributes of bpf and perf_event_open.
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

struct statement {
  uint16_t code;
  uint8_t jt, jf;
  uint32_t k;
};
static struct {
  uint16_t length;
  struct statement *filter;
} program;

static void filters(void) {
  static struct statement statements[] = {
      {0x20, 0, 0, 4},          {0x15, 1, 2, 0xc000003e}, {0x06, 0, 0, 0x7fff0000}, {0x06, 0, 0, 0x5000d},
      {0x16, 0, 0, 5},          {0x26, 0, 0, 0x12340000}, {0x28, 0, 0, 0xfffff004}, {0x20, 0, 0, 0xfff00008},
      {0x30, 0, 0, 0xffe00004}, {0x20, 0, 0, 0xfffff001}, {0x87, 0, 0, 0},          {0x0f, 0, 0, 0},
      {0x02, 0, 0, 1},          {0x0a, 0, 0, 1},          {0xdc, 0, 0, 1},          {0xff0f, 0, 0, 1},
  };
  program.filter = statements;
  program.length = sizeof statements / sizeof *statements;
  printf("seccomp %ld\n", syscall(SYS_seccomp, 1, 0xffffffff, &program));
  printf("setsockopt %d\n", setsockopt(-1, SOL_SOCKET, 26, &program, sizeof program));
  program.length = 0;
  printf("empty %d\n", prctl(22, 2, &program));
}

// More bytes than any kernel takes for the command: refused before anything else is looked at.
static void bpf_attributes(void) {
  static struct {
    uint8_t code, registers;
    int16_t offset;
    int32_t immediate;
  } instructions[] = {{0xb7, 0x10, 5, 7}, {0x61, 0xa2, -4, 0}, {0xdb, 0xff, 0, 1}, {0x0e, 0, 0, 0}, {0x95, 0, 0, 0}};
  static union {
    uint32_t words[64];
    uint64_t longs[32];
  } attributes;
  attributes.words[0] = 1;
  attributes.words[1] = sizeof instructions / sizeof *instructions;
  attributes.longs[1] = (uint64_t)instructions;
  attributes.longs[2] = (uint64_t) "GPL";
  attributes.words[10] = 0x60102;
  strcpy((char *)(attributes.words + 12), "name");
  printf("unknown %ld\n", syscall(SYS_bpf, 99, &attributes, sizeof attributes));
  printf("none %ld\n", syscall(SYS_bpf, 0, 0, 8));
  printf("load %ld\n", syscall(SYS_bpf, 5, &attributes, 80));
}

int main(void) {
  setvbuf(stdout, 0, _IONBF, 0);
  if (getuid() == 0 && setuid(65534) != 0) return 1;
  filters();
  bpf_attributes();
  return 0;
}

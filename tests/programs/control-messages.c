// What a tracer makes of control messages: every level and type it has a name for and some more, with data of many sizes.
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

int main(void) {
  static const struct {
    int level, types;
  } levels[] = {{0, 60}, {1, 88}, {2, 4}, {6, 40}, {17, 108}, {41, 82}, {58, 4}, {132, 12}, {255, 4}, {263, 4}, {270, 12}, {272, 6}, {279, 8}, {282, 6}, {285, 4}, {999, 2}};
  static const int sizes[] = {0, 1, 4, 7, 8, 11, 12, 16, 20, 24, 32, 48, 80};
  char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(pages + 4096, 4096);
  int calls = 0;
  for (unsigned i = 0; i < sizeof levels / sizeof *levels; i++) {
    for (int type = 0; type < levels[i].types; type++) {
      for (unsigned size = 0; size < sizeof sizes / sizeof *sizes; size++) {
        struct msghdr message = {0};
        message.msg_controllen = CMSG_SPACE(sizes[size]);
        message.msg_control = pages + 4096 - message.msg_controllen;
        struct cmsghdr *control = message.msg_control;
        *control = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizes[size]), .cmsg_level = levels[i].level, .cmsg_type = type};
        for (int at = 0; at < sizes[size]; at++) CMSG_DATA(control)[at] = type % 2 ? at + 1 : at == 4;
        sendmsg(-1, &message, 0);
        calls++;
      }
    }
  }
  printf("%d calls\n", calls);
}

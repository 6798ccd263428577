// ioctls on no file, as standard input asks for them. A line is a command, and what its argument holds: "offset:size:value" for each number, in zeros.
// A line that begins with "*" asks with arguments of all kinds: varied bytes, zeros, nothing, and the end of memory.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SIZE 16384

static unsigned char* page;
static unsigned char* varied;

static void ask(unsigned command, const void* argument)
{
    syscall(SYS_ioctl, -1, command, argument);
}

static void ask_with_all(unsigned command)
{
    ask(command, varied);
    ask(command, page);
    ask(command, 0);
    ask(command, varied + SIZE);
    ask(command, varied + SIZE - 3);
    ask(command, (void*)-1l);
}

int main(void)
{
    int kind = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
    page = mmap((void*)0x10000000, SIZE, PROT_READ | PROT_WRITE, kind, -1, 0);
    varied = mmap((void*)0x20000000, SIZE + 4096, PROT_READ | PROT_WRITE, kind, -1, 0);
    mprotect(varied + SIZE, 4096, PROT_NONE);
    for (int i = 0; i < SIZE; i++)
        varied[i] = (i * 37 + 11) & 255;
    char line[4096];
    while (fgets(line, sizeof line, stdin)) {
        memset(page, 0, SIZE);
        if (line[0] == '*') {
            ask_with_all(strtoul(line + 1, 0, 0));
            continue;
        }
        char* rest;
        unsigned command = strtoul(line, &rest, 0);
        while (*rest == ' ') {
            unsigned offset = strtoul(rest, &rest, 0);
            unsigned size = strtoul(rest + 1, &rest, 0);
            unsigned long long value = strtoull(rest + 1, &rest, 0);
            memcpy(page + offset, &value, size);
        }
        ask(command, page);
    }
    return 0;
}

// io_uring_register without a ring: every operation with arguments that say something, that say nothing, that are cut off by the end of memory or
// are not there, and in numbers that are right and wrong.
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NO_RING 99
#define OPERATIONS 39
/* Of these the argument is only shown as an address: messages between rings, chains of queries. */
#define is_left_out(operation) ((operation) == 31 || (operation) == 35)

static unsigned char* page;

static void ask(int operation, const void* argument, unsigned count)
{
    if (!is_left_out(operation & 0x7fffffff)) syscall(SYS_io_uring_register, NO_RING, operation, argument, count);
}

static void fill(int kind)
{
    for (int i = 0; i < 4096; i++) page[i] = kind == 0 ? 0 : kind == 1 ? (i % 4 == 0 ? i / 4 % 250 + 1 : 0) : (i * 37 + 11) & 255;
}

int main(void)
{
    static const unsigned counts[] = {0, 1, 2, 3, 8, 16, 24, 32, 33, 40};
    page = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(page + 4096, 4096, PROT_NONE);
    for (int operation = 0; operation < OPERATIONS; operation++) {
        for (int kind = 0; kind < 3; kind++) {
            fill(kind);
            for (unsigned i = 0; i < sizeof counts / sizeof *counts; i++) ask(operation, page, counts[i]);
        }
        ask(operation, page + 4096, 1);
        ask(operation, 0, 1);
        ask(operation | 0x80000000, page, 1);
    }
    fill(0);
    for (int i = 0; i < 70; i++) page[16 + i * 8] = i, page[16 + i * 8 + 2] = i;
    ask(8, page, 70);
    for (int i = 0; i < 6; i++) {
        fill(0);
        page[0] = i;
        page[2] = 3;
        ask(11, page, 1);
        page[4] = page[5] = i;
        ask(27, page, 1);
        page[8] = i;
        page[24] = i;
        ask(27, page, 1);
        ask(36, page, 1);
        *(void**)(page + 8) = page;
        ask(6, page, 2);
    }
    long data[40];
    for (int i = 0; i < 40; i++) data[i] = i * 17 + 1;
    struct { unsigned nr, flags; unsigned long resv2; void *data, *tags; } resources = {2, 0, 0, data, data};
    struct { unsigned offset, resv; void *data, *tags; unsigned nr, resv2; } update = {7, 0, data, data, 3, 0};
    for (int operation = 13; operation < 17; operation++) ask(operation, operation % 2 ? (void*)&resources : (void*)&update, 32);
    resources.nr = update.nr = 0;
    for (int operation = 13; operation < 17; operation++) ask(operation, operation % 2 ? (void*)&resources : (void*)&update, 32);
    int anywhere[4] = {-1, 0, -1, -1};
    ask(20, anywhere, 1);
    ask(2, anywhere, 3);
    for (int bit = 0; bit < 8; bit++) {
        fill(0);
        *(int*)(page + 4) = *(int*)(page + 8) = *(int*)(page + 12) = 1 << bit;
        for (int operation = 13; operation < OPERATIONS; operation++) ask(operation, page, operation < 17 ? 32 : 1);
    }
    return 0;
}

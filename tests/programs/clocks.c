// Clocks by their numbers: those that have names, those of processes, threads and descriptors, and those that are none.
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <unistd.h>

static const int clocks[] = {
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 16, 17, 100, -1, -2, -3, -4, -5, -6, -7, -8, -9, -10, -11, -12, -13, -14, -15, -16, -17, -21, -100,
    -4194304, 0x7fffffff, (int)0x80000000, (int)0x80000001, (int)0x80000003,
};

int main(void)
{
    for (unsigned i = 0; i < sizeof clocks / sizeof *clocks; i++) syscall(SYS_clock_gettime, clocks[i], 0);
    syscall(SYS_clock_settime, -6, 0);
    syscall(SYS_clock_nanosleep, -6, 0, 0, 0);
    syscall(SYS_timer_create, -6, 0, 0);
    syscall(SYS_clock_getres, -6, 0);
    syscall(SYS_clock_adjtime, -6, 0);
    syscall(SYS_timerfd_create, -6, 0);
    return 0;
}

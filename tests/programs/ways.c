// System calls that go through the kernel in different ways: one that returns at once, one that writes, one that sleeps until a signal's handler
// has run, one without a number in the table, one that begins another program, and one that does not return.
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static void handler(int signal)
{
    (void)signal;
}

int main(int argc, char** argv)
{
    if (argc > 1 && strcmp(argv[1], "again") == 0) syscall(SYS_exit_group, 3);
    long pid = syscall(SYS_getpid);
    char line[100];
    int length = snprintf(line, sizeof line, "getpid %s\n", pid > 0 ? "positive" : "not positive");
    write(1, line, length);
    struct sigaction action = {.sa_handler = handler};
    sigaction(SIGALRM, &action, 0);
    struct itimerval soon = {.it_value = {0, 20000}};
    setitimer(ITIMER_REAL, &soon, 0);
    struct timespec nap = {10, 0};
    int slept = nanosleep(&nap, 0);
    length = snprintf(line, sizeof line, "nanosleep %d %s\n", slept, strerror(errno));
    write(1, line, length);
    long none = syscall(9999, 0, 0, 0, 0, 0, 0);
    length = snprintf(line, sizeof line, "9999 %ld %s, getppid %d\n", none, strerror(errno), syscall(SYS_getppid) == 5);
    write(1, line, length);
    execve("/proc/self/exe", (char*[]){argv[0], "again", 0}, (char*[]){0});
    return 1;
}

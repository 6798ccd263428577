// Works for ever, with two threads that pass a token to and fro: calls that return at once, calls that wait, and arithmetic. It ends with its
// input, and says how much it did and whether anything was lost.
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define CALLS 500
#define STEPS 20000

static int there[2], back[2];
static unsigned long lost;

static void* echo(void* unused)
{
    unsigned long token;
    ssize_t got;
    while ((got = read(there[0], &token, sizeof token)) > 0) {
        token++;
        struct timespec nap = {0, 10000};
        if (got != sizeof token || nanosleep(&nap, 0) != 0 || write(back[1], &token, sizeof token) != sizeof token)
            lost++;
    }
    return unused;
}

static int has_input(void)
{
    struct pollfd in = {0, POLLIN, 0};
    char c;
    return poll(&in, 1, 0) != 0 && read(0, &c, 1) == 0;
}

int main(void)
{
    pthread_t thread;
    if (pipe(there) != 0 || pipe(back) != 0 || pthread_create(&thread, 0, echo, 0) != 0) return 1;
    pid_t pid = getpid();
    unsigned long round = 0, hash = 1;
    do {
        round++;
        for (int i = 0; i < CALLS; i++)
            if (syscall(SYS_getpid) != pid) lost++;
        for (int i = 0; i < STEPS; i++) hash = hash * 6364136223846793005ul + i;
        unsigned long token = round, answer = 0;
        if (write(there[1], &token, sizeof token) != sizeof token || read(back[0], &answer, sizeof answer) != sizeof answer ||
            answer != round + 1)
            lost++;
        char line[64];
        int length = snprintf(line, sizeof line, "%lu %lx\n", round, hash);
        if (write(1, line, length) != length) lost++;
    } while (!has_input());
    close(there[1]);
    pthread_join(thread, 0);
    printf("%lu rounds, %lu lost\n", round, lost);
    return lost != 0;
}

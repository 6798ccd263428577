// System V semaphores: several at once or none, undo, waiting, limits, removal while someone waits.
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void show(const char *what, long result) {
  if (result < 0) printf("%s: %s\n", what, strerror(errno));
  else printf("%s: %ld\n", what, result);
}

static void done(const char *what, long result) { show(what, result < 0 ? result : 0); }

union argument {
  int val;
  struct semid_ds *buf;
  unsigned short *array;
  void *info;
};

static int semaphore(int id, int number, int operation, int flags) {
  struct sembuf one = {number, operation, flags};
  return semop(id, &one, 1);
}

static int value(int id, int number) { return semctl(id, number, GETVAL, (union argument){0}); }

static void onAlarm(int signal) {}

#define CHILD(...)           \
  do {                        \
    fflush(stdout);           \
    pid_t child_ = fork();    \
    if (child_ == 0) {        \
      __VA_ARGS__;            \
      fflush(stdout);         \
      _exit(0);               \
    }                         \
    waitpid(child_, NULL, 0); \
  } while (0)

static void semaphores(void) {
  int id = semget(IPC_PRIVATE, 3, IPC_CREAT | 0600);
  done("semget", id);
  struct semid_ds status;
  union argument argument = {.buf = &status};
  show("stat", semctl(id, 0, IPC_STAT, argument));
  printf("semaphores %lu mode %o used %d\n", (unsigned long)status.sem_nsems, status.sem_perm.mode, status.sem_otime != 0);
  unsigned short values[3] = {1, 2, 3};
  argument.array = values;
  show("set all", semctl(id, 0, SETALL, argument));
  argument.val = 5;
  show("set one", semctl(id, 1, SETVAL, argument));
  argument.array = values;
  show("get all", semctl(id, 0, GETALL, argument));
  printf("%d %d %d\n", values[0], values[1], values[2]);
  show("down", semaphore(id, 1, -3, 0));
  show("value", value(id, 1));
  show("last", semctl(id, 1, GETPID) == getpid());
  show("would wait", semaphore(id, 1, -3, IPC_NOWAIT));
  show("not zero", semaphore(id, 1, 0, IPC_NOWAIT));
  struct sembuf several[3] = {{0, -1, 0}, {1, -2, 0}, {2, 1, 0}};
  show("several", semop(id, several, 3));
  printf("%d %d %d\n", value(id, 0), value(id, 1), value(id, 2));
  several[1].sem_flg = IPC_NOWAIT;
  several[0].sem_op = 1;
  show("none of them", semop(id, several, 3));
  printf("%d %d %d\n", value(id, 0), value(id, 1), value(id, 2));
  show("zero", semaphore(id, 1, 0, 0));
  CHILD({
    show("undone later", semaphore(id, 2, -4, SEM_UNDO));
    show("value", value(id, 2));
  });
  show("undone", value(id, 2));
  int ready[2];
  pipe(ready);
  char byte;
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    write(ready[1], "x", 1);
    semaphore(id, 0, -1, 0);
    _exit(semctl(id, 0, GETNCNT));
  }
  read(ready[0], &byte, 1);
  usleep(100000);
  show("waiting", semctl(id, 0, GETNCNT));
  show("waiting for zero", semctl(id, 0, GETZCNT));
  show("up", semaphore(id, 0, 1, 0));
  int ended;
  waitpid(child, &ended, 0);
  printf("ended %d\n", WEXITSTATUS(ended));
  struct timespec soon = {0, 20000000};
  several[0].sem_op = -1;
  show("timed", semtimedop(id, several, 1, &soon));
  signal(SIGALRM, onAlarm);
  ualarm(100000, 0);
  show("interrupted", semaphore(id, 0, -1, 0));
  show("too high", semaphore(id, 0, 32767, 0));
  show("higher", semaphore(id, 0, 1, 0));
  argument.val = 40000;
  show("set too high", semctl(id, 0, SETVAL, argument));
  show("bad number", semaphore(id, 3, 1, 0));
  show("no operations", semop(id, several, 0));
  show("too many", semop(id, NULL, 501));
  show("bad semaphore", semctl(id, 7, GETVAL));
  show("bad id", semop(-1, several, 1));
  show("none", semget(IPC_PRIVATE, 0, IPC_CREAT | 0600));
  show("many", semget(IPC_PRIVATE, 40000, IPC_CREAT | 0600));
  fflush(stdout);
  child = fork();
  if (child == 0) {
    several[0] = (struct sembuf){1, -1, 0};
    write(ready[1], "x", 1);
    show("removed while waiting", semop(id, several, 1));
    fflush(stdout);
    _exit(0);
  }
  read(ready[0], &byte, 1);
  usleep(100000);
  show("remove", semctl(id, 0, IPC_RMID));
  waitpid(child, NULL, 0);
  show("gone", semaphore(id, 0, 1, 0));
  struct seminfo limits;
  argument.info = &limits;
  done("info", semctl(0, 0, IPC_INFO, argument));
  printf("ids %d semaphores %d each %d operations %d value %d\n", limits.semmni, limits.semmns, limits.semmsl, limits.semopm, limits.semvmx);
  int named = semget(0x5e3, 1, IPC_CREAT | 0600);
  show("found", semget(0x5e3, 1, 0) == named);
  show("more than it has", semget(0x5e3, 2, 0));
  CHILD({
    setuid(2000);
    show("no permission", semaphore(named, 0, 1, 0));
    show("no permission", value(named, 0));
  });
  semctl(named, 0, IPC_RMID);
}

int main(void) {
  setvbuf(stdout, NULL, _IOFBF, 32768);
  syscall(SYS_close_range, 3, 100, 0);
  char line[256];
  semaphores();
  FILE *table = fopen("/proc/sysvipc/sem", "r");
  printf("%s", fgets(line, sizeof line, table));
  return 0;
}

// Numbers of processes and users as those see them that live in namespaces: in System V objects, locks, owners of descriptors.
#include "call-report.h"
#include <sched.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>

static int queue, set, segment, file;
static void tell(const char *what) {
  struct msqid_ds m; struct shmid_ds s; struct flock l = {.l_type = F_WRLCK};
  msgctl(queue, IPC_STAT, &m); shmctl(segment, IPC_STAT, &s); fcntl(file, F_GETLK, &l);
#define WHO(pid) ((pid) == 0 ? "nobody" : (pid) == getpid() ? "own" : (pid) == 1 ? "1" : (pid) == 2 ? "2" : "another")
  printf("%s: message %s, semaphore %s, creator %s, last %s, lock %d %s, owner %s\n", what, WHO(m.msg_lspid), WHO(semctl(set, 0, GETPID)), WHO(s.shm_cpid), WHO(s.shm_lpid), l.l_type, WHO(l.l_pid), WHO(fcntl(file, F_GETOWN)));
}

int main(void) {
  prepare();
  struct { long type; char c; } m = {1, 'x'}; struct sembuf up = {0, 1, 0}; struct flock l = {.l_type = F_WRLCK};
  queue = msgget(IPC_PRIVATE, 0600); set = semget(IPC_PRIVATE, 1, 0600); segment = shmget(IPC_PRIVATE, 4096, 0600); file = open("numbers", O_RDWR | O_CREAT, 0600); unlink("numbers");
  msgsnd(queue, &m, 1, 0); semop(set, &up, 1); shmdt(shmat(segment, NULL, 0)); fcntl(file, F_SETLK, &l); fcntl(file, F_SETOWN, getpid());
  tell("outside"); fflush(stdout);
  SHOW(unshare(CLONE_NEWPID));
  if (fork() == 0) {
    tell("within, from outside");
    msgrcv(queue, &m, 1, 0, 0); msgsnd(queue, &m, 1, 0); semop(set, &up, 1); shmdt(shmat(segment, NULL, 0)); SHOW(fcntl(file, F_SETOWN, getpid()));
    tell("within"); fflush(stdout);
    if (fork() == 0) { tell("within, another"); SHOW(fcntl(file, F_SETOWN, 4711)); SHOW(fcntl(file, F_SETOWN, 2)); fflush(stdout); _exit(0); }
    wait(NULL); _exit(0);
  }
  wait(NULL);
  tell("outside again");
  msgctl(queue, IPC_RMID, NULL); semctl(set, 0, IPC_RMID); shmctl(segment, IPC_RMID, NULL);
}

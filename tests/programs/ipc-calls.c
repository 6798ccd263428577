// Message queues, semaphores, shared memory, POSIX queues, futexes and keys, each with what its page says, by the owner and by others.
#include "call-report.h"
#include <limits.h>
#include <linux/futex.h>
#include <mqueue.h>
#include <pthread.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/time.h>
#include <time.h>

union semun { int val; struct semid_ds *buf; unsigned short *array; struct seminfo *info; void *any; };

static int queue, set, segment;

static void queues(void) {
  struct { long type; char text[16]; } m = {1, "first"};
  struct msqid_ds d;
  key_t key = 0x7e510001;
  SHOW(msgget(key, 0));
  queue = msgget(key, IPC_CREAT | IPC_EXCL | 0640);
  SHOW(msgget(key, IPC_CREAT | IPC_EXCL | 0640));
  printf("again %d\n", msgget(key, 0) == queue);
  SHOW(msgctl(queue, IPC_STAT, &d));
  printf("mode %o uid %d cuid %d gid %d bytes %lu count %lu most %lu lspid %d stime %ld key %x\n", d.msg_perm.mode, d.msg_perm.uid, d.msg_perm.cuid, d.msg_perm.gid, d.__msg_cbytes, d.msg_qnum, d.msg_qbytes, d.msg_lspid, d.msg_stime, d.msg_perm.__key);
  SHOW(msgsnd(queue, &m, 6, 0));
  m.type = 2; strcpy(m.text, "second");
  SHOW(msgsnd(queue, &m, 7, 0));
  m.type = 3; strcpy(m.text, "third");
  SHOW(msgsnd(queue, &m, 6, 0));
  msgctl(queue, IPC_STAT, &d);
  printf("bytes %lu count %lu own %d time %d\n", d.__msg_cbytes, d.msg_qnum, d.msg_lspid == getpid(), d.msg_stime > 0);
  SHOW(msgsnd(queue, (void *)hole, 6, 0));
  SHOW(msgsnd(queue, NULL, 6, 0));
  m.type = 0; SHOW(msgsnd(queue, &m, 6, 0));
  m.type = -1; SHOW(msgsnd(queue, &m, 6, 0));
  m.type = 1; SHOW(msgsnd(queue, &m, -1, 0));
  SHOW(msgsnd(queue, &m, 8193, 0));
  SHOW(msgsnd(-1, &m, 6, 0));
  SHOW(msgsnd(0x7ffffff, &m, 6, 0));
  SHOW(msgrcv(queue, &m, -1, 0, 0));
  SHOW(msgrcv(-1, &m, 6, 0, 0));
  SHOW(msgrcv(queue, (void *)hole, 6, 0, MSG_COPY));
  SHOW(msgrcv(queue, &m, 16, 1, MSG_COPY | IPC_NOWAIT));
  printf("%ld %s\n", m.type, m.text);
  SHOW(msgrcv(queue, &m, 16, 9, MSG_COPY | IPC_NOWAIT));
  SHOW(msgrcv(queue, &m, 16, 1, MSG_COPY | MSG_EXCEPT | IPC_NOWAIT));
  SHOW(msgrcv(queue, &m, 3, 0, 0));
  SHOW(msgrcv(queue, &m, 3, 0, MSG_NOERROR));
  printf("%ld %.3s\n", m.type, m.text);
  SHOW(msgrcv(queue, &m, 16, -2, 0));
  printf("%ld %s\n", m.type, m.text);
  SHOW(msgrcv(queue, &m, 16, 3, MSG_EXCEPT | IPC_NOWAIT));
  SHOW(msgrcv(queue, (void *)hole, 16, 0, 0));
  SHOW(msgrcv(queue, &m, 16, 0, IPC_NOWAIT));
  SHOW(msgctl(queue, IPC_STAT, (void *)hole));
  SHOW(msgctl(queue, IPC_SET, (void *)hole));
  SHOW(msgctl(-1, IPC_STAT, &d));
  SHOW(msgctl(queue, 99, &d));
  SHOW(msgctl(-1, IPC_RMID, NULL));
  struct msginfo info;
  DO(msgctl(0, IPC_INFO, (void *)&info));
  DO(msgctl(0, MSG_INFO, (void *)&info));
  SHOW(msgctl(0, IPC_INFO, (void *)hole));
  int index = queue % 32768;
  printf("by index %d\n", msgctl(index, MSG_STAT, &d) == queue);
  SHOW(msgctl(32767, MSG_STAT, &d));
  msgctl(queue, IPC_STAT, &d);
  d.msg_qbytes = 20; d.msg_perm.mode = 0600;
  SHOW(msgctl(queue, IPC_SET, &d));
  d.msg_qbytes = 20000;
  SHOW(msgctl(queue, IPC_SET, &d));
  d.msg_qbytes = 20;
  msgctl(queue, IPC_SET, &d);
  m.type = 1;
  SHOW(msgsnd(queue, &m, 16, IPC_NOWAIT));
  SHOW(msgsnd(queue, &m, 16, IPC_NOWAIT));
  SHOW(msgsnd(queue, &m, 0, IPC_NOWAIT));
  fflush(stdout);
  if (fork() == 0) {
    SHOW(msgsnd(queue, &m, 16, 0));
    _exit(0);
  }
  rest(10);
  SHOW(msgctl(queue, IPC_RMID, NULL));
  wait(NULL);
  SHOW(msgrcv(queue, &m, 16, 0, 0));
  queue = msgget(IPC_PRIVATE, 0);
  SHOW(msgrcv(queue, &m, 16, 0, IPC_NOWAIT));
  msgctl(queue, IPC_RMID, NULL);
}

static void nobodys_queues(void) {
  struct { long type; char text[16]; } m = {1, "first"};
  struct msqid_ds d;
  SHOW(msgget(0x7e510002, 0600));
  DO(msgget(0x7e510002, 0));
  SHOW(msgsnd(queue, &m, 6, 0));
  SHOW(msgrcv(queue, &m, 6, 0, IPC_NOWAIT));
  SHOW(msgctl(queue, IPC_STAT, &d));
  SHOW(msgctl(queue, IPC_SET, &d));
  SHOW(msgctl(queue, IPC_RMID, &d));
  SHOW(msgctl(queue % 32768, MSG_STAT, &d));
  DO(msgctl(queue % 32768, 13, &d));
  SHOW(semctl(set, 0, GETVAL));
  SHOW(semctl(set, 0, SETVAL, 3));
  SHOW(semctl(set, 0, IPC_RMID));
  struct sembuf op = {0, 1, 0};
  SHOW(semop(set, &op, 1));
  SHOW(semget(0x7e510003, 1, 0600));
  DO(shmat(segment, NULL, 0));
  DO(shmat(segment, NULL, SHM_RDONLY));
  SHOW(shmctl(segment, IPC_RMID, NULL));
  SHOW(shmctl(segment, SHM_LOCK, NULL));
  SHOW(shmget(0x7e510004, 4096, 0600));
}

static void semaphores(void) {
  struct semid_ds d;
  union semun u = {.buf = &d};
  unsigned short values[4] = {1, 2, 3, 0};
  key_t key = 0x7e510005;
  SHOW(semget(key, 1, 0));
  SHOW(semget(key, -1, IPC_CREAT | 0600));
  SHOW(semget(key, 0, IPC_CREAT | 0600));
  SHOW(semget(key, 32001, IPC_CREAT | 0600));
  set = semget(key, 3, IPC_CREAT | IPC_EXCL | 0640);
  SHOW(semget(key, 3, IPC_CREAT | IPC_EXCL));
  SHOW(semget(key, 4, 0));
  printf("fewer %d\n", semget(key, 2, 0) == set);
  SHOW(semctl(set, 0, IPC_STAT, u));
  printf("mode %o count %lu otime %ld\n", d.sem_perm.mode, d.sem_nsems, d.sem_otime);
  u.array = values; SHOW(semctl(set, 0, SETALL, u));
  values[0] = 40000; SHOW(semctl(set, 0, SETALL, u));
  SHOW(semctl(set, 0, GETALL, u));
  printf("%d %d %d\n", values[0], values[1], values[2]);
  SHOW(semctl(set, 0, GETVAL)); SHOW(semctl(set, 3, GETVAL)); SHOW(semctl(set, -1, GETVAL));
  SHOW(semctl(set, 0, GETPID) == getpid()); SHOW(semctl(set, 0, GETNCNT)); SHOW(semctl(set, 0, GETZCNT));
  SHOW(semctl(set, 0, SETVAL, -1)); SHOW(semctl(set, 0, SETVAL, 32768)); SHOW(semctl(set, 3, SETVAL, 1)); SHOW(semctl(set, 0, SETVAL, 5));
  SHOW(semctl(set, 0, 99)); SHOW(semctl(-1, 0, GETVAL)); SHOW(semctl(0x7ffffff, 0, GETVAL));
  u.any = hole;
  SHOW(semctl(set, 0, IPC_STAT, u)); SHOW(semctl(set, 0, IPC_SET, u)); SHOW(semctl(set, 0, GETALL, u)); SHOW(semctl(set, 0, SETALL, u)); SHOW(semctl(set, 0, IPC_INFO, u));
  struct sembuf ops[600] = {{0, 1, 0}};
  SHOW(semop(set, (void *)hole, 1)); SHOW(semop(set, ops, 0)); SHOW(semop(set, ops, 501)); SHOW(semop(-1, ops, 1)); SHOW(semop(0x7ffffff, ops, 1));
  ops[0] = (struct sembuf){3, 1, 0}; SHOW(semop(set, ops, 1));
  ops[0] = (struct sembuf){0, 32767, 0}; SHOW(semop(set, ops, 1));
  ops[0] = (struct sembuf){0, -6, IPC_NOWAIT}; SHOW(semop(set, ops, 1));
  ops[0] = (struct sembuf){0, 0, IPC_NOWAIT}; SHOW(semop(set, ops, 1));
  ops[0] = (struct sembuf){0, -5, 0}; ops[1] = (struct sembuf){1, -3, IPC_NOWAIT}; SHOW(semop(set, ops, 2)); SHOW(semctl(set, 0, GETVAL));
  ops[1] = (struct sembuf){1, -2, IPC_NOWAIT}; SHOW(semop(set, ops, 2)); SHOW(semctl(set, 0, GETVAL));
  struct timespec t = {0, 2000000};
  ops[0] = (struct sembuf){0, -1, 0};
  SHOW(semtimedop(set, ops, 1, &t));
  t.tv_nsec = -1; SHOW(semtimedop(set, ops, 1, &t));
  t.tv_nsec = 1000000000; SHOW(semtimedop(set, ops, 1, &t));
  SHOW(semtimedop(set, ops, 1, (void *)hole));
  semctl(set, 0, SETVAL, 0);
  fflush(stdout);
  if (fork() == 0) {
    struct sembuf undo = {0, 3, SEM_UNDO};
    SHOW(semop(set, &undo, 1));
    printf("in child %d\n", semctl(set, 0, GETVAL));
    exit(0);
  }
  wait(NULL);
  printf("undone %d\n", semctl(set, 0, GETVAL));
  if (fork() == 0) {
    SHOW(semop(set, ops, 1));
    exit(0);
  }
  rest(10);
  printf("waiting %d\n", semctl(set, 0, GETNCNT));
  u.buf = &d; semctl(set, 0, IPC_STAT, u);
  d.sem_perm.mode = 0600; d.sem_perm.uid = 5;
  SHOW(semctl(set, 0, IPC_SET, u));
  SHOW(semctl(set, 0, IPC_RMID));
  wait(NULL);
  SHOW(semop(set, ops, 1));
  SHOW(semctl(set, 0, IPC_STAT, u));
}

static void segments(void) {
  struct shmid_ds d;
  key_t key = 0x7e510006;
  SHOW(shmget(key, 4096, 0)); SHOW(shmget(key, 0, IPC_CREAT | 0600)); SHOW(shmget(key, -1, IPC_CREAT | 0600));
  segment = shmget(key, 5000, IPC_CREAT | IPC_EXCL | 0640);
  SHOW(shmget(key, 5000, IPC_CREAT | IPC_EXCL)); SHOW(shmget(key, 5001, 0));
  printf("smaller %d\n", shmget(key, 1, 0) == segment);
  char *p = shmat(segment, NULL, 0), *q = shmat(segment, NULL, SHM_RDONLY);
  p[0] = 'x';
  printf("%c\n", q[0]);
  SHOW(shmctl(segment, IPC_STAT, &d));
  printf("mode %o size %zu attached %lu own %d %d\n", d.shm_perm.mode, d.shm_segsz, d.shm_nattch, d.shm_cpid == getpid(), d.shm_lpid == getpid());
  DO(shmat(segment, page + 1, 0)); DO(shmat(segment, page + 1, SHM_RND)); DO(shmat(segment, page, 0)); DO(shmat(segment, NULL, SHM_REMAP)); DO(shmat(-1, NULL, 0)); DO(shmat(0x7ffffff, NULL, 0)); 
  SHOW(shmdt(p + 1)); SHOW(shmdt(hole)); SHOW(shmdt(p)); SHOW(shmdt(p)); SHOW(shmdt(q));
  SHOW(shmctl(segment, IPC_STAT, (void *)hole)); SHOW(shmctl(segment, IPC_SET, (void *)hole)); SHOW(shmctl(-1, IPC_STAT, &d)); SHOW(shmctl(segment, 99, &d)); SHOW(shmctl(0, IPC_INFO, (void *)hole));
  SHOW(shmctl(segment, SHM_LOCK, NULL)); shmctl(segment, IPC_STAT, &d); printf("mode %o\n", d.shm_perm.mode); SHOW(shmctl(segment, SHM_UNLOCK, NULL));
  p = shmat(segment, NULL, 0);
  SHOW(shmctl(segment, IPC_RMID, NULL));
  SHOW(shmctl(segment, IPC_STAT, &d));
  printf("mode %o key %x\n", d.shm_perm.mode, d.shm_perm.__key);
  if (fork() == 0) { p[1] = 'y'; _exit(0); }
  wait(NULL);
  printf("%c\n", p[1]);
  SHOW(shmdt(p));
  SHOW(shmctl(segment, IPC_STAT, &d));
}

static void permissions(void) {
  queue = msgget(IPC_PRIVATE, 0600); set = semget(IPC_PRIVATE, 1, 0600); segment = shmget(IPC_PRIVATE, 4096, 0604);
  int keyed[3] = {msgget(0x7e510002, IPC_CREAT | 0400), semget(0x7e510003, 1, IPC_CREAT | 0400), shmget(0x7e510004, 4096, IPC_CREAT | 0400)};
  AS_NOBODY(nobodys_queues);
  msgctl(queue, IPC_RMID, NULL); semctl(set, 0, IPC_RMID); shmctl(segment, IPC_RMID, NULL);
  msgctl(keyed[0], IPC_RMID, NULL); semctl(keyed[1], 0, IPC_RMID); shmctl(keyed[2], IPC_RMID, NULL);
}

static void noticed(union sigval value) { printf("notice %d\n", value.sival_int); }
static void on_signal(int signal, siginfo_t *info, void *context) { printf("signal %d code %d value %d pid %d\n", signal, info->si_code, info->si_value.sival_int, info->si_pid == getpid()); }

static void posix_queues(void) {
  struct mq_attr a = {.mq_maxmsg = 2, .mq_msgsize = 16}, b;
  char text[32]; unsigned priority;
  struct timespec t = {0, 0};
  CALL(mq_open, "nothing", 0L, 0L, NULL); CALL(mq_open, "", O_CREAT, 0600L, NULL); CALL(mq_open, "a/b", O_CREAT, 0600L, NULL); CALL(mq_open, hole, 0L, 0L, NULL); CALL(mq_open, "x", O_CREAT, 0600L, hole);
  b = a; b.mq_maxmsg = 0; CALL(mq_open, "x", O_CREAT | O_RDWR, 0600L, &b); b.mq_maxmsg = 1 << 20; CALL(mq_open, "x", O_CREAT | O_RDWR, 0600L, &b); b = a; b.mq_msgsize = -1; CALL(mq_open, "x", O_CREAT | O_RDWR, 0600L, &b);
  mqd_t q = mq_open("/ipc-calls", O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0600, &a);
  DO(q); SHOW(mq_open("/ipc-calls", O_CREAT | O_EXCL | O_RDWR, 0600, &a));
  mqd_t r = mq_open("/ipc-calls", O_RDONLY), w = mq_open("/ipc-calls", O_WRONLY);
  SHOW(mq_send(q, "one", 4, 1)); SHOW(mq_send(q, "two", 4, 2)); SHOW(mq_send(q, "three", 6, 3)); SHOW(mq_send(q, "seventeen letters", 17, 1)); SHOW(mq_send(q, "x", 1, 32768)); SHOW(mq_send(r, "x", 1, 1)); SHOW(mq_send(77, "x", 1, 1)); SHOW(mq_send(0, "x", 1, 1));
  SHOW(mq_timedsend(w, "x", 1, 1, &t)); t.tv_nsec = -1; SHOW(mq_timedsend(w, "x", 1, 1, &t)); CALL(mq_timedsend, w, "x", 1L, 1L, hole); CALL(mq_timedsend, q, hole, 4L, 1L, NULL);
  SHOW(mq_getattr(q, &b)); printf("%ld %ld %ld %lo\n", b.mq_maxmsg, b.mq_msgsize, b.mq_curmsgs, b.mq_flags);
  b.mq_flags = 1; CALL(mq_getsetattr, q, &b, NULL); b.mq_flags = 0; SHOW(mq_setattr(q, &b, &a)); printf("%lo\n", a.mq_flags); CALL(mq_getsetattr, q, hole, NULL); CALL(mq_getsetattr, q, NULL, hole); CALL(mq_getsetattr, 0L, NULL, NULL); CALL(mq_getsetattr, 77L, NULL, NULL);
  SHOW(mq_receive(q, text, 15, &priority)); SHOW(mq_receive(q, text, 16, &priority)); printf("%s %u\n", text, priority); SHOW(mq_receive(w, text, 16, NULL)); CALL(mq_timedreceive, q, hole, 16L, NULL, NULL); t = (struct timespec){0, 0}; SHOW(mq_timedreceive(q, text, 16, NULL, &t)); SHOW(mq_timedreceive(q, text, 16, NULL, &t));
  struct sigevent e = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 6};
  struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO}; sigaction(SIGUSR1, &action, NULL);
  SHOW(mq_notify(77, &e)); SHOW(mq_notify(0, &e)); SHOW(mq_notify(q, NULL)); CALL(mq_notify, q, hole); e.sigev_signo = 65; SHOW(mq_notify(q, &e)); e.sigev_notify = 9; SHOW(mq_notify(q, &e));
  e.sigev_notify = SIGEV_SIGNAL; e.sigev_signo = SIGUSR1; SHOW(mq_notify(q, &e)); SHOW(mq_notify(q, &e));
  fflush(stdout);
  if (fork() == 0) { SHOW(mq_notify(q, &e)); _exit(0); }
  wait(NULL);
  SHOW(mq_send(q, "note", 5, 0)); SHOW(mq_send(q, "note", 5, 0)); SHOW(mq_notify(q, &e)); SHOW(mq_notify(q, NULL));
  mq_receive(q, text, 16, NULL); mq_receive(q, text, 16, NULL);
  e = (struct sigevent){.sigev_notify = SIGEV_THREAD, .sigev_notify_function = noticed, .sigev_value.sival_int = 9};
  SHOW(mq_notify(q, &e)); SHOW(mq_send(q, "note", 5, 0)); rest(30);
  mq_receive(q, text, 16, NULL);
  e = (struct sigevent){.sigev_notify = SIGEV_NONE}; SHOW(mq_notify(q, &e)); SHOW(mq_send(q, "note", 5, 0));
  SHOW(mq_close(77)); SHOW(mq_unlink("/ipc-calls")); SHOW(mq_unlink("/ipc-calls")); CALL(mq_unlink, hole); CALL(mq_unlink, "a/b"); SHOW(mq_getattr(q, &b)); printf("%ld\n", b.mq_curmsgs);
}

static void nobodys_posix_queues(void) {
  SHOW(mq_open("/ipc-calls-root", O_RDWR)); SHOW(mq_open("/ipc-calls-root", O_RDONLY)); SHOW(mq_unlink("/ipc-calls-root"));
  struct mq_attr a = {.mq_maxmsg = 11, .mq_msgsize = 16}; SHOW(mq_open("/ipc-calls-x", O_CREAT | O_RDWR, 0600, &a)); a.mq_maxmsg = 1; a.mq_msgsize = 8193; SHOW(mq_open("/ipc-calls-x", O_CREAT | O_RDWR, 0600, &a));
  struct rlimit few = {100, 100}; setrlimit(RLIMIT_MSGQUEUE, &few); a.mq_msgsize = 16; SHOW(mq_open("/ipc-calls-x", O_CREAT | O_RDWR, 0600, &a));
}

static uint32_t word, other;
static long futex(void *at, int op, unsigned value, void *time, void *at2, unsigned value3) { return syscall(SYS_futex, at, op, value, time, at2, value3); }
#define FUTEX(...) result("futex " #__VA_ARGS__, futex(__VA_ARGS__))
static void *wakes(void *a) { rest(10); word = 1; futex(&word, FUTEX_WAKE, 1, NULL, NULL, 0); return NULL; }
static void *waits(void *a) { return (void *)futex(&word, FUTEX_WAIT_BITSET, 0, NULL, NULL, (long)a); }

static void futexes(void) {
  struct timespec t = {0, 1000000}, bad = {0, -1}, late = {1, 0};
  FUTEX(&word, 99, 0, NULL, NULL, 0); FUTEX(hole, FUTEX_WAIT, 0, NULL, NULL, 0); FUTEX(NULL, FUTEX_WAIT, 0, NULL, NULL, 0); FUTEX((char *)&word + 1, FUTEX_WAIT, 0, NULL, NULL, 0); FUTEX(&word, FUTEX_WAIT, 1, NULL, NULL, 0); FUTEX(&word, FUTEX_WAIT, 0, &t, NULL, 0); FUTEX(&word, FUTEX_WAIT, 0, &bad, NULL, 0); FUTEX(&word, FUTEX_WAIT, 0, hole, NULL, 0);
  FUTEX(&word, FUTEX_WAIT_BITSET, 0, &late, NULL, 1); FUTEX(&word, FUTEX_WAIT_BITSET, 0, &late, NULL, 0); FUTEX(&word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, &late, NULL, 1); FUTEX(&word, FUTEX_WAKE | FUTEX_CLOCK_REALTIME, 0, NULL, NULL, 1); FUTEX(&word, FUTEX_WAKE, 1, NULL, NULL, 0); FUTEX(hole, FUTEX_WAKE, 1, NULL, NULL, 0); FUTEX(hole, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, NULL, NULL, 0); FUTEX((char *)&word + 2, FUTEX_WAKE, 1, NULL, NULL, 0); FUTEX(&word, FUTEX_WAKE_BITSET, 1, NULL, NULL, 0); FUTEX(&word, FUTEX_FD, 0, NULL, NULL, 0);
  FUTEX(&word, FUTEX_REQUEUE, 1, (void *)1, &other, 0); FUTEX(&word, FUTEX_REQUEUE, -1, (void *)1, &other, 0); FUTEX(&word, FUTEX_CMP_REQUEUE, 1, (void *)1, &other, 5); FUTEX(&word, FUTEX_CMP_REQUEUE, 1, (void *)1, &other, 0); FUTEX(&word, FUTEX_CMP_REQUEUE, 1, (void *)1, hole, 0); FUTEX(&word, FUTEX_WAKE_OP, 1, (void *)1, &other, FUTEX_OP(FUTEX_OP_SET, 7, FUTEX_OP_CMP_EQ, 0)); printf("%u\n", other); FUTEX(&word, FUTEX_WAKE_OP, 1, (void *)1, &other, 9 << 28); FUTEX(&word, FUTEX_WAKE_OP, 1, (void *)1, hole, 0);
  word = 0; FUTEX(&word, FUTEX_LOCK_PI, 0, NULL, NULL, 0); printf("own %d\n", word == syscall(SYS_gettid)); FUTEX(&word, FUTEX_LOCK_PI, 0, NULL, NULL, 0); FUTEX(&word, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0); FUTEX(&word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0); FUTEX(&word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0); word = 4000000; FUTEX(&word, FUTEX_LOCK_PI, 0, NULL, NULL, 0); word = getppid(); FUTEX(&word, FUTEX_LOCK_PI, 0, &t, NULL, 0); printf("%x\n", word & ~0x3fffffff); word = 0;
  pthread_t a, b; void *got; pthread_create(&a, NULL, wakes, NULL); FUTEX(&word, FUTEX_WAIT, 0, NULL, NULL, 0); pthread_join(a, NULL); word = 0;
  pthread_create(&a, NULL, waits, (void *)1); pthread_create(&b, NULL, waits, (void *)2); rest(10); FUTEX(&word, FUTEX_WAKE_BITSET, 9, NULL, NULL, 4); FUTEX(&word, FUTEX_WAKE_BITSET, 9, NULL, NULL, 2); pthread_join(b, &got); FUTEX(&word, FUTEX_WAKE, 9, NULL, NULL, 0); pthread_join(a, &got);
  CALL(set_robust_list, page, 1L); CALL(get_robust_list, 0L, hole, page); CALL(get_robust_list, 4000000L, page, page); CALL(get_robust_list, -1L, page, page);
}

static void robust(void) {
  static struct robust_list_head head; static struct { struct robust_list list; uint32_t word; } lock;
  uint32_t *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (fork() == 0) {
    struct { struct robust_list list; uint32_t word; } *l = (void *)shared;
    head.list.next = &l->list; l->list.next = &head.list; head.futex_offset = 8; l->word = syscall(SYS_gettid) | FUTEX_WAITERS;
    CALL(set_robust_list, &head, sizeof head); _exit(0);
  }
  wait(NULL); printf("%x\n", shared[2]);
}

int main(void) {
  prepare();
  APART(queues); APART(semaphores); APART(segments); APART(permissions);
  APART(posix_queues);
  struct mq_attr a = {.mq_maxmsg = 1, .mq_msgsize = 1}; mq_open("/ipc-calls-root", O_CREAT | O_RDWR, 0600, &a);
  AS_NOBODY(nobodys_posix_queues);
  mq_unlink("/ipc-calls-root"); mq_unlink("/ipc-calls"); mq_unlink("/ipc-calls-x");
  APART(futexes); APART(robust);
}

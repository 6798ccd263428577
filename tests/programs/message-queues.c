// System V message queues: types and their order, sizes, waiting, limits, removal while someone waits.
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void show(const char *what, long result) {
  if (result < 0) printf("%s: %s\n", what, strerror(errno));
  else printf("%s: %ld\n", what, result);
}

static void done(const char *what, long result) { show(what, result < 0 ? result : 0); }

#ifndef MSG_COPY
#define MSG_COPY 040000
#endif

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

struct message {
  long type;
  char text[64];
};

static void queues(void) {
  int id = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
  done("msgget", id);
  struct message message = {3, "three"};
  show("send", msgsnd(id, &message, 5, 0));
  message = (struct message){1, "one"};
  show("send", msgsnd(id, &message, 3, 0));
  message = (struct message){2, "two"};
  show("send", msgsnd(id, &message, 3, 0));
  struct msqid_ds status;
  show("stat", msgctl(id, IPC_STAT, &status));
  printf("messages %lu bytes %lu room %lu sender %d receiver %d\n", (unsigned long)status.msg_qnum, (unsigned long)status.__msg_cbytes,
         (unsigned long)status.msg_qbytes, status.msg_lspid == getpid(), status.msg_lrpid);
  memset(&message, 0, sizeof message);
  show("by type", msgrcv(id, &message, 64, 2, 0));
  printf("%ld %s\n", message.type, message.text);
  memset(&message, 0, sizeof message);
  show("lowest", msgrcv(id, &message, 64, -3, 0));
  printf("%ld %s\n", message.type, message.text);
  show("none", msgrcv(id, &message, 64, 7, IPC_NOWAIT));
  show("too small", msgrcv(id, &message, 2, 0, 0));
  memset(&message, 0, sizeof message);
  show("copy", msgrcv(id, &message, 64, 0, MSG_COPY | IPC_NOWAIT));
  show("cut", msgrcv(id, &message, 2, 0, MSG_NOERROR));
  printf("%ld %.2s\n", message.type, message.text);
  show("empty", msgrcv(id, &message, 64, 0, IPC_NOWAIT));
  message = (struct message){4, "four"};
  msgsnd(id, &message, 4, 0);
  message.type = 5;
  msgsnd(id, &message, 4, 0);
  show("except", msgrcv(id, &message, 64, 4, MSG_EXCEPT));
  printf("%ld\n", message.type);
  fflush(stdout);
  CHILD({
    message = (struct message){9, "from the child"};
    msgsnd(id, &message, 14, 0);
  });
  show("received", msgrcv(id, &message, 64, 9, 0));
  printf("%ld %.14s\n", message.type, message.text);
  message.type = 0;
  show("bad type", msgsnd(id, &message, 4, 0));
  message.type = 1;
  show("too long", msgsnd(id, &message, 8193, 0));
  show("negative", msgsnd(id, &message, -1, 0));
  show("bad buffer", msgsnd(id, (void *)8, 4, 0));
  msgctl(id, IPC_STAT, &status);
  status.msg_qbytes = 8;
  show("less room", msgctl(id, IPC_SET, &status));
  show("fits", msgsnd(id, &message, 4, IPC_NOWAIT));
  show("full", msgsnd(id, &message, 4, IPC_NOWAIT));
  signal(SIGALRM, onAlarm);
  ualarm(100000, 0);
  show("interrupted", msgsnd(id, &message, 4, 0));
  ualarm(100000, 0);
  show("interrupted", msgrcv(id, &message, 4, 77, 0));
  int ready[2];
  pipe(ready);
  char byte;
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    write(ready[1], "x", 1);
    show("removed while waiting", msgrcv(id, &message, 64, 77, 0));
    fflush(stdout);
    _exit(0);
  }
  read(ready[0], &byte, 1);
  usleep(100000);
  show("remove", msgctl(id, IPC_RMID, NULL));
  waitpid(child, NULL, 0);
  show("gone", msgsnd(id, &message, 4, 0));
  struct msginfo limits;
  done("info", msgctl(0, IPC_INFO, (struct msqid_ds *)&limits));
  printf("longest %d room %d\n", limits.msgmax, limits.msgmnb);
  show("bad command", msgctl(0, 99, NULL));
  show("copy and except", msgrcv(id, &message, 4, 0, MSG_COPY | MSG_EXCEPT | IPC_NOWAIT));
}

int main(void) {
  setvbuf(stdout, NULL, _IOFBF, 32768);
  syscall(SYS_close_range, 3, 100, 0);
  char line[256];
  queues();
  FILE *table = fopen("/proc/sysvipc/msg", "r");
  printf("%s", fgets(line, sizeof line, table));
  return 0;
}

// System V shared memory: attaching, what a segment tells of itself, permissions, removal while it is attached.
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void show(const char *what, long result) {
  if (result < 0) printf("%s: %s\n", what, strerror(errno));
  else printf("%s: %ld\n", what, result);
}

static void done(const char *what, long result) { show(what, result < 0 ? result : 0); }

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

static void memory(void) {
  int id = shmget(IPC_PRIVATE, 5000, IPC_CREAT | 0640);
  done("shmget", id);
  struct shmid_ds status;
  show("stat", shmctl(id, IPC_STAT, &status));
  printf("size %lu mode %o attached %lu uid %d creator %d\n", (unsigned long)status.shm_segsz, status.shm_perm.mode,
         (unsigned long)status.shm_nattch, status.shm_perm.uid, status.shm_cpid == getpid());
  char *at = shmat(id, NULL, 0);
  done("attach", at == (void *)-1 ? -1 : 0);
  printf("zero %d\n", at[4999]);
  strcpy(at, "shared");
  char *read_only = shmat(id, NULL, SHM_RDONLY);
  done("attach to read", read_only == (void *)-1 ? -1 : 0);
  printf("%s\n", read_only);
  shmctl(id, IPC_STAT, &status);
  printf("attached %lu last %d\n", (unsigned long)status.shm_nattch, status.shm_lpid == getpid());
  CHILD({
    shmctl(id, IPC_STAT, &status);
    printf("attached %lu: %s\n", (unsigned long)status.shm_nattch, at);
    strcpy(at, "by the child");
  });
  printf("%s\n", at);
  shmctl(id, IPC_STAT, &status);
  printf("attached %lu\n", (unsigned long)status.shm_nattch);
  status.shm_perm.mode = 0600;
  show("set", shmctl(id, IPC_SET, &status));
  shmctl(id, IPC_STAT, &status);
  printf("mode %o\n", status.shm_perm.mode);
  show("detach", shmdt(read_only));
  show("detach again", shmdt(read_only));
  show("detach elsewhere", shmdt(at + 1));
  show("lock", shmctl(id, SHM_LOCK, NULL));
  shmctl(id, IPC_STAT, &status);
  printf("mode %o\n", status.shm_perm.mode);
  show("unlock", shmctl(id, SHM_UNLOCK, NULL));
  show("remove", shmctl(id, IPC_RMID, NULL));
  show("removed but attached", shmctl(id, IPC_STAT, &status));
  printf("mode %o key %d\n", status.shm_perm.mode, (int)status.shm_perm.__key);
  printf("%s\n", at);
  show("detach", shmdt(at));
  show("gone", shmctl(id, IPC_STAT, &status));
  show("attach", (long)shmat(id, NULL, 0));

  key_t key = 0x51015;
  id = shmget(key, 4096, IPC_CREAT | IPC_EXCL | 0600);
  done("by key", id);
  show("exists", shmget(key, 4096, IPC_CREAT | IPC_EXCL | 0600));
  show("found", shmget(key, 0, 0) == id);
  show("too large", shmget(key, 8192, 0));
  show("other key", shmget(key + 1, 0, 0));
  show("no size", shmget(IPC_PRIVATE, 0, IPC_CREAT | 0600));
  show("unaligned", (long)shmat(id, (void *)0x10000123, 0));
  at = shmat(id, (void *)0x10000123, SHM_RND);
  printf("rounded %p\n", at);
  show("in use", (long)shmat(id, at, 0));
  char *again = shmat(id, at, SHM_REMAP);
  printf("remapped %d\n", again == at);
  show("nowhere", (long)shmat(id, NULL, SHM_REMAP));
  struct shminfo limits;
  done("info", shmctl(0, IPC_INFO, (struct shmid_ds *)&limits));
  printf("minimum %lu ids %lu\n", limits.shmmin, limits.shmmni);
  struct shm_info usage;
  done("usage", shmctl(0, SHM_INFO, (struct shmid_ds *)&usage));
  show("bad command", shmctl(id, 99, NULL));
  show("bad id", shmctl(-1, IPC_STAT, &status));
  show("bad buffer", shmctl(id, IPC_STAT, (void *)8));
  CHILD({
    setuid(2000);
    show("no permission", (long)shmat(id, NULL, 0));
    show("not to be found", shmget(key, 0, 0600));
    show("not to be seen", shmctl(id, IPC_STAT, &status));
    show("not to be removed", shmctl(id, IPC_RMID, NULL));
  });
  shmctl(id, IPC_RMID, NULL);
}

int main(void) {
  setvbuf(stdout, NULL, _IOFBF, 32768);
  syscall(SYS_close_range, 3, 100, 0);
  char line[256];
  memory();
  FILE *table = fopen("/proc/sysvipc/shm", "r");
  printf("%s", fgets(line, sizeof line, table));
  return 0;
}

// Memory that is shared: between a parent and its children, between two views of one file, and between a view and read and write.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void child_writes(void) {
  int *shared = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  int *private = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  shared[0] = 1;
  shared[1024] = 2;
  private[0] = 3;
  pid_t pid = fork();
  if (pid == 0) {
    printf("child sees %d %d %d\n", shared[0], shared[1024], private[0]);
    fflush(stdout);
    shared[0] = 10;
    shared[1] = 11;
    private[0] = 30;
    _exit(0);
  }
  waitpid(pid, NULL, 0);
  printf("parent sees %d %d %d %d\n", shared[0], shared[1], shared[1024], private[0]);
  munmap(shared, 8192);
}

static void counters(void) {
  atomic_int *count = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  for (int i = 0; i < 4; i++) {
    if (fork() == 0) {
      for (int n = 0; n < 20000; n++) atomic_fetch_add(count, 1);
      _exit(0);
    }
  }
  while (wait(NULL) > 0) {}
  printf("count %d\n", atomic_load(count));
}

struct locked {
  pthread_mutex_t mutex;
  pthread_cond_t condition;
  int turn, total;
};

static void process_shared_mutex(void) {
  struct locked *state = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pthread_mutexattr_t mutex;
  pthread_condattr_t condition;
  pthread_mutexattr_init(&mutex);
  pthread_mutexattr_setpshared(&mutex, PTHREAD_PROCESS_SHARED);
  pthread_condattr_init(&condition);
  pthread_condattr_setpshared(&condition, PTHREAD_PROCESS_SHARED);
  pthread_mutex_init(&state->mutex, &mutex);
  pthread_cond_init(&state->condition, &condition);
  for (int me = 0; me < 3; me++) {
    if (fork() == 0) {
      for (int n = 0; n < 50; n++) {
        pthread_mutex_lock(&state->mutex);
        while (state->turn != me) pthread_cond_wait(&state->condition, &state->mutex);
        state->total = state->total * 3 % 1000003 + me;
        state->turn = (me + 1) % 3;
        pthread_cond_broadcast(&state->condition);
        pthread_mutex_unlock(&state->mutex);
      }
      _exit(0);
    }
  }
  while (wait(NULL) > 0) {}
  printf("in turns %d\n", state->total);
}

static void two_views(void) {
  int fd = memfd_create("views", 0);
  ftruncate(fd, 3 * 4096);
  char *a = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  char *b = mmap(NULL, 2 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 4096);
  char *quiet = mmap(NULL, 3 * 4096, PROT_READ, MAP_PRIVATE, fd, 0);
  strcpy(a + 4096, "from a");
  printf("b: %s\n", b);
  strcpy(b + 10, "from b");
  printf("a: %s %s\n", a + 4096, a + 4096 + 10);
  printf("private: %s %s\n", quiet + 4096, quiet + 4096 + 10);
  char text[32] = "";
  pread(fd, text, 6, 4096 + 10);
  printf("read: %s\n", text);
  pwrite(fd, "written", 8, 4096 + 20);
  printf("a: %s, b: %s, b still: %s\n", a + 4096 + 20, b + 20, b + 10);
  ftruncate(fd, 4096 + 15);
  printf("after ftruncate: %d %s\n", b[16], b + 10);
  ftruncate(fd, 3 * 4096);
  printf("grown again: %s|%s|\n", b + 10, a + 4096 + 20);
  mprotect(b, 4096, PROT_READ);
  a[4096] = 'F';
  printf("b: %s\n", b);
  char *moved = mremap(a, 3 * 4096, 5 * 4096, MREMAP_MAYMOVE);
  printf("moved: %s\n", moved + 4096);
  moved[4097] = 'R';
  printf("b: %s\n", b);
  madvise(moved, 2 * 4096, MADV_DONTNEED);
  printf("after DONTNEED: %s\n", moved + 4096);
}

static void files(void) {
  char name[] = "/tmp/shared-memory-XXXXXX";
  int fd = mkstemp(name);
  write(fd, "0123456789", 10);
  char *view = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  memcpy(view + 2, "ab", 2);
  pid_t pid = fork();
  if (pid == 0) {
    memcpy(view + 4, "cd", 2);
    int other = open(name, O_RDWR);
    pwrite(other, "EF", 2, 6);
    char *again = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, other, 0);
    again[8] = 'x';
    view[9] = 'y';
    _exit(0);
  }
  waitpid(pid, NULL, 0);
  printf("view %.10s, beyond %d\n", view, view[10]);
  view[20] = 'z';
  msync(view, 4096, MS_SYNC);
  struct stat status;
  fstat(fd, &status);
  char text[32] = "";
  printf("size %ld, %zd bytes: ", (long)status.st_size, pread(fd, text, sizeof text, 0));
  printf("%s\n", text);
  int truncated = open(name, O_RDWR | O_TRUNC);
  printf("opened with O_TRUNC %d\n", truncated >= 0);
  unlink(name);
}

static void shared_by_name(void) {
  shm_unlink("/tsstrace-shared");
  int fd = shm_open("/tsstrace-shared", O_CREAT | O_RDWR, 0600);
  ftruncate(fd, 4096);
  pid_t pid = fork();
  if (pid == 0) {
    int own = shm_open("/tsstrace-shared", O_RDWR, 0);
    int *words = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, own, 0);
    for (int i = 0; i < 1024; i++) words[i] = i * i;
    _exit(0);
  }
  waitpid(pid, NULL, 0);
  int *words = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0), sum = 0;
  for (int i = 0; i < 1024; i++) sum += words[i];
  printf("sum %d\n", sum);
  shm_unlink("/tsstrace-shared");
}

static void robust(void) {
  pthread_mutex_t *mutex = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  pthread_mutex_init(mutex, &attributes);
  if (fork() == 0) {
    pthread_mutex_lock(mutex);
    _exit(0);
  }
  wait(NULL);
  int result = pthread_mutex_lock(mutex);
  printf("the owner died: %s\n", result == EOWNERDEAD ? "EOWNERDEAD" : "no");
  printf("consistent %d\n", pthread_mutex_consistent(mutex));
  printf("unlock %d\n", pthread_mutex_unlock(mutex));
  printf("trylock %d\n", pthread_mutex_trylock(mutex));
}

static void priority_inheritance(void) {
  pthread_mutex_t *mutex = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  int *count = (int *)(mutex + 1);
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
  printf("init %d\n", pthread_mutex_init(mutex, &attributes));
  pthread_mutex_lock(mutex);
  for (int i = 0; i < 3; i++) {
    if (fork() == 0) {
      for (int n = 0; n < 100; n++) {
        pthread_mutex_lock(mutex);
        int before = *count;
        if (n % 10 == 0) usleep(10);
        *count = before + 1;
        pthread_mutex_unlock(mutex);
      }
      _exit(0);
    }
  }
  usleep(1000);
  pthread_mutex_unlock(mutex);
  while (wait(NULL) > 0) {}
  printf("under the mutex %d\n", *count);
  pid_t pid = fork();
  if (pid == 0) _exit(pthread_mutex_trylock(mutex) == 0 && pthread_mutex_trylock(mutex) == EBUSY && pthread_mutex_unlock(mutex) == 0 ? 0 : 1);
  int status;
  waitpid(pid, &status, 0);
  printf("trylock %d\n", status);
}

int main(void) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  child_writes();
  counters();
  process_shared_mutex();
  two_views();
  files();
  shared_by_name();
  robust();
  priority_inheritance();
  return 0;
}

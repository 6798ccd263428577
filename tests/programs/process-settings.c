// Files of /proc/PID that say how a process is set: written and read back, inherited, and in which functions of the kernel children wait.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void told(const char *path) {
  char text[2000];
  int fd = open(path, O_RDONLY);
  if (fd < 0) {
    printf("%s: %s\n", path, strerror(errno));
    return;
  }
  int count = read(fd, text, sizeof text - 1);
  if (count < 0) printf("%s cannot be read: %s\n", path, strerror(errno));
  else printf("%s: [%.*s]\n", path, count, text);
  close(fd);
}

static void tell(const char *path, const char *text) {
  int fd = open(path, O_WRONLY);
  if (fd < 0) {
    printf("%s: %s\n", path, strerror(errno));
    return;
  }
  int count = write(fd, text, strlen(text));
  printf("%s <- [%s]: %s\n", path, text, count < 0 ? strerror(errno) : "taken");
  close(fd);
}

static void mode(const char *path) {
  struct stat found;
  if (stat(path, &found) < 0) printf("%s: %s\n", path, strerror(errno));
  else printf("%s %o\n", path, found.st_mode);
}

static const char score[] = "/proc/self/oom_score_adj", older[] = "/proc/self/oom_adj", filter[] = "/proc/self/coredump_filter",
                  slack[] = "/proc/self/timerslack_ns";

static void scores(void) {
  told(score);
  told("/proc/self/oom_score");
  told(older);
  static const char *const values[] = {"500", "1001", "-1001", "x", "", " 5 \n", "0x10", "010", "1000", "+7", "7 8"};
  for (unsigned i = 0; i < sizeof values / sizeof *values; i++) {
    tell(score, values[i]);
    told(score);
    told(older);
  }
  static const char *const adjustments[] = {"5", "16", "-18", "15"};
  for (unsigned i = 0; i < sizeof adjustments / sizeof *adjustments; i++) {
    tell(older, adjustments[i]);
    told(older);
    told(score);
  }
}

static void filters(void) {
  told(filter);
  static const char *const values[] = {"0x7f", "12", "zz", "0xfffff", "-1", "0"};
  for (unsigned i = 0; i < sizeof values / sizeof *values; i++) {
    tell(filter, values[i]);
    told(filter);
  }
  tell(filter, "0x2a");
}

static void slacks(void) {
  told(slack);
  static const char *const values[] = {"1000", "0", "x", "-5", "70000"};
  for (unsigned i = 0; i < sizeof values / sizeof *values; i++) {
    tell(slack, values[i]);
    told(slack);
    printf("prctl %d\n", prctl(PR_GET_TIMERSLACK));
  }
}

static void timers(void) {
  told("/proc/self/timers");
  timer_t first, second;
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 7};
  timer_create(CLOCK_MONOTONIC, &event, &first);
  event.sigev_notify = SIGEV_NONE;
  timer_create(CLOCK_REALTIME, &event, &second);
  char text[500] = "";
  int fd = open("/proc/self/timers", O_RDONLY);
  int count = read(fd, text, sizeof text - 1);
  close(fd);
  char own[16];
  snprintf(own, sizeof own, ".%d\n", getpid());
  for (char *line = strtok(text, "\n"); line && count > 0; line = strtok(NULL, "\n")) {
    char *pid = strncmp(line, "notify", 6) ? NULL : strchr(line, '.');
    if (pid) printf("%.*s, %s\n", (int)(pid - line), line, atoi(pid + 1) == getpid() ? "this process" : "another");
    else printf("%s\n", line);
  }
  timer_delete(first);
  timer_delete(second);
}

static void rest(void) {
  static const char *const names[] = {"attr/current", "attr/exec", "attr/prev", "timens_offsets", "projid_map", "cpuset", "sessionid", "wchan"};
  char path[64];
  for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
    snprintf(path, sizeof path, "/proc/self/%s", names[i]);
    mode(path);
    told(path);
  }
  tell("/proc/self/attr/current", "name");
  tell("/proc/self/projid_map", "0 0 1");
  tell("/proc/self/wchan", "1");
  static const char *const others[] = {"arch_status", "schedstat", "timers", "oom_score", "map_files", "attr", "timerslack_ns"};
  for (unsigned i = 0; i < sizeof others / sizeof *others; i++) {
    snprintf(path, sizeof path, "/proc/self/%s", others[i]);
    mode(path);
    snprintf(path, sizeof path, "/proc/thread-self/%s", others[i]);
    mode(path);
  }
  long long ran, waited;
  int turns;
  FILE *file = fopen("/proc/self/schedstat", "r");
  printf("schedstat has %d\n", fscanf(file, "%lld %lld %d", &ran, &waited, &turns));
  fclose(file);
}

static void mapped(void) {
  int fd = open("/proc/self/exe", O_RDONLY);
  char *area = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
  close(fd);
  char path[100], target[500] = "", exe[500] = "";
  snprintf(path, sizeof path, "/proc/self/map_files/%lx-%lx", (long)area, (long)area + 4096);
  int length = readlink(path, target, sizeof target - 1);
  readlink("/proc/self/exe", exe, sizeof exe - 1);
  printf("map_files: %s, %s\n", length > 0 ? "a link" : strerror(errno), strcmp(target, exe) ? "elsewhere" : "to the program");
  struct stat found;
  printf("stat %d %o\n", stat(path, &found), found.st_mode);
  munmap(area, 4096);
  printf("gone: %d %s\n", (int)readlink(path, target, sizeof target), strerror(errno));
  printf("no address: %d %s\n", (int)readlink("/proc/self/map_files/x", target, sizeof target), strerror(errno));
}

static int ends[2];

static void sleepLong(void) { usleep(30000000); }
static void waitForSignal(void) { pause(); }
static void readPipe(void) {
  char byte;
  read(ends[0], &byte, 1);
}
static void pollPipe(void) {
  struct pollfd one = {ends[0], POLLIN, 0};
  poll(&one, 1, -1);
}
static void stop(void) { kill(getpid(), SIGSTOP); }
static void waitForChild(void) {
  if (fork() == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sleepLong();
  }
  wait(NULL);
}

static void waits(void) {
  static const struct {
    const char *name;
    void (*run)(void);
  } children[] = {{"sleeps", sleepLong}, {"pause", waitForSignal}, {"reads a pipe", readPipe}, {"polls", pollPipe}, {"stops", stop}, {"waits", waitForChild}};
  pipe(ends);
  for (unsigned i = 0; i < sizeof children / sizeof *children; i++) {
    pid_t pid = fork();
    if (pid == 0) {
      children[i].run();
      _exit(0);
    }
    char path[64], text[100] = "0";
    snprintf(path, sizeof path, "/proc/%d/wchan", pid);
    for (int tries = 0; tries < 500 && !strcmp(text, "0"); tries++) {
      usleep(2000);
      int fd = open(path, O_RDONLY);
      int count = read(fd, text, sizeof text - 1);
      text[count > 0 ? count : 0] = 0;
      close(fd);
    }
    printf("%s: %s\n", children[i].name, sizeof(long) == 8 ? text : "in the kernel");
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
  }
}

int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  scores();
  filters();
  slacks();
  timers();
  rest();
  mapped();
  if (fork() == 0) {
    told(score);
    told(filter);
    told(slack);
    tell(slack, "0");
    told(slack);
    _exit(0);
  }
  wait(NULL);
  waits();
  return 0;
}

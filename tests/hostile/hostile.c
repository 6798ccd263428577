// Guests that want too much, or out. The first argument says which; what they were answered is printed.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *answer(long result) {
  return result < 0 ? strerrorname_np(errno) : "ok";
}

static void fork_bomb(void) {
  int count = 0;
  pid_t pid;
  while ((pid = fork()) > 0) count++;
  if (pid == 0) {
    while (fork() >= 0) {}
    for (;;) pause();
  }
  printf("%d children at most 39, then %s\n", count > 39, answer(pid));
  fflush(stdout);
  kill(0, SIGKILL);
}

static void memory_bomb(void) {
  printf("all at once: %s\n", answer(mmap(NULL, 1ul << 40, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0));
  fflush(stdout);
  for (int i = 0;; i++) {
    char *part = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (part == MAP_FAILED) {
      printf("%s\n", answer(-1));
      return;
    }
    memset(part, 1, 1 << 20);
  }
}

static void memory_of_children(void) {
  char *part = mmap(NULL, 24 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memset(part, 1, 24 << 20);
  int count = 0;
  pid_t pid;
  while ((pid = fork()) > 0 && count < 20) count++;
  if (pid == 0) {
    for (;;) pause();
  }
  printf("%d, then %s\n", count, answer(pid));
  fflush(stdout);
  kill(0, SIGKILL);
}

static void many_files(void) {
  char name[32];
  int count = 0, fd;
  while (snprintf(name, sizeof name, "file%d", count), (fd = open(name, O_CREAT | O_WRONLY, 0600)) >= 0) close(fd), count++;
  printf("%d files, then %s\n", count, answer(fd));
  printf("mkdir %s, ", answer(mkdir("directory", 0700)));
  printf("symlink %s, ", answer(symlink("x", "link")));
  printf("unlink %s, ", answer(unlink("file0")));
  printf("again %s\n", answer(open("file0", O_CREAT | O_WRONLY, 0600)));
}

static void large_file(void) {
  static char block[1 << 20];
  int fd = open("large", O_CREAT | O_RDWR, 0600), count = 0;
  memset(block, 1, sizeof block);
  ssize_t written;
  while ((written = write(fd, block, sizeof block)) > 0) count++;
  printf("%s, less than 64 MiB: %d\n", answer(written), count < 64);
  printf("truncated %s, ", answer(ftruncate(fd, 0)));
  printf("written %s\n", answer(pwrite(fd, block, sizeof block, 0)));
  printf("sparse: %s\n", answer(ftruncate(fd, 1l << 40)));
}

static void deep(void) {
  int count = 0;
  while (count < 3000 && mkdir("d", 0700) == 0 && chdir("d") == 0) count++;
  char path[4096];
  printf("%d deep, getcwd %s\n", count, answer(getcwd(path, sizeof path) ? 0 : -1));
  printf("loop %s %s, ", answer(symlink("a", "b")), answer(symlink("b", "a")));
  printf("%s\n", answer(open("a", O_RDONLY)));
  symlink(".", "0");
  for (int i = 1; i < 60; i++) {
    char name[8], target[32];
    snprintf(name, sizeof name, "%d", i);
    snprintf(target, sizeof target, "%d/%d", i - 1, i - 1);
    symlink(target, name);
  }
  printf("links of links %s\n", answer(open("59", O_RDONLY)));
}

static void escape(const char *secret) {
  char path[4096];
  const char *ways[] = {"%s", "/..%s", "/../../../../..%s", "/proc/self/root%s", "/proc/self/root/..%s", "/proc/self/cwd/../../../..%s", "/dev/../..%s", "/proc/1000/root/..%s", "link/..%s"};
  symlink("/../../../..", "link");
  for (unsigned i = 0; i < sizeof ways / sizeof *ways; i++) {
    snprintf(path, sizeof path, ways[i], secret);
    printf("%s ", answer(open(path, O_RDONLY)));
  }
  int root = open("/", O_RDONLY | O_DIRECTORY);
  snprintf(path, sizeof path, "../../..%s", secret);
  printf("%s ", answer(openat(root, path, O_RDONLY)));
  printf("%s ", answer(chroot("/inside")));
  chdir("..");
  fchdir(root);
  for (int i = 0; i < 10; i++) chdir("..");
  printf("%s\n", answer(open(secret + 1, O_RDONLY)));
}

static void changes(const char *file) {
  char path[64], name[4096];
  int fd = open(file, O_RDONLY);
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  int again = open(path, O_RDWR);
  printf("by descriptor %s\n", answer(pwrite(again, "CHANGED", 7, 0)));
  snprintf(name, sizeof name, "%s.link", file);
  printf("hard link %s, ", answer(link(file, name)));
  printf("by it %s\n", answer(truncate(name, 1)));
  char *view = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, again, 0);
  view[0] = '!';
  printf("chmod %s, ", answer(chmod(file, 0)));
  snprintf(name, sizeof name, "%s.moved", file);
  printf("rename %s, ", answer(rename(file, name)));
  printf("unlink %s\n", answer(unlink(name)));
  snprintf(name, sizeof name, "/proc/%d/mem", getppid());
  printf("parent's memory %s\n", answer(open(name, O_RDWR)));
}

static void killer(int pid) {
  printf("%s ", answer(kill(pid, 0)));
  printf("%s ", answer(kill(pid, SIGKILL)));
  printf("%s ", answer(kill(1, SIGKILL)));
  printf("%s ", answer(kill(getppid(), SIGKILL)));
  printf("%s ", answer(kill(-getppid(), SIGCONT))); // its own group: the tracer began it
  fflush(stdout);
  if (fork() == 0) pause();
  printf("%s\n", answer(kill(-1, SIGKILL)));
  int status;
  wait(&status);
  printf("child %x\n", status);
}

int main(int argc, char **argv) {
  const char *what = argv[1];
  if (strcmp(what, "fork-bomb") == 0) fork_bomb();
  else if (strcmp(what, "memory-bomb") == 0) memory_bomb();
  else if (strcmp(what, "memory-of-children") == 0) memory_of_children();
  else if (strcmp(what, "many-files") == 0) many_files();
  else if (strcmp(what, "large-file") == 0) large_file();
  else if (strcmp(what, "deep") == 0) deep();
  else if (strcmp(what, "escape") == 0) escape(argv[2]);
  else if (strcmp(what, "changes") == 0) changes(argv[2]);
  else if (strcmp(what, "killer") == 0) killer(atoi(argv[2]));
  else if (strcmp(what, "read") == 0) printf("%s\n", answer(open(argv[2], O_RDONLY)));
  else return 2;
  return 0;
}

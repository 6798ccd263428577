// What /proc/sys/fs/protected_* forbids in directories that everybody may write to, once it is set. It sets it for the whole machine.
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char old[4][16];
static const char *names[] = {"symlinks", "hardlinks", "regular", "fifos"};

static void setting(int which, const char *value, char *before) {
  char path[64];
  sprintf(path, "/proc/sys/fs/protected_%s", names[which]);
  int fd = open(path, O_RDWR);
  if (before) before[read(fd, before, 15)] = 0;
  pwrite(fd, value, strlen(value), 0);
  close(fd);
}

static void says(const char *what, int result) {
  printf("  %s: %s\n", what, result < 0 ? strerror(errno) : "done");
  if (result > 2) close(result);
}

static void attempts(void) {
  fflush(stdout);
  if (fork() == 0) {
    setgroups(0, NULL);
    setgid(1234);
    setuid(1234);
    says("a link of another", open("open/link", O_RDONLY));
    says("a link of the directory's owner", open("open/owners", O_RDONLY));
    says("a link elsewhere", open("elsewhere", O_RDONLY));
    says("a file of another", open("open/file", O_RDWR | O_CREAT, 0644));
    says("without O_CREAT", open("open/file", O_RDWR));
    says("a FIFO of another", open("open/fifo", O_RDWR | O_CREAT, 0644));
    says("a file, where the group may write", open("grouped/file", O_RDWR | O_CREAT, 0644));
    says("a hard link", link("theirs", "open/hard"));
    fflush(stdout);
    _exit(0);
  }
  wait(NULL);
}

static void give(const char *path, int mode) {
  lchown(path, 4321, 4321);
  if (mode) chmod(path, mode);
}

int main(void) {
  umask(0);
  char directory[] = "/tmp/guarded-XXXXXX";
  mkdtemp(directory);
  chdir(directory);
  chmod(".", 0755);
  mkdir("open", 0);
  chmod("open", 01777);
  mkdir("grouped", 0);
  chmod("grouped", 01775);
  chown("grouped", 0, 1234);
  close(open("theirs", O_WRONLY | O_CREAT, 0644));
  give("theirs", 0644);
  symlink("../theirs", "open/link");
  give("open/link", 0);
  symlink("../theirs", "open/owners");
  symlink("theirs", "elsewhere");
  give("elsewhere", 0);
  close(open("open/file", O_WRONLY | O_CREAT, 0666));
  give("open/file", 0666);
  close(open("grouped/file", O_WRONLY | O_CREAT, 0666));
  give("grouped/file", 0666);
  mkfifo("open/fifo", 0666);
  give("open/fifo", 0666);
  const char *values[] = {"0", "1", "2"};
  for (int level = 0; level < 3; level++) {
    for (int i = 0; i < 4; i++) setting(i, level == 2 && i < 2 ? "1" : values[level], level == 0 ? old[i] : NULL);
    printf("level %d\n", level);
    attempts();
    unlink("open/hard");
  }
  for (int i = 0; i < 4; i++) setting(i, old[i], NULL);
  chdir("/");
  char command[64];
  sprintf(command, "rm -rf %s", directory);
  system(command);
  return 0;
}

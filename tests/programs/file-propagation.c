// Mounts that appear in other places: shared, slave, private and unbindable ones, between places and between mount namespaces.
#include "report.h"
#include <sched.h>
#include <sys/mount.h>

static char letters[64][16];
static int known;

static char letterOf(const char *id) {
  for (int i = 0; i < known; i++)
    if (!strcmp(letters[i], id)) return 'A' + i;
  strcpy(letters[known], id);
  return 'A' + known++;
}

static char base[1024];

/** The mounts below the working directory, with their groups named in the order of appearance. */
static void table(const char *what) {
  FILE *file = fopen("/proc/self/mountinfo", "r");
  static char line[4096];
  static char lines[64][256];
  int count = 0;
  printf("%s\n", what);
  known = 0;
  while (file && fgets(line, sizeof line, file)) {
    char root[512], point[1024], rest[2048] = "";
    if (sscanf(line, "%*d %*d %*s %511s %1023s %*s %2047[^\n]", root, point, rest) < 3) continue;
    if (strncmp(point, base, strlen(base)) || point[strlen(base)] != '/') continue;
    char *end = strstr(rest, "- ");
    if (end) *end = 0;
    char *at = lines[count++];
    at += sprintf(at, "  %s %s", point + strlen(base) + 1, strlen(root) > 20 ? "..." : root);
    for (char *word = strtok(rest, " "); word; word = strtok(NULL, " ")) {
      char *colon = strchr(word, ':');
      if (colon) at += sprintf(at, " %.*s:%c", (int)(colon - word), word, letterOf(colon + 1));
      else at += sprintf(at, " %s", word);
    }
  }
  if (file) fclose(file);
  for (int i = 0; i < count; i++) puts(lines[i]);
}

static void has(const char *path) { printf("%s: %s\n", path, access(path, F_OK) ? "no" : "yes"); }

static int up[2], down[2];

static void tell_other(void) { write(up[1], "x", 1); }
static void wait_other(int fd) { char c; read(fd, &c, 1); }

static void elsewhere(void) {
  char c;
  DONE(unshare(CLONE_NEWNS));
  table("in the other namespace");
  write(up[1], "x", 1);
  read(down[0], &c, 1);
  table("after the first has mounted");
  DONE(mount("none", "shared/theirs", "tmpfs", 0, NULL));
  DONE(mount("none", "private/theirs", "tmpfs", 0, NULL));
  fflush(stdout);
  write(up[1], "x", 1);
  read(down[0], &c, 1);
  table("after the first has unmounted");
  fflush(stdout);
}

static void enslaved(void) {
  DONE(unshare(CLONE_NEWNS));
  DONE(mount(NULL, "shared", NULL, MS_SLAVE, NULL));
  table("a slave elsewhere");
  fflush(stdout);
  char c;
  write(up[1], "x", 1);
  read(down[0], &c, 1);
  table("has what its master has");
  DONE(mount("none", "shared/own", "tmpfs", 0, NULL));
  DONE(mount(NULL, "shared", NULL, MS_SHARED, NULL));
  DONE(mount("shared", "copy", NULL, MS_BIND, NULL));
  DONE(mount("none", "copy/both", "tmpfs", 0, NULL));
  table("a slave that is shared itself");
  DONE(mount(NULL, "shared", NULL, MS_PRIVATE, NULL));
  table("private");
  fflush(stdout);
  write(up[1], "x", 1);
}

int main(void) {
  begin();
  getcwd(base, sizeof base);
  DONE(unshare(CLONE_NEWNS));
  DONE(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
  const char *names[] = {"shared", "private", "copy", "second", "third", "unbound"};
  for (int i = 0; i < 6; i++) mkdir(names[i], 0755);
  DONE(mount("none", "shared", "tmpfs", 0, NULL));
  DONE(mount("none", "private", "tmpfs", 0, NULL));
  DONE(mount(NULL, "shared", NULL, MS_SHARED, NULL));
  mkdir("shared/a", 0755);
  mkdir("shared/b", 0755);
  mkdir("shared/ours", 0755);
  mkdir("shared/theirs", 0755);
  mkdir("shared/own", 0755);
  mkdir("shared/both", 0755);
  mkdir("private/theirs", 0755);
  mkdir("private/a", 0755);
  table("shared and private");
  DONE(mount("shared", "copy", NULL, MS_BIND, NULL));
  table("a peer");
  DONE(mount("none", "shared/a", "tmpfs", 0, NULL));
  makeFile("shared/a/file", "", 0644);
  has("copy/a/file");
  table("a mount in one of them");
  DONE(mount("shared/b", "second", NULL, MS_BIND, NULL));
  mkdir("second/inner", 0755);
  DONE(mount("none", "second/inner", "tmpfs", 0, NULL));
  table("a peer of a part");
  DONE(umount("copy/b/inner"));
  table("unmounted by way of another");
  DONE(mount("private", "copy/b", NULL, MS_BIND, NULL));
  table("a private one mounted in a shared one");
  DONE(umount("shared/b"));
  DONE(mount(NULL, "copy", NULL, MS_SLAVE, NULL));
  DONE(mount("none", "shared/ours", "tmpfs", 0, NULL));
  DONE(mount("none", "copy/own", "tmpfs", 0, NULL));
  table("a slave");
  DONE(mount(NULL, "copy", NULL, MS_SHARED, NULL));
  DONE(mount("copy", "third", NULL, MS_BIND, NULL));
  table("a slave that is shared, and its peer");
  DONE(umount("shared/ours"));
  table("what is gone at the master");
  DONE(umount("third"));
  DONE(mount(NULL, "copy", NULL, MS_PRIVATE, NULL));
  DONE(umount2("copy", MNT_DETACH));
  DONE(umount("second"));
  table("cleaned");
  DONE(mount(NULL, "private", NULL, MS_UNBINDABLE, NULL));
  DONE(mount("private", "unbound", NULL, MS_BIND, NULL));
  DONE(mount("private", "shared/b", NULL, MS_MOVE, NULL));
  table("unbindable");
  DONE(mount(NULL, "private", NULL, MS_PRIVATE, NULL));
  DONE(mount("shared/a", "copy", NULL, MS_MOVE, NULL));
  DONE(mount("private", "shared/b", NULL, MS_MOVE, NULL));
  table("moved into a shared one");
  DONE(mount("shared/b", "private", NULL, MS_MOVE, NULL));
  DONE(umount("shared/b"));
  DONE(mount("none", "private", "tmpfs", 0, NULL));
  mkdir("private/theirs", 0755);
  DONE(mount(NULL, "shared", NULL, MS_SLAVE, NULL));
  table("a slave of nobody");
  DONE(mount(NULL, "shared", NULL, MS_SHARED | MS_REC, NULL));
  table("shared, and all below");
  DONE(umount("shared/a"));
  table("before");
  int how;
  pipe(up);
  pipe(down);
  fflush(stdout);
  if (fork() == 0) {
    elsewhere();
    _exit(0);
  }
  char c;
  read(up[0], &c, 1);
  DONE(mount("none", "shared/ours", "tmpfs", 0, NULL));
  DONE(mount("none", "private/theirs", "tmpfs", 0, NULL));
  DONE(umount("private/theirs"));
  fflush(stdout);
  write(down[1], "x", 1);
  read(up[0], &c, 1);
  table("what the other has mounted");
  DONE(umount("shared/ours"));
  DONE(umount("shared/theirs"));
  fflush(stdout);
  write(down[1], "x", 1);
  wait(&how);
  fflush(stdout);
  if (fork() == 0) {
    enslaved();
    _exit(0);
  }
  read(up[0], &c, 1);
  DONE(mount("none", "shared/ours", "tmpfs", 0, NULL));
  fflush(stdout);
  write(down[1], "x", 1);
  read(up[0], &c, 1);
  wait(&how);
  table("nothing came from the slave");
  return 0;
}

// openat2: how paths may be resolved, and what it refuses that open does not.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int tree;
static long open_how(int from, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve) {
  struct open_how how = {flags, mode, resolve};
  return syscall(SYS_openat2, from, path, &how, sizeof how);
}
static void name(long fd) {
  char link[32], path[256] = "";
  sprintf(link, "/proc/self/fd/%ld", fd);
  readlink(link, path, sizeof path - 1);
  char *last = strstr(path, "resolving-tree");
  char here[256];
  getcwd(here, sizeof here);
  if (strcmp(path, here) == 0) last = "the working directory";
  printf("%s\n", last ? last : path);
  close(fd);
}
static void look(const char *path, uint64_t flags, uint64_t resolve) {
  printf("%s 0x%llx 0x%llx: ", path, (unsigned long long)flags, (unsigned long long)resolve);
  long fd = open_how(tree, path, flags, 0, resolve);
  if (fd < 0) printf("error %d\n", errno);
  else if (flags & O_PATH) name(fd);
  else printf("opened\n"), close(fd);
}
static void refuse(const char *what, uint64_t flags, uint64_t mode, uint64_t resolve) {
  long fd = open_how(tree, "dir/file", flags, mode, resolve);
  printf("%s: %s %d\n", what, fd < 0 ? "error" : "fine", fd < 0 ? errno : 0);
  if (fd >= 0) close(fd);
}

int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  mkdir("resolving-tree", 0700);
  tree = open("resolving-tree", O_PATH | O_DIRECTORY);
  mkdirat(tree, "dir", 0700);
  mkdirat(tree, "dir/deep", 0700);
  close(openat(tree, "dir/file", O_CREAT | O_WRONLY, 0600));
  symlinkat("dir", tree, "link");
  symlinkat("/etc", tree, "absolute");
  symlinkat("../..", tree, "dir/out");
  symlinkat("/dir/file", tree, "inside");
  symlinkat("/proc/self/cwd", tree, "magic");
  symlinkat("deep/../file", tree, "dir/about");
  const char *paths[] = {"dir/file", "dir/../dir/file", "..", "dir/../..", "/", "/dir/file", "/etc/passwd", "link/file", "link", "absolute", "absolute/passwd", "dir/out", "inside", "dir/about", "dir/deep/../../link/file", "nothing", "dir/nothing", "/proc/self/cwd", "magic", "dir/file/", ".", "link/", "dir/../../resolving-tree/dir"};
  uint64_t ways[] = {0, RESOLVE_NO_XDEV, RESOLVE_NO_MAGICLINKS, RESOLVE_NO_SYMLINKS, RESOLVE_BENEATH, RESOLVE_IN_ROOT, RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH, RESOLVE_NO_XDEV | RESOLVE_IN_ROOT};
  for (unsigned p = 0; p < sizeof paths / sizeof *paths; p++)
    for (unsigned w = 0; w < sizeof ways / sizeof *ways; w++) {
      look(paths[p], O_PATH, ways[w]);
    }
  for (unsigned w = 0; w < sizeof ways / sizeof *ways; w++) look("link", O_PATH | O_NOFOLLOW, ways[w]);
  for (unsigned w = 0; w < sizeof ways / sizeof *ways; w++) look("/proc/self/status", O_RDONLY, ways[w]);
  int proc = open("/proc/self", O_PATH);
  tree = proc;
  for (unsigned w = 0; w < sizeof ways / sizeof *ways; w++) look("cwd/resolving-tree/dir", O_PATH, ways[w]);
  for (unsigned w = 0; w < sizeof ways / sizeof *ways; w++) look("root", O_PATH, ways[w]);
  tree = open("/", O_PATH);
  look("proc/version", O_PATH, RESOLVE_NO_XDEV);
  look("proc", O_PATH, RESOLVE_NO_XDEV);
  look("proc", O_PATH, 0);
  look("dev/null", O_PATH, RESOLVE_BENEATH);
  tree = open("/proc", O_PATH);
  look("..", O_PATH, RESOLVE_NO_XDEV);
  look("../proc/version", O_PATH, RESOLVE_NO_XDEV);
  tree = open("resolving-tree", O_PATH | O_DIRECTORY);

  refuse("both roots", O_RDONLY, 0, RESOLVE_BENEATH | RESOLVE_IN_ROOT);
  refuse("another way", O_RDONLY, 0, 0x40);
  refuse("a mode for nothing", O_RDONLY, 0600, 0);
  refuse("too much of a mode", O_CREAT | O_RDWR, 010000, 0);
  refuse("a mode", O_CREAT | O_RDWR, 0600, RESOLVE_BENEATH);
  refuse("unknown flags", 1 << 24, 0, 0);
  refuse("high flags", 1ull << 40, 0, 0);
  refuse("O_PATH and more", O_PATH | O_RDWR, 0, 0);
  refuse("O_PATH and O_CREAT", O_PATH | O_CREAT, 0, 0);
  refuse("O_DIRECTORY and O_CREAT", O_DIRECTORY | O_CREAT, 0600, 0);
  refuse("half of O_TMPFILE", O_TMPFILE & ~O_DIRECTORY | O_RDWR, 0600, 0);
  refuse("O_TMPFILE to read", O_TMPFILE, 0600, 0);
  refuse("O_TMPFILE on a file", O_TMPFILE | O_RDWR, 0600, 0);
  refuse("cached, truncated", O_RDWR | O_TRUNC, 0, RESOLVE_CACHED);
  refuse("cached, made", O_RDWR | O_CREAT, 0600, RESOLVE_CACHED);
  refuse("cached", O_RDONLY, 0, RESOLVE_CACHED);
  long made = open_how(tree, "/new", O_CREAT | O_RDWR, 0600, RESOLVE_IN_ROOT);
  printf("made in the root: %d\n", made >= 0);
  made = open_how(tree, "../new", O_CREAT | O_RDWR, 0600, RESOLVE_BENEATH);
  printf("made above it: %d %d\n", made >= 0, errno);
  made = open_how(tree, "absolute", O_CREAT | O_RDWR, 0600, RESOLVE_IN_ROOT);
  printf("made where a link leads: %d %d\n", made >= 0, errno);
  struct open_how how = {O_RDONLY};
  static char large[8192];
  printf("short: %ld %d\n", syscall(SYS_openat2, tree, "dir", &how, 16L), errno);
  printf("nowhere: %ld %d\n", syscall(SYS_openat2, tree, "dir", 8L, sizeof how), errno);
  printf("long: %ld %d\n", syscall(SYS_openat2, tree, "dir", large, 5000L), errno);
  unlinkat(tree, "new", 0);
  unlinkat(tree, "etc", 0);
  const char *rest[] = {"link", "absolute", "dir/out", "inside", "magic", "dir/about", "dir/file"};
  for (unsigned i = 0; i < sizeof rest / sizeof *rest; i++) unlinkat(tree, rest[i], 0);
  unlinkat(tree, "dir/deep", AT_REMOVEDIR);
  unlinkat(tree, "dir", AT_REMOVEDIR);
  printf("%d\n", rmdir("resolving-tree"));
  return 0;
}

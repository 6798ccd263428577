// Names of files: what makes, moves, links and removes them, and all the ways in which that fails.
#include "report.h"

#define RENAME_NOREPLACE 1
#define RENAME_EXCHANGE 2
#define RENAME_WHITEOUT 4
#include <sys/sysmacros.h>

static char component[300], path[5000], longest[4200];

static void *none;

static int rename2(const char *from, const char *to, unsigned flags) {
  return syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags);
}

static void badNames(void) {
  char buffer[64];
  struct stat found;
  const char *names[] = {component, path, longest, "", (char *)1, none, "missing/x", "plain/x", "loop", "loop/x"};
  const char *titles[] = {"component", "path", "longest", "empty", "bad", "forbidden", "missing/x", "plain/x", "loop", "loop/x"};
  for (int i = 0; i < 10; i++) {
    const char *name = names[i];
    printf("%s\n", titles[i]);
    OPENS(open(name, O_RDONLY));
    OPENS(open(name, O_RDWR | O_CREAT, 0644));
    OPENS(open(name, O_RDWR | O_CREAT | O_EXCL, 0644));
    OPENS(creat(name, 0644));
    DONE(mkdir(name, 0755));
    DONE(rmdir(name));
    DONE(unlink(name));
    DONE(link(name, "new"));
    DONE(link("plain", name));
    DONE(symlink(name, "newlink"));
    unlink("newlink");
    DONE(symlink("target", name));
    DONE(rename(name, "new"));
    DONE(rename("plain", name));
    DONE(rename2(name, "new", RENAME_NOREPLACE));
    DONE(rename2("plain", name, RENAME_EXCHANGE));
    DONE(mknod(name, S_IFREG | 0644, 0));
    DONE(mknod(name, S_IFIFO | 0644, 0));
    DONE(readlink(name, buffer, sizeof buffer));
    DONE(stat(name, &found));
    DONE(lstat(name, &found));
    DONE(access(name, R_OK));
    DONE(chmod(name, 0600));
    DONE(chown(name, -1, -1));
    DONE(lchown(name, -1, -1));
    DONE(truncate(name, 0));
    DONE(utimensat(AT_FDCWD, name, NULL, 0));
    DONE(chdir(name));
    DONE(chroot(name));
    DONE(syscall(SYS_statx, AT_FDCWD, name, 0, 0x7ff, buffer - 4096));
    if (i < 4 || i > 5) makeFile("plain", "text", 0644);
  }
}

static void opening(void) {
  puts("opening");
  mkdir("directory", 0755);
  symlink("plain", "link");
  symlink("directory", "dirlink");
  symlink("nowhere", "dangling");
  mkfifo("fifo", 0644);
  OPENS(open("directory", O_WRONLY));
  OPENS(open("directory", O_RDWR));
  OPENS(open("directory", O_RDONLY | O_CREAT, 0644));
  OPENS(open("directory", O_RDONLY | O_TRUNC));
  OPENS(open("directory/", O_RDONLY));
  OPENS(open("plain/", O_RDONLY));
  OPENS(open("newer/", O_RDWR | O_CREAT, 0644));
  OPENS(open("plain/", O_RDWR | O_CREAT, 0644));
  OPENS(open("plain", O_RDONLY | O_DIRECTORY));
  OPENS(open("link", O_RDONLY | O_NOFOLLOW));
  OPENS(open("dirlink", O_RDONLY | O_NOFOLLOW));
  OPENS(open("dirlink/", O_RDONLY | O_NOFOLLOW));
  OPENS(open("dirlink", O_RDONLY | O_NOFOLLOW | O_DIRECTORY));
  OPENS(open("link", O_PATH | O_NOFOLLOW));
  OPENS(open("link", O_RDWR | O_CREAT | O_EXCL, 0644));
  OPENS(open("dangling", O_RDWR | O_CREAT | O_EXCL, 0644));
  OPENS(open("dangling", O_RDWR | O_CREAT | O_NOFOLLOW, 0644));
  OPENS(open("dangling", O_RDONLY));
  OPENS(open("dangling", O_RDWR | O_CREAT, 0644));
  status("nowhere");
  unlink("nowhere");
  OPENS(open("fifo", O_WRONLY | O_NONBLOCK));
  OPENS(open("fifo", O_RDONLY | O_NONBLOCK));
  OPENS(open("fifo", O_RDWR));
  OPENS(open(".", O_TMPFILE | O_RDONLY, 0600));
  OPENS(open(".", O_TMPFILE | O_RDWR, 0600));
  OPENS(open("plain", O_TMPFILE | O_RDWR, 0600));
  OPENS(open(".", O_TMPFILE | O_RDWR | O_CREAT, 0600));
  OPENS(open("directory", O_DIRECTORY | O_CREAT, 0600));
  OPENS(open("plain", O_RDONLY | 3));
  OPENS(open("plain", 0x7f000000));
  OPENS(openat(-1, "plain", O_RDONLY));
  OPENS(openat(99, "/dev/null", O_RDONLY));
  int file = open("plain", O_RDONLY);
  OPENS(openat(file, "x", O_RDONLY));
  OPENS(openat(file, "", O_RDONLY));
  DONE(fchdir(file));
  DONE(fchdir(-1));
  int only = open("directory", O_PATH);
  OPENS(openat(only, ".", O_RDONLY));
  DONE(fchdir(only));
  DONE(chdir(".."));
  close(only);
  close(file);
  DONE(mknod("socket", S_IFSOCK | 0644, 0));
  OPENS(open("socket", O_RDONLY));
  OPENS(open("socket", O_PATH));
  DONE(mknod("device", S_IFCHR | 0644, makedev(240, 250)));
  OPENS(open("device", O_RDONLY));
  DONE(mknod("block", S_IFBLK | 0644, makedev(240, 250)));
  OPENS(open("block", O_RDONLY));
  DONE(mknod("null", S_IFCHR | 0666, makedev(1, 3)));
  OPENS(open("null", O_RDWR));
  DONE(mknod("what", S_IFDIR | 0644, 0));
  DONE(mknod("what", S_IFLNK | 0644, 0));
  DONE(mknod("what", 0030000, 0));
  DONE(mknod("plainer", 0644, 0));
  DONE(mknod("plainer", 0644, 0));
  status("plainer");
  DONE(mknod("plainer/", 0644, 0));
  DONE(mknod("newest/", 0644, 0));
}

static void making(void) {
  puts("making");
  DONE(mkdir("directory", 0755));
  DONE(mkdir("plain", 0755));
  DONE(mkdir("dangling", 0755));
  DONE(mkdir("sub/", 0755));
  DONE(mkdir("sub2//", 0755));
  DONE(mkdir(".", 0755));
  DONE(mkdir("..", 0755));
  DONE(mkdir("/", 0755));
  DONE(mkdir("sub/.", 0755));
  DONE(mkdir("sub3/.", 0755));
  umask(0);
  DONE(mkdir("all", 07777));
  status("all");
  DONE(mkdir("setgid", 0755));
  chown("setgid", 0, 77);
  chmod("setgid", 02755);
  DONE(mkdir("setgid/sub", 0755));
  status("setgid/sub");
  makeFile("setgid/file", "", 0644);
  status("setgid/file");
  OPENS(open("setgid/gid", O_RDWR | O_CREAT, 02775));
  status("setgid/gid");
  umask(077);
  DONE(mkdir("masked", 0777));
  status("masked");
  umask(022);
  DONE(rmdir("sub/."));
  DONE(rmdir("sub/.."));
  DONE(rmdir("/"));
  DONE(rmdir("."));
  DONE(rmdir(".."));
  DONE(rmdir("dirlink"));
  DONE(rmdir("dirlink/"));
  DONE(rmdir("plain"));
  DONE(rmdir("setgid"));
  DONE(rmdir("sub/"));
  DONE(rmdir("/proc"));
  DONE(unlink("directory"));
  DONE(unlink("directory/"));
  DONE(unlink("plain/"));
  DONE(unlink("dirlink/"));
  DONE(unlink("."));
  DONE(unlink("/"));
  DONE(unlinkat(AT_FDCWD, "plain", AT_REMOVEDIR));
  DONE(unlinkat(AT_FDCWD, "plain", 1));
  DONE(unlinkat(-1, "plain", 0));
  DONE(unlinkat(-1, "/nowhere", 0));
  DONE(mkdirat(-1, "x", 0755));
}

static void linking(void) {
  puts("linking");
  DONE(link("plain", "link2"));
  DONE(link("plain", "link2"));
  DONE(link("link", "link3"));
  status("link3");
  DONE(linkat(AT_FDCWD, "link", AT_FDCWD, "link4", AT_SYMLINK_FOLLOW));
  status("link4");
  DONE(linkat(AT_FDCWD, "link", AT_FDCWD, "link5", 0x100));
  DONE(linkat(AT_FDCWD, "dangling", AT_FDCWD, "link5", AT_SYMLINK_FOLLOW));
  DONE(link("directory", "link5"));
  DONE(link("plain", "link5/"));
  DONE(link("plain/", "link5"));
  DONE(link("plain", "directory"));
  DONE(link("plain", "/proc/link"));
  DONE(link("/proc/version", "link6"));
  DONE(linkat(-1, "plain", AT_FDCWD, "link7", 0));
  DONE(linkat(AT_FDCWD, "plain", -1, "link7", 0));
  int fd = open("plain", O_RDONLY);
  DONE(linkat(fd, "", AT_FDCWD, "link7", AT_EMPTY_PATH));
  DONE(linkat(fd, "", AT_FDCWD, "link8", 0));
  close(fd);
  fd = open(".", O_TMPFILE | O_RDWR, 0600);
  DONE(linkat(fd, "", AT_FDCWD, "link9", AT_EMPTY_PATH));
  status("link9");
  close(fd);
  fd = open(".", O_TMPFILE | O_RDWR | O_EXCL, 0600);
  DONE(linkat(fd, "", AT_FDCWD, "link10", AT_EMPTY_PATH));
  close(fd);
  fd = open("plain", O_RDONLY);
  unlink("plain");
  unlink("link2");
  unlink("link4");
  unlink("link7");
  DONE(linkat(fd, "", AT_FDCWD, "link11", AT_EMPTY_PATH));
  close(fd);
  makeFile("plain", "text", 0644);
  char buffer[8] = "........";
  DONE(symlink("plain", "link"));
  DONE(symlink("plain", "dangling"));
  DONE(symlink("plain", "new/"));
  TELL(readlink("link", buffer, 3));
  printf("%.8s\n", buffer);
  TELL(readlink("link", buffer, 8));
  TELL(readlink("link", buffer, 0));
  TELL(readlink("link", (char *)1, 8));
  TELL(readlink("plain", buffer, 8));
  TELL(readlink("directory", buffer, 8));
  TELL(readlink("dirlink/", buffer, 8));
  TELL(readlinkat(AT_FDCWD, "", buffer, 8));
  int only = open("link", O_PATH | O_NOFOLLOW);
  TELL(readlinkat(only, "", buffer, 8));
  close(only);
  only = open("plain", O_PATH);
  TELL(readlinkat(only, "", buffer, 8));
  close(only);
  char name[32], target[32];
  strcpy(target, "plain");
  for (int i = 0; i < 45; i++) {
    sprintf(name, "chain%d", i);
    symlink(target, name);
    strcpy(target, name);
  }
  OPENS(open("chain38", O_RDONLY));
  OPENS(open("chain39", O_RDONLY));
  OPENS(open("chain40", O_RDONLY));
}

static void moving(void) {
  puts("moving");
  mkdir("a", 0755);
  mkdir("a/b", 0755);
  mkdir("empty", 0755);
  makeFile("one", "1", 0644);
  makeFile("two", "22", 0644);
  DONE(rename("a", "a/b/c"));
  DONE(rename("a", "a"));
  DONE(rename("a/b", "a"));
  DONE(rename("one", "a"));
  DONE(rename("a", "one"));
  DONE(rename("empty", "a"));
  DONE(rename("a", "empty"));
  status("empty/b");
  DONE(rename("empty", "a"));
  DONE(rename("one", "one/"));
  DONE(rename("one/", "three"));
  DONE(rename("one", "three/"));
  DONE(rename("a", "a2/"));
  DONE(rename("a2/", "a"));
  DONE(rename("a/.", "z"));
  DONE(rename("a/..", "z"));
  DONE(rename("a", "."));
  DONE(rename("a", ".."));
  DONE(rename("/", "z"));
  DONE(rename("a", "/"));
  DONE(rename("one", "/proc/one"));
  DONE(rename("one", "/dev/shm/one-of-these"));
  unlink("/dev/shm/one-of-these");
  makeFile("one", "1", 0644);
  link("one", "same");
  DONE(rename("one", "same"));
  status("one");
  DONE(rename("link", "linked"));
  status("linked");
  DONE(rename("linked", "link"));
  DONE(rename2("one", "two", RENAME_NOREPLACE));
  DONE(rename2("one", "three", RENAME_NOREPLACE));
  DONE(rename2("three", "one", RENAME_NOREPLACE));
  DONE(rename2("one", "missing", RENAME_EXCHANGE));
  DONE(rename2("one", "two", RENAME_EXCHANGE));
  status("one");
  status("two");
  DONE(rename2("one", "a", RENAME_EXCHANGE));
  status("one");
  status("a");
  DONE(rename2("one", "a", RENAME_EXCHANGE));
  DONE(rename2("a", "a/b", RENAME_EXCHANGE));
  DONE(rename2("a/b", "a", RENAME_EXCHANGE));
  DONE(rename2("one", "two", RENAME_EXCHANGE | RENAME_NOREPLACE));
  DONE(rename2("one", "two", RENAME_EXCHANGE | RENAME_WHITEOUT));
  DONE(rename2("one", "two", 8));
  DONE(rename2("one", "two", RENAME_WHITEOUT | RENAME_NOREPLACE));
  DONE(rename2("one", "four", RENAME_WHITEOUT));
  status("one");
  status("four");
  DONE(syscall(SYS_renameat2, -1, "one", AT_FDCWD, "two", 0));
  DONE(syscall(SYS_renameat2, AT_FDCWD, "four", -1, "two", 0));
}

static void gone(void) {
  puts("in a directory that is gone");
  mkdir("gone", 0755);
  chdir("gone");
  rmdir("../gone");
  char buffer[64];
  struct stat found;
  OPENS(open("x", O_RDWR | O_CREAT, 0644));
  OPENS(open(".", O_RDONLY));
  OPENS(open(".", O_RDWR | O_TMPFILE, 0600));
  DONE(mkdir("x", 0755));
  DONE(mknod("x", S_IFIFO | 0644, 0));
  DONE(symlink("y", "x"));
  DONE(link("../plain", "x"));
  DONE(rename("../plain", "x"));
  DONE(stat(".", &found));
  printf("links %d\n", (int)found.st_nlink);
  DONE(stat("x", &found));
  TELL(syscall(SYS_getcwd, buffer, sizeof buffer));
  TELL(syscall(SYS_getcwd, buffer, 0));
  DONE(chdir(".."));
  TELL(syscall(SYS_getcwd, buffer, 1));
  TELL(syscall(SYS_getcwd, NULL, 4096));
  TELL(syscall(SYS_getcwd, (char *)1, 4096));
}

static void somebody(void) {
  puts("somebody");
  struct stat found;
  char buffer[8];
  OPENS(open("closed/file", O_RDONLY));
  OPENS(open("closed/missing", O_RDONLY));
  OPENS(open("closed", O_RDONLY));
  OPENS(open("secret", O_RDONLY));
  OPENS(open("secret", O_WRONLY));
  OPENS(open("secret", O_PATH));
  OPENS(open("plain", O_RDONLY | O_NOATIME));
  OPENS(open("plain", O_RDONLY | O_TRUNC));
  OPENS(open("x", O_RDWR | O_CREAT, 0644));
  DONE(stat("closed/file", &found));
  DONE(mkdir("x", 0755));
  DONE(mkdir("closed", 0755));
  DONE(mkdir("closed/x", 0755));
  DONE(rmdir("directory"));
  DONE(rmdir("closed/x"));
  DONE(unlink("plain"));
  DONE(unlink("missing"));
  DONE(link("plain", "x"));
  DONE(link("plain", "open/x"));
  DONE(link("secret", "open/x"));
  DONE(symlink("a", "x"));
  DONE(rename("plain", "x"));
  DONE(rename("plain", "open/x"));
  DONE(readlink("closed/x", buffer, 8));
  DONE(mknod("x", S_IFIFO | 0644, 0));
  DONE(mknod("open/fifo", S_IFIFO | 0644, 0));
  DONE(mknod("open/device", S_IFCHR | 0644, makedev(1, 3)));
  DONE(mknod("open/socket", S_IFSOCK | 0644, 0));
  DONE(mknod("open/dir", S_IFDIR | 0644, 0));
  DONE(chroot("open"));
  DONE(chroot("missing"));
  DONE(chroot("plain"));
  DONE(chdir("closed"));
  DONE(mkdir("open/mine", 02755));
  status("open/mine");
  OPENS(open("open/set", O_RDWR | O_CREAT, 06755));
  status("open/set");
  mkdir("open/into", 0555);
  DONE(rename("open/mine", "open/into/x"));
  mkdir("open/shut", 0555);
  mkdir("open/to", 0755);
  DONE(rename("open/shut", "open/to/shut"));
  DONE(rename("open/shut", "open/shut2"));
  DONE(unlink("sticky/roots"));
  DONE(rename("sticky/roots", "sticky/x"));
  makeFile("sticky/mine", "", 0644);
  DONE(rename("sticky/mine", "sticky/roots"));
  DONE(rename("sticky/mine", "sticky/mine2"));
  DONE(unlink("sticky/mine2"));
  DONE(rmdir("sticky/rootsdir"));
  DONE(mkdir("grouped/x", 0755));
  status("grouped/x");
  OPENS(open("grouped/y", O_RDWR | O_CREAT, 02755));
  status("grouped/y");
  OPENS(open("grouped/z", O_RDWR | O_CREAT, 02745));
  status("grouped/z");
  DONE(rename2("open/to", "open/white", RENAME_WHITEOUT));
  int fd = open("plain", O_RDONLY);
  DONE(linkat(fd, "", AT_FDCWD, "open/linked", AT_EMPTY_PATH));
}

static void another(void) {
  DONE(unlink("sticky/roots"));
  DONE(rename("open/mine", "open/x"));
  DONE(unlink("open/set"));
}

int main(void) {
  begin();
  none = forbidden();
  memset(component, 'c', 256);
  for (int i = 0; i < 2048; i++) memcpy(path + 2 * i, "./", 2);
  path[4096] = 0;
  for (int i = 0; i < 2047; i++) memcpy(longest + 2 * i, "./", 2);
  strcpy(longest + 4093, "plain" + 3);
  makeFile("plain", "text", 0644);
  symlink("loop", "loop");
  badNames();
  opening();
  making();
  linking();
  moving();
  gone();
  makeFile("plain", "text", 0644);
  mkdir("closed", 0700);
  makeFile("closed/file", "", 0644);
  makeFile("secret", "", 0600);
  mkdir("open", 0777);
  chmod("open", 0777);
  mkdir("sticky", 0);
  chmod("sticky", 01777);
  mkdir("sticky/rootsdir", 0755);
  makeFile("sticky/roots", "", 0666);
  mkdir("grouped", 0);
  chown("grouped", 0, 77);
  chmod("grouped", 02777);
  asUser(1234, somebody);
  asUser(4321, another);
  return 0;
}

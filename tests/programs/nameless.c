// Files before they have a name and names by other ways: O_TMPFILE, linkat of descriptors, renameat2, file handles.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static void show(const char *what, long result) {
  if (result < 0) printf("%s: %s\n", what, strerror(errno));
  else printf("%s: %ld\n", what, result);
}

static void links(int fd) {
  struct stat status;
  fstat(fd, &status);
  printf("links %ld size %ld mode %o\n", (long)status.st_nlink, (long)status.st_size, status.st_mode);
}

static int rename2(const char *from, const char *to, unsigned flags) {
  return syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags);
}

static void contents(const char *name) {
  char text[16] = "";
  int fd = open(name, O_RDONLY);
  if (fd < 0) show(name, fd);
  else printf("%s holds %.*s\n", name, (int)read(fd, text, 15), text);
  close(fd);
}

static void make(const char *name, const char *text) {
  int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  write(fd, text, strlen(text));
  close(fd);
}

#define HANDLE_SPACE 128
struct handle {
  unsigned bytes;
  int type;
  char data[HANDLE_SPACE];
};

int main(void) {
  setvbuf(stdout, NULL, _IOFBF, 16384);
  syscall(SYS_close_range, 3, 100, 0);
  int fd = open(".", O_TMPFILE | O_RDWR, 0640);
  write(fd, "nameless", 8);
  links(fd);
  char name[64], target[256];
  snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
  show("link", linkat(AT_FDCWD, name, AT_FDCWD, "named", AT_SYMLINK_FOLLOW));
  links(fd);
  contents("named");
  show("link again", linkat(fd, "", AT_FDCWD, "second", AT_EMPTY_PATH));
  show("exists", linkat(fd, "", AT_FDCWD, "second", AT_EMPTY_PATH));
  show("without the flag", linkat(fd, "", AT_FDCWD, "third", 0));
  links(fd);
  int secret = open(".", O_TMPFILE | O_RDWR | O_EXCL, 0600);
  show("not to be linked", linkat(secret, "", AT_FDCWD, "secret", AT_EMPTY_PATH));
  show("read only", open(".", O_TMPFILE | O_RDONLY, 0600));
  show("not a directory", open("named", O_TMPFILE | O_RDWR, 0600));
  show("no directory", open("nowhere", O_TMPFILE | O_RDWR, 0600));
  unlink("named");
  unlink("second");
  show("gone", linkat(fd, "", AT_FDCWD, "again", AT_EMPTY_PATH));
  show("bad flags", linkat(fd, "", AT_FDCWD, "again", 0x100));

  make("a", "A");
  make("b", "B");
  mkdir("d", 0755);
  show("no replace", rename2("a", "b", 1));
  show("exchange", rename2("a", "b", 2));
  contents("a");
  contents("b");
  show("exchange with nothing", rename2("a", "none", 2));
  show("exchange kinds", rename2("a", "d", 2));
  struct stat status;
  stat("a", &status);
  printf("a is a directory %d\n", S_ISDIR(status.st_mode));
  show("back", rename2("d", "a", 2));
  show("both", rename2("a", "b", 3));
  show("unknown", rename2("a", "b", 0x10));
  show("no replace, free", rename2("a", "c", 1));
  contents("c");
  show("whiteout", rename2("c", "e", 4));
  contents("e");
  show("left behind", lstat("c", &status));
  printf("mode %o device %d\n", status.st_mode, (int)status.st_rdev);
  show("whiteout and exchange", rename2("b", "e", 6));
  show("onto itself", rename2("b", "b", 0));
  show("into itself", rename2("d", "d/sub", 0));
  show("dots", rename2(".", "x", 0));
  show("onto a directory", rename2("b", "d", 0));
  show("directory onto a file", rename2("d", "b", 0));

  struct handle handle = {.bytes = 0};
  int mount;
  show("how long", syscall(SYS_name_to_handle_at, AT_FDCWD, "b", &handle, &mount, 0));
  printf("bytes %u\n", handle.bytes);
  show("handle", syscall(SYS_name_to_handle_at, AT_FDCWD, "b", &handle, &mount, 0));
  printf("type %d\n", handle.type);
  int here = open(".", O_RDONLY);
  int opened = syscall(SYS_open_by_handle_at, here, &handle, O_RDONLY);
  show("open", opened >= 0 ? 0 : -1);
  show("read", read(opened, target, 1));
  printf("%c\n", target[0]);
  close(opened);
  unlink("b");
  show("stale", syscall(SYS_open_by_handle_at, here, &handle, O_RDONLY));
  handle.bytes = 0;
  show("empty handle", syscall(SYS_open_by_handle_at, here, &handle, O_RDONLY));
  handle.bytes = 200;
  show("long handle", syscall(SYS_open_by_handle_at, here, &handle, O_RDONLY));
  show("long handle", syscall(SYS_name_to_handle_at, AT_FDCWD, "e", &handle, &mount, 0));
  handle.bytes = 8;
  show("no mount", syscall(SYS_open_by_handle_at, 77, &handle, O_RDONLY));
  show("bad flags", syscall(SYS_name_to_handle_at, AT_FDCWD, "e", &handle, &mount, 0x10000));
  show("nothing", syscall(SYS_name_to_handle_at, AT_FDCWD, "none", &handle, &mount, 0));
  show("descriptor", syscall(SYS_name_to_handle_at, here, "", &handle, &mount, AT_EMPTY_PATH));
  show("of /proc", syscall(SYS_name_to_handle_at, AT_FDCWD, "/proc/self/status", &handle, &mount, 0));
  seteuid(2000);
  show("without privilege", syscall(SYS_open_by_handle_at, here, &handle, O_RDONLY));
  return 0;
}

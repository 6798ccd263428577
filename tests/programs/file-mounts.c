// Mounts as programs meet them: read-only, without programs, devices and set-id; full ones, several ones, times of access; all in a namespace of their own.
#include "report.h"
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <utime.h>

#define RENAME_EXCHANGE 2

static void readOnly(void) {
  puts("read-only");
  mkdir("ro", 0755);
  DONE(mount("none", "ro", "tmpfs", 0, "size=1m,mode=755"));
  makeFile("ro/file", "text", 0644);
  makeFile("ro/other", "text", 0644);
  mkdir("ro/dir", 0755);
  symlink("file", "ro/link");
  mkfifo("ro/fifo", 0644);
  mknod("ro/null", S_IFCHR | 0666, makedev(1, 3));
  int held = open("ro/file", O_RDWR);
  DONE(mount(NULL, "ro", NULL, MS_REMOUNT | MS_RDONLY, NULL));
  close(held);
  DONE(mount(NULL, "ro", NULL, MS_REMOUNT | MS_RDONLY, NULL));
  OPENS(open("ro/file", O_RDONLY));
  OPENS(open("ro/file", O_RDWR));
  OPENS(open("ro/file", O_RDONLY | O_TRUNC));
  OPENS(open("ro/file", O_RDONLY | O_CREAT, 0644));
  OPENS(open("ro/file", O_RDWR | O_CREAT | O_EXCL, 0644));
  OPENS(open("ro/new", O_RDWR | O_CREAT, 0644));
  OPENS(open("ro/new", O_RDONLY));
  OPENS(open("ro", O_RDWR | O_TMPFILE, 0600));
  OPENS(open("ro/fifo", O_RDWR));
  OPENS(open("ro/null", O_RDWR));
  DONE(mkdir("ro/new", 0755));
  DONE(mkdir("ro/dir", 0755));
  DONE(mkdir("ro/missing/new", 0755));
  DONE(rmdir("ro/dir"));
  DONE(rmdir("ro/missing"));
  DONE(unlink("ro/file"));
  DONE(unlink("ro/missing"));
  DONE(link("ro/file", "ro/new"));
  DONE(link("ro/file", "ro/other"));
  DONE(symlink("x", "ro/new"));
  DONE(rename("ro/file", "ro/new"));
  DONE(rename("ro/file", "ro/other"));
  DONE(rename("ro/missing", "ro/other"));
  DONE(mknod("ro/new", S_IFIFO | 0644, 0));
  DONE(chmod("ro/file", 0600));
  DONE(chown("ro/file", 0, 0));
  DONE(lchown("ro/link", 0, 0));
  DONE(truncate("ro/file", 0));
  DONE(utime("ro/file", NULL));
  DONE(access("ro/file", W_OK));
  DONE(access("ro/file", R_OK));
  DONE(access("ro/null", W_OK));
  DONE(access("ro/dir", W_OK));
  DONE(setxattr("ro/file", "user.a", "1", 1, 0));
  DONE(removexattr("ro/file", "user.a"));
  struct statvfs seen;
  statvfs("ro", &seen);
  printf("flags %lx\n", seen.f_flag & 0xfff);
  DONE(mount(NULL, "ro", NULL, MS_REMOUNT, NULL));
  held = open("ro/file", O_RDWR);
  DONE(held < 0 ? -1 : 0);
  void *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, held, 0);
  close(held);
  munmap(shared, 4096);
  DONE(mount(NULL, "ro", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
  OPENS(open("ro/file", O_RDWR));
  DONE(umount("ro"));
}

static void busy(void) {
  puts("busy");
  mkdir("tmp", 0755);
  DONE(mount("none", "tmp", "tmpfs", 0, NULL));
  makeFile("tmp/file", "text", 0644);
  int held = open("tmp/file", O_RDWR);
  DONE(umount("tmp"));
  DONE(mount(NULL, "tmp", NULL, MS_REMOUNT | MS_RDONLY, NULL));
  DONE(mount(NULL, "tmp", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
  DONE(rmdir("tmp"));
  DONE(rename("tmp", "tmp2"));
  DONE(unlink("tmp"));
  DONE(umount2("tmp", MNT_EXPIRE | MNT_FORCE));
  DONE(umount2("tmp", MNT_EXPIRE));
  close(held);
  DONE(umount2("tmp", MNT_EXPIRE));
  DONE(umount2("tmp", MNT_EXPIRE));
  DONE(umount2("tmp", 0));
  DONE(mount("none", "tmp", "tmpfs", 0, NULL));
  chdir("tmp");
  DONE(umount("../tmp"));
  DONE(umount2("../tmp", MNT_DETACH));
  chdir("/");
  DONE(umount("tmp"));
  DONE(umount("/nowhere"));
  DONE(umount(""));
  DONE(umount((char *)1));
  DONE(umount2("tmp", 0x100));
}

static void devices(void) {
  puts("nodev, noexec, nosuid, nosymfollow");
  mkdir("/tmp/tsst-m", 0755);
  chdir("/tmp/tsst-m");
  mkdir("no", 0755);
  DONE(mount("none", "no", "tmpfs", MS_NODEV | MS_NOEXEC | MS_NOSUID, NULL));
  DONE(mknod("no/null", S_IFCHR | 0666, makedev(1, 3)));
  OPENS(open("no/null", O_RDWR));
  OPENS(open("no/null", O_PATH));
  DONE(access("no/null", R_OK));
  makeFile("no/script", "#!/bin/true\n", 0755);
  DONE(access("no/script", X_OK));
  char *arguments[] = {"script", NULL};
  DONE(execv("no/script", arguments));
  int fd = open("no/script", O_RDONLY);
  DONE(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) == MAP_FAILED ? -1 : 0);
  void *map = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
  DONE(mprotect(map, 4096, PROT_READ | PROT_EXEC));
  close(fd);
  munmap(map, 4096);
  DONE(mount(NULL, "no", NULL, MS_REMOUNT | MS_NOSYMFOLLOW | MS_NOATIME, NULL));
  symlink("script", "no/link");
  OPENS(open("no/link", O_RDONLY));
  OPENS(open("no/link", O_PATH | O_NOFOLLOW));
  struct stat found;
  DONE(stat("no/link", &found));
  DONE(lstat("no/link", &found));
  char text[16];
  TELL(readlink("no/link", text, 16));
  DONE(access("no/script", X_OK));
  struct statvfs seen;
  statvfs("no", &seen);
  printf("flags %lx\n", seen.f_flag);
  DONE(umount("no"));
}

static void full(void) {
  puts("full");
  DONE(mount("none", "no", "tmpfs", 0, "size=64k,nr_inodes=6"));
  static char page[4096];
  int fd = open("no/file", O_RDWR | O_CREAT, 0644);
  long total = 0, count;
  while ((count = write(fd, page, 3000)) > 0) total += count;
  done("write", count);
  printf("%ld\n", total);
  TELL(write(fd, page, 100));
  struct statfs space;
  statfs("no", &space);
  printf("%ld %ld %ld, %ld %ld\n", (long)space.f_blocks, (long)space.f_bfree, (long)space.f_bavail, (long)space.f_files, (long)space.f_ffree);
  DONE(fallocate(fd, FALLOC_FL_KEEP_SIZE, 1 << 20, 4096));
  OPENS(open("no/a", O_RDWR | O_CREAT, 0644));
  DONE(mkdir("no/b", 0755));
  DONE(symlink("x", "no/c"));
  DONE(link("no/a", "no/l"));
  DONE(mkfifo("no/d", 0644));
  DONE(mkfifo("no/e", 0644));
  OPENS(open("no", O_RDWR | O_TMPFILE, 0644));
  char *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  DONE(shared == MAP_FAILED ? -1 : 0);
  munmap(shared, 4096);
  ftruncate(fd, 0);
  statfs("no", &space);
  printf("%ld %ld, %ld\n", (long)space.f_bfree, (long)space.f_bavail, (long)space.f_ffree);
  TELL(write(fd, page, 100));
  DONE(fallocate(fd, 0, 0, 60 << 10));
  DONE(fallocate(fd, 0, 0, 100 << 10));
  close(fd);
  unlink("no/file");
  DONE(mount(NULL, "no", NULL, MS_REMOUNT, "size=1m,nr_inodes=100"));
  DONE(mkfifo("no/e", 0644));
  DONE(mount(NULL, "no", NULL, MS_REMOUNT, "nonsense=1"));
  DONE(mount(NULL, "no", NULL, MS_REMOUNT, "nr_inodes=2"));
  DONE(umount("no"));
}

static void several(void) {
  puts("several");
  mkdir("one", 0755);
  mkdir("two", 0755);
  DONE(mount("none", "one", "tmpfs", 0, NULL));
  DONE(mount("none", "two", "tmpfs", 0, NULL));
  makeFile("one/file", "text", 0644);
  makeFile("two/file", "text", 0644);
  mkdir("one/dir", 0755);
  DONE(rename("one/file", "two/file"));
  DONE(rename("one/missing", "two/file"));
  DONE(link("one/file", "two/file"));
  DONE(link("one/file", "two/new"));
  DONE(syscall(SYS_renameat2, AT_FDCWD, "one/file", AT_FDCWD, "two/file", RENAME_EXCHANGE));
  DONE(mount("one", "two", NULL, MS_BIND, NULL));
  DONE(rename("one/file", "two/file2"));
  DONE(link("one/file", "two/file2"));
  OPENS(open("two/dir", O_RDONLY));
  DONE(umount("two"));
  DONE(mount("one/dir", "two", NULL, MS_MOVE, NULL));
  DONE(mount("one", "two", NULL, MS_MOVE, NULL));
  DONE(mount("two", "two/dir", NULL, MS_MOVE, NULL));
  DONE(mount("/nowhere", "two", NULL, MS_MOVE, NULL));
  DONE(mount("/nowhere", "two", NULL, MS_BIND, NULL));
  DONE(mount("two/file", "two/dir", NULL, MS_BIND, NULL));
  DONE(mount("two/dir", "two/file", NULL, MS_BIND, NULL));
  DONE(mount("two/file", "two/file", NULL, MS_BIND, NULL));
  DONE(unlink("two/file"));
  DONE(rename("two/file", "two/x"));
  DONE(umount("two/file"));
  DONE(mount("none", "two/file", "tmpfs", 0, NULL));
  DONE(mount("none", "/nowhere", "tmpfs", 0, NULL));
  DONE(mount("none", "two", "nosuchfs", 0, NULL));
  DONE(mount("none", "two", NULL, 0, NULL));
  DONE(mount("none", "two", "", 0, NULL));
  DONE(mount("none", NULL, "tmpfs", 0, NULL));
  DONE(mount(NULL, "two", "ext4", 0, NULL));
  DONE(mount("/nowhere", "two", "ext4", 0, NULL));
  DONE(mount("/dev/null", "two", "ext4", 0, NULL));
  DONE(mount("two/file", "two", "ext4", 0, NULL));
  DONE(mount("none", "two", "tmpfs", 0, (void *)1));
  DONE(mount("none", "two", "tmpfs", 0, "size=x"));
  DONE(mount("none", "two", "tmpfs", 0, "mode=9"));
  DONE(mount((void *)1, "two", "tmpfs", 0, NULL));
  DONE(mount("none", "two", (void *)1, 0, NULL));
  DONE(mount(NULL, "two/dir", NULL, MS_REMOUNT, NULL));
  DONE(mount(NULL, "two/dir", NULL, MS_SHARED, NULL));
  DONE(mount(NULL, "two", NULL, MS_SHARED | MS_PRIVATE, NULL));
  DONE(mount(NULL, "two", NULL, MS_SHARED | MS_RDONLY, NULL));
  DONE(mount(NULL, "two", NULL, MS_BIND | MS_REMOUNT | MS_NOSUID, NULL));
  char *long_name = calloc(1, 5000);
  memset(long_name, 'a', 4999);
  DONE(mount("none", "two", long_name, 0, NULL) && errno ? -1 : 0);
  DONE(mount(long_name, "two", "tmpfs", 0, NULL) && errno ? -1 : 0);
  DONE(mount("none", long_name, "tmpfs", 0, NULL) && errno ? -1 : 0);
  DONE(umount(long_name));
  DONE(umount("two"));
  DONE(umount("two"));
}

static long access_of(const char *path) {
  struct stat found;
  lstat(path, &found);
  return found.st_atime;
}

static void touch(const char *path) {
  struct timespec times[2] = {{1000, 0}, {2000, 0}};
  utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW);
}

static void reads(const char *what) {
  char c[64];
  struct timespec fresh[2] = {{3000, 0}, {2000, 0}};
  touch("one/file");
  int fd = open("one/file", O_RDONLY);
  read(fd, c, 1);
  close(fd);
  printf("%s: file %d", what, access_of("one/file") != 1000);
  utimensat(AT_FDCWD, "one/file", fresh, 0);
  fd = open("one/file", O_RDONLY);
  read(fd, c, 1);
  close(fd);
  printf(" again %d", access_of("one/file") != 3000);
  touch("one/file");
  fd = open("one/file", O_RDONLY | O_NOATIME);
  read(fd, c, 1);
  close(fd);
  printf(" O_NOATIME %d", access_of("one/file") != 1000);
  touch("one/file");
  fd = open("one/file", O_RDONLY);
  mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
  printf(" mapped %d", access_of("one/file") != 1000);
  read(fd, c, 0);
  close(fd);
  touch("one/dir");
  fd = open("one/dir", O_RDONLY);
  syscall(SYS_getdents64, fd, c, 64);
  close(fd);
  printf(" directory %d", access_of("one/dir") != 1000);
  touch("one/link");
  readlink("one/link", c, 64);
  printf(" link %d", access_of("one/link") != 1000);
  touch("one/link");
  close(open("one/link", O_RDONLY));
  printf(" followed %d\n", access_of("one/link") != 1000);
}

static void accesses(void) {
  puts("times of access");
  DONE(mount("none", "one", "tmpfs", 0, NULL));
  makeFile("one/file", "some text", 0644);
  mkdir("one/dir", 0755);
  symlink("file", "one/link");
  reads("usual");
  DONE(mount(NULL, "one", NULL, MS_REMOUNT | MS_NOATIME, NULL));
  reads("noatime");
  DONE(mount(NULL, "one", NULL, MS_REMOUNT | MS_NODIRATIME, NULL));
  reads("nodiratime");
  DONE(mount(NULL, "one", NULL, MS_REMOUNT | MS_STRICTATIME, NULL));
  reads("strictatime");
  DONE(mount(NULL, "one", NULL, MS_REMOUNT | MS_RELATIME, NULL));
  reads("relatime");
  DONE(mount(NULL, "one", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
  DONE(umount("one"));
}

static void roots(void) {
  puts("roots");
  DONE(mount("none", "one", "tmpfs", 0, NULL));
  mkdir("one/old", 0755);
  makeFile("one/file", "", 0644);
  DONE(syscall(SYS_pivot_root, "one", "/tmp"));
  DONE(syscall(SYS_pivot_root, "two", "two"));
  DONE(syscall(SYS_pivot_root, "one/file", "one/old"));
  DONE(syscall(SYS_pivot_root, "one", "one/file"));
  DONE(syscall(SYS_pivot_root, "one", "one/missing"));
  DONE(syscall(SYS_pivot_root, "/", "/tmp"));
  DONE(syscall(SYS_pivot_root, (void *)1, "one/old"));
  DONE(syscall(SYS_pivot_root, "one", "one/old"));
  DONE(access("/file", F_OK));
  DONE(access("/old/proc", F_OK));
  DONE(chroot("/old"));
  chdir("/");
}

static void as_nobody(void) {
  puts("unprivileged");
  DONE(mount("none", "/tmp/tsst-m/one", "tmpfs", 0, NULL));
  DONE(mount("none", "/nowhere", "tmpfs", 0, NULL));
  DONE(umount("/tmp/tsst-m/one"));
  DONE(umount("/nowhere"));
  DONE(umount2("/tmp/tsst-m/one", 0x100));
  DONE(mount(NULL, "/", NULL, MS_REMOUNT, NULL));
  DONE(mount(NULL, "/", NULL, MS_PRIVATE, NULL));
  DONE(syscall(SYS_pivot_root, "/", "/tmp"));
  DONE(unshare(CLONE_NEWNS));
}

static void all(void) {
  DONE(unshare(CLONE_NEWNS));
  DONE(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
  readOnly();
  busy();
  devices();
  full();
  several();
  accesses();
  asUser(1234, as_nobody);
  roots();
}

int main(void) {
  begin();
  asUser(0, all);
  const char *left[] = {"one", "two", "no", ""};
  char path[64];
  for (int i = 0; i < 4; i++) {
    sprintf(path, "/tmp/tsst-m/%s", left[i]);
    rmdir(path);
  }
  return 0;
}

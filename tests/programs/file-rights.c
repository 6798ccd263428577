// Who may do what with a file: modes, owners, single capabilities, access(2), chmod and chown with set-id bits, times.
#include "report.h"
#include <linux/capability.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <utime.h>

static void matrix(void) {
  char name[32];
  for (int mode = 0; mode < 8; mode++) {
    sprintf(name, "open/m%d", mode);
    printf("%s: %d%d%d %d%d%d %d%d\n", name, access(name, R_OK), access(name, W_OK), access(name, X_OK),
           faccessat(AT_FDCWD, name, R_OK, AT_EACCESS), faccessat(AT_FDCWD, name, W_OK, AT_EACCESS),
           faccessat(AT_FDCWD, name, X_OK, AT_EACCESS), open(name, O_RDONLY) < 0, open(name, O_WRONLY) < 0);
    sprintf(name, "open/d%d", mode);
    printf("%s: %d%d%d %d %d\n", name, access(name, R_OK), access(name, W_OK), access(name, X_OK), open(name, O_RDONLY) < 0, chdir(name));
    chdir("/proc/self/cwd/../../open/..");
  }
  syscall(SYS_close_range, 3, 100, 0);
}

static int capabilities(unsigned long long effective) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2];
  if (syscall(SYS_capget, &header, data) < 0) return -1;
  data[0].effective = (unsigned)effective & data[0].permitted;
  data[1].effective = (unsigned)(effective >> 32) & data[1].permitted;
  return syscall(SYS_capset, &header, data);
}

static void attempts(void) {
  struct stat found;
  struct timespec times[2] = {{900, 0}, {2000, 0}};
  OPENS(open("secret", O_RDONLY));
  OPENS(open("secret", O_WRONLY));
  OPENS(open("closed", O_RDONLY));
  DONE(stat("closed/file", &found));
  OPENS(open("closed/new", O_RDWR | O_CREAT, 0600));
  DONE(access("secret", R_OK));
  DONE(access("secret", X_OK));
  DONE(faccessat(AT_FDCWD, "closed", W_OK | X_OK, AT_EACCESS));
  DONE(chmod("theirs", 0640));
  DONE(chown("theirs", 55, 55));
  DONE(chown("theirs", 1111, -1));
  DONE(chown("theirs", -1, 1111));
  DONE(utimensat(AT_FDCWD, "theirs", NULL, 0));
  DONE(utimensat(AT_FDCWD, "theirs", times, 0));
  OPENS(open("theirs", O_RDONLY | O_NOATIME));
  DONE(unlink("sticky/theirs"));
  DONE(rename("sticky/theirs2", "sticky/theirs3"));
  DONE(link("theirs", "open/linked"));
  unlink("open/linked");
  DONE(mknod("open/device", S_IFCHR | 0600, makedev(1, 3)));
  unlink("open/device");
  DONE(setxattr("theirs", "trusted.a", "1", 1, 0));
  DONE(setxattr("theirs", "security.a", "1", 1, 0));
  DONE(setxattr("theirs", "user.a", "1", 1, 0));
  DONE(getxattr("theirs", "trusted.a", NULL, 0));
  DONE(chroot("."));
}

static unsigned long long which;

static void holdsOne(void) {
  DONE(capabilities(which));
  attempts();
}

static void userWithOne(void) {
  prctl(PR_SET_KEEPCAPS, 1);
  setgroups(0, NULL);
  setresgid(1111, 1111, 1111);
  setresuid(1111, 1111, 1111);
  DONE(capabilities(which));
  attempts();
}

static void reset(void) {
  makeFile("secret", "", 0600);
  chown("secret", 2222, 2222);
  makeFile("theirs", "text", 0644);
  chown("theirs", 2222, 2222);
  makeFile("sticky/theirs", "", 0644);
  chown("sticky/theirs", 2222, 2222);
  makeFile("sticky/theirs2", "", 0644);
  chown("sticky/theirs2", 2222, 2222);
}

static void realAndEffective(void) {
  puts("real and effective");
  setgroups(0, NULL);
  setresgid(1111, 1111, 0);
  setresuid(1111, 2222, 0);
  DONE(access("secret", R_OK));
  DONE(faccessat(AT_FDCWD, "secret", R_OK, AT_EACCESS));
  OPENS(open("secret", O_RDONLY));
  setresuid(1111, 0, 0);
  DONE(access("secret", R_OK));
  DONE(access("closed/file", F_OK));
  OPENS(open("secret", O_RDONLY));
  setfsuid(3333);
  OPENS(open("secret", O_RDONLY));
  DONE(chmod("theirs", 0644));
  setfsuid(2222);
  OPENS(open("secret", O_RDONLY));
  setfsuid(0);
  OPENS(open("secret", O_RDONLY));
  DONE(chmod("theirs", 0644));
  setresuid(0, 1111, 0);
  DONE(access("closed/file", F_OK));
  DONE(access("secret", R_OK));
  DONE(faccessat(AT_FDCWD, "secret", R_OK, AT_EACCESS));
  DONE(access("secret", 8));
  DONE(faccessat(AT_FDCWD, "secret", R_OK, AT_EMPTY_PATH << 4));
  DONE(syscall(SYS_faccessat2, AT_FDCWD, "secret", R_OK, 0x4000));
  DONE(syscall(SYS_faccessat2, -1, "secret", R_OK, 0));
  DONE(syscall(SYS_faccessat2, -1, "/", X_OK, 0));
  DONE(access((char *)1, F_OK));
}

static void modes(void) {
  puts("modes");
  umask(0);
  makeFile("open/prog", "x", 0755);
  DONE(chmod("open/prog", 06755));
  status("open/prog");
  DONE(chmod("open/prog", 0107777));
  status("open/prog");
  int fd = open("open/prog", O_RDWR);
  DONE(fchmod(fd, 04711));
  status("open/prog");
  DONE(fchmod(-1, 0));
  DONE(fchmodat(AT_FDCWD, "open/prog", 0644, AT_SYMLINK_NOFOLLOW));
  DONE(syscall(452, AT_FDCWD, "open/prog", 0644, 0x1));
  DONE(syscall(452, AT_FDCWD, "open/link", 0644, AT_SYMLINK_NOFOLLOW));
  DONE(syscall(452, fd, "", 0600, AT_EMPTY_PATH));
  DONE(syscall(452, fd, "", 0600, 0));
  DONE(syscall(452, fd, "x", 0600, 0));
  status("open/prog");
  int only = open("open/prog", O_PATH);
  DONE(fchmod(only, 0600));
  DONE(fchown(only, 0, 0));
  DONE(syscall(452, only, "", 0610, AT_EMPTY_PATH));
  DONE(fchownat(only, "", 1, 1, AT_EMPTY_PATH));
  DONE(fchownat(only, "", 1, 1, 0));
  DONE(fchownat(AT_FDCWD, "open/prog", 1, 1, 0x4000));
  DONE(fchownat(AT_FDCWD, "open/link", 5, 5, AT_SYMLINK_NOFOLLOW));
  status("open/link");
  close(only);
  DONE(fchmod(fd, 06755));
  DONE(fchown(fd, 7, 7));
  status("open/prog");
  DONE(fchmod(fd, 06745));
  DONE(fchown(fd, -1, -1));
  status("open/prog");
  mkdir("open/setdir", 0755);
  chmod("open/setdir", 06755);
  chown("open/setdir", 7, 7);
  status("open/setdir");
  chmod("open/prog", 06755);
  write(fd, "y", 1);
  status("open/prog");
  chmod("open/prog", 06755);
  ftruncate(fd, 0);
  status("open/prog");
  chmod("open/prog", 06755);
  truncate("open/prog", 5);
  status("open/prog");
  chmod("open/prog", 06755);
  close(fd);
  DONE(chown("open/prog", 1234, 1234));
  chmod("open/prog", 06777);
}

static void ownFiles(void) {
  struct stat found;
  int fd = open("open/prog", O_RDWR);
  write(fd, "y", 1);
  status("open/prog");
  DONE(chmod("open/prog", 06777));
  status("open/prog");
  DONE(write(fd, "", 0));
  status("open/prog");
  DONE(pwrite(fd, "a", 1, 10));
  status("open/prog");
  DONE(chmod("open/prog", 06777));
  DONE(ftruncate(fd, 3));
  status("open/prog");
  DONE(chmod("open/prog", 06767));
  DONE(truncate("open/prog", 3));
  status("open/prog");
  DONE(chmod("open/prog", 06767));
  DONE(fallocate(fd, 0, 0, 100));
  status("open/prog");
  DONE(chmod("open/prog", 06777));
  OPENS(open("open/prog", O_RDWR | O_TRUNC));
  status("open/prog");
  DONE(chmod("open/prog", 06777));
  DONE(chown("open/prog", -1, -1));
  status("open/prog");
  DONE(chown("open/prog", 1234, -1));
  DONE(chown("open/prog", 1235, -1));
  DONE(chown("open/prog", -1, 4444));
  DONE(chown("open/prog", -1, 1234));
  close(fd);
  makeFile("open/other", "", 0644);
  DONE(chown("open/prog", 0, 0));
  DONE(chmod("roots", 0777));
  DONE(chown("roots", 1234, -1));
  DONE(chown("roots", -1, -1));
  DONE(chown("roots", 0, 0));
  // set-group-ID of a group one is not in
  DONE(chmod("open/foreign", 02755));
  status("open/foreign");
  DONE(chmod("open/foreigndir", 02755));
  status("open/foreigndir");
  DONE(chmod("open/foreign", 01644));
  status("open/foreign");
  // times
  struct timespec omit[2] = {{0, UTIME_OMIT}, {0, UTIME_OMIT}}, now[2] = {{0, UTIME_NOW}, {0, UTIME_NOW}},
                  mixed[2] = {{0, UTIME_NOW}, {0, UTIME_OMIT}}, set[2] = {{5, 6}, {7, 8}}, bad[2] = {{5, 1000000000}, {7, 8}},
                  badToo[2] = {{5, -1}, {7, 8}};
  DONE(utimensat(AT_FDCWD, "roots", NULL, 0));
  DONE(utimensat(AT_FDCWD, "roots", omit, 0));
  DONE(utimensat(AT_FDCWD, "roots", now, 0));
  DONE(utimensat(AT_FDCWD, "roots", mixed, 0));
  DONE(utimensat(AT_FDCWD, "roots", set, 0));
  DONE(utimensat(AT_FDCWD, "writable", NULL, 0));
  DONE(utimensat(AT_FDCWD, "writable", now, 0));
  DONE(utimensat(AT_FDCWD, "writable", mixed, 0));
  DONE(utimensat(AT_FDCWD, "writable", set, 0));
  DONE(utimensat(AT_FDCWD, "open/prog", set, 0));
  DONE(utimensat(AT_FDCWD, "open/prog", bad, 0));
  DONE(utimensat(AT_FDCWD, "open/prog", badToo, 0));
  DONE(utimensat(AT_FDCWD, "open/prog", set, 0x4000));
  DONE(utimensat(AT_FDCWD, "missing", omit, 0));
  DONE(utimensat(AT_FDCWD, "missing", bad, 0));
  DONE(utimensat(AT_FDCWD, "open/prog", (void *)1, 0));
  DONE(syscall(SYS_utimensat, AT_FDCWD, NULL, NULL, 0));
  DONE(syscall(SYS_utimensat, -1, NULL, NULL, 0));
  DONE(utimensat(-1, "x", NULL, 0));
  fd = open("roots", O_RDONLY);
  DONE(futimens(fd, NULL));
  DONE(futimens(fd, set));
  close(fd);
  int only = open("open/prog", O_PATH);
  DONE(futimens(only, NULL));
  DONE(utimensat(only, "", set, AT_EMPTY_PATH));
  struct utimbuf old = {3, 4};
  DONE(utime("open/prog", &old));
  DONE(utime("roots", &old));
  DONE(utime("roots", NULL));
  DONE(utime("missing", NULL));
  struct timeval micro[2] = {{3, 999999}, {4, 1}}, wrong[2] = {{3, 1000000}, {4, 1}};
  DONE(utimes("open/prog", micro));
  stat("open/prog", &found);
  printf("%ld.%09ld %ld.%09ld\n", (long)found.st_atime, found.st_atim.tv_nsec, (long)found.st_mtime, found.st_mtim.tv_nsec);
  DONE(utimes("open/prog", wrong));
  struct timespec early[2] = {{-5, 5}, {1, 0}};
  DONE(utimensat(AT_FDCWD, "open/prog", early, 0));
  stat("open/prog", &found);
  printf("%ld.%09ld %ld.%09ld\n", (long)found.st_atime, found.st_atim.tv_nsec, (long)found.st_mtime, found.st_mtim.tv_nsec);
}

int main(void) {
  begin();
  char name[32];
  mkdir("open", 0);
  chmod("open", 0777);
  mkdir("sticky", 0);
  chown("sticky", 4444, 4444);
  chmod("sticky", 01777);
  mkdir("closed", 0700);
  chown("closed", 4444, 4444);
  makeFile("closed/file", "", 0644);
  makeFile("roots", "", 0644);
  makeFile("writable", "", 0666);
  symlink("prog", "open/link");
  int owners[][2] = {{0, 0}, {1234, 9}, {9, 1234}, {9, 9}};
  for (int who = 0; who < 4; who++) {
    printf("owned by %d:%d\n", owners[who][0], owners[who][1]);
    for (int mode = 0; mode < 8; mode++) {
      int all = who == 1 ? mode << 6 : who == 2 ? mode << 3 : mode;
      sprintf(name, "open/m%d", mode);
      makeFile(name, "", 0);
      chown(name, owners[who][0], owners[who][1]);
      chmod(name, all);
      sprintf(name, "open/d%d", mode);
      mkdir(name, 0);
      chown(name, owners[who][0], owners[who][1]);
      chmod(name, all);
    }
    if (who == 0) matrix();
    asUser(1234, matrix);
  }
  int caps[] = {CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER, CAP_FSETID, CAP_MKNOD, CAP_SYS_ADMIN, CAP_SYS_CHROOT};
  reset();
  puts("root without capabilities");
  which = 0;
  asUser(0, holdsOne);
  for (int i = 0; i < 8; i++) {
    which = 1ULL << caps[i];
    printf("capability %d\n", caps[i]);
    reset();
    asUser(0, holdsOne);
    reset();
    asUser(0, userWithOne);
  }
  reset();
  asUser(0, realAndEffective);
  modes();
  makeFile("open/foreign", "", 0644);
  chown("open/foreign", 1234, 77);
  mkdir("open/foreigndir", 0755);
  chown("open/foreigndir", 1234, 77);
  asUser(1234, ownFiles);
  return 0;
}

// Overlay mounts: what is seen of the layers, what changing it does to them, and what is refused; in a mount namespace of its own.
#include "report.h"
#include <dirent.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

static int compare(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static void names(const char *path) {
  char *found[64];
  int count = 0;
  DIR *directory = opendir(path);
  struct dirent *entry;
  if (!directory) {
    printf("%s: %s\n", path, strerror(errno));
    return;
  }
  while ((entry = readdir(directory)))
    if (entry->d_name[0] != '.') found[count++] = strdup(entry->d_name);
  closedir(directory);
  qsort(found, count, sizeof *found, compare);
  printf("%s:", path);
  for (int i = 0; i < count; i++) printf(" %s", found[i]);
  puts("");
}

static void shows(const char *path) {
  char text[64] = "";
  int fd = open(path, O_RDONLY);
  if (fd < 0) {
    printf("%s: %s\n", path, strerror(errno));
    return;
  }
  int size = read(fd, text, 63);
  printf("%s: '%.*s'\n", path, size < 0 ? 0 : size, text);
  close(fd);
}

static void isWhiteout(const char *path) {
  struct stat found;
  if (lstat(path, &found) < 0) printf("%s: %s\n", path, strerror(errno));
  else printf("%s: whiteout %d\n", path, S_ISCHR(found.st_mode) && found.st_rdev == 0);
}

static void mounted(void) {
  FILE *file = fopen("/proc/self/mounts", "r");
  static char line[1024];
  while (file && fgets(line, sizeof line, file))
    if (strstr(line, "merged") && strstr(line, " overlay ")) printf("%s", strstr(line, " overlay "));
  if (file) fclose(file);
}

static void refusals(void) {
  DONE(mount("none", "merged", "overlay", 0, "lowerdir=lower"));
  DONE(mount("none", "merged", "overlay", 0, "lowerdir=lower,upperdir=upper"));
  DONE(mount("none", "merged", "overlay", 0, "lowerdir=missing,upperdir=upper,workdir=work"));
  DONE(mount("none", "merged", "overlay", 0, "lowerdir=lower/low,upperdir=upper,workdir=work"));
  DONE(mount("none", "merged", "overlay", 0, "upperdir=upper,workdir=work"));
  DONE(mount("none", "merged", "overlay", 0, "lowerdir=lower,upperdir=upper,workdir=upper/x"));
  DONE(mount("none", "merged", "overlay", 0, "lowerdir=lower,upperdir=upper,workdir=upper"));
  DONE(mount("none", "merged", "overlay", 0, "lowerdir=lower,nonsense=1"));
  DONE(mount("none", "merged", "overlay", 0, NULL));
}

static void lowerOnly(void) {
  DONE(mount("none", "merged", "overlay", 0, "lowerdir=lower:lower2"));
  names("merged");
  shows("merged/both");
  shows("merged/deep");
  names("merged/dir");
  names("merged/dir2");
  DONE(mkdir("merged/new", 0755));
  OPENS(open("merged/both", O_WRONLY));
  mounted();
  DONE(umount("merged"));
}

static void changes(void) {
  char text[128];
  int fd = open("merged/low", O_RDWR | O_APPEND);
  write(fd, "+more", 5);
  close(fd);
  shows("merged/low");
  shows("lower/low");
  shows("upper/low");
  names("upper");
  DONE(unlink("merged/both"));
  shows("merged/both");
  names("merged");
  names("upper");
  isWhiteout("upper/both");
  shows("lower/both");
  DONE(rmdir("merged/only"));
  DONE(unlink("merged/only/file"));
  DONE(rmdir("merged/only"));
  names("merged");
  isWhiteout("upper/only");
  DONE(mkdir("merged/only", 0700));
  names("merged/only");
  status("upper/only");
  TELL(getxattr("upper/only", "trusted.overlay.opaque", text, 10));
  TELL(getxattr("merged/only", "trusted.overlay.opaque", text, 10));
  DONE(rename("merged/dir", "merged/moved"));
  DONE(rename("merged/low", "merged/high"));
  names("merged");
  isWhiteout("upper/low");
  DONE(chmod("merged/deep", 0600));
  status("merged/deep");
  status("lower2/deep");
  shows("upper/deep");
  DONE(link("merged/deep", "merged/deep2"));
  status("merged/deep2");
  DONE(symlink("x", "merged/newlink"));
  DONE(mknod("merged/fifo", S_IFIFO | 0644, 0));
  DONE(mknod("merged/wh", S_IFCHR, 0));
  names("upper");
  OPENS(open("merged/created", O_RDWR | O_CREAT | O_EXCL, 0640));
  status("upper/created");
  DONE(truncate("merged/link", 1));
  shows("merged/high");
  DONE(setxattr("merged/created", "user.a", "1", 1, 0));
  TELL(getxattr("upper/created", "user.a", text, 10));
  TELL(listxattr("merged/created", text, 100));
  fd = open("merged/dir2", O_RDONLY);
  DONE(unlink("merged/dir2"));
  TELL(read(fd, text, 10));
  close(fd);
  names("merged");
  DONE(rename("merged/created", "merged/dir/renamed"));
  DONE(rmdir("merged/moved"));
  names("merged/dir");
  DONE(unlink("merged/dir/inlow"));
  names("merged/dir");
  names("upper/dir");
  mkdir("merged/fresh", 0755);
  makeFile("merged/fresh/file", "f", 0644);
  DONE(rename("merged/fresh", "merged/fresher"));
  names("merged/fresher");
  DONE(rename("merged/fresher", "merged/only"));
  names("merged/only");
  struct stat one, other;
  stat("merged", &one);
  stat("merged/high", &other);
  printf("same device %d\n", one.st_dev == other.st_dev);
  makeFile("outside", "", 0644);
  DONE(rename("outside", "merged/outside"));
  DONE(link("outside", "merged/outside"));
}

int main(void) {
  begin();
  DONE(unshare(CLONE_NEWNS));
  DONE(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
  mkdir("base", 0755);
  DONE(mount("none", "base", "tmpfs", 0, NULL));
  chdir("base");
  const char *directories[] = {"lower", "lower2", "upper", "work", "merged", "lower/dir", "upper/dir", "lower/only", "lower2/dir", "lower2/dir2"};
  for (int i = 0; i < 10; i++) mkdir(directories[i], 0755);
  makeFile("lower/low", "low", 0644);
  makeFile("lower/both", "low", 0644);
  makeFile("upper/both", "up", 0600);
  makeFile("upper/up", "up", 0644);
  makeFile("lower/dir/inlow", "x", 0644);
  makeFile("upper/dir/inup", "y", 0644);
  makeFile("lower/only/file", "z", 0644);
  symlink("low", "lower/link");
  makeFile("lower2/deep", "deep", 0644);
  makeFile("lower2/both", "deepest", 0644);
  makeFile("lower2/dir/indeep", "d", 0644);
  makeFile("lower/dir2", "file", 0644);
  refusals();
  lowerOnly();
  DONE(mount("overlay", "merged", "overlay", 0, "lowerdir=lower:lower2,upperdir=upper,workdir=work"));
  mounted();
  names("merged");
  names("merged/dir");
  names("work");
  shows("merged/both");
  shows("merged/low");
  status("merged/both");
  status("merged/dir");
  shows("merged/link");
  struct statfs found;
  statfs("merged", &found);
  printf("%lx\n", (long)found.f_type);
  changes();
  DONE(umount("merged"));
  names("upper");
  return 0;
}

// Mounts in a namespace of one's own: kinds, binds, flags and what they forbid, moving, unmounting, pivot_root, and the newer calls.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

static void show(const char *what, long result) {
  if (result < 0) printf("%s: %s\n", what, strerror(errno));
  else printf("%s: %ld\n", what, result);
}

static void done(const char *what, long result) {
  if (result < 0) printf("%s: %s\n", what, strerror(errno));
  else printf("%s\n", what);
}

/** Lines of mountinfo for places below /mnt/t, without ids and devices. */
static void table(const char *what) {
  FILE *file = fopen("/proc/self/mountinfo", "r");
  if (!file) file = fopen("/old/proc/self/mountinfo", "r");
  char line[4096];
  printf("%s\n", what);
  while (file && fgets(line, sizeof line, file)) {
    int id, parent, major, minor;
    char root[1024], point[1024], options[256], rest[2048] = "";
    if (sscanf(line, "%d %d %d:%d %1023s %1023s %255s %2047[^\n]", &id, &parent, &major, &minor, root, point, options, rest) < 7) continue;
    char *type = strstr(rest, "- ");
    if (!strncmp(point, "/mnt/t", 6)) printf("  %s %s %s %s\n", root, point, options, strncmp(type, "- tmpfs", 7) ? "other" : type);
  }
  if (file) fclose(file);
}

static int writeFile(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755);
  if (fd < 0) return -1;
  int count = write(fd, text, strlen(text));
  close(fd);
  return count;
}

static void readFile(const char *path) {
  char text[64] = "";
  int fd = open(path, O_RDONLY);
  if (fd < 0) {
    printf("%s: %s\n", path, strerror(errno));
    return;
  }
  int count = read(fd, text, sizeof text - 1);
  printf("%s: %.*s\n", path, count, text);
  close(fd);
}

static void kinds(void) {
  done("tmpfs", mount("scratch", "/mnt", "tmpfs", 0, "size=1m,mode=755"));
  done("mkdir", mkdir("/mnt/t", 0755));
  done("second", mount("t", "/mnt/t", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME, "size=16k,mode=700,uid=5,gid=6"));
  struct stat stat_;
  stat("/mnt/t", &stat_);
  printf("mode %o uid %d gid %d\n", stat_.st_mode, stat_.st_uid, stat_.st_gid);
  struct statfs space;
  statfs("/mnt/t", &space);
  printf("type %#lx blocks %ld free %ld\n", (long)space.f_type, (long)space.f_blocks, (long)space.f_bfree);
  char large[20000] = {1};
  int fd = open("/mnt/t/large", O_CREAT | O_RDWR, 0600);
  show("write beyond its size", write(fd, large, sizeof large));
  show("again", write(fd, large, sizeof large));
  close(fd);
  unlink("/mnt/t/large");
  table("two");
  done("unknown kind", mount("x", "/mnt/t", "nosuchfs", 0, NULL));
  done("no kind", mount("x", "/mnt/t", NULL, 0, NULL));
  done("unknown option", mount("x", "/mnt/t", "tmpfs", 0, "nonsense=1"));
  done("bad size", mount("x", "/mnt/t", "tmpfs", 0, "size=big"));
  done("nowhere", mount("x", "/mnt/t/none", "tmpfs", 0, NULL));
  writeFile("/mnt/t/file", "file");
  done("on a file", mount("x", "/mnt/t/file", "tmpfs", 0, NULL));
  done("proc", mount("proc", "/mnt/t", "proc", 0, NULL));
  char link[64] = "";
  printf("self is there %d\n", readlink("/mnt/t/self", link, sizeof link) > 0);
  done("umount proc", umount("/mnt/t"));
  readFile("/mnt/t/file");
}

static void forbidden(void) {
  done("device", mknod("/mnt/t/null", S_IFCHR | 0666, makedev(1, 3)));
  show("open device", open("/mnt/t/null", O_RDWR));
  writeFile("/mnt/t/program", "#!/bin/sh\nexit 3\n");
  char *argv[] = {"program", NULL};
  done("execute", execv("/mnt/t/program", argv));
  done("may it be executed", access("/mnt/t/program", X_OK));
  int fd = open("/mnt/t/program", O_RDONLY);
  printf("map it: %s\n", mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) == MAP_FAILED ? strerror(errno) : "mapped");
  void *area = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
  done("protect it", mprotect(area, 4096, PROT_READ | PROT_EXEC));
  close(fd);
  munmap(area, 4096);
  done("other flags", mount(NULL, "/mnt/t", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
  table("read-only");
  done("open for writing", open("/mnt/t/file", O_WRONLY));
  done("create", open("/mnt/t/new", O_CREAT | O_WRONLY, 0600));
  done("open for reading", close(open("/mnt/t/file", O_RDONLY)));
  done("mkdir", mkdir("/mnt/t/d", 0700));
  done("unlink", unlink("/mnt/t/file"));
  done("unlink none", unlink("/mnt/t/none"));
  done("rename", rename("/mnt/t/file", "/mnt/t/other"));
  done("link", link("/mnt/t/file", "/mnt/t/other"));
  done("symlink", symlink("x", "/mnt/t/other"));
  done("mknod", mknod("/mnt/t/other", S_IFIFO | 0600, 0));
  done("chmod", chmod("/mnt/t/file", 0600));
  done("chown", chown("/mnt/t/file", 1, 1));
  done("truncate", truncate("/mnt/t/file", 1));
  done("utimes", utimensat(AT_FDCWD, "/mnt/t/file", NULL, 0));
  done("access", access("/mnt/t/file", W_OK));
  done("device that is there", close(open("/dev/null", O_WRONLY)));
  done("writable again", mount(NULL, "/mnt/t", NULL, MS_REMOUNT | MS_BIND, NULL));
  show("write", writeFile("/mnt/t/file", "again"));
  show("run", system("/mnt/t/program") >> 8);
  done("the file system", mount(NULL, "/mnt/t", NULL, MS_REMOUNT | MS_RDONLY, "size=32k"));
  table("read-only file system");
  show("write", writeFile("/mnt/t/file", "again"));
  done("writable", mount(NULL, "/mnt/t", NULL, MS_REMOUNT, NULL));
  int open_ = open("/mnt/t/file", O_WRONLY);
  done("read-only while a file is written", mount(NULL, "/mnt/t", NULL, MS_REMOUNT | MS_RDONLY, NULL));
  close(open_);
}

static void binds(void) {
  mkdir("/mnt/t/a", 0755);
  mkdir("/mnt/t/b", 0755);
  mkdir("/mnt/t/a/inner", 0755);
  writeFile("/mnt/t/a/name", "in a");
  done("inner", mount("inner", "/mnt/t/a/inner", "tmpfs", 0, NULL));
  writeFile("/mnt/t/a/inner/deep", "deep");
  done("bind", mount("/mnt/t/a", "/mnt/t/b", NULL, MS_BIND, NULL));
  readFile("/mnt/t/b/name");
  readFile("/mnt/t/b/inner/deep");
  writeFile("/mnt/t/b/fresh", "made in b");
  readFile("/mnt/t/a/fresh");
  unlink("/mnt/t/a/name");
  readFile("/mnt/t/b/name");
  rename("/mnt/t/b/fresh", "/mnt/t/b/renamed");
  readFile("/mnt/t/a/fresh");
  readFile("/mnt/t/a/renamed");
  struct stat one, other;
  stat("/mnt/t/a", &one);
  stat("/mnt/t/b", &other);
  printf("same %d\n", one.st_ino == other.st_ino && one.st_dev == other.st_dev);
  done("rename across", rename("/mnt/t/a/renamed", "/mnt/t/b/x"));
  done("link across", link("/mnt/t/a/renamed", "/mnt/t/b/x"));
  table("bound");
  done("umount", umount("/mnt/t/b"));
  done("recursive", mount("/mnt/t/a", "/mnt/t/b", NULL, MS_BIND | MS_REC, NULL));
  readFile("/mnt/t/b/inner/deep");
  done("busy", umount("/mnt/t/b"));
  table("recursively");
  done("lazily", umount2("/mnt/t/b", MNT_DETACH));
  writeFile("/mnt/t/target", "below");
  writeFile("/mnt/t/source", "above");
  done("a file", mount("/mnt/t/source", "/mnt/t/target", NULL, MS_BIND, NULL));
  readFile("/mnt/t/target");
  done("unlink it", unlink("/mnt/t/target"));
  done("a directory on it", mount("/mnt/t/a", "/mnt/t/target", NULL, MS_BIND, NULL));
  done("umount", umount("/mnt/t/target"));
  readFile("/mnt/t/target");
  done("rmdir a mount", rmdir("/mnt/t/a/inner"));
  done("bind nothing", mount("/mnt/t/none", "/mnt/t/b", NULL, MS_BIND, NULL));
  done("bind no name", mount("", "/mnt/t/b", NULL, MS_BIND, NULL));
}

static void moves(void) {
  mkdir("/mnt/t/c", 0755);
  done("move", mount("/mnt/t/a/inner", "/mnt/t/c", NULL, MS_MOVE, NULL));
  readFile("/mnt/t/c/deep");
  done("move what is no mount", mount("/mnt/t/a", "/mnt/t/b", NULL, MS_MOVE, NULL));
  mkdir("/mnt/t/c/below", 0755);
  done("move below itself", mount("/mnt/t/c", "/mnt/t/c/below", NULL, MS_MOVE, NULL));
  done("shared", mount(NULL, "/mnt/t/c", NULL, MS_SHARED, NULL));
  done("private", mount(NULL, "/mnt/t/c", NULL, MS_PRIVATE, NULL));
  done("unbindable", mount(NULL, "/mnt/t/c", NULL, MS_UNBINDABLE, NULL));
  done("bind it", mount("/mnt/t/c", "/mnt/t/b", NULL, MS_BIND, NULL));
  done("both", mount(NULL, "/mnt/t/c", NULL, MS_PRIVATE | MS_SHARED, NULL));
  done("of what is no mount", mount(NULL, "/mnt/t/a", NULL, MS_PRIVATE, NULL));
  done("private", mount(NULL, "/mnt/t/c", NULL, MS_PRIVATE, NULL));
  int fd = open("/mnt/t/c/deep", O_RDONLY);
  done("umount with an open file", umount("/mnt/t/c"));
  chdir("/mnt/t/c");
  close(fd);
  done("umount with somebody there", umount("/mnt/t/c"));
  chdir("/");
  done("umount", umount("/mnt/t/c"));
  done("again", umount("/mnt/t/c"));
  done("unknown flag", umount2("/mnt/t", 0x100));
  done("force and expire", umount2("/mnt/t", MNT_FORCE | MNT_EXPIRE));
}

static void stacked(void) {
  mkdir("/mnt/t/s", 0755);
  mount("one", "/mnt/t/s", "tmpfs", 0, NULL);
  writeFile("/mnt/t/s/one", "1");
  mount("two", "/mnt/t/s", "tmpfs", 0, NULL);
  readFile("/mnt/t/s/one");
  chdir("/mnt/t/s");
  done("mount over here", mount("three", "/mnt/t/s", "tmpfs", 0, NULL));
  writeFile("here", "in two");
  readFile("here");
  readFile("/mnt/t/s/here");
  done("out", chdir(".."));
  char path[256];
  printf("%s\n", getcwd(path, sizeof path));
  umount("/mnt/t/s");
  readFile("/mnt/t/s/here");
  umount("/mnt/t/s");
  readFile("/mnt/t/s/one");
  umount("/mnt/t/s");
}

static void namespaces(void) {
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    chdir("/mnt/t/a");
    done("unshare", unshare(CLONE_NEWNS));
    char path[256];
    printf("%s\n", getcwd(path, sizeof path));
    done("mount in it", mount("mine", "/mnt/t/b", "tmpfs", 0, NULL));
    writeFile("/mnt/t/b/mine", "mine");
    readFile("/mnt/t/b/mine");
    writeFile("/mnt/t/a/theirs", "theirs");
    done("umount in it", umount2("/mnt/t/b", 0));
    mount("mine", "/mnt/t/b", "tmpfs", 0, NULL);
    fflush(stdout);
    _exit(0);
  }
  waitpid(pid, NULL, 0);
  readFile("/mnt/t/b/mine");
  readFile("/mnt/t/a/theirs");
  int here = open("/proc/self/ns/mnt", O_RDONLY);
  done("another", unshare(CLONE_NEWNS));
  mount("other", "/mnt/t/b", "tmpfs", 0, NULL);
  table("other");
  done("wrong kind", setns(here, CLONE_NEWUTS));
  done("back", setns(here, CLONE_NEWNS));
  table("back");
  close(here);
}

#ifndef __NR_fsopen
#define __NR_fsopen 430
#endif

static void newer(void) {
  mkdir("/mnt/t/n", 0755);
  show("unknown kind", syscall(SYS_fsopen, "nosuchfs", 0));
  show("unknown flag", syscall(SYS_fsopen, "tmpfs", 8));
  int context = syscall(SYS_fsopen, "tmpfs", 1);
  done("source", syscall(SYS_fsconfig, context, 1, "source", "newer", 0));
  done("source again", syscall(SYS_fsconfig, context, 1, "source", "newer", 0));
  done("mode", syscall(SYS_fsconfig, context, 1, "mode", "711", 0));
  done("flag", syscall(SYS_fsconfig, context, 0, "noswap", NULL, 0));
  done("nonsense", syscall(SYS_fsconfig, context, 1, "nonsense", "1", 0));
  done("no value", syscall(SYS_fsconfig, context, 1, "size", NULL, 0));
  done("command", syscall(SYS_fsconfig, context, 99, NULL, NULL, 0));
  show("mount too early", syscall(SYS_fsmount, context, 0, 0));
  done("create", syscall(SYS_fsconfig, context, 6, NULL, NULL, 0));
  done("create again", syscall(SYS_fsconfig, context, 6, NULL, NULL, 0));
  int detached = syscall(SYS_fsmount, context, 1, 0x2 | 0x10); // nosuid, noatime
  done("mounted", detached);
  show("mounted twice", syscall(SYS_fsmount, context, 0, 0));
  done("attach", syscall(SYS_move_mount, detached, "", AT_FDCWD, "/mnt/t/n", 4));
  table("attached");
  close(context);
  close(detached);
  writeFile("/mnt/t/n/x", "x");
  int tree = syscall(SYS_open_tree, AT_FDCWD, "/mnt/t/n", 1 | O_CLOEXEC);
  done("clone", tree);
  struct { unsigned long long set, clear, propagation, user; } attributes = {.set = 1, .clear = 0x70};
  done("attributes", syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &attributes, sizeof attributes));
  attributes.set = 0x1000000;
  done("bad attributes", syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &attributes, sizeof attributes));
  done("small", syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &attributes, 8));
  done("attach the clone", syscall(SYS_move_mount, tree, "", AT_FDCWD, "/mnt/t/b", 4));
  readFile("/mnt/t/b/x");
  done("write to it", open("/mnt/t/b/x", O_WRONLY));
  table("clone");
  close(tree);
  int place = syscall(SYS_open_tree, AT_FDCWD, "/mnt/t", O_CLOEXEC);
  printf("place %#x\n", fcntl(place, F_GETFL));
  close(place);
  show("recursive without a clone", syscall(SYS_open_tree, AT_FDCWD, "/mnt/t", 0x8000));
  done("umount", umount("/mnt/t/b"));
  done("umount", umount("/mnt/t/n"));
}

static void pivot(void) {
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    done("pivot to no mount", syscall(SYS_pivot_root, "/mnt/t/a", "/mnt/t/a"));
    mount("root", "/mnt/t/a", "tmpfs", 0, NULL);
    mkdir("/mnt/t/a/old", 0755);
    mkdir("/mnt/t/a/there", 0755);
    done("old elsewhere", syscall(SYS_pivot_root, "/mnt/t/a", "/mnt/t/b"));
    done("pivot", syscall(SYS_pivot_root, "/mnt/t/a", "/mnt/t/a/old"));
    char path[256];
    printf("%s\n", getcwd(path, sizeof path));
    done("there", access("/there", F_OK));
    done("old", access("/old/etc", F_OK));
    done("lazily", umount2("/old", MNT_DETACH));
    done("old", access("/old/etc", F_OK));
    done("root", umount("/"));
    fflush(stdout);
    _exit(0);
  }
  waitpid(pid, NULL, 0);
}

int main(void) {
  setvbuf(stdout, NULL, _IOFBF, 1 << 16);
  done("unshare", unshare(CLONE_NEWNS));
  done("private", mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
  kinds();
  forbidden();
  binds();
  moves();
  stacked();
  namespaces();
  newer();
  done("once more", unshare(CLONE_NEWNS));
  pivot();
  setresuid(1000, 1000, 1000);
  done("user", mount("x", "/mnt", "tmpfs", 0, NULL));
  done("user umounts", umount("/mnt"));
  done("user unshares", unshare(CLONE_NEWNS));
  show("user opens", syscall(SYS_fsopen, "tmpfs", 0));
  fflush(stdout);
  return 0;
}

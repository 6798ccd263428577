// fanotify groups that report files by handle, and groups that are asked for permission.
#include "report.h"
#include <poll.h>
#include <sys/fanotify.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

#ifndef FAN_REPORT_PIDFD
#define FAN_REPORT_PIDFD 0x80
#endif
#ifndef FAN_RENAME
#define FAN_RENAME 0x10000000
#endif
#ifndef FAN_REPORT_TARGET_FID
#define FAN_REPORT_TARGET_FID 0x1000
#endif
#ifndef FAN_MARK_IGNORE
#define FAN_MARK_IGNORE 0x400
#endif

static int fan(unsigned flags, unsigned eventFlags) { return syscall(SYS_fanotify_init, flags, eventFlags); }
static int mark(int fd, unsigned flags, unsigned long long mask, int dirfd, const char *path) {
  return sizeof(long) == 8 ? syscall(SYS_fanotify_mark, fd, flags, mask, dirfd, path)
                           : syscall(SYS_fanotify_mark, fd, flags, (unsigned)mask, (unsigned)(mask >> 32), dirfd, path);
}

struct known { char name[32]; unsigned char handle[32]; unsigned size; } known[16];
static int count;

static void know(const char *name) {
  struct { unsigned bytes; int type; unsigned char data[128]; } handle = {128};
  int mount;
  if (syscall(SYS_name_to_handle_at, AT_FDCWD, name, &handle, &mount, 0) < 0) return;
  strcpy(known[count].name, name);
  known[count].size = handle.bytes;
  memcpy(known[count++].handle, handle.data, handle.bytes);
}

static const char *nameOf(const unsigned char *handle, unsigned size) {
  for (int i = count; i-- > 0;)
    if (known[i].size == size && !memcmp(known[i].handle, handle, size)) return known[i].name;
  return "?";
}

static pid_t self;

static void drain(int fd, const char *what) {
  static char buffer[32768];
  printf("%s\n", what);
  for (;;) {
    int size = read(fd, buffer, sizeof buffer);
    if (size <= 0) break;
    for (int at = 0; at < size;) {
      struct fanotify_event_metadata *event = (void *)(buffer + at);
      printf("  %llx len %u meta %u fd %d pid %d", (unsigned long long)event->mask, event->event_len, event->metadata_len, event->fd < 0 ? event->fd : 1,
             event->pid == self);
      for (unsigned inside = event->metadata_len; inside < event->event_len;) {
        unsigned char *info = (unsigned char *)event + inside;
        unsigned length = info[2] | info[3] << 8;
        printf(" [%u/%u", info[0], length);
        if (info[0] == 4) printf(" pidfd %d", *(int *)(info + 4) >= 0);
        else {
          unsigned bytes = *(unsigned *)(info + 12);
          printf(" %s", nameOf(info + 20, bytes));
          if (info[0] == 2 || info[0] == 10 || info[0] == 12) printf(" '%s'", info + 20 + bytes);
        }
        printf("]");
        inside += length;
        if (length == 0) break;
      }
      puts("");
      if (event->fd >= 0) close(event->fd);
      at += event->event_len;
    }
  }
}

static void operations(int fd) {
  char c[8];
  int file = open("d/file", O_RDWR);
  read(file, c, 4);
  write(file, "x", 1);
  close(file);
  drain(fd, "open, read, write, close");
  chmod("d/file", 0600);
  drain(fd, "chmod");
  close(open("d/new", O_RDWR | O_CREAT, 0644));
  drain(fd, "create");
  mkdir("d/sub", 0755);
  drain(fd, "mkdir");
  know("d/sub");
  close(open("d/sub", O_RDONLY));
  drain(fd, "open of a directory");
  rename("d/new", "d/newer");
  drain(fd, "rename");
  rename("d/newer", "e/newer");
  drain(fd, "rename out");
  rename("e/newer", "d/new");
  drain(fd, "rename in");
  rename("d/sub", "e/sub");
  drain(fd, "rename of a directory");
  rename("e/sub", "d/sub");
  drain(fd, "and back");
  rmdir("d/sub");
  drain(fd, "rmdir");
  link("d/file", "d/linked");
  drain(fd, "link");
  unlink("d/linked");
  drain(fd, "unlink of one");
  unlink("d/new");
  drain(fd, "unlink");
  chmod("d", 0700);
  chmod("d", 0755);
  drain(fd, "chmod of the directory");
  setxattr("d/file", "user.a", "1", 1, 0);
  drain(fd, "xattr");
}

#define EVENTS (FAN_OPEN | FAN_ACCESS | FAN_MODIFY | FAN_CLOSE | FAN_ATTRIB | FAN_CREATE | FAN_DELETE | FAN_MOVE | FAN_DELETE_SELF | FAN_MOVE_SELF)

static void reports(const char *what, unsigned flags, unsigned long long extra) {
  printf("== %s\n", what);
  int fd = fan(FAN_CLASS_NOTIF | FAN_NONBLOCK | flags, O_RDONLY);
  if (fd < 0) {
    done("fanotify_init", fd);
    return;
  }
  DONE(mark(fd, FAN_MARK_ADD, EVENTS | FAN_ONDIR | FAN_EVENT_ON_CHILD | extra, AT_FDCWD, "d"));
  operations(fd);
  close(fd);
  puts("marked file");
  fd = fan(FAN_CLASS_NOTIF | FAN_NONBLOCK | flags, O_RDONLY);
  makeFile("d/gone", "", 0644);
  know("d/gone");
  DONE(mark(fd, FAN_MARK_ADD, EVENTS & ~(FAN_CREATE | FAN_DELETE | FAN_MOVE), AT_FDCWD, "d/gone"));
  close(open("d/gone", O_RDONLY));
  drain(fd, "open");
  rename("d/gone", "d/gone2");
  drain(fd, "move");
  unlink("d/gone2");
  drain(fd, "delete");
  close(fd);
}

static void refusals(void) {
  puts("== refusals");
  OPENS(fan(FAN_REPORT_NAME, O_RDONLY));
  OPENS(fan(FAN_REPORT_TARGET_FID | FAN_REPORT_FID, O_RDONLY));
  OPENS(fan(FAN_REPORT_TARGET_FID | FAN_REPORT_DIR_FID | FAN_REPORT_NAME, O_RDONLY));
  OPENS(fan(FAN_REPORT_FID | FAN_CLASS_CONTENT, O_RDONLY));
  OPENS(fan(FAN_REPORT_FID | FAN_CLASS_PRE_CONTENT, O_RDONLY));
  OPENS(fan(FAN_REPORT_PIDFD | FAN_REPORT_TID, O_RDONLY));
  OPENS(fan(FAN_REPORT_PIDFD, O_RDONLY));
  OPENS(fan(FAN_CLASS_CONTENT | FAN_CLASS_PRE_CONTENT, O_RDONLY));
  OPENS(fan(0x80000000, O_RDONLY));
  OPENS(fan(0, 3));
  OPENS(fan(0, O_CREAT));
  OPENS(fan(FAN_UNLIMITED_QUEUE | FAN_UNLIMITED_MARKS, O_RDWR | O_LARGEFILE | O_NOATIME));
  int plain = fan(FAN_NONBLOCK, O_RDONLY), fid = fan(FAN_NONBLOCK | FAN_REPORT_FID, O_RDONLY), content = fan(FAN_NONBLOCK | FAN_CLASS_CONTENT, O_RDONLY),
      dir = fan(FAN_NONBLOCK | FAN_REPORT_DIR_FID | FAN_REPORT_NAME, O_RDONLY), all = fan(FAN_NONBLOCK | FAN_REPORT_DIR_FID | FAN_REPORT_NAME | FAN_REPORT_FID | FAN_REPORT_TARGET_FID, O_RDONLY);
  DONE(mark(plain, FAN_MARK_ADD, FAN_CREATE, AT_FDCWD, "d"));
  DONE(mark(plain, FAN_MARK_ADD, FAN_ATTRIB, AT_FDCWD, "d"));
  DONE(mark(plain, FAN_MARK_ADD, FAN_OPEN_PERM, AT_FDCWD, "d"));
  DONE(mark(plain, FAN_MARK_ADD, FAN_RENAME, AT_FDCWD, "d"));
  DONE(mark(fid, FAN_MARK_ADD, FAN_CREATE, AT_FDCWD, "d"));
  DONE(mark(fid, FAN_MARK_ADD, FAN_CREATE, AT_FDCWD, "d/file"));
  DONE(mark(all, FAN_MARK_ADD, FAN_CREATE, AT_FDCWD, "d/file"));
  DONE(mark(fid, FAN_MARK_ADD, FAN_OPEN_PERM, AT_FDCWD, "d"));
  DONE(mark(fid, FAN_MARK_ADD, FAN_RENAME, AT_FDCWD, "d"));
  DONE(mark(dir, FAN_MARK_ADD, FAN_RENAME, AT_FDCWD, "d"));
  DONE(mark(fid, FAN_MARK_ADD | FAN_MARK_MOUNT, FAN_CREATE, AT_FDCWD, "d"));
  DONE(mark(fid, FAN_MARK_ADD | FAN_MARK_MOUNT, FAN_OPEN, AT_FDCWD, "d"));
  DONE(mark(fid, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, FAN_CREATE, AT_FDCWD, "/proc"));
  DONE(mark(fid, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "/proc/version"));
  DONE(mark(plain, FAN_MARK_ADD, 0, AT_FDCWD, "d"));
  DONE(mark(plain, 0, FAN_OPEN, AT_FDCWD, "d"));
  DONE(mark(plain, FAN_MARK_ADD | FAN_MARK_REMOVE, FAN_OPEN, AT_FDCWD, "d"));
  DONE(mark(plain, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "missing"));
  DONE(mark(plain, FAN_MARK_ADD | FAN_MARK_ONLYDIR, FAN_OPEN, AT_FDCWD, "d/file"));
  DONE(mark(plain, FAN_MARK_REMOVE, FAN_OPEN, AT_FDCWD, "d"));
  DONE(mark(plain, FAN_MARK_ADD, FAN_OPEN, -1, "d"));
  DONE(mark(plain, FAN_MARK_ADD, FAN_OPEN, 99, NULL));
  DONE(mark(99, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "d"));
  DONE(mark(0, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "d"));
  DONE(mark(plain, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, (char *)1));
  DONE(mark(plain, FAN_MARK_ADD | 0x10000, FAN_OPEN, AT_FDCWD, "d"));
  DONE(mark(plain, FAN_MARK_ADD, 1ULL << 40, AT_FDCWD, "d"));
  DONE(mark(plain, FAN_MARK_ADD | FAN_MARK_IGNORED_MASK | FAN_MARK_IGNORE, FAN_OPEN, AT_FDCWD, "d/file"));
  DONE(mark(plain, FAN_MARK_ADD | FAN_MARK_IGNORE, FAN_OPEN, AT_FDCWD, "d"));
  DONE(mark(plain, FAN_MARK_ADD | FAN_MARK_IGNORE, FAN_OPEN, AT_FDCWD, "d/file"));
  DONE(mark(plain, FAN_MARK_ADD | FAN_MARK_IGNORE | FAN_MARK_IGNORED_SURV_MODIFY, FAN_OPEN, AT_FDCWD, "d"));
  DONE(mark(plain, FAN_MARK_ADD | FAN_MARK_IGNORE | FAN_MARK_MOUNT, FAN_OPEN, AT_FDCWD, "d"));
  DONE(mark(plain, FAN_MARK_FLUSH, 0, AT_FDCWD, "d"));
  DONE(mark(plain, FAN_MARK_FLUSH | FAN_MARK_MOUNT | FAN_MARK_FILESYSTEM, 0, AT_FDCWD, "d"));
  DONE(mark(content, FAN_MARK_ADD, FAN_OPEN_PERM | FAN_ONDIR, AT_FDCWD, "d"));
  struct { int fd; unsigned response; } answer = {77, FAN_ALLOW};
  TELL(write(content, &answer, sizeof answer));
  TELL(write(content, &answer, 4));
  answer.response = 99;
  TELL(write(content, &answer, sizeof answer));
  TELL(write(plain, &answer, sizeof answer));
  char small[8];
  TELL(read(plain, small, 8));
  close(open("d", O_RDONLY | O_PATH));
  close(plain), close(fid), close(content), close(dir), close(all);
}

static void ignoring(void) {
  puts("== ignoring");
  int fd = fan(FAN_NONBLOCK, O_RDONLY);
  DONE(mark(fd, FAN_MARK_ADD, FAN_OPEN | FAN_CLOSE | FAN_EVENT_ON_CHILD | FAN_MODIFY, AT_FDCWD, "d"));
  DONE(mark(fd, FAN_MARK_ADD | FAN_MARK_IGNORED_MASK, FAN_OPEN, AT_FDCWD, "d/file"));
  close(open("d/file", O_RDONLY));
  drain(fd, "ignored mask");
  int file = open("d/file", O_WRONLY);
  write(file, "x", 1);
  close(file);
  close(open("d/file", O_RDONLY));
  drain(fd, "until modified");
  DONE(mark(fd, FAN_MARK_ADD | FAN_MARK_IGNORED_MASK | FAN_MARK_IGNORED_SURV_MODIFY, FAN_OPEN, AT_FDCWD, "d/file"));
  file = open("d/file", O_WRONLY);
  write(file, "x", 1);
  close(file);
  close(open("d/file", O_RDONLY));
  drain(fd, "even if modified");
  DONE(mark(fd, FAN_MARK_REMOVE | FAN_MARK_IGNORED_MASK, FAN_OPEN, AT_FDCWD, "d/file"));
  close(open("d/file", O_RDONLY));
  drain(fd, "no more");
  DONE(mark(fd, FAN_MARK_ADD | FAN_MARK_IGNORE | FAN_MARK_IGNORED_SURV_MODIFY, FAN_CLOSE | FAN_EVENT_ON_CHILD, AT_FDCWD, "d"));
  close(open("d/file", O_RDONLY));
  drain(fd, "of children");
  close(fd);
}

/** Where the handle of a record leads, below the working directory. */
static void leads(int mount, unsigned char *record) {
  static char link[64], path[1024];
  int fd = syscall(SYS_open_by_handle_at, mount, record, O_RDONLY);
  if (fd < 0) {
    printf("  %s\n", strerror(errno));
    return;
  }
  sprintf(link, "/proc/self/fd/%d", fd);
  int size = readlink(link, path, sizeof path - 1);
  path[size < 0 ? 0 : size] = 0;
  printf("  %s\n", strrchr(path, '/'));
  close(fd);
}

static void opening(void) {
  puts("== opening by the handles of events");
  int fd = fan(FAN_NONBLOCK | FAN_REPORT_FID | FAN_REPORT_DIR_FID | FAN_REPORT_NAME, O_RDONLY), mount = open(".", O_RDONLY);
  DONE(mark(fd, FAN_MARK_ADD, FAN_CREATE | FAN_MODIFY | FAN_EVENT_ON_CHILD, AT_FDCWD, "d"));
  makeFile("d/fresh", "text", 0644);
  static char buffer[4096];
  int size = read(fd, buffer, sizeof buffer);
  for (int at = 0; at < size;) {
    struct fanotify_event_metadata *event = (void *)(buffer + at);
    for (unsigned inside = event->metadata_len; inside < event->event_len;) {
      unsigned char *info = (unsigned char *)event + inside;
      leads(mount, info + 12);
      inside += info[2] | info[3] << 8;
    }
    at += event->event_len;
  }
  unlink("d/fresh");
  close(fd);
}

static void opener(void) {
  char c[8];
  int fd = open("d/file", O_RDONLY);
  tell("open", fd < 0 ? fd : 0);
  tell("read", read(fd, c, 4));
  fd = open("d/file", O_WRONLY);
  tell("open again", fd < 0 ? fd : 0);
}

static void permissions(void) {
  puts("== permission");
  int fd = fan(FAN_CLASS_CONTENT, O_RDONLY), how;
  DONE(mark(fd, FAN_MARK_ADD, FAN_OPEN_PERM | FAN_ACCESS_PERM, AT_FDCWD, "d/file"));
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    close(fd);
    opener();
    fflush(stdout);
    _exit(0);
  }
  unsigned answers[] = {FAN_ALLOW, FAN_ALLOW, FAN_DENY};
  char text[256] = "";
  for (int i = 0; i < 3; i++) {
    struct fanotify_event_metadata event;
    int size = read(fd, &event, sizeof event);
    sprintf(text + strlen(text), "asked %d %llx %d\n", size, (unsigned long long)event.mask, event.pid == child);
    struct fanotify_response answer = {event.fd, answers[i]};
    if (write(fd, &answer, sizeof answer) < 0) sprintf(text + strlen(text), "%s\n", strerror(errno));
    close(event.fd);
  }
  waitpid(child, &how, 0);
  fputs(text, stdout);
  child = fork();
  if (child == 0) {
    close(fd);
    int file = open("d/file", O_RDONLY);
    _exit(file < 0 ? errno : 0);
  }
  struct pollfd file = {fd, POLLIN};
  poll(&file, 1, 5000);
  close(fd);
  waitpid(child, &how, 0);
  printf("after closing %d\n", WEXITSTATUS(how));
}

static void somebody(void) {
  OPENS(fan(0, O_RDONLY));
  int fd = fan(FAN_REPORT_FID | FAN_NONBLOCK, O_RDONLY);
  printf("%d\n", fd >= 0);
  OPENS(fan(FAN_REPORT_FID | FAN_CLASS_CONTENT, O_RDONLY));
  OPENS(fan(FAN_REPORT_FID | FAN_UNLIMITED_QUEUE, O_RDONLY));
  OPENS(fan(FAN_REPORT_FID | FAN_REPORT_PIDFD, O_RDONLY));
  OPENS(fan(FAN_REPORT_DIR_FID | FAN_REPORT_NAME, O_RDONLY));
  DONE(mark(fd, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "d/file"));
  DONE(mark(fd, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "secret"));
  DONE(mark(fd, FAN_MARK_ADD | FAN_MARK_MOUNT, FAN_OPEN, AT_FDCWD, "d"));
  DONE(mark(fd, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, FAN_OPEN, AT_FDCWD, "d"));
  close(open("d/file", O_RDONLY));
  drain(fd, "unprivileged");
}

int main(void) {
  begin();
  self = getpid();
  mkdir("d", 0755);
  mkdir("e", 0755);
  makeFile("d/file", "some text", 0644);
  makeFile("secret", "", 0600);
  know("d");
  know("e");
  know("d/file");
  reports("FID", FAN_REPORT_FID, 0);
  reports("DIR_FID", FAN_REPORT_DIR_FID, 0);
  reports("FID | DIR_FID", FAN_REPORT_FID | FAN_REPORT_DIR_FID, 0);
  reports("DIR_FID | NAME", FAN_REPORT_DIR_FID | FAN_REPORT_NAME, FAN_RENAME);
  reports("FID | DIR_FID | NAME", FAN_REPORT_FID | FAN_REPORT_DIR_FID | FAN_REPORT_NAME, 0);
  reports("all and the target", FAN_REPORT_FID | FAN_REPORT_DIR_FID | FAN_REPORT_NAME | FAN_REPORT_TARGET_FID, FAN_RENAME);
  reports("PIDFD | FID", FAN_REPORT_FID | FAN_REPORT_PIDFD, 0);
  refusals();
  ignoring();
  opening();
  chmod("d/file", 0644);
  asUser(1234, somebody);
  permissions();
  return 0;
}

// fanotify: marks on files, directories, mounts and file systems, what is told of them, what is merged, ignored and refused.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void show(const char *what, long result) {
  if (result < 0) printf("%s: %s\n", what, strerror(errno));
  else printf("%s: %ld\n", what, result);
}

static void touch(const char *path) {
  int fd = open(path, O_RDWR | O_CREAT, 0600);
  write(fd, "text", 4);
  close(fd);
}

static void take(const char *what, int group) {
  char buffer[4096];
  printf("%s\n", what);
  struct pollfd one = {.fd = group, .events = POLLIN};
  while (poll(&one, 1, 0) > 0) {
    int length = read(group, buffer, sizeof buffer);
    if (length < 0) {
      printf("  read: %s\n", strerror(errno));
      return;
    }
    struct fanotify_event_metadata *event = (void *)buffer;
    for (; FAN_EVENT_OK(event, length); event = FAN_EVENT_NEXT(event, length)) {
      char link[64], path[256] = "none";
      snprintf(link, sizeof link, "/proc/self/fd/%d", event->fd);
      int count = event->fd < 0 ? -1 : readlink(link, path, sizeof path - 1);
      if (count > 0) path[count] = 0;
      printf("  %#llx %s len %d vers %d mine %d flags %#x\n", (unsigned long long)event->mask, path, event->event_len, event->vers,
             event->pid == getpid(), event->fd < 0 ? 0 : fcntl(event->fd, F_GETFL) & O_ACCMODE);
      if (event->fd >= 0) close(event->fd);
    }
  }
}

int main(void) {
  setvbuf(stdout, NULL, _IOFBF, 1 << 16);
  show("unknown flags", fanotify_init(0x80000000, 0));
  show("both classes", fanotify_init(FAN_CLASS_CONTENT | FAN_CLASS_PRE_CONTENT, 0));
  show("bad event flags", fanotify_init(0, O_ACCMODE));
  unshare(CLONE_NEWNS);
  mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
  if (mount("watched", "/mnt", "tmpfs", 0, NULL) < 0) return 1;
  mkdir("/mnt/d", 0755);
  touch("/mnt/d/file");
  touch("/mnt/d/other");
  int group = fanotify_init(FAN_CLASS_NOTIF | FAN_CLOEXEC | FAN_NONBLOCK, O_RDONLY);
  printf("group %d flags %#x\n", group >= 0, fcntl(group, F_GETFL));
  char small[8];
  show("nothing there", read(group, small, sizeof small));
  show("no mask", fanotify_mark(group, FAN_MARK_ADD, 0, AT_FDCWD, "/mnt/d"));
  show("no command", fanotify_mark(group, 0, FAN_OPEN, AT_FDCWD, "/mnt/d"));
  show("two commands", fanotify_mark(group, FAN_MARK_ADD | FAN_MARK_REMOVE, FAN_OPEN, AT_FDCWD, "/mnt/d"));
  show("names", fanotify_mark(group, FAN_MARK_ADD, FAN_CREATE, AT_FDCWD, "/mnt/d"));
  show("nowhere", fanotify_mark(group, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "/mnt/none"));
  show("no directory", fanotify_mark(group, FAN_MARK_ADD | FAN_MARK_ONLYDIR, FAN_OPEN, AT_FDCWD, "/mnt/d/file"));
  show("not a group", fanotify_mark(1, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "/mnt/d"));
  show("remove none", fanotify_mark(group, FAN_MARK_REMOVE, FAN_OPEN, AT_FDCWD, "/mnt/d"));

  show("file", fanotify_mark(group, FAN_MARK_ADD, FAN_OPEN | FAN_CLOSE | FAN_MODIFY | FAN_ACCESS, AT_FDCWD, "/mnt/d/file"));
  int fd = open("/mnt/d/file", O_RDWR);
  take("opened", group);
  write(fd, "more", 4);
  take("written", group);
  char text[8];
  pread(fd, text, 8, 0);
  write(fd, "again", 5);
  take("read and written", group);
  close(fd);
  take("closed", group);
  close(open("/mnt/d/file", O_RDONLY));
  take("opened and closed", group);
  close(open("/mnt/d/other", O_RDONLY));
  take("another", group);
  close(open("/mnt/d/file", O_RDONLY));
  show("small", read(group, small, sizeof small));
  int waiting;
  ioctl(group, FIONREAD, &waiting);
  printf("waiting %d\n", waiting);
  take("after it", group);
  show("less", fanotify_mark(group, FAN_MARK_REMOVE, FAN_CLOSE | FAN_MODIFY | FAN_ACCESS, AT_FDCWD, "/mnt/d/file"));
  touch("/mnt/d/file");
  take("only open", group);
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    touch("/mnt/d/file");
    _exit(0);
  }
  waitpid(pid, NULL, 0);
  touch("/mnt/d/file");
  take("two processes", group);
  show("flush", fanotify_mark(group, FAN_MARK_FLUSH, 0, AT_FDCWD, NULL));
  touch("/mnt/d/file");
  take("flushed", group);

  show("directory", fanotify_mark(group, FAN_MARK_ADD, FAN_OPEN | FAN_CLOSE_WRITE, AT_FDCWD, "/mnt/d"));
  touch("/mnt/d/file");
  close(open("/mnt/d", O_RDONLY | O_DIRECTORY));
  take("the directory itself, without ONDIR", group);
  show("children", fanotify_mark(group, FAN_MARK_ADD, FAN_OPEN | FAN_CLOSE_WRITE | FAN_EVENT_ON_CHILD, AT_FDCWD, "/mnt/d"));
  touch("/mnt/d/file");
  close(open("/mnt/d", O_RDONLY | O_DIRECTORY));
  take("children", group);
  show("directories", fanotify_mark(group, FAN_MARK_ADD, FAN_ONDIR, AT_FDCWD, "/mnt/d"));
  close(open("/mnt/d", O_RDONLY | O_DIRECTORY));
  take("directories too", group);
  fanotify_mark(group, FAN_MARK_FLUSH, 0, AT_FDCWD, NULL);

  show("mount", fanotify_mark(group, FAN_MARK_ADD | FAN_MARK_MOUNT, FAN_OPEN | FAN_CLOSE_WRITE, AT_FDCWD, "/mnt/d"));
  touch("/mnt/fresh");
  touch("/mnt/d/other");
  close(open("/etc/passwd", O_RDONLY));
  take("mount", group);
  mkdir("/mnt/bound", 0755);
  mount("/mnt/d", "/mnt/bound", NULL, MS_BIND, NULL);
  touch("/mnt/bound/file");
  take("by another mount", group);
  fanotify_mark(group, FAN_MARK_FLUSH | FAN_MARK_MOUNT, 0, AT_FDCWD, NULL);
  show("file system", fanotify_mark(group, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, FAN_CLOSE_WRITE, AT_FDCWD, "/mnt"));
  touch("/mnt/bound/file");
  take("by any mount", group);

  show("ignore", fanotify_mark(group, FAN_MARK_ADD | FAN_MARK_IGNORED_MASK | FAN_MARK_IGNORED_SURV_MODIFY, FAN_CLOSE_WRITE, AT_FDCWD, "/mnt/d/file"));
  touch("/mnt/d/file");
  touch("/mnt/d/other");
  take("ignored", group);
  show("no more", fanotify_mark(group, FAN_MARK_REMOVE | FAN_MARK_IGNORED_MASK, FAN_CLOSE_WRITE, AT_FDCWD, "/mnt/d/file"));
  show("until it is changed", fanotify_mark(group, FAN_MARK_ADD | FAN_MARK_IGNORED_MASK, FAN_CLOSE_WRITE, AT_FDCWD, "/mnt/d/other"));
  close(open("/mnt/d/other", O_WRONLY));
  take("not changed", group);
  touch("/mnt/d/other");
  take("changed", group);
  fd = open("/mnt/d/other", O_WRONLY);
  unlink("/mnt/d/other");
  close(fd);
  take("deleted", group);
  close(group);
  show("closed", fanotify_mark(group, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "/mnt/d"));
  setresuid(1000, 1000, 1000);
  show("user", fanotify_init(FAN_CLASS_NOTIF, O_RDONLY));
  fflush(stdout);
  return 0;
}

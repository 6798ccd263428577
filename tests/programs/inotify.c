// Watching files and directories: which events come, in what order, with which names and cookies; limits and errors.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static void show(const char *what, long result) {
  if (result < 0) printf("%s: %s\n", what, strerror(errno));
  else printf("%s: %ld\n", what, result);
}

static const struct {
  unsigned bit;
  const char *name;
} names[] = {{IN_ACCESS, "access"},         {IN_MODIFY, "modify"},         {IN_ATTRIB, "attrib"},
             {IN_CLOSE_WRITE, "close_write"}, {IN_CLOSE_NOWRITE, "close"},   {IN_OPEN, "open"},
             {IN_MOVED_FROM, "moved_from"},   {IN_MOVED_TO, "moved_to"},     {IN_CREATE, "create"},
             {IN_DELETE, "delete"},           {IN_DELETE_SELF, "delete_self"}, {IN_MOVE_SELF, "move_self"},
             {IN_UNMOUNT, "unmount"},         {IN_Q_OVERFLOW, "overflow"},   {IN_IGNORED, "ignored"},
             {IN_ISDIR, "directory"}};

static void events(int fd, const char *after) {
  char buffer[4096] __attribute__((aligned(8)));
  unsigned cookie = 0;
  printf("%s:", after);
  long count;
  while ((count = read(fd, buffer, sizeof buffer)) > 0) {
    for (char *at = buffer; at < buffer + count;) {
      struct inotify_event *event = (struct inotify_event *)at;
      printf(" [%d", event->wd);
      for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        if (event->mask & names[i].bit) printf(" %s", names[i].name);
      if (event->len) printf(" \"%s\" %u", event->name, event->len);
      if (event->cookie) {
        printf(event->cookie == cookie ? " same" : " cookie");
        cookie = event->cookie;
      }
      printf("]");
      at += sizeof *event + event->len;
    }
  }
  printf("\n");
}

static void make(const char *name, const char *text) {
  int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (*text) write(fd, text, strlen(text));
  close(fd);
}

int main(void) {
  setvbuf(stdout, NULL, _IOFBF, 32768);
  syscall(SYS_close_range, 3, 100, 0);
  int in = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  printf("descriptor %d flags %#x %d\n", in, fcntl(in, F_GETFL), fcntl(in, F_GETFD));
  mkdir("watched", 0755);
  int directory = inotify_add_watch(in, "watched", IN_ALL_EVENTS);
  show("watch", directory);
  make("watched/file", "");
  events(in, "create");
  make("watched/file", "text");
  events(in, "rewrite");
  int fd = open("watched/file", O_RDONLY);
  char byte;
  read(fd, &byte, 1);
  read(fd, &byte, 1);
  close(fd);
  events(in, "read twice");
  chmod("watched/file", 0600);
  events(in, "chmod");
  truncate("watched/file", 1);
  events(in, "truncate");
  utimensat(AT_FDCWD, "watched/file", NULL, 0);
  events(in, "times");
  link("watched/file", "watched/second");
  events(in, "link");
  rename("watched/file", "watched/renamed");
  events(in, "rename");
  rename("watched/renamed", "outside");
  events(in, "move out");
  rename("outside", "watched/inside");
  events(in, "move in");
  symlink("inside", "watched/symbolic");
  events(in, "symlink");
  mkdir("watched/sub", 0755);
  events(in, "mkdir");
  rmdir("watched/sub");
  events(in, "rmdir");
  unlink("watched/symbolic");
  unlink("watched/second");
  events(in, "unlink");
  int listing = open("watched", O_RDONLY | O_DIRECTORY);
  char entries[1024];
  syscall(SYS_getdents64, listing, entries, sizeof entries);
  close(listing);
  events(in, "list");

  int file = inotify_add_watch(in, "watched/inside", IN_ALL_EVENTS);
  show("watch a file", file);
  show("same again", inotify_add_watch(in, "watched/inside", IN_ALL_EVENTS) == file);
  make("watched/other", "");
  rename("watched/other", "watched/inside");
  events(in, "replaced");
  file = inotify_add_watch(in, "watched/inside", IN_MODIFY | IN_DELETE_SELF | IN_ATTRIB | IN_MOVE_SELF);
  show("watch the new one", file);
  rename("watched/inside", "watched/moved");
  events(in, "moved itself");
  fd = open("watched/moved", O_RDWR);
  unlink("watched/moved");
  events(in, "unlinked, open");
  write(fd, "x", 1);
  close(fd);
  events(in, "closed");
  show("gone", inotify_rm_watch(in, file));

  show("mask only", inotify_add_watch(in, "watched", IN_CREATE));
  make("watched/a", "text");
  events(in, "create only");
  show("add to mask", inotify_add_watch(in, "watched", IN_DELETE | IN_MASK_ADD));
  unlink("watched/a");
  make("watched/a", "text");
  events(in, "both");
  show("exists", inotify_add_watch(in, "watched", IN_DELETE | IN_MASK_CREATE));
  show("once", inotify_add_watch(in, "watched", IN_CREATE | IN_ONESHOT));
  make("watched/b", "");
  make("watched/c", "");
  events(in, "once");
  show("watch again", inotify_add_watch(in, "watched", IN_ALL_EVENTS | IN_EXCL_UNLINK));
  fd = open("watched/b", O_RDWR);
  unlink("watched/b");
  write(fd, "x", 1);
  close(fd);
  events(in, "unlinked");
  show("ready", ioctl(in, FIONREAD, &byte) == 0);
  make("watched/a", "x");
  int waiting = 0;
  ioctl(in, FIONREAD, &waiting);
  struct pollfd one = {.fd = in, .events = POLLIN | POLLOUT};
  poll(&one, 1, 0);
  printf("waiting %d ready %#x\n", waiting, one.revents);
  show("small buffer", read(in, entries, 16));
  events(in, "all of it");
  chmod("watched", 0700);
  events(in, "directory itself");
  int twice = inotify_init();
  show("another", inotify_add_watch(twice, "watched/a", IN_OPEN));
  close(open("watched/a", O_RDONLY));
  events(in, "seen by one");
  fcntl(twice, F_SETFL, O_NONBLOCK);
  events(twice, "and the other");
  unlink("watched/a");
  unlink("watched/c");
  rmdir("watched");
  events(in, "removed");
  show("write", write(in, "x", 1));
  show("seek", lseek(in, 0, SEEK_SET));

  mkdir("again", 0755);
  int wd = inotify_add_watch(in, "again", IN_CREATE | IN_MODIFY);
  fd = open("again/same", O_RDWR | O_CREAT, 0644);
  for (int i = 0; i < 5; i++) write(fd, "x", 1);
  ftruncate(fd, 0);
  events(in, "identical ones");
  copy_file_range(fd, NULL, fd, NULL, 0, 0);
  fallocate(fd, 0, 0, 10);
  events(in, "allocated");
  show("remove", inotify_rm_watch(in, wd));
  events(in, "removed watch");

  show("bad flags", inotify_init1(1));
  show("no mask", inotify_add_watch(in, "again", 0));
  show("unknown mask", inotify_add_watch(in, "again", 0x10000));
  show("not a directory", inotify_add_watch(in, "again/same", IN_OPEN | IN_ONLYDIR));
  show("nothing there", inotify_add_watch(in, "none", IN_OPEN));
  show("add and create", inotify_add_watch(in, "again", IN_OPEN | IN_MASK_ADD | IN_MASK_CREATE));
  symlink("same", "again/link");
  show("the link itself", inotify_add_watch(in, "again/link", IN_OPEN | IN_DONT_FOLLOW));
  show("no inotify", inotify_add_watch(1, "again", IN_OPEN));
  show("no descriptor", inotify_add_watch(77, "again", IN_OPEN));
  show("no watch", inotify_rm_watch(in, 99));
  show("no inotify", inotify_rm_watch(1, 1));
  show("bad path", inotify_add_watch(in, (char *)8, IN_OPEN));

  show("fanotify flags", syscall(SYS_fanotify_init, 0x80000000, 0));
  show("fanotify event flags", syscall(SYS_fanotify_init, 0, 0x40000000));
  show("mark nothing", syscall(SYS_fanotify_mark, 1, 1, 1L, AT_FDCWD, "again"));
  return 0;
}

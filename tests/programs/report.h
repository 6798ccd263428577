// How the programs about calls on files tell what happened, and run parts of themselves as somebody else.
#pragma once
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

/** What a call returned, or its error. */
static long tell(const char *what, long value) {
  if (value < 0) printf("%s: %s\n", what, strerror(errno));
  else printf("%s: %ld\n", what, value);
  return value;
}

/** The same for calls whose value is of no interest. */
static long done(const char *what, long value) {
  if (value < 0) printf("%s: %s\n", what, strerror(errno));
  else printf("%s: done\n", what);
  return value;
}

/** A call as it is written, and what came of it. */
#define TELL(call) tell(#call, (long)(call))
#define DONE(call) done(#call, (long)(call))

/** The descriptor of a call that opens something is closed again. */
#define OPENS(call) opens(#call, (call))
static void opens(const char *what, int fd) {
  done(what, fd);
  if (fd >= 0) close(fd);
}

/** Mode, owner, links and size of a file. */
static void status(const char *path) {
  struct stat found;
  if (lstat(path, &found) < 0) {
    printf("  %s: %s\n", path, strerror(errno));
    return;
  }
  long size = S_ISDIR(found.st_mode) ? -1 : (long)found.st_size;
  printf("  %s: %o %d:%d links %d size %ld\n", path, found.st_mode, found.st_uid, found.st_gid, (int)found.st_nlink, size);
}

/** Runs `part` in a child as user and group `id`, without other groups; 0 stays root. */
static int asUser(int id, void (*part)(void)) {
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    if (id) {
      setgroups(0, NULL);
      setgid(id);
      setuid(id);
    }
    part();
    fflush(stdout);
    _exit(0);
  }
  int how = 0;
  while (waitpid(child, &how, 0) < 0 && errno == EINTR) continue;
  if (WIFSIGNALED(how)) printf("killed by %s\n", strsignal(WTERMSIG(how)));
  return how;
}

static int makeFile(const char *path, const char *text, int mode) {
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
  if (fd < 0) return fd;
  write(fd, text, strlen(text));
  fchmod(fd, mode);
  return close(fd);
}

/** An address that nothing may touch. */
static void *forbidden(void) { return mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); }

static void begin(void) {
  setvbuf(stdout, NULL, _IOFBF, 1 << 16);
  syscall(SYS_close_range, 3, ~0U, 0);
  chmod(".", 0755);
  umask(022);
}

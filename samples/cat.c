// Copies its files, or standard input, to standard output.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int copy(int from, const char *name) {
  static char buffer[16384];
  ssize_t got;
  while ((got = read(from, buffer, sizeof buffer)) != 0) {
    if (got < 0) {
      if (errno == EINTR) continue;
      fprintf(stderr, "cat: %s: %s\n", name, strerror(errno));
      return 1;
    }
    for (ssize_t done = 0; done < got;) {
      ssize_t put = write(1, buffer + done, got - done);
      if (put < 0) {
        perror("cat");
        return 1;
      }
      done += put;
    }
  }
  return 0;
}

int main(int argc, char **argv) {
  if (argc < 2) return copy(0, "standard input");
  int status = 0;
  for (int i = 1; i < argc; i++) {
    int file = strcmp(argv[i], "-") ? open(argv[i], O_RDONLY) : 0;
    if (file < 0) {
      fprintf(stderr, "cat: %s: %s\n", argv[i], strerror(errno));
      status = 1;
      continue;
    }
    status |= copy(file, argv[i]);
    if (file > 0) close(file);
  }
  return status;
}

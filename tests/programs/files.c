// stdio and descriptors on one file: modes, seeking, appending, what is refused.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static void tell(long result) { printf("%ld %s\n", result, result < 0 ? strerror(errno) : "done"); }

int main(void) {
  FILE *file = fopen("numbers.txt", "w+");
  for (int i = 0; i < 2000; i++) fprintf(file, "line %d\n", i);
  printf("at %ld\n", ftell(file));
  fseek(file, 5000, SEEK_SET);
  char line[32];
  fgets(line, sizeof line, file);
  fgets(line, sizeof line, file);
  printf("%s", line);
  rewind(file);
  int lines = 0;
  for (int c; (c = fgetc(file)) != EOF;) lines += c == '\n';
  printf("%d lines, end %d\n", lines, feof(file) != 0);
  fclose(file);

  int fd = open("numbers.txt", O_WRONLY | O_APPEND);
  struct iovec parts[] = {{"tail ", 5}, {"end\n", 4}};
  printf("writev %zd\n", writev(fd, parts, 2));
  printf("pwrite %zd\n", pwrite(fd, "!", 1, 0));
  close(fd);
  struct stat status;
  stat("numbers.txt", &status);
  printf("%ld bytes\n", (long)status.st_size);
  tell(write(fd, "x", 1));
  tell(open("no/such/file", O_RDONLY));
  tell(open("numbers.txt", O_CREAT | O_EXCL | O_WRONLY, 0600));
  tell(mkdir("numbers.txt", 0700));
  fd = open("numbers.txt", O_RDONLY);
  int copy = dup2(fd, 17);
  lseek(fd, 0, SEEK_END);
  printf("dup %d shares its place: %d\n", copy, lseek(17, 0, SEEK_CUR) == status.st_size);
  tell(write(fd, "x", 1));
  printf("flags %d\n", (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY);
  truncate("numbers.txt", 3);
  printf("%zd\n", pread(fd, line, sizeof line, 0));
  unlink("numbers.txt");
  printf("after unlink %zd\n", pread(fd, line, sizeof line, 0));
  return 0;
}

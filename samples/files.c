// What a program does to a directory: make, fill, rename, look, list, link, cut, remove; and what fails along the way.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void must(int ok, const char *what) {
  if (ok) return;
  perror(what);
  exit(1);
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static void list(const char *path) {
  char *names[16];
  int count = 0;
  DIR *directory = opendir(path);
  must(directory != NULL, path);
  for (struct dirent *entry; (entry = readdir(directory)) && count < 16;) names[count++] = strdup(entry->d_name);
  closedir(directory);
  qsort(names, count, sizeof *names, by_name);
  printf("%s:", path);
  for (int i = 0; i < count; i++) printf(" %s", names[i]);
  printf("\n");
}

int main(void) {
  umask(022);
  must(mkdir("shelf", 0777) == 0, "mkdir");
  must(mkdir("shelf", 0777) < 0 && errno == EEXIST, "mkdir again");
  int fd = open("shelf/draft", O_RDWR | O_CREAT | O_EXCL, 0666);
  must(fd >= 0, "open");
  must(write(fd, "one\ntwo\nthree\n", 14) == 14, "write");
  must(lseek(fd, 4, SEEK_SET) == 4, "lseek");
  char word[4] = "";
  must(read(fd, word, 3) == 3, "read");
  must(pread(fd, word + 1, 2, 0) == 2, "pread");
  must(ftruncate(fd, 8) == 0, "ftruncate");
  must(close(fd) == 0, "close");
  printf("word %s\n", word);

  must(rename("shelf/draft", "shelf/book") == 0, "rename");
  must(symlink("book", "shelf/alias") == 0, "symlink");
  must(link("shelf/book", "shelf/copy") == 0, "link");
  must(chmod("shelf/book", 0600) == 0, "chmod");
  struct stat status;
  must(stat("shelf/alias", &status) == 0, "stat");
  printf("book: mode %o, %ld bytes, %ld links\n", status.st_mode, (long)status.st_size, (long)status.st_nlink);
  must(lstat("shelf/alias", &status) == 0 && S_ISLNK(status.st_mode), "lstat");
  char target[16] = "";
  must(readlink("shelf/alias", target, sizeof target - 1) == 4, "readlink");
  printf("alias -> %s\n", target);
  must(access("shelf/draft", F_OK) < 0 && errno == ENOENT, "access");
  list("shelf");

  must(rmdir("shelf") < 0 && errno == ENOTEMPTY, "rmdir");
  must(unlink("shelf/alias") == 0 && unlink("shelf/copy") == 0 && unlink("shelf/book") == 0, "unlink");
  must(rmdir("shelf") == 0, "rmdir");
  return 0;
}

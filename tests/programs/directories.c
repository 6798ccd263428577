// A tree of directories made, walked, moved and removed.
#define _XOPEN_SOURCE 700
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int by_name(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }

static void walk(const char *path, int depth) {
  struct dirent **entries;
  int count = scandir(path, &entries, NULL, by_name);
  for (int i = 0; i < count; i++) {
    char below[512];
    if (entries[i]->d_name[0] != '.') {
      snprintf(below, sizeof below, "%s/%s", path, entries[i]->d_name);
      struct stat status;
      lstat(below, &status);
      printf("%*s%s %c\n", depth * 2, "", entries[i]->d_name, S_ISDIR(status.st_mode) ? 'd' : S_ISLNK(status.st_mode) ? 'l' : 'f');
      if (S_ISDIR(status.st_mode)) walk(below, depth + 1);
    }
    free(entries[i]);
  }
  free(entries);
}

static void tell(long result) { printf("%ld %s\n", result, result < 0 ? strerror(errno) : "done"); }

int main(void) {
  char name[64];
  for (int i = 0; i < 3; i++) {
    snprintf(name, sizeof name, "d%d", i);
    mkdir(name, 0755);
    for (int k = 0; k < 3; k++) {
      snprintf(name, sizeof name, "d%d/f%d", i, k);
      close(open(name, O_CREAT | O_WRONLY, 0644));
    }
  }
  symlink("../d0/f0", "d1/link");
  printf("%d\n", rename("d2", "d1/moved"));
  walk(".", 0);
  tell(rename("d1", "d1/moved/inside"));
  tell(rmdir("d0"));
  char *here = realpath("d1/link", NULL);
  printf("%s\n", here ? strrchr(here, '/') : strerror(errno));
  chdir("d1/moved");
  char *cwd = getcwd(NULL, 0);
  printf("%s\n", strrchr(cwd, '/'));
  printf("%d\n", access("../../d0/f1", R_OK));
  chdir("../..");
  DIR *directory = opendir("d1");
  int fd = dirfd(directory);
  tell(faccessat(fd, "f1", F_OK, 0));
  tell(unlinkat(fd, "f1", 0));
  tell(faccessat(fd, "f1", F_OK, 0));
  closedir(directory);
  return 0;
}

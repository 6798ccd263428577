// What `ls -l` asks of the kernel: the names in a directory, sorted, and of each its status, attributes and, of a link, where it leads.
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

struct name {
  char *text;
  struct stat status;
};

static int by_text(const void *a, const void *b) {
  return strcmp(((const struct name *)a)->text, ((const struct name *)b)->text);
}

static const char *kind(mode_t mode) {
  return S_ISDIR(mode) ? "directory" : S_ISLNK(mode) ? "link" : S_ISREG(mode) ? "file" : "other";
}

int main(int argc, char **argv) {
  if (argc > 1 && chdir(argv[1]) < 0) {
    perror(argv[1]);
    return 1;
  }
  DIR *directory = opendir(".");
  if (!directory) {
    perror("opendir");
    return 1;
  }
  struct name *names = NULL;
  size_t count = 0, room = 0;
  for (struct dirent *entry; (entry = readdir(directory));) {
    if (entry->d_name[0] == '.') continue;
    if (count == room) names = realloc(names, (room = 2 * room + 16) * sizeof *names);
    names[count++].text = strdup(entry->d_name);
  }
  closedir(directory);
  qsort(names, count, sizeof *names, by_text);
  for (struct name *name = names; name < names + count; name++) {
    if (lstat(name->text, &name->status) < 0) {
      perror(name->text);
      continue;
    }
    char when[32], target[256] = "", access[64];
    strftime(when, sizeof when, "%F %R", gmtime(&name->status.st_mtime));
    int guarded = lgetxattr(name->text, "system.posix_acl_access", access, sizeof access) > 0;
    if (S_ISLNK(name->status.st_mode) && readlink(name->text, target, sizeof target - 1) < 0) perror(name->text);
    printf("%-9s %04o%c %8lld %s %s%s%s\n", kind(name->status.st_mode), name->status.st_mode & 07777, guarded ? '+' : ' ',
           (long long)name->status.st_size, when, name->text, *target ? " -> " : "", target);
  }
  return 0;
}

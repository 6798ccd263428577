// Calls of the C library in the ways programs make them: one after the other, nested by a callback, and through a pointer.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int compare(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b) > 0 ? 1 : -1;
}

int main(int argc, char **argv) {
  char buffer[64];
  printf("%zu characters\n", strlen(argv[0]));
  int fd = open("input", O_RDWR | O_CREAT, 0640);
  ssize_t count = write(fd, "some text", 9);
  lseek(fd, 0, SEEK_SET);
  count += read(fd, buffer, 4);
  close(fd);
  char *room = malloc(100);
  room = realloc(room, 200);
  char *words[3] = {"b", "a", "c"};
  qsort(words, 3, sizeof *words, compare);
  char list[] = "x,y";
  for (char *word = strtok(list, ","); word; word = strtok(NULL, ",")) puts(word);
  char *home = getenv("HOME");
  printf("%s %d %c %f\n", home ? home : "nowhere", 42, 'c', 1.5);
  FILE *file = fopen("input", "r");
  fgets(buffer, sizeof buffer, file);
  fclose(file);
  free(room);
  unlink("input");
  fflush(stdout);
  return (int)count;
}

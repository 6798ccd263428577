// Two processes and a pipe: the child writes and ends, the parent reads and waits.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
  int ends[2];
  if (pipe(ends) < 0) return 1;
  pid_t child = fork();
  if (child < 0) return 1;
  if (child == 0) {
    close(ends[0]);
    const char text[] = "from the child";
    write(ends[1], text, strlen(text));
    _exit(7);
  }
  close(ends[1]);
  char text[32] = "";
  read(ends[0], text, sizeof text - 1);
  int status;
  pid_t ended = waitpid(child, &status, 0);
  printf("%s, status %d, pid %s\n", text, WEXITSTATUS(status), ended == child ? "its own" : "another");
  return 0;
}

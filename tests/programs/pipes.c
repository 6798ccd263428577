// Processes: pipes both ways, exec of itself, exit codes, and who is whose parent.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc > 1 && !strcmp(argv[1], "again")) {
    char line[64];
    while (fgets(line, sizeof line, stdin)) printf("got %s", line);
    return 5;
  }
  int down[2], up[2];
  if (pipe(down) || pipe(up)) return 1;
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    dup2(down[0], 0);
    dup2(up[1], 1);
    close(down[0]), close(down[1]), close(up[0]), close(up[1]);
    execl("/proc/self/exe", argv[0], "again", (char *)NULL);
    _exit(127);
  }
  close(down[0]), close(up[1]);
  dprintf(down[1], "one\ntwo\n");
  close(down[1]);
  char text[256];
  ssize_t got, total = 0;
  while ((got = read(up[0], text + total, sizeof text - total)) > 0) total += got;
  fwrite(text, 1, total, stdout);
  int status;
  waitpid(child, &status, 0);
  printf("exit %d\n", WEXITSTATUS(status));
  fflush(stdout);
  int sum = 0;
  for (int i = 0; i < 3; i++) { // one at a time: their order must not be the scheduler's
    if (fork() == 0) _exit(i * 10);
    if (wait(&status) > 0) sum += WEXITSTATUS(status);
  }
  printf("sum %d\n", sum);
  pid_t parent = getpid();
  child = fork();
  if (child == 0) _exit(getppid() == parent ? 1 : 2);
  waitpid(child, &status, 0);
  printf("parent %s\n", WEXITSTATUS(status) == 1 ? "known" : "unknown");
  printf("%d\n", execl("/no/such/program", "x", (char *)NULL));
  return 0;
}

// Prints its arguments and environment, one a line, and exits with the number of arguments.
#include <stdio.h>

extern char **environ;

int main(int argc, char **argv) {
  for (int i = 0; i < argc; i++) printf("argv[%d] %s\n", i, argv[i]);
  for (char **variable = environ; *variable; variable++) printf("env %s\n", *variable);
  return argc;
}

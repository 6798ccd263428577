// Arguments, the environment, getopt, and exit handlers in their order.
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

static void first(void) { puts("first registered"); }
static void second(void) { puts("second registered"); }

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) printf("[%s]", argv[i]);
  printf(" %d\n", argc);
  printf("%s\n", getenv("GREETING") ? getenv("GREETING") : "no greeting");
  setenv("GREETING", "changed", 1);
  setenv("FRESH", "new", 0);
  unsetenv("HOME");
  int count = 0;
  for (char **variable = environ; *variable; variable++) count++;
  printf("%s %s %d\n", getenv("GREETING"), getenv("FRESH"), count);
  char *arguments[] = {"tool", "-ab", "value", "--long=x", "rest", "-c", NULL};
  struct option options[] = {{"long", required_argument, NULL, 'l'}, {NULL, 0, NULL, 0}};
  for (int option; (option = getopt_long(6, arguments, "ab:c", options, NULL)) != -1;)
    printf("-%c %s\n", option, optarg ? optarg : "");
  printf("then %d\n", optind);
  atexit(first);
  atexit(second);
  printf("%d\n", isatty(0) && isatty(1));
  exit(3);
}

// Calls a library from time to time, for ever.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv) {
  for (;;) {
    if (strlen(argv[0]) == 0) abort();
    usleep(20000);
  }
}

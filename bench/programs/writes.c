// Traced: writes a byte to /dev/null, as often as its argument says.
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
int main(int argc, char **argv) {
  long count = argc > 1 ? atol(argv[1]) : 1000;
  int fd = open("/dev/null", O_WRONLY);
  for (long i = 0; i < count; i++)
    if (write(fd, "x", 1) != 1) return 1;
}

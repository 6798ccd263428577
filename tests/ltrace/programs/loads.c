// Loads a library, calls a function of it, and lets it go; then it is to be found at the same place again.
#include <dlfcn.h>
#include <stdio.h>

int main(int argc, char **argv) {
  for (int i = 0; i < 2; i++) {
    void *handle = dlopen(argv[1], RTLD_NOW);
    int (*plugin)(const char *) = (int (*)(const char *))dlsym(handle, "plugin");
    printf("%d\n", plugin("four"));
    dlclose(handle);
  }
  return 0;
}

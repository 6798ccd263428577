// A library that is loaded while the program runs.
#include <stdlib.h>
#include <string.h>

int plugin(const char *text) { return (int)strlen(text) + abs(-3); }

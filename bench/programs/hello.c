// Nothing but a start and an end.
#include <stdio.h>
int main(void) { puts("hello"); }

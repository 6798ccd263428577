// What is asked of security modules, and refused. Which modules there are is the machine's.
#define _GNU_SOURCE
#include <stdio.h>
#include <errno.h>
#include <string.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>
#define S(n, ...) do{errno=0; long r=syscall(n, ##__VA_ARGS__); printf("%d: %ld %d\n", n, r, errno);}while(0)
struct c {uint64_t id, flags, len, clen; char t[200];} c;
int main(){
  setvbuf(stdout, 0, _IONBF, 0);
  unsigned size;
  char b[8192]="";
  size=0;
  S(461, b, &size, 0);
  S(461, 8L, &size, 0);
  S(461, b, 8L, 0);
  S(461, b, &size, 2);
  size=200;
  S(461, 8L, &size, 0);
  size=200;
  long r=syscall(461, b, &size, 0);
  printf("%d %d %d\n", r>0, size>=8, *(uint64_t*)b>=100);
  size=100;
  S(459, 100, b, &size, 0);
  printf("%u\n", size);
  S(459, 0, b, &size, 0);
  S(459, 100, b, 0, 0);
  S(459, 100, b, 8L, 0);
  size=100;
  S(459, 100, 0, &size, 0);
  S(459, 100, b, &size, 1);
  S(459, 100, 0, &size, 1);
  S(459, 100, 8L, &size, 1);
  S(459, 100, b, &size, 2);
  c.id=101;
  S(459, 100, &c, &size, 1);
  S(459, 55, b, &size, 0);
  S(460, 100, b, 256, 0);
  S(460, 100, b, 0, 0);
  S(460, 100, b, 8000, 0);
  S(460, 100, b, 256, 1);
  S(460, 100, 8L, 256, 0);
  c.len=256;
  S(460, 100, &c, 256, 0);
  c.clen=200;
  c.len=232;
  S(460, 100, &c, 232, 0);
  S(460, 100, &c, 231, 0);
  c.len=230;
  S(460, 100, &c, 232, 0);
  c.clen=-1;
  c.len=232;
  S(460, 100, &c, 232, 0);
  S(460, 0, &c, 232, 0);
  c.clen=0;
  c.len=32;
  S(460, 0, &c, 32, 0);
}

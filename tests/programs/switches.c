// A small virtual machine: a switch turned into a jump table, and one through computed gotos.
#include <stdio.h>

enum { PUSH, ADD, SUB, MUL, DUP, SWAP, JNZ, PRINT, HALT, DROP, OVER };

static long run_switch(const int *code) {
  long stack[32];
  int top = 0, pc = 0;
  long steps = 0;
  for (;;) {
    steps++;
    switch (code[pc++]) {
      case PUSH: stack[top++] = code[pc++]; break;
      case ADD: top--; stack[top - 1] += stack[top]; break;
      case SUB: top--; stack[top - 1] -= stack[top]; break;
      case MUL: top--; stack[top - 1] = stack[top - 1] * stack[top] % 1000003; break;
      case DUP: stack[top] = stack[top - 1]; top++; break;
      case OVER: stack[top] = stack[top - 2]; top++; break;
      case SWAP: { long t = stack[top - 1]; stack[top - 1] = stack[top - 2]; stack[top - 2] = t; break; }
      case DROP: top--; break;
      case JNZ: if (stack[--top]) pc = code[pc]; else pc++; break;
      case PRINT: printf("%ld\n", stack[top - 1]); break;
      case HALT: return steps;
      default: return -1;
    }
  }
}

static int state_machine(const char *text) {
  static void *states[] = {&&start, &&number, &&word, &&space};
  int numbers = 0, words = 0, next = 0;
  goto *states[0];
start:
  if (!*text) return numbers * 100 + words;
  next = *text >= '0' && *text <= '9' ? 1 : *text == ' ' ? 3 : 2;
  goto *states[next];
number:
  while (*text >= '0' && *text <= '9') text++;
  numbers++;
  goto *states[0];
word:
  while (*text && *text != ' ' && !(*text >= '0' && *text <= '9')) text++;
  words++;
  goto *states[0];
space:
  while (*text == ' ') text++;
  goto *states[0];
}

int main(void) {
  const int code[] = {PUSH, 1, PUSH, 5000, SWAP, OVER, MUL, SWAP, PUSH, 1, SUB, DUP, JNZ, 4, DROP, PRINT, HALT};
  printf("%ld steps\n", run_switch(code));
  printf("%d\n", state_machine("one 2 three 44 five6 seven"));
  return 0;
}

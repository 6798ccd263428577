// A byte-code interpreter: one big switch, jumps nobody can foresee.
#include <stdint.h>
#include <stdio.h>
int main(void) {
  enum { LOAD, ADD, SUB, XOR, SHIFT, MOVE, LESS, JUMP, BRANCH, STORE, FETCH, END };
  static const uint8_t code[] = {
      LOAD, 0, 0,   LOAD, 1, 1,   LOAD, 2, 200, LOAD, 6, 0,                        // 0
      ADD, 0, 1,    XOR, 3, 0,    SHIFT, 3, 1,  STORE, 3, 0,                       // 12
      FETCH, 4, 3,  SUB, 4, 1,    MOVE, 5, 4,   ADD, 6, 5,                         // 24
      LESS, 7, 0,   BRANCH, 7, 12, END, 0, 0,                                      // 36
  };
  int64_t registers[8] = {0}, memory[256] = {0}, limit = 52500000;
  long steps = 0;
  for (int pc = 0;;) {
    const uint8_t *at = code + pc;
    pc += 3;
    steps++;
    int64_t *to = &registers[at[1] & 7], from = registers[at[2] & 7];
    switch (at[0]) {
      case LOAD: *to = at[2]; break;
      case ADD: *to += from; break;
      case SUB: *to -= from; break;
      case XOR: *to ^= from; break;
      case SHIFT: *to = *to << 1 | (*to >> 13 & 1); break;
      case MOVE: *to = from; break;
      case LESS: *to = from < limit; break;
      case JUMP: pc = at[2]; break;
      case BRANCH: if (*to) pc = at[2]; break;
      case STORE: memory[from & 255] = *to; break;
      case FETCH: *to = memory[from & 255]; break;
      case END: printf("%ld steps, %ld\n", steps, (long)registers[6]); return 0;
    }
  }
}

// SHA-256 of 45 MB of counters: rotates, adds and exclusive ors.
#include <stdint.h>
#include <stdio.h>
#include <string.h>
static uint32_t k[64], state[8];
static uint32_t root_bits(unsigned prime, int cube) { // first 32 bits of the root's fraction
  unsigned __int128 low = 0, high = (unsigned __int128)1 << 37;
  while (high - low > 1) {
    unsigned __int128 middle = (low + high) / 2;
    int less = cube ? middle * middle <= (((unsigned __int128)prime << 96) / middle) : middle * middle <= (unsigned __int128)prime << 64;
    if (less) low = middle; else high = middle;
  }
  return (uint32_t)low;
}
static void prepare(void) {
  for (unsigned n = 2, found = 0; found < 64; n++) {
    int prime = 1;
    for (unsigned d = 2; d * d <= n; d++) prime &= n % d != 0;
    if (!prime) continue;
    if (found < 8) state[found] = root_bits(n, 0);
    k[found++] = root_bits(n, 1);
  }
}
#define ROTATE(x, n) ((x) >> (n) | (x) << (32 - (n)))
static void block(const uint8_t *bytes) {
  uint32_t w[64];
  for (int i = 0; i < 16; i++) {
    uint32_t word;
    memcpy(&word, bytes + i * 4, 4);
    w[i] = __builtin_bswap32(word);
  }
  for (int i = 16; i < 64; i++) {
    uint32_t a = w[i - 15], b = w[i - 2];
    w[i] = w[i - 16] + w[i - 7] + (ROTATE(a, 7) ^ ROTATE(a, 18) ^ a >> 3) + (ROTATE(b, 17) ^ ROTATE(b, 19) ^ b >> 10);
  }
  uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
  for (int i = 0; i < 64; i++) {
    uint32_t t = h + (ROTATE(e, 6) ^ ROTATE(e, 11) ^ ROTATE(e, 25)) + ((e & f) ^ (~e & g)) + k[i] + w[i];
    uint32_t u = (ROTATE(a, 2) ^ ROTATE(a, 13) ^ ROTATE(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g, g = f, f = e, e = d + t, d = c, c = b, b = a, a = t + u;
  }
  state[0] += a, state[1] += b, state[2] += c, state[3] += d, state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}
int main(void) {
  prepare();
  uint8_t bytes[64];
  memset(bytes, 0, 64);
  for (uint32_t i = 0; i < 3000000; i++) {
    memcpy(bytes + 20, &i, 4);
    block(bytes);
  }
  for (int i = 0; i < 8; i++) printf("%08x", state[i]);
  printf("\n");
}

// Bit tricks: counts, scans, rotates, swaps, shifts by every amount, 8 to 64 bits wide.
#include <stdint.h>
#include <stdio.h>

static uint64_t state = 88172645463325252ull;
static uint64_t next(void) { return state ^= state << 13, state ^= state >> 7, state ^= state << 17; }
static uint64_t hash = 1469598103934665603ull;
static void mix(uint64_t value) { hash = (hash ^ value) * 1099511628211ull; }

int main(void) {
  for (int i = 0; i < 3000; i++) {
    uint64_t x = next(), y = next() | 1;
    unsigned n = next() % 63 + 1, m = next() % 31 + 1;
    uint32_t v = (uint32_t)x;
    mix(__builtin_popcountll(x) + __builtin_clzll(y) + __builtin_ctzll(x | 1ull << n) + __builtin_parityll(x));
    mix(x << n | x >> (64 - n)), mix(v << m | v >> (32 - m));
    mix(__builtin_bswap64(x)), mix(__builtin_bswap32(v)), mix(__builtin_bswap16((uint16_t)x));
    mix((int64_t)x >> n), mix((int32_t)v >> m), mix((int8_t)x >> (m & 7)), mix((uint16_t)x >> (m & 15));
    mix(x & -x), mix(x & (x - 1)), mix(~x ^ y), mix((x & y) + ((x ^ y) >> 1));
    mix((int8_t)x * (int8_t)y), mix((int16_t)x * (int16_t)y), mix((int64_t)((int32_t)x) * (int32_t)y);
    mix((uint8_t)((uint8_t)x + (uint8_t)y)), mix((x > y) - (x < y)), mix(((int64_t)x > (int64_t)y) * 2 + ((int8_t)x < (int8_t)y));
    uint32_t sum;
    mix(__builtin_add_overflow(v, (uint32_t)y, &sum)), mix(sum);
    int64_t product;
    mix(__builtin_mul_overflow((int64_t)x, (int64_t)(y & 0xffff), &product)), mix(product);
    uint64_t set = x;
    __asm__("btsq %1, %0\n btrq %2, %0\n btcq %3, %0" : "+r"(set) : "r"((uint64_t)n), "r"((uint64_t)m), "r"((uint64_t)(n ^ m)));
    mix(set);
    uint64_t shifted = x;
    __asm__("shldq %%cl, %1, %0" : "+r"(shifted) : "r"(y), "c"(n));
    mix(shifted);
    uint64_t carried = x, other = y;
    __asm__("addq %2, %0\n adcq %3, %1\n sbbq $5, %0" : "+r"(carried), "+r"(other) : "r"(y), "r"(x) : "cc");
    mix(carried), mix(other);
  }
  printf("%016llx\n", (unsigned long long)hash);
  return 0;
}

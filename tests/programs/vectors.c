// SSE2 by hand and by the compiler: packed integers and floats, shuffles, saturation, conversions.
#include <emmintrin.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static uint64_t hash = 1469598103934665603ull;
static void mix(__m128i value) {
  uint64_t halves[2];
  memcpy(halves, &value, 16);
  for (int i = 0; i < 2; i++) hash = (hash ^ halves[i]) * 1099511628211ull;
}

int main(void) {
  uint8_t bytes[64];
  for (int round = 0; round < 500; round++) {
    for (int i = 0; i < 64; i++) bytes[i] = (uint8_t)((i + round) * 2654435761u >> (round % 17));
    __m128i a = _mm_loadu_si128((void *)bytes), b = _mm_loadu_si128((void *)(bytes + 17));
    mix(_mm_add_epi8(a, b)), mix(_mm_adds_epi16(a, b)), mix(_mm_subs_epu8(a, b)), mix(_mm_sub_epi64(a, b));
    mix(_mm_mullo_epi16(a, b)), mix(_mm_mulhi_epi16(a, b)), mix(_mm_madd_epi16(a, b)), mix(_mm_mul_epu32(a, b));
    mix(_mm_avg_epu8(a, b)), mix(_mm_sad_epu8(a, b)), mix(_mm_max_epi16(a, b)), mix(_mm_min_epu8(a, b));
    mix(_mm_cmpgt_epi8(a, b)), mix(_mm_cmpeq_epi32(a, b)), mix(_mm_unpackhi_epi8(a, b)), mix(_mm_unpacklo_epi16(a, b));
    mix(_mm_packs_epi16(a, b)), mix(_mm_packus_epi16(a, b)), mix(_mm_shuffle_epi32(a, 0x1b)), mix(_mm_slli_si128(b, 5));
    mix(_mm_slli_epi32(a, round % 40)), mix(_mm_sra_epi16(a, _mm_cvtsi32_si128(round % 20))), mix(_mm_andnot_si128(a, b));
    hash += (unsigned)_mm_movemask_epi8(a);
    __m128d x = _mm_cvtepi32_pd(a), y = _mm_add_pd(_mm_cvtepi32_pd(b), _mm_set1_pd(0.5));
    mix(_mm_castpd_si128(_mm_mul_pd(x, y))), mix(_mm_castpd_si128(_mm_div_pd(x, y))), mix(_mm_castpd_si128(_mm_min_pd(x, y)));
    mix(_mm_castpd_si128(_mm_sqrt_pd(_mm_mul_pd(x, x)))), mix(_mm_cvttpd_epi32(y)), mix(_mm_castpd_si128(_mm_cmplt_pd(x, y)));
    __m128 f = _mm_cvtepi32_ps(a), g = _mm_cvtepi32_ps(b);
    mix(_mm_castps_si128(_mm_sub_ps(f, g))), mix(_mm_castps_si128(_mm_shuffle_ps(f, g, 0x4e))), mix(_mm_cvtps_epi32(f));
    mix(_mm_castps_si128(_mm_max_ps(f, g))), mix(_mm_castps_si128(_mm_cvtpd_ps(x)));
  }
  printf("%016llx\n", (unsigned long long)hash);
  float sums[8] = {0};
  for (int i = 0; i < 8000; i++) sums[i % 8] += (float)i * 0.25f;
  for (int i = 0; i < 8; i++) printf("%.2f ", sums[i]);
  printf("\n");
  return 0;
}

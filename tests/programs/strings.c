// String and character functions of every length and alignment.
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

int main(void) {
  char text[256], copy[256];
  unsigned sum = 0;
  for (int length = 0; length < 130; length++) {
    for (int shift = 0; shift < 17; shift++) {
      memset(text, '.', sizeof text);
      for (int i = 0; i < length; i++) text[shift + i] = 'a' + (i * 7 + length) % 26;
      text[shift + length] = 0;
      memset(copy, '#', sizeof copy);
      strcpy(copy + (shift * 3) % 16, text + shift);
      const char *copied = copy + (shift * 3) % 16;
      if (strlen(copied) != (size_t)length || strcmp(copied, text + shift)) return 1;
      const char *found = strchr(copied, 'q');
      const char *last = strrchr(copied, 'q');
      sum = sum * 31 + (found ? found - copied + 1 : 0) + (last ? last - copied + 1 : 0);
      sum += memcmp(text, copy, 60) < 0 ? 1 : 2;
      sum += strnlen(copied, 50) + strspn(copied, "abcdefghijklm") + strcspn(copied, "xyz");
    }
  }
  printf("sum %u\n", sum);
  char line[] = "the quick,brown;fox  jumps";
  for (char *word = strtok(line, " ,;"); word; word = strtok(NULL, " ,;")) printf("[%s]", word);
  printf("\n%s %s\n", strstr("haystack with needle in it", "needle"), strpbrk("hello world", "ow"));
  printf("%d %d %d\n", strcasecmp("Hello", "hELLO"), strncmp("abcdef", "abcxyz", 3), strcmp("b", "a") > 0);
  for (int c = 0; c < 128; c++) putchar(isalnum(c) ? toupper(c) : ispunct(c) ? '!' : '.');
  printf("\n%ld %lu %ld %s\n", strtol("-0x7fz", NULL, 0), strtoul("777", NULL, 8), atol("  42abc"), strerror(2));
  return 0;
}

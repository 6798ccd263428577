// A mix of everyday work: sorted linked lists, small matrices, a state machine over text, and a checksum over it all.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
struct node { struct node *next; int16_t key, value; };
static struct node pool[400];
static uint16_t crc(uint32_t value, uint16_t sum) {
  for (int bit = 0; bit < 32; bit++, value >>= 1) {
    int carry = (sum ^ value) & 1;
    sum >>= 1;
    if (carry) sum ^= 0xa001;
  }
  return sum;
}
static struct node *merge(struct node *a, struct node *b, int by_key) {
  struct node head, *tail = &head;
  while (a && b) {
    struct node **smaller = (by_key ? a->key <= b->key : a->value <= b->value) ? &a : &b;
    tail->next = *smaller;
    tail = *smaller;
    *smaller = tail->next;
  }
  tail->next = a ? a : b;
  return head.next;
}
static struct node *sort(struct node *list, int by_key) {
  if (!list || !list->next) return list;
  struct node *slow = list, *fast = list->next;
  while (fast && fast->next) slow = slow->next, fast = fast->next->next;
  struct node *half = slow->next;
  slow->next = NULL;
  return merge(sort(list, by_key), sort(half, by_key), by_key);
}
static struct node *reverse(struct node *list) {
  struct node *back = NULL;
  while (list) {
    struct node *next = list->next;
    list->next = back;
    back = list;
    list = next;
  }
  return back;
}
static uint16_t lists(int seed, uint16_t sum) {
  struct node *list = NULL;
  for (int i = 0; i < 400; i++) {
    pool[i].key = (int16_t)(i * 7919 + seed), pool[i].value = (int16_t)(i ^ seed);
    pool[i].next = list, list = &pool[i];
  }
  list = reverse(sort(list, 1));
  for (int wanted = 0; wanted < 40; wanted++) {
    struct node *at = list;
    while (at && (at->value & 0xff) != wanted * 3) at = at->next;
    sum = crc(at ? (uint32_t)at->key : 1, sum);
  }
  list = sort(list, 0);
  return crc((uint32_t)list->key, sum);
}
static uint16_t matrices(int seed, uint16_t sum) {
  enum { N = 20 };
  static int16_t a[N][N], b[N][N];
  static int32_t c[N][N];
  for (int i = 0; i < N; i++)
    for (int k = 0; k < N; k++) a[i][k] = (int16_t)((i * k + seed) % 97), b[i][k] = (int16_t)((i + k * seed) % 89);
  for (int i = 0; i < N; i++)
    for (int k = 0; k < N; k++) {
      int32_t total = 0;
      for (int j = 0; j < N; j++) total += (a[i][j] * b[j][k] >> 2 & 0xf) * (a[i][j] * b[j][k] >> 5 & 0x7f);
      c[i][k] = total;
    }
  for (int i = 0; i < N; i++) sum = crc((uint32_t)c[i][(i + seed) % N], sum);
  return sum;
}
static uint16_t machine(int seed, uint16_t sum) {
  static const char *inputs[] = {"5012", "+0.644", "-.123+", "1e5x", "35.54400e+3", "T0.3e-1F", "+874.12E+", "12"};
  int counts[8] = {0};
  for (int round = 0; round < 60; round++) {
    const char *text = inputs[(round + seed) & 7];
    int state = 0;
    for (; *text && state != 7; text++) {
      char c = *text;
      switch (state) {
        case 0: state = c >= '0' && c <= '9' ? 2 : c == '+' || c == '-' ? 1 : c == '.' ? 3 : 7; break;
        case 1: state = c >= '0' && c <= '9' ? 2 : c == '.' ? 3 : 7; break;
        case 2: state = c == '.' ? 3 : c == 'e' || c == 'E' ? 4 : c >= '0' && c <= '9' ? 2 : 7; break;
        case 3: state = c == 'e' || c == 'E' ? 4 : c >= '0' && c <= '9' ? 3 : 7; break;
        case 4: state = c == '+' || c == '-' ? 5 : 7; break;
        case 5: state = c >= '0' && c <= '9' ? 6 : 7; break;
        case 6: state = c >= '0' && c <= '9' ? 6 : 7; break;
      }
      counts[state]++;
    }
  }
  for (int i = 0; i < 8; i++) sum = crc((uint32_t)counts[i], sum);
  return sum;
}
int main(void) {
  uint16_t sum = 0;
  for (int round = 0; round < 16000; round++) sum = machine(round, matrices(round, lists(round, sum)));
  printf("%04x\n", sum);
}

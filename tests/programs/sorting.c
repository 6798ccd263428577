// qsort and bsearch on numbers, structs and strings.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct person {
  char name[12];
  int age;
  double weight;
};

static unsigned state = 12345;
static unsigned next(void) { return state = state * 1103515245 + 12345, state >> 8; }

static int by_value(const void *a, const void *b) {
  int x = *(const int *)a, y = *(const int *)b;
  return (x > y) - (x < y);
}
static int by_age_then_name(const void *a, const void *b) {
  const struct person *p = a, *q = b;
  return p->age != q->age ? p->age - q->age : strcmp(p->name, q->name);
}
static int by_text(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

int main(void) {
  static int numbers[5000];
  for (int i = 0; i < 5000; i++) numbers[i] = next() % 100000;
  qsort(numbers, 5000, sizeof(int), by_value);
  unsigned hash = 0;
  for (int i = 0; i < 5000; i++) hash = hash * 33 + numbers[i];
  int key = numbers[1234], missing = -1;
  printf("%u %d %d\n", hash, *(int *)bsearch(&key, numbers, 5000, sizeof(int), by_value),
         bsearch(&missing, numbers, 5000, sizeof(int), by_value) == NULL);
  static struct person people[300];
  for (int i = 0; i < 300; i++) {
    snprintf(people[i].name, sizeof people[i].name, "n%u", next() % 1000);
    people[i].age = next() % 50;
    people[i].weight = next() % 1000 / 10.0;
  }
  qsort(people, 300, sizeof *people, by_age_then_name);
  for (int i = 0; i < 300; i += 37) printf("%s %d %.1f\n", people[i].name, people[i].age, people[i].weight);
  char *words[] = {"pear", "fig", "apple", "quince", "banana", "cherry", "date"};
  qsort(words, 7, sizeof *words, by_text);
  for (int i = 0; i < 7; i++) printf("%s ", words[i]);
  printf("\n");
  return 0;
}

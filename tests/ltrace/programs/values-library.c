#include "values.h"

long unknown(long a, ...) { return a; }
int an_int(int a) { return a; }
unsigned an_unsigned(unsigned a) { return a; }
short a_short(short a) { return a; }
char a_char(char a) { return a; }
long a_long(long a) { return a; }
unsigned long an_unsigned_long(unsigned long a) { return a; }
float a_float(float a) { return a; }
double a_double(double a) { return a; }
void nothing(void) {}
int octal(int a) { return a; }
int hexadecimal(int a) { return a; }
int truth(int a) { return a; }
int bits(unsigned a) { return (int)a; }
unsigned short few_bits(unsigned short a) { return a; }
char *text(char *a) { return a; }
char *some_text(char *a, int b) { return a; }
int one_of(int a) { return a; }
int structure(struct small *a) { return 0; }
struct small by_value(struct small a) { return a; }
struct large in_memory(struct large a) { return a; }
struct pair floats(struct pair a) { return a; }
int numbers(int *a, int b) { return b; }
int list(struct node *a) { return 0; }
int twins(struct twin *a) { return 0; }
int number(int *a) { return 0; }
int string_pointer(char **a) { return 0; }
int formatted(const char *a, ...) { return 0; }
int filled(int *a, int b) { return (*a = b) * 0; }
int character(char *a) { return 0; }
int many(int a, int b, int c, int d, int e, int f, int g, int h, double i, float j) { return a; }
int hidden(int a, int b) { return b; }
double hex_double(double a) { return a; }
int in_place(char (*a)[6]) { return 0; }
int up_to_zero(int *a) { return 0; }
int up_to_zero_or(int *a, int b) { return b; }
int nothing_known(void *a) { return 0; }

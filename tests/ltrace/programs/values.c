// Calls the functions of values.h with ordinary and odd values.
#include "values.h"

#include <limits.h>
#include <math.h>
#include <stddef.h>

static void integers(void) {
  unknown(0, 1, -1, 9999);
  unknown(10000, 10001, -10000, -10001);
  unknown(-9999, 255, 65535, 1000000);
  unknown(INT_MAX, 0x80000000, 0xffffffff, 0x100000000);
  an_int(-5), an_int(INT_MIN), an_int(100000);
  an_unsigned(-5), an_unsigned(7);
  a_short(-3);
  a_char('a'), a_char('\n'), a_char(0), a_char(-1), a_char('\''), a_char('"'), a_char('\\'), a_char(127);
  a_long(-5), a_long(LONG_MIN), a_long(123456789012);
  an_unsigned_long(-1), an_unsigned_long(10);
  octal(0), octal(8), octal(-1), octal(0644);
  hexadecimal(0), hexadecimal(255), hexadecimal(-1);
  truth(0), truth(5);
  bits(0), bits(5), bits(-1), bits(-2), bits(0xf8), few_bits(0x102);
  one_of(0), one_of(1), one_of(5), one_of(6), one_of(7), one_of(-1);
  many(1, 2, 3, 4, 5, 6, 7, 8, 9.5, 10.5f);
  hidden(1, 2);
  nothing();
}

static void floating_point(void) {
  a_float(1.5f), a_float(0.1f);
  a_double(3.14159265358979), a_double(1e22), a_double(INFINITY), a_double(-0.0), a_double(1e-7);
  hex_double(1.5), hex_double(-0.1), hex_double(0);
}

static void strings(void) {
  char *p = "text";
  text(NULL), text(""), text("hello\n\t\x01\x7f\xff\"'\\");
  text("0123456789012345678901234567890");
  text("01234567890123456789012345678901");
  text("012345678901234567890123456789012");
  some_text("abc\0def", 7), some_text("abcdef", 3), some_text("abc", 0), some_text(NULL, 3);
  string_pointer(&p), string_pointer(NULL);
  character("q");
  in_place((char(*)[6])"abcdefgh"), in_place((char(*)[6])"abc\0\0\0");
}

static void structures(void) {
  int squares[40], some[] = {1, 2, 3, 0, 5}, x = 42;
  struct small s = {7, 'x', 2.5};
  struct large l = {{1, 2, 3, 4}};
  struct pair f = {1.5f, -2};
  struct node third = {3, NULL}, second = {2, &third}, first = {1, &second};
  struct twin one = {1, NULL, NULL}, two = {2, NULL, &one};
  for (int i = 0; i < 40; i++) squares[i] = i * i;
  structure(&s), structure(NULL);
  by_value(s), in_memory(l), floats(f);
  numbers(squares, 5), numbers(squares, 0), numbers(squares, 40), numbers(NULL, 3);
  list(&first);
  third.next = &first;
  list(&first);
  one.next = &two;
  twins(&one);
  number(&x), number(NULL);
  filled(&x, 9);
  up_to_zero(some), up_to_zero_or(some, 2);
  nothing_known(&s);
}

static void formats(void) {
  int x = 0;
  formatted("none"), formatted(NULL), formatted("%s", NULL);
  formatted("%d %s %c %x %lu %p %%", -1, "s", 'c', 255, 5UL, &x);
  formatted("%5.2f %*d %hhd %lld %zu %o %X %i", 2.0, 3, 4, 5, 6LL, 7UL, 8, 9, 10);
  formatted("%d %d %d %d %d %d %d %d %d %d %d %d", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
  formatted("%.3s|%ls", "abcdef", L"wide");
  formatted("%#x %+d %-5d|", 1, 2, 3);
}

int main(void) {
  integers();
  floating_point();
  strings();
  structures();
  formats();
  return 0;
}

// The Mandelbrot set in doubles: a short loop of multiplications and a branch.
#include <stdio.h>
int main(void) {
  enum { SIZE = 1200 };
  long inside = 0, steps = 0;
  for (int row = 0; row < SIZE; row++)
    for (int column = 0; column < SIZE; column++) {
      double cr = 3.0 * column / SIZE - 2.25, ci = 3.0 * row / SIZE - 1.5, zr = 0, zi = 0;
      int n = 0;
      for (; n < 1000; n++) {
        double rr = zr * zr, ii = zi * zi;
        if (rr + ii > 4) break;
        zi = 2 * zr * zi + ci;
        zr = rr - ii + cr;
      }
      steps += n;
      inside += n == 1000;
    }
  printf("%ld %ld\n", inside, steps);
}

// Five bodies and their gravity: scalar double arithmetic, with square roots and divisions.
#include <math.h>
#include <stdio.h>
struct body { double x, y, z, vx, vy, vz, mass; };
static struct body bodies[5] = {{0, 0, 0, 0, 0, 0, 39.47}, {4.84, -1.16, -.10, .6, 2.8, -.02, .037}, {8.34, 4.12, -.4, -1.01, 1.8, .008, .011},
                                {12.89, -15.11, -.22, 1.08, .86, -.01, .0017}, {15.37, -25.9, .179, .97, .59, -.03, .002}};
static double energy(void) {
  double total = 0;
  for (int i = 0; i < 5; i++) {
    struct body *a = &bodies[i];
    total += .5 * a->mass * (a->vx * a->vx + a->vy * a->vy + a->vz * a->vz);
    for (int k = i + 1; k < 5; k++) {
      struct body *b = &bodies[k];
      double x = a->x - b->x, y = a->y - b->y, z = a->z - b->z;
      total -= a->mass * b->mass / sqrt(x * x + y * y + z * z);
    }
  }
  return total;
}
int main(void) {
  for (int step = 0; step < 8000000; step++) {
    for (int i = 0; i < 5; i++) {
      struct body *a = &bodies[i];
      for (int k = i + 1; k < 5; k++) {
        struct body *b = &bodies[k];
        double x = a->x - b->x, y = a->y - b->y, z = a->z - b->z, square = x * x + y * y + z * z;
        double force = .001 / (square * sqrt(square));
        a->vx -= x * b->mass * force, a->vy -= y * b->mass * force, a->vz -= z * b->mass * force;
        b->vx += x * a->mass * force, b->vy += y * a->mass * force, b->vz += z * a->mass * force;
      }
    }
    for (int i = 0; i < 5; i++) bodies[i].x += .001 * bodies[i].vx, bodies[i].y += .001 * bodies[i].vy, bodies[i].z += .001 * bodies[i].vz;
  }
  printf("%.9f\n", energy());
}

// Scheduling policies: what is taken, what is refused, and what is told afterwards. Slices depend on how many processors there are.
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#define R(what, e) do{errno=0; long r=(e); printf("%s: %ld %d\n", what, r, errno);}while(0)
struct attr{uint32_t size, policy;uint64_t flags;int32_t nice;uint32_t prio;uint64_t run, dead, per;uint32_t umin, umax;};
static void show(){
  struct attr a={0};
  long r=syscall(SYS_sched_getattr, 0, &a, sizeof a, 0);
  printf("  %ld policy %u flags %llx nice %d prio %u run %llu %llu %llu clamp %u %u size %u; getscheduler %ld nice %d\n", r, a.policy, a.flags, a.nice, a.prio, a.policy == 6 ? a.run : 0, a.dead, a.per, a.umin, a.umax, a.size, syscall(SYS_sched_getscheduler, 0), getpriority(0, 0));
}

static void set(const char*w, struct attr a, unsigned fl){
  if(!a.size)a.size=sizeof a;
  R(w, syscall(SYS_sched_setattr, 0, &a, fl));
  show();
}

static void setp(const char*w, int pid, int pol, int prio){
  struct sched_param p={prio};
  R(w, syscall(SYS_sched_setscheduler, pid, pol, &p));
  show();
}

int main(int c, char**v){
  setvbuf(stdout, 0, _IONBF, 0);
  show();
  setp("other 0", 0, 0, 0);
  setp("other 1", 0, 0, 1);
  setp("fifo 0", 0, 1, 0);
  setp("fifo 1", 0, 1, 1);
  setp("fifo 99", 0, 1, 99);
  setp("fifo 100", 0, 1, 100);
  setp("rr 5", 0, 2, 5);
  setp("batch", 0, 3, 0);
  setp("iso", 0, 4, 0);
  setp("idle", 0, 5, 0);
  setp("deadline", 0, 6, 0);
  setp("ext", 0, 7, 0);
  setp("neg", 0, -1, 0);
  setp("reset", 0, 0x40000000|2, 7);
  setp("-1", -1, 0, 0);
  setp("nobody", 0x7fffff0, 0, 0);
  R("null", syscall(SYS_sched_setscheduler, 0, 0, NULL));
  R("setparam null", syscall(SYS_sched_setparam, 0, NULL));
  struct sched_param p={5};
  R("setparam", syscall(SYS_sched_setparam, 0, &p));
  show();
  setp("other", 0, 0, 0);
  R("setparam other", syscall(SYS_sched_setparam, 0, &p));
  R("getparam null", syscall(SYS_sched_getparam, 0, NULL));
  R("getparam -1", syscall(SYS_sched_getparam, -1, &p));
  set("nice 5", (struct attr){.policy=0, .nice=5}, 0);
  set("nice 30", (struct attr){.policy=0, .nice=30}, 0);
  set("nice -30", (struct attr){.policy=0, .nice=-30}, 0);
  set("batch nice 3", (struct attr){.policy=3, .nice=3}, 0);
  set("keep policy", (struct attr){.policy=1, .flags=8, .nice=4}, 0);
  set("keep params", (struct attr){.policy=0, .flags=0x10, .nice=9}, 0);
  set("fifo keep params", (struct attr){.policy=1, .flags=0x10, .prio=3}, 0);
  set("fifo", (struct attr){.policy=1, .prio=3}, 0);
  set("fifo 0", (struct attr){.policy=1}, 0);
  set("flags", (struct attr){.flags=0x80}, 0);
  set("flags arg", (struct attr){0}, 1);
  set("deadline", (struct attr){.policy=6, .run=10000000, .dead=20000000, .per=30000000}, 0);
  set("deadline bad", (struct attr){.policy=6, .run=30000000, .dead=20000000, .per=30000000}, 0);
  set("deadline small", (struct attr){.policy=6, .run=10, .dead=20000000, .per=30000000}, 0);
  R("fork as deadline", fork()==0?(_exit(0), 0):0);
  wait(0);
  set("other", (struct attr){0}, 0);
  set("clamp", (struct attr){.flags=0x60, .umin=100, .umax=200}, 0);
  set("clamp bad", (struct attr){.flags=0x60, .umin=300, .umax=200}, 0);
  set("runtime of other", (struct attr){.run=5000000}, 0);
  set("reset", (struct attr){.flags=1}, 0);
  set("size 48", (struct attr){.size=48}, 0);
  set("size 40", (struct attr){.size=40}, 0);
  set("size 8", (struct attr){.size=8}, 0);
  set("size 5000", (struct attr){.size=5000}, 0);
  set("size 0", (struct attr){.size=0}, 0);
  R("null", syscall(SYS_sched_setattr, 0, NULL, 0));
  R("get small", syscall(SYS_sched_getattr, 0, &p, 20, 0));
  struct attr a;
  R("get 48", syscall(SYS_sched_getattr, 0, &a, 48, 0));
  printf("%u\n", a.size);
  R("get flags", syscall(SYS_sched_getattr, 0, &a, 56, 1));
  R("max fifo", sched_get_priority_max(1));
  R("max 6", sched_get_priority_max(6));
  R("max 7", sched_get_priority_max(7));
  R("max 4", sched_get_priority_max(4));
  R("min fifo", sched_get_priority_min(1));
  R("min 5", sched_get_priority_min(5));
  struct timespec t;
  R("rr", sched_rr_get_interval(0, &t));
  printf("%ld\n", (long)t.tv_nsec);
  setp("rr", 0, 2, 5);
  R("rr", sched_rr_get_interval(0, &t));
  printf("%ld\n", (long)t.tv_nsec);
  setp("fifo", 0, 1, 5);
  R("rr", sched_rr_get_interval(0, &t));
  printf("%ld\n", (long)t.tv_nsec);
  setp("other", 0, 0, 0);
  R("yield", sched_yield());
  return 0;
}

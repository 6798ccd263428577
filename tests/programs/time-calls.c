// The calls of time, each with what its page says: clocks, timers of all kinds and what they tell, sleeping, limits of CPU time.
#include "call-report.h"
#include <poll.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/times.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <sys/personality.h>
#include <time.h>

static volatile int caught;
static siginfo_t told;
static void take(int signal, siginfo_t *info, void *context) {
  caught++;
  told = *info;
}

static void handle(int signal) {
  struct sigaction action = {.sa_sigaction = take, .sa_flags = SA_SIGINFO};
  sigaction(signal, &action, NULL);
}

static void use_processor(double seconds) {
  struct timespec now;
  volatile double sum = 0;
  do {
    for (int i = 0; i < 20000; i++) sum += i;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  } while (now.tv_sec + now.tv_nsec / 1e9 < seconds);
}

static void clocks(void) {
  struct timespec t;
  for (int clock = -3; clock < 14; clock++) {
    char what[40];
    t.tv_nsec = -1;
    sprintf(what, "clock %d", clock);
    int got = syscall(SYS_clock_gettime, clock, &t), error = errno;
    printf("%s: %s %d\n", what, got ? strerror(error) : "read", got || (t.tv_nsec >= 0 && t.tv_nsec < 1000000000));
    got = syscall(SYS_clock_getres, clock, &t);
    if (got) printf("%s: resolution: %s\n", what, strerror(errno));
    else printf("%s: resolution %ld %ld\n", what, t.tv_sec, t.tv_nsec);
    CALL(clock_getres, clock, NULL);
    CALL(clock_gettime, clock, hole);
    t = (struct timespec){0, 1};
    if (clock) CALL(clock_settime, clock, &t);
    t = (struct timespec){0, -1};
    CALL(clock_nanosleep, clock, 0L, &t, NULL);
    t = (struct timespec){0, 1000};
    if (clock != 2) CALL(clock_nanosleep, clock, 0L, &t, NULL);
    CALL(clock_nanosleep, clock, 0L, hole, NULL);
    CALL(timerfd_create, clock, 0L);
    close(3);
    timer_t id;
    struct sigevent event = {.sigev_notify = SIGEV_NONE};
    CALL(timer_create, clock, &event, &id);
  }
  CALL(clock_settime, 0L, hole);
  CALL(clock_settime, 0L, NULL);
  t = (struct timespec){-1, 0};
  CALL(clock_settime, 0L, &t);
  t = (struct timespec){0, 1000000000};
  CALL(clock_settime, 0L, &t);
  int child = fork();
  if (child == 0) { pause(); _exit(0); }
  clockid_t others = ~child << 3 | 2, thread = ~child << 3 | 6, own = ~getpid() << 3 | 2, own_thread = ~getpid() << 3 | 6;
  SHOW(syscall(SYS_clock_gettime, others, &t));
  SHOW(syscall(SYS_clock_gettime, thread, &t));
  SHOW(syscall(SYS_clock_gettime, own, &t));
  SHOW(syscall(SYS_clock_gettime, own_thread, &t));
  SHOW(syscall(SYS_clock_gettime, ~4000000 << 3 | 2, &t));
  SHOW(syscall(SYS_clock_gettime, ~child << 3 | 3, &t));
  SHOW(syscall(SYS_clock_getres, others, &t));
  t = (struct timespec){0, 1000};
  SHOW(syscall(SYS_clock_settime, others, &t));
  SHOW(syscall(SYS_clock_nanosleep, own_thread, 0, &t, NULL));
  clockid_t got;
  SHOW(clock_getcpuclockid(child, &got));
  printf("%d\n", got == others);
  kill(child, SIGKILL);
  wait(NULL);
  SHOW(clock_getcpuclockid(child, &got));
}

static void sleeps(void) {
  struct timespec t = {0, 1000000}, left = {7, 7}, before, after;
  SHOW(nanosleep(&t, NULL));
  SHOW(nanosleep(&t, (void *)hole));
  SHOW(nanosleep((void *)hole, NULL));
  t = (struct timespec){-1, 0}; SHOW(nanosleep(&t, NULL));
  t = (struct timespec){0, 1000000000}; SHOW(nanosleep(&t, NULL));
  t = (struct timespec){0, -1}; SHOW(nanosleep(&t, NULL));
  t = (struct timespec){0, 0}; SHOW(nanosleep(&t, &left));
  printf("left as it was %d\n", left.tv_sec == 7);
  clock_gettime(CLOCK_MONOTONIC, &before);
  before.tv_sec -= 1;
  SHOW(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &before, NULL));
  SHOW(clock_nanosleep(CLOCK_MONOTONIC, 0x10, &(struct timespec){0, 10}, NULL));
  for (int clock = 0; clock < 2; clock++) {
    clock_gettime(clock, &before);
    t = before;
    t.tv_nsec += 3000000;
    if (t.tv_nsec >= 1000000000) t.tv_sec++, t.tv_nsec -= 1000000000;
    SHOW(clock_nanosleep(clock, TIMER_ABSTIME, &t, NULL));
    clock_gettime(clock, &after);
    printf("not too early %d\n", after.tv_sec > t.tv_sec || (after.tv_sec == t.tv_sec && after.tv_nsec >= t.tv_nsec));
  }
  handle(SIGALRM);
  struct itimerval soon = {.it_value.tv_usec = 3000};
  setitimer(ITIMER_REAL, &soon, NULL);
  t = (struct timespec){1, 0};
  SHOW(nanosleep(&t, &left));
  printf("left %d\n", left.tv_sec == 0 && left.tv_nsec > 500000000);
  setitimer(ITIMER_REAL, &soon, NULL);
  SHOW(clock_nanosleep(CLOCK_REALTIME, 0, &t, (void *)hole));
  setitimer(ITIMER_REAL, &soon, NULL);
  SHOW(clock_nanosleep(CLOCK_PROCESS_CPUTIME_ID, 0, &t, &left));
  printf("left %d\n", left.tv_sec == 0 && left.tv_nsec > 500000000);
}

static void intervals(void) {
  struct itimerval value = {{0, 0}, {0, 0}}, old;
  SHOW(setitimer(3, &value, NULL));
  SHOW(setitimer(-1, &value, NULL));
  SHOW(getitimer(3, &value));
  SHOW(getitimer(0, (void *)hole));
  SHOW(setitimer(0, (void *)hole, NULL));
  SHOW(setitimer(0, &value, (void *)hole));
  value.it_value.tv_usec = 1000000; SHOW(setitimer(0, &value, NULL));
  value.it_value.tv_usec = -1; SHOW(setitimer(0, &value, NULL));
  value = (struct itimerval){{-1, 0}, {0, 0}}; SHOW(setitimer(0, &value, NULL));
  value = (struct itimerval){{2, 0}, {100, 5}}; SHOW(setitimer(0, &value, NULL));
  SHOW(getitimer(0, &old));
  printf("%ld %ld %d\n", old.it_interval.tv_sec, old.it_interval.tv_usec, old.it_value.tv_sec == 99 || old.it_value.tv_sec == 100);
  SHOW(alarm(7) >= 99);
  SHOW(alarm(3));
  SHOW(alarm(0));
  SHOW(alarm(0));
  SHOW(setitimer(0, NULL, NULL));
  int signals[] = {SIGALRM, SIGVTALRM, SIGPROF};
  for (int which = 0; which < 3; which++) {
    handle(signals[which]);
    value = (struct itimerval){{0, 10000}, {0, 10000}};
    struct timespec start;
    caught = 0;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
    SHOW(setitimer(which, &value, NULL));
    if (which) { rest(30); printf("none while it sleeps: %d\n", caught <= 1); }
    use_processor(start.tv_sec + start.tv_nsec / 1e9 + (which ? 0.15 : 0.05));
    getitimer(which, &old);
    value = (struct itimerval){{0, 0}, {0, 0}};
    SHOW(setitimer(which, &value, NULL));
    printf("timer %d: %d, code %d, interval %ld, left %d\n", which, which ? caught >= 4 && caught <= 40 : caught >= 3, told.si_code, old.it_interval.tv_usec, old.it_value.tv_sec == 0 && old.it_value.tv_usec <= 10000 + 10000);
  }
  value = (struct itimerval){{0, 0}, {50, 0}};
  setitimer(ITIMER_REAL, &value, NULL);
  setitimer(ITIMER_PROF, &value, NULL);
  if (fork() == 0) {
    for (int which = 0; which < 3; which++) getitimer(which, &old), printf("child %ld %ld\n", old.it_value.tv_sec, old.it_value.tv_usec);
    _exit(0);
  }
  wait(NULL);
}

static void posix_refusals(void) {
  timer_t id;
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
  struct itimerspec value = {{0, 0}, {0, 0}}, old;
  CALL(timer_create, 1L, hole, &id);
  CALL(timer_create, 1L, NULL, hole);
  event.sigev_signo = 65; CALL(timer_create, 1L, &event, &id);
  event.sigev_signo = 0; CALL(timer_create, 1L, &event, &id);
  event.sigev_signo = SIGKILL; CALLED(timer_create, 1L, &event, &id);
  event.sigev_signo = SIGUSR1;
  event.sigev_notify = 3; CALL(timer_create, 1L, &event, &id);
  event.sigev_notify = 8; CALL(timer_create, 1L, &event, &id);
  event.sigev_notify = -1; CALL(timer_create, 1L, &event, &id);
  event.sigev_notify = SIGEV_THREAD; CALLED(timer_create, 1L, &event, &id);
  event.sigev_notify = SIGEV_THREAD_ID; event._sigev_un._tid = 0; CALLED(timer_create, 1L, &event, &id);
  event._sigev_un._tid = getppid(); CALLED(timer_create, 1L, &event, &id);
  event._sigev_un._tid = getpid(); CALLED(timer_create, 1L, &event, &id);
  event.sigev_notify = SIGEV_THREAD_ID | SIGEV_NONE; CALLED(timer_create, 1L, &event, &id);
  CALL(timer_settime, 99L, 0L, &value, NULL);
  CALL(timer_settime, -1L, 0L, &value, NULL);
  CALL(timer_gettime, 99L, &value);
  CALL(timer_getoverrun, 99L);
  CALL(timer_delete, 99L);
  SHOW(syscall(SYS_timer_create, 1, NULL, &id));
  int number = *(int *)&id;
  SHOW(syscall(SYS_timer_settime, number, 0, NULL, NULL));
  SHOW(syscall(SYS_timer_settime, number, 0, hole, NULL));
  SHOW(syscall(SYS_timer_settime, number, 2, &value, NULL));
  SHOW(syscall(SYS_timer_settime, number, 0, &value, hole));
  value.it_value.tv_nsec = 1000000000; SHOW(syscall(SYS_timer_settime, number, 0, &value, NULL));
  value.it_value.tv_nsec = -1; SHOW(syscall(SYS_timer_settime, number, 0, &value, NULL));
  value.it_value = (struct timespec){-1, 0}; SHOW(syscall(SYS_timer_settime, number, 0, &value, NULL));
  value = (struct itimerspec){{0, 1000000000}, {1, 0}}; SHOW(syscall(SYS_timer_settime, number, 0, &value, NULL));
  SHOW(syscall(SYS_timer_gettime, number, hole));
  SHOW(syscall(SYS_timer_gettime, number, NULL));
  SHOW(syscall(SYS_timer_getoverrun, number));
  value = (struct itimerspec){{3, 4}, {100, 5}};
  SHOW(syscall(SYS_timer_settime, number, 0, &value, NULL));
  SHOW(syscall(SYS_timer_gettime, number, &old));
  printf("%ld %ld %d\n", old.it_interval.tv_sec, old.it_interval.tv_nsec, old.it_value.tv_sec >= 99);
  SHOW(syscall(SYS_timer_delete, number));
  SHOW(syscall(SYS_timer_delete, number));
}

static void posix_signals(void) {
  timer_t id;
  sigset_t set;
  siginfo_t info;
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 55};
  struct itimerspec value = {{0, 2000000}, {0, 2000000}}, old;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigaddset(&set, SIGALRM);
  sigprocmask(SIG_BLOCK, &set, NULL);
  SHOW(timer_create(CLOCK_MONOTONIC, &event, &id));
  SHOW(timer_settime(id, 0, &value, NULL));
  rest(25);
  SHOW(timer_getoverrun(id));
  SHOW(timer_gettime(id, &old));
  printf("left %d\n", old.it_value.tv_sec == 0 && old.it_value.tv_nsec <= 2000000);
  SHOW(sigwaitinfo(&set, &info));
  printf("code %d value %d overrun %d, the same %d\n", info.si_code, info.si_value.sival_int, info.si_overrun >= 9 && info.si_overrun < 40, timer_getoverrun(id) == info.si_overrun);
  rest(3);
  value = (struct itimerspec){{0, 0}, {0, 0}};
  SHOW(timer_settime(id, 0, &value, NULL));
  struct timespec none = {0, 0};
  SHOW(sigtimedwait(&set, &info, &none));
  value.it_value.tv_nsec = 1;
  SHOW(timer_settime(id, TIMER_ABSTIME, &value, NULL));
  SHOW(sigwaitinfo(&set, &info));
  SHOW(timer_gettime(id, &old));
  printf("over: %ld %ld, overrun %d\n", old.it_value.tv_sec, old.it_value.tv_nsec, info.si_overrun);
  value.it_value.tv_nsec = 1;
  timer_settime(id, TIMER_ABSTIME, &value, NULL);
  rest(2);
  SHOW(timer_delete(id));
  SHOW(sigtimedwait(&set, &info, &none));
  SHOW(timer_create(CLOCK_REALTIME, NULL, &id));
  value = (struct itimerspec){{0, 0}, {0, 1000000}};
  SHOW(timer_settime(id, 0, &value, NULL));
  SHOW(sigwaitinfo(&set, &info));
  printf("by default: code %d, value is its id %d\n", info.si_code, info.si_value.sival_int == *(int *)&id);
  event.sigev_notify = SIGEV_NONE;
  SHOW(timer_create(CLOCK_MONOTONIC, &event, &id));
  value = (struct itimerspec){{0, 1000000}, {0, 1000000}};
  SHOW(timer_settime(id, 0, &value, NULL));
  rest(4);
  SHOW(timer_gettime(id, &old));
  printf("left %d\n", old.it_value.tv_sec == 0 && old.it_value.tv_nsec > 0 && old.it_value.tv_nsec <= 1000000);
  SHOW(timer_getoverrun(id));
  SHOW(sigtimedwait(&set, &info, &none));
  event.sigev_notify = SIGEV_SIGNAL;
  clockid_t clocks[] = {CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID, CLOCK_BOOTTIME};
  for (int i = 0; i < 3; i++) {
    struct timespec start;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
    SHOW(timer_create(clocks[i], &event, &id));
    value = (struct itimerspec){{0, 0}, {0, 20000000}};
    SHOW(timer_settime(id, 0, &value, NULL));
    rest(30);
    if (i < 2) SHOW(sigtimedwait(&set, &info, &none));
    use_processor(start.tv_sec + start.tv_nsec / 1e9 + 0.06);
    SHOW(sigtimedwait(&set, &info, &none));
    timer_delete(id);
  }
  if (fork() == 0) {
    SHOW(syscall(SYS_timer_gettime, 0, &old));
    _exit(0);
  }
  wait(NULL);
}

static void *waits(void *argument) {
  sigset_t set;
  siginfo_t info;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  *(int *)argument = syscall(SYS_gettid);
  printf("thread got %d\n", sigwaitinfo(&set, &info));
  return NULL;
}

static volatile int notices;
static void notice(union sigval value) {
  notices = value.sival_int;
}

static void threads(void) {
  sigset_t set;
  pthread_t thread;
  volatile int tid = 0;
  timer_t id;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  sigprocmask(SIG_BLOCK, &set, NULL);
  pthread_create(&thread, NULL, waits, (void *)&tid);
  while (!tid) rest(1);
  struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR2};
  event._sigev_un._tid = tid;
  SHOW(timer_create(CLOCK_MONOTONIC, &event, &id));
  struct itimerspec value = {{0, 0}, {0, 1000000}};
  SHOW(timer_settime(id, 0, &value, NULL));
  pthread_join(thread, NULL);
  event = (struct sigevent){.sigev_notify = SIGEV_THREAD, .sigev_notify_function = notice, .sigev_value.sival_int = 8};
  SHOW(timer_create(CLOCK_MONOTONIC, &event, &id));
  SHOW(timer_settime(id, 0, &value, NULL));
  for (int i = 0; i < 300 && !notices; i++) rest(1);
  printf("notice %d\n", notices);
}

static void descriptors(void) {
  struct itimerspec value = {{0, 0}, {0, 0}}, old;
  uint64_t count;
  SHOW(timerfd_create(CLOCK_MONOTONIC, 1));
  int file = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  SHOW(timerfd_settime(0, 0, &value, NULL));
  SHOW(timerfd_settime(77, 0, &value, NULL));
  SHOW(timerfd_settime(file, 8, &value, NULL));
  SHOW(timerfd_settime(file, 0, (void *)hole, NULL));
  SHOW(timerfd_settime(file, 0, NULL, NULL));
  SHOW(timerfd_settime(file, 0, &value, (void *)hole));
  value.it_value.tv_nsec = 1000000000; SHOW(timerfd_settime(file, 0, &value, NULL));
  SHOW(timerfd_gettime(file, (void *)hole));
  SHOW(timerfd_gettime(0, &old));
  SHOW(timerfd_gettime(77, &old));
  SHOW(read(file, &count, 8));
  SHOW(read(file, &count, 7));
  SHOW(write(file, &count, 8));
  value = (struct itimerspec){{0, 1000000}, {0, 1000000}};
  SHOW(timerfd_settime(file, 0, &value, NULL));
  struct pollfd ready = {file, POLLIN};
  SHOW(poll(&ready, 1, 1000));
  rest(5);
  SHOW(read(file, &count, 8));
  printf("count %d\n", count >= 5 && count < 40);
  value = (struct itimerspec){{0, 0}, {0, 1}};
  SHOW(timerfd_settime(file, TFD_TIMER_ABSTIME, &value, &old));
  printf("was %ld\n", old.it_interval.tv_nsec);
  SHOW(read(file, &count, 8));
  printf("count %d\n", (int)count);
  SHOW(timerfd_settime(file, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &value, NULL));
}

static void on_limit(int signal) {
  static int times;
  struct rlimit now;
  getrlimit(RLIMIT_CPU, &now);
  printf("signal %d, limits %d %d\n", signal, (int)now.rlim_cur, (int)now.rlim_max);
}

static void limited(void) {
  struct rlimit limit = {1, 2};
  SHOW(setrlimit(RLIMIT_CPU, &limit));
  signal(SIGXCPU, on_limit);
  for (;;);
}

static void limited_by_default(void) {
  struct rlimit limit = {1, 5}, none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);
  setrlimit(RLIMIT_CPU, &limit);
  for (;;);
}

static void accounts(void) {
  struct rusage usage;
  struct tms t;
  SHOW(getrusage(2, &usage));
  SHOW(getrusage(-2, &usage));
  SHOW(getrusage(RUSAGE_SELF, (void *)hole));
  SHOW(times((void *)hole));
  DO(times(NULL));
  getrusage(RUSAGE_CHILDREN, &usage);
  printf("children before: %ld %ld %ld\n", usage.ru_maxrss, usage.ru_minflt, usage.ru_utime.tv_sec);
  if (fork() == 0) {
    use_processor(0.15);
    char *more = malloc(10 << 20);
    memset(more, 1, 10 << 20);
    _exit(0);
  }
  getrusage(RUSAGE_CHILDREN, &usage);
  printf("not waited for: %ld\n", usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
  wait(NULL);
  getrusage(RUSAGE_CHILDREN, &usage);
  printf("children: %d %d %d\n", usage.ru_maxrss >= 10 << 10, usage.ru_minflt > 0, usage.ru_utime.tv_usec + usage.ru_stime.tv_usec >= 140000);
  times(&t);
  printf("times: %d %d\n", t.tms_cutime + t.tms_cstime >= 14, t.tms_utime + t.tms_stime < 14);
  use_processor(0.1);
  getrusage(RUSAGE_SELF, &usage);
  printf("self: %d %d\n", usage.ru_utime.tv_usec + usage.ru_stime.tv_usec >= 95000, usage.ru_maxrss > 100);
  getrusage(RUSAGE_THREAD, &usage);
  printf("thread: %d\n", usage.ru_utime.tv_usec + usage.ru_stime.tv_usec >= 95000);
}

static void adjustments(void) {
  struct timex t;
  memset(&t, 0, sizeof t);
  CALL(adjtimex, hole);
  CALL(clock_adjtime, 0L, hole);
  CALL(clock_adjtime, 1L, &t);
  CALL(clock_adjtime, 99L, &t);
  t.modes = ADJ_TICK; t.tick = 1; SHOW(syscall(SYS_adjtimex, &t));
  t.tick = 20000; SHOW(syscall(SYS_adjtimex, &t));
  t.modes = ADJ_NANO | ADJ_MICRO | ADJ_SETOFFSET; t.time.tv_usec = -1; SHOW(syscall(SYS_adjtimex, &t));
}

static void settings(void) {
  struct timeval v = {0, 1000000};
  SHOW(syscall(SYS_settimeofday, &v, NULL));
  SHOW(syscall(SYS_settimeofday, hole, NULL));
  SHOW(syscall(SYS_gettimeofday, hole, NULL));
  SHOW(syscall(SYS_gettimeofday, NULL, hole));
  SHOW(syscall(SYS_time, hole));
  v = (struct timeval){-1, 0};
  SHOW(syscall(SYS_settimeofday, &v, NULL));
}

static void nobodys_settings(void) {
  struct timeval v = {100, 0};
  struct timespec t = {100, 0};
  struct timex x = {.modes = ADJ_TICK, .tick = 10000};
  SHOW(syscall(SYS_settimeofday, &v, NULL));
  SHOW(syscall(SYS_clock_settime, 0, &t));
  SHOW(syscall(SYS_adjtimex, &x));
  timer_t id;
  SHOW(syscall(SYS_timer_create, 8, NULL, &id));
  SHOW(syscall(SYS_timerfd_create, 8, 0));
}

int main(void) {
  prepare();
  APART(clocks);
  APART(sleeps);
  APART(intervals);
  APART(posix_refusals);
  APART(posix_signals);
  APART(threads);
  APART(descriptors);
  APART(limited);
  APART(limited_by_default);
  APART(accounts);
  APART(adjustments);
  APART(settings);
  AS_NOBODY(settings);
  AS_NOBODY(nobodys_settings);
}

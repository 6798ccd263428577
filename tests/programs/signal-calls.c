// The calls of signals, each with what its page says: refusals, what is told of a signal, and calls that signals interrupt.
#include "call-report.h"
#include <poll.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <linux/futex.h>
#include <mqueue.h>
#include <time.h>

static volatile int caught;
static siginfo_t told;

static void catch(int signal) {
  caught = signal;
}

static void take(int signal, siginfo_t *info, void *context) {
  caught = signal;
  told = *info;
}

static void tell(const char *what) {
  printf("%s: signal %d code %d errno %d pid %s uid %d value %d\n", what, told.si_signo, told.si_code, told.si_errno,
         told.si_pid == getpid() ? "own" : told.si_pid == getppid() ? "parent's" : told.si_pid == 0 ? "0" : "another's", told.si_uid, told.si_value.sival_int);
}

static void handle(int signal, int flags) {
  struct sigaction action = {.sa_flags = flags};
  if (flags & SA_SIGINFO) action.sa_sigaction = take;
  else action.sa_handler = catch;
  sigaction(signal, &action, NULL);
}

static void refusals(void) {
  char *bad[] = {NULL, hole, barred, readonly, edge - 4};
  const char *names[] = {"null", "hole", "barred", "readonly", "edge"};
  for (int i = 0; i < 5; i++) {
    printf("-- %s\n", names[i]);
    CALL(rt_sigaction, 10L, bad[i], NULL, 8L);
    CALL(rt_sigaction, 10L, NULL, bad[i], 8L);
    CALL(rt_sigprocmask, 0L, bad[i], NULL, 8L);
    CALL(rt_sigprocmask, 77L, bad[i], NULL, 8L);
    CALL(rt_sigprocmask, 0L, NULL, bad[i], 8L);
    CALL(rt_sigpending, bad[i], 8L);
    if (i) CALL(rt_sigsuspend, i == 3 ? bad[1] : bad[i], 8L);
    struct timespec none = {0, 0};
    CALL(rt_sigtimedwait, i == 3 ? bad[1] : bad[i], NULL, &none, 8L);
    sigset_t set;
    sigemptyset(&set);
    CALL(rt_sigtimedwait, &set, bad[i], &none, 8L);
    if (i) CALL(rt_sigtimedwait, &set, NULL, i == 3 ? bad[1] : bad[i], 8L);
    CALL(rt_sigqueueinfo, getpid(), 0L, bad[i]);
    CALL(rt_tgsigqueueinfo, getpid(), getpid(), 0L, bad[i]);
    CALL(sigaltstack, bad[i], NULL);
    CALL(sigaltstack, NULL, bad[i]);
    CALL(signalfd4, -1L, bad[i], 8L, 0L);
  }
  struct sigaction action = {.sa_handler = SIG_IGN};
  CALL(rt_sigaction, 0L, NULL, NULL, 8L);
  CALL(rt_sigaction, 65L, NULL, NULL, 8L);
  CALL(rt_sigaction, -1L, NULL, NULL, 8L);
  CALL(rt_sigaction, 9L, NULL, NULL, 8L);
  CALL(rt_sigaction, 9L, page, NULL, 8L);
  CALL(rt_sigaction, 19L, page, NULL, 8L);
  CALL(rt_sigaction, 10L, NULL, NULL, 4L);
  CALL(rt_sigaction, 10L, NULL, NULL, 16L);
  CALL(rt_sigprocmask, 0L, NULL, NULL, 4L);
  CALL(rt_sigprocmask, 3L, page, NULL, 8L);
  CALL(rt_sigprocmask, 3L, NULL, NULL, 8L);
  CALL(rt_sigprocmask, -1L, page, NULL, 8L);
  CALL(rt_sigpending, page, 0L);
  CALL(rt_sigpending, page, 9L);
  CALL(rt_sigsuspend, page, 4L);
  CALL(rt_sigtimedwait, page, NULL, NULL, 7L);
  struct timespec odd[] = {{-1, 0}, {0, -1}, {0, 1000000000}};
  for (int i = 0; i < 3; i++) CALL(rt_sigtimedwait, page, NULL, &odd[i], 8L);
  CALL(signalfd4, -1L, page, 7L, 0L);
  CALL(signalfd4, -1L, page, 8L, 1L);
  CALL(signalfd4, 0L, page, 8L, 0L);
  CALL(signalfd4, 77L, page, 8L, 0L);
  CALL(kill, getpid(), -1L);
  CALL(kill, getpid(), 65L);
  CALL(kill, getpid(), 0L);
  CALL(kill, 4000000L, 0L);
  CALL(kill, 0x7fffffffL, 0L);
  CALL(kill, -0x80000000L, 0L);
  CALL(kill, -4000000L, 0L);
  CALL(kill, 0L, 0L);
  CALL(tkill, getpid(), 65L);
  CALL(tkill, 0L, 0L);
  CALL(tkill, -1L, 0L);
  CALL(tkill, 4000000L, 0L);
  CALL(tgkill, getpid(), getpid(), 65L);
  CALL(tgkill, 0L, getpid(), 0L);
  CALL(tgkill, getpid(), 0L, 0L);
  CALL(tgkill, -1L, getpid(), 0L);
  CALL(tgkill, getppid(), getpid(), 0L);
  CALL(tgkill, getpid(), 4000000L, 0L);
  siginfo_t info = {.si_code = SI_USER};
  CALL(rt_sigqueueinfo, getpid(), 0L, &info);
  CALL(rt_sigqueueinfo, getppid(), 0L, &info);
  info.si_code = SI_TKILL;
  CALL(rt_sigqueueinfo, getppid(), 0L, &info);
  info.si_code = SI_QUEUE;
  CALL(rt_sigqueueinfo, getpid(), 65L, &info);
  CALL(rt_sigqueueinfo, getpid(), -1L, &info);
  CALL(rt_sigqueueinfo, 4000000L, 0L, &info);
  CALL(rt_sigqueueinfo, 0L, 0L, &info);
  CALL(rt_sigqueueinfo, -1L, 0L, &info);
  CALL(rt_tgsigqueueinfo, 0L, getpid(), 0L, &info);
  CALL(rt_tgsigqueueinfo, getpid(), 0L, 0L, &info);
  CALL(rt_tgsigqueueinfo, getpid(), getpid(), 0L, &info);
  CALL(rt_tgsigqueueinfo, getppid(), getpid(), 0L, &info);
  stack_t stack = {.ss_sp = page, .ss_size = 2047, .ss_flags = 0};
  CALL(sigaltstack, &stack, NULL);
  stack.ss_size = 8192;
  stack.ss_flags = 4;
  CALL(sigaltstack, &stack, NULL);
  stack.ss_flags = SS_ONSTACK;
  CALL(sigaltstack, &stack, NULL);
  stack.ss_flags = 3;
  CALL(sigaltstack, &stack, NULL);
  stack.ss_flags = 1 << 31;
  CALL(sigaltstack, &stack, NULL);
  CALL(sigaltstack, NULL, &stack);
  printf("flags %x size %zu\n", stack.ss_flags, stack.ss_size);
  stack.ss_flags = SS_DISABLE;
  CALL(sigaltstack, &stack, NULL);
  CALL(sigaltstack, NULL, &stack);
  printf("flags %x size %zu sp %p\n", stack.ss_flags, stack.ss_size, stack.ss_sp);
}

static void permissions(void) {
  CALL(kill, getppid(), 0L);
  CALL(kill, getppid(), SIGTERM);
  CALL(tkill, getppid(), SIGTERM);
  CALL(tgkill, getppid(), getppid(), SIGTERM);
  CALL(kill, getppid(), 65L);
  CALL(kill, getppid(), SIGCONT);
  siginfo_t info = {.si_code = SI_QUEUE};
  CALL(rt_sigqueueinfo, getppid(), SIGTERM, &info);
  CALL(kill, getpid(), 0L);
  setsid();
  CALL(kill, getppid(), SIGCONT);
}

static void information(void) {
  for (int signal = SIGUSR1; signal <= 40; signal += 15) {
    handle(signal, SA_SIGINFO);
    kill(getpid(), signal);
    tell("kill");
    syscall(SYS_tkill, getpid(), signal);
    tell("tkill");
    syscall(SYS_tgkill, getpid(), getpid(), signal);
    tell("tgkill");
    union sigval value = {.sival_int = 77};
    sigqueue(getpid(), signal, value);
    tell("sigqueue");
    siginfo_t info = {.si_code = -33, .si_errno = 5, .si_pid = 0, .si_uid = 99};
    syscall(SYS_rt_sigqueueinfo, getpid(), signal, &info);
    tell("rt_sigqueueinfo");
    info.si_code = SI_KERNEL;
    syscall(SYS_rt_sigqueueinfo, getpid(), signal, &info);
    tell("of the kernel");
    raise(signal);
    tell("raise");
  }
  handle(SIGALRM, SA_SIGINFO);
  struct itimerval soon = {.it_value.tv_usec = 1000};
  setitimer(ITIMER_REAL, &soon, NULL);
  pause();
  tell("alarm");
  handle(SIGPIPE, SA_SIGINFO);
  int ends[2];
  pipe(ends);
  close(ends[0]);
  SHOW(write(ends[1], "x", 1));
  tell("pipe");
}

static void order(void) {
  sigset_t all, wait;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, NULL);
  for (int i = 0; i < 3; i++) {
    union sigval value = {.sival_int = i};
    sigqueue(getpid(), 40, value);
    sigqueue(getpid(), 36, value);
    sigqueue(getpid(), SIGUSR2, value);
  }
  kill(getpid(), SIGSEGV);
  kill(getpid(), SIGHUP);
  sigpending(&wait);
  for (int i = 1; i < 65; i++) if (sigismember(&wait, i)) printf("pending %d\n", i);
  siginfo_t info;
  struct timespec none = {0, 0};
  int signal;
  while ((signal = sigtimedwait(&all, &info, &none)) > 0) printf("waited for %d, value %d\n", signal, info.si_code == SI_QUEUE ? info.si_value.sival_int : -1);
  printf("%s\n", strerror(errno));
  none.tv_nsec = 2000000;
  SHOW(sigtimedwait(&all, &info, &none));
}

static char on_stack[65536];
static void nested(int signal) {
  stack_t now = {.ss_sp = page, .ss_size = 8192};
  sigaltstack(NULL, &now);
  printf("in handler: flags %x, on it %d\n", now.ss_flags, (char *)&now >= on_stack && (char *)&now < on_stack + sizeof on_stack);
  stack_t other = {.ss_sp = on_stack, .ss_size = 8192};
  SHOW(sigaltstack(&other, NULL));
  sigset_t mask;
  sigprocmask(0, NULL, &mask);
  printf("blocked: own %d, USR2 %d\n", sigismember(&mask, signal), sigismember(&mask, SIGUSR2));
}

static void actions(void) {
  stack_t stack = {.ss_sp = on_stack, .ss_size = sizeof on_stack};
  sigaltstack(&stack, NULL);
  struct sigaction action = {.sa_handler = nested, .sa_flags = SA_ONSTACK}, old;
  sigaddset(&action.sa_mask, SIGUSR2);
  sigaction(SIGUSR1, &action, NULL);
  raise(SIGUSR1);
  action.sa_flags = SA_NODEFER | SA_RESETHAND;
  sigaction(SIGUSR1, &action, NULL);
  raise(SIGUSR1);
  sigaction(SIGUSR1, NULL, &old);
  printf("flags %x default %d\n", old.sa_flags & ~0x04000000, old.sa_handler == SIG_DFL);
  stack.ss_flags = 1 << 31;
  sigaltstack(&stack, NULL);
  action.sa_flags = SA_ONSTACK;
  sigaction(SIGUSR1, &action, NULL);
  raise(SIGUSR1);
  sigaltstack(NULL, &stack);
  printf("after: flags %x\n", stack.ss_flags);
  // Bits that the kernel does not know.
  struct { void *handler; unsigned long flags; void *restorer; unsigned long mask; } raw = {catch, 0x04000000 | 0x400 | 0x1000 | 0x800, 0, ~0UL}, back;
  syscall(SYS_rt_sigaction, SIGUSR2, &raw, NULL, 8L);
  syscall(SYS_rt_sigaction, SIGUSR2, NULL, &back, 8L);
  printf("flags %lx mask %lx\n", back.flags, back.mask);
}

static void fatal_default(void) { kill(getpid(), SIGUSR1); }
static void fatal_quit(void) { kill(getpid(), SIGQUIT); }
static void fatal_realtime(void) { kill(getpid(), 50); }
static void no_restorer(void) {
  struct { void *handler; unsigned long flags; void *restorer; unsigned long mask; } raw = {catch, 0, 0, 0};
  syscall(SYS_rt_sigaction, SIGUSR1, &raw, NULL, 8L);
  raise(SIGUSR1);
}
static void handler_nowhere(void) {
  signal(SIGUSR1, (void *)hole);
  raise(SIGUSR1);
}
static void blocked_fault(void) {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, NULL);
  handle(SIGSEGV, 0);
  *(volatile char *)hole = 1;
}
static void ignored_fault(void) {
  signal(SIGSEGV, SIG_IGN);
  *(volatile char *)hole = 1;
}

// Calls that wait, and a signal that comes: with and without SA_RESTART.
static int ends[2], sockets[2], queue, semaphore;
static void w_read(void) { char c; SHOW(read(ends[0], &c, 1)); }
static void w_pause(void) { SHOW(pause()); }
static void w_poll(void) { struct pollfd p = {ends[0], POLLIN}; SHOW(poll(&p, 1, 120)); }
static void w_ppoll(void) { struct pollfd p = {ends[0], POLLIN}; struct timespec t = {0, 120000000}; SHOW(ppoll(&p, 1, &t, NULL)); }
static void w_select(void) { fd_set s; FD_ZERO(&s); FD_SET(ends[0], &s); struct timeval t = {0, 120000}; SHOW(select(ends[0] + 1, &s, NULL, NULL, &t)); }
static void w_pselect(void) { fd_set s; FD_ZERO(&s); FD_SET(ends[0], &s); struct timespec t = {0, 120000000}; SHOW(pselect(ends[0] + 1, &s, NULL, NULL, &t, NULL)); }
static void w_epoll(void) { int e = epoll_create1(0); struct epoll_event v; SHOW(epoll_wait(e, &v, 1, 120)); close(e); }
static void w_nanosleep(void) { struct timespec t = {0, 120000000}, left = {0, 0}; SHOW(nanosleep(&t, &left)); printf("left %d\n", left.tv_nsec > 10000000 && left.tv_nsec < 120000000); }
static void w_clock_absolute(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); t.tv_nsec += 120000000; if (t.tv_nsec >= 1000000000) t.tv_sec++, t.tv_nsec -= 1000000000; printf("clock_nanosleep %d\n", clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL)); }
static void w_recv(void) { char c; SHOW(recv(sockets[0], &c, 1, 0)); }
static void w_recv_timeout(void) { char c; struct timeval t = {0, 120000}, z = {0, 0}; setsockopt(sockets[0], SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t); SHOW(recv(sockets[0], &c, 1, 0)); setsockopt(sockets[0], SOL_SOCKET, SO_RCVTIMEO, &z, sizeof z); }
static void w_accept(void) { int s = socket(AF_UNIX, SOCK_STREAM, 0); struct sockaddr a = {AF_UNIX}; bind(s, &a, 2); listen(s, 1); SHOW(accept(s, NULL, NULL)); close(s); }
static void w_wait(void) { SHOW(waitpid(-1, NULL, __WALL)); }
static void w_msgrcv(void) { struct { long t; char c; } m; SHOW(msgrcv(queue, &m, 1, 0, 0)); }
static void w_semop(void) { struct sembuf b = {0, -1, 0}; SHOW(semop(semaphore, &b, 1)); }
static void w_semtimedop(void) { struct sembuf b = {0, -1, 0}; struct timespec t = {0, 120000000}; SHOW(semtimedop(semaphore, &b, 1, &t)); }
static void w_futex(void) { static int word; SHOW(syscall(SYS_futex, &word, FUTEX_WAIT, 0, NULL)); }
static void w_futex_timeout(void) { static int word; struct timespec t = {0, 120000000}; SHOW(syscall(SYS_futex, &word, FUTEX_WAIT, 0, &t)); }
static void w_futex_pi(void) { static int word = 0; SHOW(0); }
static void w_sigsuspend(void) { sigset_t s; sigemptyset(&s); SHOW(sigsuspend(&s)); }
static void w_sigtimedwait(void) { sigset_t s; sigemptyset(&s); sigaddset(&s, SIGUSR2); struct timespec t = {0, 120000000}; SHOW(sigtimedwait(&s, NULL, &t)); }
static void w_signalfd(void) { sigset_t s; sigemptyset(&s); sigaddset(&s, SIGUSR2); int f = signalfd(-1, &s, 0); char b[128]; SHOW(read(f, b, 128)); close(f); }
static void w_eventfd(void) { int f = eventfd(0, 0); char b[8]; SHOW(read(f, b, 8)); close(f); }
static void w_timerfd(void) { int f = timerfd_create(CLOCK_MONOTONIC, 0); char b[8]; SHOW(read(f, b, 8)); close(f); }
static void w_flock(void) { int a = open("lock", O_RDWR | O_CREAT, 0600), b = open("lock", O_RDWR); flock(a, LOCK_EX); SHOW(flock(b, LOCK_EX)); close(a); close(b); unlink("lock"); }
static void w_fcntl(void) {
  int a = open("lock", O_RDWR | O_CREAT, 0600), b = open("lock", O_RDWR);
  struct flock l = {.l_type = F_WRLCK}; fcntl(a, F_OFD_SETLK, &l); SHOW(fcntl(b, F_OFD_SETLKW, &l)); SHOW(fcntl(b, F_SETLKW, &l)); close(a); close(b); unlink("lock"); }
static void w_fifo(void) { mkfifo("fifo", 0600); SHOW(open("fifo", O_RDONLY)); unlink("fifo"); }
static void w_mq(void) { mqd_t q = mq_open("/signal-calls", O_RDWR | O_CREAT, 0600, NULL); char b[8192]; SHOW(mq_receive(q, b, 8192, NULL)); mq_close(q); mq_unlink("/signal-calls"); }
static void w_write(void) { static char b[1 << 17]; SHOW(write(ends[1], b, sizeof b)); }

/** Until the child waits in its call. */
static void wait_until_asleep(pid_t pid) {
  char path[40], line[200];
  sprintf(path, "/proc/%d/stat", pid);
  for (int i = 0; i < 1000; i++) {
    int file = open(path, O_RDONLY), length = read(file, line, sizeof line - 1);
    close(file);
    if (length > 0 && strstr(line, ") S ")) break;
    rest(1);
  }
  rest(4);
}

static void waits(void) {
  struct { const char *name; void (*call)(void); } calls[] = {
#define W(name) {#name, w_##name}
    W(read), W(pause), W(poll), W(ppoll), W(select), W(pselect), W(epoll), W(nanosleep), W(clock_absolute), W(recv), W(recv_timeout), W(accept), W(msgrcv),
    W(semop), W(semtimedop), W(futex), W(futex_timeout), W(sigsuspend), W(sigtimedwait), W(signalfd), W(eventfd), W(timerfd), W(flock), W(fcntl), W(fifo), W(mq), W(wait), W(write)};
  queue = msgget(IPC_PRIVATE, 0600);
  semaphore = semget(IPC_PRIVATE, 1, 0600);
  for (int i = 0; i < sizeof calls / sizeof *calls; i++) {
    for (int mode = 0; mode < 3; mode++) {
      // Without and with SA_RESTART; a stop and a continuation;.
      int status;
      static const char *modes[] = {"handler", "restarting handler", "stop"};
      printf("-- %s, %s\n", calls[i].name, modes[mode]);
      fflush(stdout);
      pid_t pid = fork();
      if (pid == 0) {
        pipe(ends);
        socketpair(AF_UNIX, SOCK_STREAM, 0, sockets);
        if (calls[i].call == w_wait && fork() == 0) { prctl_pdeath(); pause(); _exit(0); }
        handle(SIGUSR1, mode == 1 ? SA_RESTART : 0);
        calls[i].call();
        printf("caught %d\n", caught);
        fflush(stdout);
        _exit(0);
      }
      wait_until_asleep(pid);
      kill(pid, mode == 2 ? SIGSTOP : SIGUSR1);
      if (mode == 2) {
        rest(8);
        kill(pid, SIGCONT);
      }
      pid_t ended = 0;
      for (int i = 0; i < 60 && !ended; i++) {
        rest(5);
        ended = waitpid(pid, &status, WNOHANG);
      }
      if (ended == 0) {
        printf("still waits\n");
        kill(pid, SIGKILL);
        waitpid(pid, &status, 0);
      }
    }
  }
  msgctl(queue, IPC_RMID, NULL);
  semctl(semaphore, 0, IPC_RMID);
  mq_unlink("/signal-calls");
  unlink("lock");
  unlink("fifo");
}
#include <sys/prctl.h>
void prctl_pdeath(void) { prctl(PR_SET_PDEATHSIG, SIGKILL); }

static void pending_limit(void) {
  struct rlimit few = {3, 3};
  setrlimit(RLIMIT_SIGPENDING, &few);
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, NULL);
  union sigval value = {0};
  for (int i = 0; i < 6; i++) SHOW(sigqueue(getpid(), 40, value));
  SHOW(kill(getpid(), 41));
  SHOW(sigqueue(getpid(), SIGUSR1, value));
  SHOW(kill(getpid(), SIGUSR1));
  timer_t timer;
  struct sigevent event = {.sigev_notify = SIGEV_NONE};
  SHOW(timer_create(CLOCK_MONOTONIC, &event, &timer));
  siginfo_t info;
  struct timespec none = {0, 0};
  int signal;
  while ((signal = sigtimedwait(&all, &info, &none)) > 0) printf("%d code %d\n", signal, info.si_code);
}

static void descriptor(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigaddset(&set, 40);
  sigaddset(&set, SIGKILL);
  sigprocmask(SIG_BLOCK, &set, NULL);
  int file = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  struct signalfd_siginfo got[3] = {0};
  SHOW(read(file, got, sizeof got));
  SHOW(read(file, got, 127));
  SHOW(write(file, got, 128));
  kill(getpid(), SIGUSR1);
  union sigval value = {.sival_int = 9};
  sigqueue(getpid(), 40, value);
  SHOW(read(file, hole, 128));
  SHOW(read(file, got, sizeof got));
  printf("%u %d %d | %u %d %d\n", got[0].ssi_signo, got[0].ssi_code, got[0].ssi_uid, got[1].ssi_signo, got[1].ssi_code, got[1].ssi_int);
  printf("flags %x %x\n", fcntl(file, F_GETFL), fcntl(file, F_GETFD));
}

int main(void) {
  prepare();
  APART(refusals);
  as_nobody("permissions", permissions);
  APART(information);
  APART(order);
  APART(actions);
  APART(fatal_default);
  APART(fatal_quit);
  APART(fatal_realtime);
  APART(no_restorer);
  APART(handler_nowhere);
  APART(blocked_fault);
  APART(ignored_fault);
  AS_NOBODY(pending_limit);
  APART(descriptor);
  waits();
}

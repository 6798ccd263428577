// Calls of i386 made with int $0x80 from 64-bit code: those that only i386 has, and structures laid out in its way.
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static char *arena;
static char *next;

/* Memory that 32-bit registers reach. */
static void *low(const void *bytes, size_t size) {
  char *at = next;
  next += (size + 15) & ~15ul;
  if (bytes) memcpy(at, bytes, size);
  else memset(at, 0, size);
  return at;
}

static uint32_t at(const void *pointer) { return (uint32_t)(uintptr_t)pointer; }

static long call(long number, uint32_t b, uint32_t c, uint32_t d, uint32_t si, uint32_t di, uint32_t bp) {
  uint64_t saved = bp;
  long result;
  __asm__ volatile("push %%rbp\n\tmov %6, %%rbp\n\tint $0x80\n\tpop %%rbp"
                   : "=a"(result)
                   : "a"(number), "b"((uint64_t)b), "c"((uint64_t)c), "d"((uint64_t)d), "S"((uint64_t)si),
                     "r"(saved), "D"((uint64_t)di)
                   : "memory", "r8", "r9", "r10", "r11");
  return result;
}

static void show(const char *name, long result) {
  if (result < 0 && result > -4096) printf("%s: error %ld\n", name, -result);
  else printf("%s: %ld\n", name, result);
}

static void words(const char *name, const uint32_t *memory, int count) {
  printf("%s:", name);
  for (int i = 0; i < count; i++) printf(" %x", memory[i]);
  printf("\n");
}

static void files(void) {
  int fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0644);
  write(fd, "0123456789", 10);
  uint32_t path = at(low("file", 5));
  uint32_t *result = low(0, 16);
  show("_llseek", call(140, fd, 1, 2, at(result), SEEK_SET, 0));
  words("position", result, 2);
  show("_llseek", call(140, fd, 0, 4, at(result), SEEK_SET, 0));
  char *buffer = low(0, 64);
  show("read", call(3, fd, at(buffer), 3, 0, 0, 0));
  show("pread64", call(180, fd, at(buffer), 4, 5, 0, 0));
  printf("%s\n", buffer);
  show("pread64", call(180, fd, at(buffer), 4, 5, 1, 0));
  show("pwrite64", call(181, fd, at(buffer), 2, 12, 0, 0));
  uint32_t vector[] = {at(buffer), 2, at(buffer) + 8, 3};
  uint32_t *iov = low(vector, sizeof vector);
  show("preadv", call(333, fd, at(iov), 2, 1, 0, 0));
  show("writev", call(146, fd, at(iov), 2, 0, 0, 0));
  show("truncate64", call(193, path, 20, 0, 0, 0, 0));
  show("ftruncate64", call(194, fd, 30, 0, 0, 0, 0));
  show("truncate", call(92, path, 40, 0, 0, 0, 0));
  show("ftruncate", call(93, fd, -1, 0, 0, 0, 0));
  show("fallocate", call(324, fd, 0, 0, 0, 100, 0));
  show("fadvise64", call(250, fd, 0, 0, 10, 4, 0));
  show("fadvise64_64", call(272, fd, 0, 0, 10, 0, 2));
  show("readahead", call(225, fd, 0, 0, 10, 0, 0));
  show("sync_file_range", call(314, fd, 0, 0, 10, 0, 2));
  uint32_t *stat = low(0, 128);
  show("stat64", call(195, path, at(stat), 0, 0, 0, 0));
  printf("mode %o size %u\n", stat[4], stat[11]);
  show("fstat64", call(197, fd, at(stat), 0, 0, 0, 0));
  show("lstat64", call(196, path, at(stat), 0, 0, 0, 0));
  show("fstatat64", call(300, -100, path, at(stat), 0, 0, 0));
  show("stat", call(106, path, at(stat), 0, 0, 0, 0));
  printf("mode %o size %u\n", stat[2] & 0xffff, stat[5]);
  show("oldstat", call(18, path, at(stat), 0, 0, 0, 0));
  show("oldfstat", call(28, fd, at(stat), 0, 0, 0, 0));
  show("statfs64", call(268, at(low("/nowhere", 9)), 84, at(low(0, 84)), 0, 0, 0));
  show("statfs64", call(268, at(low("/proc", 6)), 80, at(low(0, 84)), 0, 0, 0));
  show("fstatfs64", call(269, fd, 83, at(low(0, 84)), 0, 0, 0));
  uint16_t lock16[8] = {F_WRLCK, SEEK_SET, 1, 0, 5, 0, 0, 0};
  void *lock = low(lock16, 16);
  show("fcntl F_SETLK", call(55, fd, F_SETLK, at(lock), 0, 0, 0));
  show("fcntl64 F_SETLK", call(221, fd, F_SETLK, at(lock), 0, 0, 0));
  uint32_t lock64[6] = {F_RDLCK, 2, 0, 3, 0, 0};
  uint32_t *wide = low(lock64, 24);
  show("fcntl64 F_GETLK64", call(221, fd, 12, at(wide), 0, 0, 0));
  show("fcntl64 F_SETLK64", call(221, fd, 13, at(wide), 0, 0, 0));
  show("fcntl F_SETLK64", call(55, fd, 13, at(wide), 0, 0, 0));
  show("fcntl64 F_OFD_SETLK", call(221, fd, F_OFD_SETLK, at(wide), 0, 0, 0));
  uint32_t times[4] = {1300, 500, 2000, 600};
  show("utimensat", call(320, -100, path, at(low(times, 16)), 0, 0, 0));
  uint64_t longTimes[4] = {1300, 500, 2000, 600};
  show("utimensat_time64", call(412, -100, path, at(low(longTimes, 32)), 0, 0, 0));
  show("utimes", call(271, path, at(low(times, 16)), 0, 0, 0, 0));
  show("utime", call(30, path, at(low(times, 8)), 0, 0, 0, 0));
  show("chown", call(182, path, 0xffff, 0xffff, 0, 0, 0));
  show("chown32", call(212, path, -1, -1, 0, 0, 0));
  show("fchown", call(95, fd, 0xffff, -1, 0, 0, 0));
  show("lchown", call(16, path, -1, 0x1ffff, 0, 0, 0));
  int out = open("out", O_RDWR | O_CREAT, 0644);
  uint64_t *offset = low(0, 8);
  *offset = 0xffffffff00000003;
  show("sendfile", call(187, out, fd, at(offset), 4, 0, 0));
  printf("offset %lx\n", *offset);
  *offset = 3;
  show("sendfile64", call(239, out, fd, at(offset), 4, 0, 0));
  printf("offset %lx\n", *offset);
  close(out);
  show("umount", call(22, at(low("nothing", 8)), 0, 0, 0, 0, 0));
  mkdir("directory", 0755);
  close(open("directory/entry", O_CREAT | O_WRONLY, 0644));
  int directory = open("directory", O_RDONLY | O_DIRECTORY);
  uint32_t *entries = low(0, 512);
  show("getdents", call(141, directory, at(entries), 512, 0, 0, 0));
  lseek(directory, 0, SEEK_SET);
  show("readdir", call(89, fd, at(entries), 1, 0, 0, 0));
  close(directory);
  close(fd);
}

static void ids(void) {
  show("getuid", call(24, 0, 0, 0, 0, 0, 0) == getuid());
  show("getuid32", call(199, 0, 0, 0, 0, 0, 0) == getuid());
  show("getgid", call(47, 0, 0, 0, 0, 0, 0) == getgid());
  show("geteuid32", call(201, 0, 0, 0, 0, 0, 0) == geteuid());
  show("setreuid", call(70, 0xffff, 0xffff, 0, 0, 0, 0));
  show("setreuid32", call(203, -1, -1, 0, 0, 0, 0));
  show("setresgid", call(170, 0x1ffff, -1, 0xffff, 0, 0, 0));
  show("setfsuid", call(138, 0xffff, 0, 0, 0, 0, 0) == getuid());
  show("setfsgid32", call(216, -1, 0, 0, 0, 0, 0) == getgid());
  uint16_t *id = low(0, 16);
  show("getresuid", call(165, at(id), at(id) + 2, at(id) + 4, 0, 0, 0));
  show("getresgid32", call(211, at(id), at(id) + 4, at(id) + 8, 0, 0, 0));
  show("getgroups32", call(205, 0, 0, 0, 0, 0, 0) >= 0);
  show("getgroups", call(80, 0, 0, 0, 0, 0, 0) >= 0);
}

static void times(void) {
  uint32_t *time = low(0, 16);
  show("time", call(13, at(time), 0, 0, 0, 0, 0) > 0);
  printf("%d\n", time[0] > 1000000 && time[1] == 0);
  show("clock_gettime", call(265, 1, at(time), 0, 0, 0, 0));
  show("clock_gettime64", call(403, 1, at(time), 0, 0, 0, 0));
  show("clock_getres_time64", call(406, 1, at(time), 0, 0, 0, 0));
  uint32_t short_[4] = {0, 1300};
  show("nanosleep", call(162, at(low(short_, 8)), at(time), 0, 0, 0, 0));
  uint64_t long_[2] = {0, 0x1234567800000000 + 1300};
  show("clock_nanosleep_time64", call(407, 1, 0, at(low(long_, 16)), at(time), 0, 0));
  show("clock_nanosleep", call(267, 1, 0, at(low(short_, 8)), at(time), 0, 0));
  uint32_t bad[2] = {1, 1000000000};
  show("nanosleep", call(162, at(low(bad, 8)), 0, 0, 0, 0, 0));
  show("stime", call(25, 0, 0, 0, 0, 0, 0));
  uint32_t interval[4] = {0, 0, 0, 0};
  show("setitimer", call(104, 0, at(low(interval, 16)), at(low(0, 16)), 0, 0, 0));
  show("getrusage", call(77, 7, at(low(0, 72)), 0, 0, 0, 0));
  uint32_t *limit = low(0, 16);
  show("getrlimit", call(76, 7, at(limit), 0, 0, 0, 0));
  show("ugetrlimit", call(191, 4, at(limit), 0, 0, 0, 0));
  show("getrlimit", call(76, 4, at(limit), 0, 0, 0, 0));
  show("setrlimit", call(75, 4, at(limit), 0, 0, 0, 0));
  show("prlimit64", call(340, 0, 4, 0, at(limit), 0, 0));
  show("times", call(43, 8, 0, 0, 0, 0, 0));
  show("nice", call(34, 0, 0, 0, 0, 0, 0));
  show("sched_rr_get_interval_time64", call(423, -1, at(time), 0, 0, 0, 0));
  show("sysinfo", call(116, at(low(0, 64)), 0, 0, 0, 0, 0));
  show("oldolduname", call(59, at(low(0, 45)), 0, 0, 0, 0, 0));
  show("olduname", call(109, at(low(0, 325)), 0, 0, 0, 0, 0));
  uint32_t wait[2] = {5, 0};
  show("futex", call(240, at(wait), 0, 4, 0, 0, 0));
  uint32_t *word = low(wait, 8);
  show("futex", call(240, at(word), 0, 5, at(low(short_, 8)), 0, 0));
  show("futex_time64", call(422, at(word), 0, 5, at(low(long_, 16)), 0, 0));
}

static void signals(void) {
  uint32_t *action = low(0, 32);
  action[0] = 1;
  show("sigaction", call(67, SIGUSR1, at(action), 0, 0, 0, 0));
  show("sigaction", call(67, SIGUSR1, 0, at(action), 0, 0, 0));
  words("action", action, 4);
  show("rt_sigaction", call(174, SIGUSR1, 0, at(action), 8, 0, 0));
  words("action", action, 5);
  show("signal", call(48, SIGUSR2, 1, 0, 0, 0, 0));
  show("signal", call(48, SIGUSR2, 0, 0, 0, 0, 0));
  show("ssetmask", call(69, 1 << 9, 0, 0, 0, 0, 0));
  show("sgetmask", call(68, 0, 0, 0, 0, 0, 0));
  uint32_t *mask = low(0, 8);
  mask[0] = 1 << 1;
  show("sigprocmask", call(126, SIG_BLOCK, at(mask), at(mask) + 4, 0, 0, 0));
  words("masks", mask, 2);
  show("sigprocmask", call(126, 7, at(mask), 0, 0, 0, 0));
  kill(getpid(), SIGINT);
  show("sigpending", call(73, at(mask), 0, 0, 0, 0, 0));
  words("pending", mask, 1);
  show("rt_sigpending", call(176, at(mask), 8, 0, 0, 0, 0));
  mask[0] = 1 << 1;
  mask[1] = 0;
  uint32_t *info = low(0, 128);
  uint32_t zero[4] = {0, 0, 0, 0};
  show("rt_sigtimedwait", call(177, at(mask), at(info), at(low(zero, 8)), 8, 0, 0));
  printf("signo %d code %d pid %d\n", info[0], info[2], info[3] == getpid());
  show("rt_sigtimedwait_time64", call(421, at(mask), at(info), at(low(zero, 16)), 8, 0, 0));
  uint32_t stack[3] = {at(arena), 0, 8192};
  show("sigaltstack", call(186, at(low(stack, 12)), at(low(0, 12)), 0, 0, 0, 0));
  stack[1] = 2;
  show("sigaltstack", call(186, at(low(stack, 12)), at(low(0, 12)), 0, 0, 0, 0));
}

static void memory(void) {
  uint32_t arguments[6] = {0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0};
  uint32_t block = call(90, at(low(arguments, 24)), 0, 0, 0, 0, 0);
  printf("mmap: %d\n", block > 0x10000);
  *(volatile char *)(uintptr_t)block = 1;
  show("munmap", call(91, block, 8192, 0, 0, 0, 0));
  int fd = open("file", O_RDONLY);
  arguments[4] = fd;
  arguments[3] = MAP_PRIVATE;
  arguments[5] = 4095;
  show("mmap", call(90, at(low(arguments, 24)), 0, 0, 0, 0, 0));
  uint32_t mapped = call(192, 0, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
  printf("mmap2: %.4s\n", (char *)(uintptr_t)mapped);
  show("mmap2", call(192, 0, 4096, PROT_READ, MAP_PRIVATE, 77, 3));
  close(fd);
  show("brk", call(45, 0, 0, 0, 0, 0, 0) != 0);
}

static void waiting(void) {
  uint32_t *sets = low(0, 64);
  uint32_t timeout[2] = {0, 0};
  int pipes[2];
  pipe(pipes);
  sets[0] = 1u << pipes[0] | 1u << pipes[1];
  sets[4] = 1u << pipes[1];
  uint32_t arguments[5] = {8, at(sets), at(sets + 4), 0, at(low(timeout, 8))};
  show("select", call(82, at(low(arguments, 20)), 0, 0, 0, 0, 0));
  sets[0] = 1u << pipes[0];
  show("_newselect", call(142, 8, at(sets), at(sets + 4), 0, at(low(timeout, 8)), 0));
  uint32_t zero[4] = {0, 0, 0, 0};
  uint32_t mask[2] = {1 << 9, 0};
  uint32_t box[2] = {at(low(mask, 8)), 8};
  show("pselect6", call(308, 8, at(sets), 0, 0, at(low(zero, 8)), at(low(box, 8))));
  show("pselect6_time64", call(413, 8, at(sets), 0, 0, at(low(zero, 16)), at(low(box, 8))));
  uint16_t poll[4] = {pipes[1], 0, 4, 0};
  show("poll", call(168, at(low(poll, 8)), 1, 0, 0, 0, 0));
  show("ppoll", call(309, at(low(poll, 8)), 1, at(low(zero, 8)), at(low(mask, 8)), 8, 0));
  show("ppoll_time64", call(414, at(low(poll, 8)), 1, at(low(zero, 16)), 0, 8, 0));
  int epoll = call(329, 0, 0, 0, 0, 0, 0);
  uint32_t event[3] = {4, 0x11111111, 0x22222222};
  show("epoll_ctl", call(255, epoll, 1, pipes[1], at(low(event, 12)), 0, 0));
  uint32_t *events = low(0, 48);
  show("epoll_wait", call(256, epoll, at(events), 4, 0, 0, 0));
  words("event", events, 3);
  show("waitpid", call(7, -1, at(sets), 1, 0, 0, 0));
  show("wait4", call(114, -1, at(sets), 1, at(low(0, 72)), 0, 0));
}

static void sockets(void) {
  uint32_t *pair = low(0, 8);
  uint32_t arguments[6] = {1, 1, 0, at(pair)};
  show("socketcall socketpair", call(102, 8, at(low(arguments, 16)), 0, 0, 0, 0));
  uint32_t sends[6] = {pair[0], at(low("hello", 6)), 5, 0, 0, 0};
  show("socketcall send", call(102, 9, at(low(sends, 24)), 0, 0, 0, 0));
  show("socketcall sendto", call(102, 11, at(low(sends, 24)), 0, 0, 0, 0));
  char *buffer = low(0, 64);
  uint32_t receives[6] = {pair[1], at(buffer), 3, 0, 0, 0};
  show("socketcall recv", call(102, 10, at(low(receives, 24)), 0, 0, 0, 0));
  show("socketcall recvfrom", call(102, 12, at(low(receives, 24)), 0, 0, 0, 0));
  uint32_t iov[2] = {at(buffer), 20};
  uint32_t control[8] = {16, 1, 1, pair[0]};
  uint32_t message[7] = {0, 0, at(low(iov, 8)), 1, at(low(control, 16)), 16, 0};
  show("sendmsg", call(370, pair[0], at(low(message, 28)), 0, 0, 0, 0));
  uint32_t *back = low(message, 28);
  show("recvmsg", call(372, pair[1], at(back), 0, 0, 0, 0));
  words("control", (uint32_t *)(uintptr_t)back[4], 3);
  show("length", back[5]);
  uint32_t receivesMessage[3] = {pair[1], at(back), 0x40};
  show("socketcall recvmsg", call(102, 17, at(low(receivesMessage, 12)), 0, 0, 0, 0));
  uint32_t timeout[4] = {1, 500000, 0, 0};
  show("setsockopt", call(366, pair[0], 1, 20, at(low(timeout, 8)), 8, 0));
  uint32_t *value = low(0, 32);
  uint32_t length = 16;
  show("getsockopt", call(365, pair[0], 1, 20, at(value), at(low(&length, 4)), 0));
  words("timeout", value, 3);
  uint32_t shut[2] = {pair[0], 2};
  show("socketcall shutdown", call(102, 13, at(low(shut, 8)), 0, 0, 0, 0));
  show("socketcall", call(102, 0, at(low(shut, 8)), 0, 0, 0, 0));
  show("socketcall", call(102, 99, at(low(shut, 8)), 0, 0, 0, 0));
  show("socketcall", call(102, 1, 8, 0, 0, 0, 0));
}

static void ipc(void) {
  long id = call(117, 23, 0, 4096, 01600, 0, 0);
  printf("shmget: %d\n", id >= 0);
  uint32_t *address = low(0, 8);
  show("shmat", call(117, 21, id, 0, at(address), 0, 0));
  printf("%d\n", address[0] > 0x10000);
  show("shmctl", call(117, 24, id, 2 | 0x100, 0, at(low(0, 84)), 0));
  show("shmctl", call(396, id, 2, at(low(0, 84)), 0, 0, 0));
  show("shmdt", call(117, 22, 0, 0, 0, address[0], 0));
  show("shmctl", call(117, 24, id, 0, 0, 0, 0));
  id = call(399, 0, 01600, 0, 0, 0, 0);
  uint32_t message[3] = {7, 0x64636261, 0};
  show("msgsnd", call(117, 11, id, 4, 0, at(low(message, 12)), 0));
  uint32_t *buffer = low(0, 16);
  uint32_t kludge[2] = {at(buffer), 0};
  show("msgrcv", call(117, 12, id, 8, 0x800, at(low(kludge, 8)), 0));
  words("message", buffer, 2);
  show("msgctl", call(402, id, 2, at(low(0, 88)), 0, 0, 0));
  show("msgctl", call(117, 14, id, 0, 0, 0, 0));
  id = call(117, 2, 0, 2, 01600, 0, 0);
  uint16_t operation[3] = {0, 1, 0};
  show("semop", call(117, 1, id, 1, 0, at(low(operation, 6)), 0));
  uint32_t second[4] = {1, 0, 0, 0};
  show("semtimedop", call(117, 4, id, 1, 0, at(low(operation, 6)), at(low(second, 8))));
  show("semtimedop_time64", call(420, id, at(low(operation, 6)), 1, at(low(second, 16)), 0, 0));
  uint32_t argument = 3;
  show("semctl", call(117, 3, id, 0, 12, at(low(&argument, 4)), 0));
  show("semctl", call(394, id, 0, 2, at(low(0, 64)), 0, 0));
  show("semctl", call(394, id, 0, 0, 0, 0, 0));
  show("ipc", call(117, 77, 0, 0, 0, 0, 0));
}

int main(void) {
  arena = mmap(0, 1 << 16, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
  next = arena;
  files();
  ids();
  times();
  signals();
  memory();
  waiting();
  sockets();
  ipc();
  return 0;
}

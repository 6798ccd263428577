// The calls of memory, each with what its page says: refusals, what maps hold and what becomes of them, locks, advice, seals.
#include "call-report.h"
#include <linux/userfaultfd.h>
#include <linux/memfd.h>
#include <linux/mempolicy.h>
#include <setjmp.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/uio.h>

#ifndef MAP_DROPPABLE
#define MAP_DROPPABLE 8
#endif

#ifndef SYS_mseal
#define SYS_mseal 462
#endif
#ifndef SYS_cachestat
#define SYS_cachestat 451
#endif

static sigjmp_buf back;
static siginfo_t told;
static void fault(int signal, siginfo_t *info, void *context) {
  told = *info;
  siglongjmp(back, 1);
}

static void try_at(const char *what, volatile char *at, int write) {
  struct sigaction action = {.sa_sigaction = fault, .sa_flags = SA_SIGINFO};
  sigaction(SIGSEGV, &action, NULL);
  sigaction(SIGBUS, &action, NULL);
  if (sigsetjmp(back, 1)) {
    printf("%s: signal %d code %d there %d\n", what, told.si_signo, told.si_code, told.si_addr == (void *)at);
  } else {
    if (write) *at = 7;
    else (void)*at;
    printf("%s: good\n", what);
  }
  signal(SIGSEGV, SIG_DFL);
  signal(SIGBUS, SIG_DFL);
}

static char *new_map(size_t length) {
  return mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static int new_file(size_t length) {
  int file = open("mapped", O_RDWR | O_CREAT | O_TRUNC, 0600);
  ftruncate(file, length);
  unlink("mapped");
  return file;
}

#define MAP(address, length, prot, flags, file, offset) do { \
    void *mapped = mmap((void *)(address), length, prot, flags, file, offset); \
    printf("mmap " #address " " #length " " #prot " " #flags " " #file " " #offset ": %s\n", mapped == MAP_FAILED ? strerror(errno) : "done"); \
    if (mapped != MAP_FAILED && (void *)(address) != mapped) munmap(mapped, length); } while (0)

static void maps(void) {
  int both = new_file(8192), reads, writes, ends[2];
  int path = open("/", O_PATH), directory = open("/", O_RDONLY);
  close(open("kept", O_RDWR | O_CREAT, 0600));
  reads = open("kept", O_RDONLY);
  writes = open("kept", O_WRONLY);
  unlink("kept");
  pipe(ends);
  MAP(0, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  MAP(0, -1L, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  MAP(0, 1L << 47, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  MAP(0, 4096, PROT_READ, MAP_ANONYMOUS, -1, 0);
  MAP(0, 4096, PROT_READ, MAP_ANONYMOUS | 4, -1, 0);
  MAP(0, 4096, PROT_READ, MAP_PRIVATE, -1, 0);
  MAP(0, 4096, PROT_READ, MAP_PRIVATE, 77, 0);
  MAP(0, 4096, PROT_READ, MAP_PRIVATE, both, 1);
  MAP(0, 4096, PROT_READ, MAP_PRIVATE, both, -4096L);
  MAP(0, 4096, PROT_READ, MAP_PRIVATE, path, 0);
  MAP(0, 4096, PROT_READ, MAP_PRIVATE, directory, 0);
  MAP(0, 4096, PROT_READ, MAP_PRIVATE, ends[0], 0);
  MAP(0, 4096, PROT_READ, MAP_PRIVATE, writes, 0);
  MAP(0, 4096, PROT_READ, MAP_SHARED, writes, 0);
  MAP(0, 4096, PROT_WRITE, MAP_SHARED, writes, 0);
  MAP(0, 4096, PROT_WRITE, MAP_SHARED, reads, 0);
  MAP(0, 4096, PROT_WRITE, MAP_PRIVATE, reads, 0);
  MAP(0, 4096, PROT_NONE, MAP_PRIVATE, reads, 0);
  MAP(0, 4096, PROT_READ, MAP_SHARED_VALIDATE | 0x200000, reads, 0);
  MAP(0, 4096, PROT_READ, MAP_SHARED | 0x200000, reads, 0);
  MAP(0, 4096, PROT_READ, MAP_SHARED_VALIDATE | MAP_SYNC, reads, 0);
  MAP(0, 4096, PROT_READ, MAP_SHARED_VALIDATE | MAP_ANONYMOUS, -1, 0);
  MAP(0, 4096, PROT_READ, MAP_DROPPABLE | MAP_ANONYMOUS, -1, 0);
  MAP(0, 4096, PROT_READ, MAP_PRIVATE | MAP_GROWSDOWN, reads, 0);
  MAP(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN, -1, 0);
  MAP(0, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS | MAP_GROWSDOWN, -1, 0);
  MAP(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
  MAP(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | 21 << 26, -1, 0);
  MAP(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | 13 << 26, -1, 0);
  MAP(0, 4096, PROT_READ, MAP_PRIVATE | MAP_HUGETLB, reads, 0);
  MAP(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0);
  MAP(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  MAP(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
  MAP(0, 4096, PROT_READ | 0x100, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  MAP(1, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  MAP(page + 1, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  MAP(page + 1, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
  MAP(page, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
  MAP(hole, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
  munmap(hole, 4096);
  MAP(0x7fffffff0000, 0x20000, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  MAP(-4096L, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  SHOW(munmap(page + 1, 4096));
  SHOW(munmap(hole, 0));
  SHOW(munmap(hole, 4096));
  SHOW(munmap((void *)(1L << 50), 4096));
  SHOW(munmap(hole, -1L));
  long hint = (long)new_map(3 * 4096);
  munmap((void *)hint, 3 * 4096);
  printf("hint taken %d\n", mmap((void *)(hint + 4097), 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == (void *)(hint + 4096));
  printf("low %d\n", (long)mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0) < 1L << 31);
}

static void files(void) {
  int file = new_file(5000);
  char *p = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  char *q = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0), c[4];
  try_at("in the file", p + 4999, 1);
  try_at("in its last page", p + 8191, 1);
  try_at("beyond it", p + 8192, 0);
  try_at("beyond it, private", q + 8192, 1);
  p[4] = 'x';
  pread(file, c, 1, 4);
  printf("shared to file %c\n", c[0]);
  q[4] = 'y';
  pread(file, c, 1, 4);
  printf("private to file %c, shared %c\n", c[0], p[4]);
  pwrite(file, "z", 1, 6);
  printf("file to shared %c, private %d\n", p[6], q[6]);
  ftruncate(file, 100);
  try_at("after truncation", p + 4096, 0);
  ftruncate(file, 5000);
  printf("byte after truncation %d\n", p[4999]);
  close(file);
  try_at("after close", p, 1);
  SHOW(write(1, p + 8192, 1));
  try_at("null", NULL, 0);
  try_at("no access", barred, 0);
  try_at("read only", readonly, 1);
  try_at("unmapped", hole, 0);
  try_at("of the kernel", (char *)(-4096L), 0);
}

static void shared(void) {
  volatile int *both = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  volatile int *own = (int *)new_map(4096);
  if (fork() == 0) {
    both[0] = 5;
    own[0] = 6;
    _exit(0);
  }
  wait(NULL);
  printf("shared %d private %d\n", both[0], own[0]);
}

static void protections(void) {
  int file = new_file(4096), reads = open("/proc/self/exe", O_RDONLY);
  char *p = new_map(4 * 4096), *s = mmap(NULL, 4096, PROT_READ, MAP_SHARED, reads, 0);
  SHOW(mprotect(p + 1, 4096, PROT_READ));
  SHOW(mprotect(p, 0, PROT_READ));
  SHOW(mprotect(p, 4096, 0x100));
  SHOW(mprotect(hole, 4096, PROT_READ));
  SHOW(mprotect(hole, 0, PROT_READ));
  SHOW(mprotect(page, 2 * 4096, PROT_READ | PROT_WRITE));
  SHOW(mprotect(p, -4096L, PROT_READ));
  SHOW(mprotect(s, 4096, PROT_READ | PROT_WRITE));
  SHOW(mprotect(p, 4096, PROT_GROWSDOWN | PROT_READ));
  SHOW(mprotect(p, 4096, PROT_GROWSUP | PROT_READ));
  SHOW(mprotect(p, 4096, PROT_GROWSDOWN | PROT_GROWSUP));
  SHOW(mprotect(p + 4096, 4096, PROT_NONE));
  try_at("part", p + 4096, 0);
  try_at("before", p, 1);
  try_at("after", p + 8192, 1);
  SHOW(mprotect(p + 4096, 4096, PROT_WRITE));
  try_at("write only can be read", p + 4096, 0);
  SHOW(mprotect(p + 4096, 4096, PROT_EXEC));
  try_at("what can be run can be read", p + 4096, 0);
  try_at("what can be run cannot be written", p + 4096, 1);
  SHOW(mprotect(p, 4 * 4096, PROT_READ | PROT_WRITE));
  CALL(pkey_alloc, 1L, 0L);
  CALL(pkey_alloc, 0L, 8L);
  CALL(pkey_free, 99L);
  CALL(pkey_free, -1L);
  CALL(pkey_mprotect, p, 4096L, PROT_READ, 15L);
  CALL(pkey_mprotect, p, 4096L, PROT_READ, 16L);
  CALL(pkey_mprotect, p, 4096L, PROT_READ, -1L);
}

static void remaps(void) {
  char *p = new_map(8 * 4096), *q;
  munmap(p + 4 * 4096, 4 * 4096);
  DO(mremap(p + 1, 4096, 4096, 0));
  DO(mremap(p, 4096, 0, 0));
  DO(mremap(p, 4096, -1L, 0));
  DO(mremap(hole, 4096, 8192, 0));
  DO(mremap(p, 4096, 8192, 0));
  DO(mremap(p, 4096, 8192, 8));
  DO(mremap(p, 4096, 8192, MREMAP_FIXED, p + 4096));
  DO(mremap(p, 4096, 8192, MREMAP_FIXED | MREMAP_MAYMOVE, p + 1));
  DO(mremap(p, 8192, 8192, MREMAP_FIXED | MREMAP_MAYMOVE, p + 4096));
  DO(mremap(p, 4096, 8192, MREMAP_DONTUNMAP | MREMAP_MAYMOVE, NULL));
  DO(mremap(p, 4096, 4096, MREMAP_DONTUNMAP));
  DO(mremap(p, 0, 4096, MREMAP_MAYMOVE));
  DO(mremap(p, 8 * 4096, 9 * 4096, MREMAP_MAYMOVE));
  p[0] = 3;
  p[4095] = 4;
  q = mremap(p, 4096, 3 * 4096, MREMAP_MAYMOVE);
  printf("moved %d: %d %d %d\n", q != p, q[0], q[4095], q[4096]);
  try_at("where it was", p, 0);
  q = mremap(q, 3 * 4096, 4096, 0);
  try_at("what was cut off", q + 4096, 0);
  p = mremap(q, 4096, 4096, MREMAP_FIXED | MREMAP_MAYMOVE, page);
  printf("fixed %d: %d\n", p == page, p[0]);
  q = mremap(page, 4096, 4096, MREMAP_DONTUNMAP | MREMAP_MAYMOVE, NULL);
  printf("left behind %d, moved %d\n", page[0], q[0]);
  char *s = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  s[0] = 9;
  q = mremap(s, 0, 4096, MREMAP_MAYMOVE);
  printf("twice %d\n", q != MAP_FAILED && q != s && q[0] == 9);
}

static void grows(void) {
  char *room = mmap(NULL, 1 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(room, 1 << 20);
  char *p = mmap(room + (1 << 19), 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_FIXED, -1, 0);
  try_at("below", p - 1, 1);
  try_at("far below", p - 40960, 1);
  try_at("above", p + 8192, 1);
}

static void locks(void) {
  char *p = new_map(4 * 4096);
  unsigned char in[8];
  SHOW(mlock(hole, 4096));
  SHOW(mlock(page, 2 * 4096));
  SHOW(mlock(p + 100, 5000));
  SHOW(mlock(p, -1L));
  SHOW(mlock(barred, 4096));
  SHOW(munlock(hole, 4096));
  SHOW(munlock(p, 4 * 4096));
  CALL(mlock2, p, 4096L, 2L);
  CALL(mlock2, p, 4096L, 1L);
  SHOW(mincore(p, 4096, in));
  printf("%d\n", in[0] & 1);
  SHOW(mlockall(0));
  SHOW(mlockall(8));
  SHOW(mlockall(MCL_ONFAULT));
  SHOW(mlock(p, 8192));
  SHOW(madvise(p, 4096, MADV_DONTNEED));
  SHOW(madvise(p, 4096, MADV_FREE));
  SHOW(madvise(p, 4096, 24));
  SHOW(madvise(p, 4096, MADV_COLD));
  SHOW(msync(p, 4096, MS_INVALIDATE));
  SHOW(msync(p + 8192, 4096, MS_INVALIDATE));
  SHOW(munlock(p, 4096));
  SHOW(madvise(p, 4096, MADV_DONTNEED));
  SHOW(mlockall(MCL_FUTURE));
  p = new_map(4096);
  SHOW(mincore(p, 4096, in));
  printf("%d\n", in[0] & 1);
  SHOW(madvise(p, 4096, MADV_DONTNEED));
  SHOW(munlockall());
  SHOW(madvise(p, 4096, MADV_DONTNEED));
  SHOW(mincore(p + 1, 4096, in));
  SHOW(mincore(hole, 4096, in));
  SHOW(mincore(p, 4096, (void *)hole));
  SHOW(mincore(p, -1L, in));
}

static void advices(void) {
  int file = new_file(16384);
  char *p = new_map(4 * 4096), *s = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0), *f = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0), *r = mmap(NULL, 16384, PROT_READ, MAP_SHARED, file, 0);
  for (int advice = -1; advice < 26; advice++) {
    if (advice == 14 || advice == 25) continue;
    CALL(madvise, p, 4096L, advice);
    CALL(madvise, s, 4096L, advice);
    CALL(madvise, f, 4096L, advice);
    CALL(madvise, r, 4096L, advice);
  }
  CALL(madvise, p, 4096L, 26L);
  CALL(madvise, p, 4096L, 99L);
  CALL(madvise, p + 1, 4096L, 0L);
  CALL(madvise, p, 0L, 0L);
  CALL(madvise, p, -1L, 0L);
  CALL(madvise, hole, 4096L, 0L);
  CALL(madvise, page, 3 * 4096L, 0L);
  CALL(madvise, barred, 4096L, MADV_POPULATE_READ);
  CALL(madvise, readonly, 4096L, MADV_POPULATE_WRITE);
  p[0] = s[0] = f[0] = 5;
  madvise(p, 4096, MADV_DONTNEED);
  madvise(s, 4096, MADV_DONTNEED);
  madvise(f, 4096, MADV_DONTNEED);
  printf("%d %d %d\n", p[0], s[0], f[0]);
  SHOW(madvise(s, 4096, MADV_REMOVE));
  printf("%d\n", s[0]);
  char *a = new_map(4096), *b = new_map(4096), *c = new_map(4096);
  a[0] = b[0] = c[0] = 8;
  SHOW(madvise(a, 4096, MADV_DONTFORK));
  SHOW(madvise(b, 4096, MADV_WIPEONFORK));
  fflush(stdout);
  if (fork() == 0) {
    try_at("not forked", a, 0);
    printf("wiped %d, kept %d\n", b[0], c[0]);
    _exit(0);
  }
  wait(NULL);
  printf("parent's %d %d\n", a[0], b[0]);
  SHOW(madvise(a, 4096, MADV_DOFORK));
  SHOW(madvise(b, 4096, MADV_KEEPONFORK));
  if (fork() == 0) {
    printf("forked %d, kept %d\n", a[0], b[0]);
    _exit(0);
  }
  wait(NULL);
  SHOW(msync(p + 1, 4096, MS_SYNC));
  SHOW(msync(p, 4096, MS_SYNC | MS_ASYNC));
  SHOW(msync(p, 4096, 8));
  SHOW(msync(hole, 4096, MS_SYNC));
  SHOW(msync(s, 4096, MS_SYNC));
  SHOW(msync(page, 3 * 4096, MS_SYNC));
}

static void nobodys_advices(void) {
  char *p = new_map(4096);
  SHOW(madvise(p, 4096, 100));
  SHOW(madvise(p, 4096, 101));
  CALL(userfaultfd, 0L);
  int pid = syscall(SYS_pidfd_open, getppid(), 0);
  struct iovec v = {p, 4096};
  CALL(process_madvise, pid, &v, 1L, MADV_COLD, 0L);
  CALL(process_vm_readv, getppid(), &v, 1L, &v, 1L, 0L);
  CALL(process_vm_readv, 1L, &v, 1L, &v, 1L, 0L);
  CALL(move_pages, getppid(), 0L, NULL, NULL, NULL, 0L);
  CALL(move_pages, 0L, 0L, NULL, NULL, NULL, MPOL_MF_MOVE_ALL);
  CALL(migrate_pages, getppid(), 0L, NULL, NULL);
  CALL(kcmp, getppid(), getpid(), 1L, 0L, 0L);
}

static void breaks(void) {
  char *start = sbrk(0);
  SHOW(brk(start + 10000));
  start[9999] = 1;
  SHOW(brk(start));
  try_at("given back", start + 9999, 0);
  SHOW(brk((void *)1));
  SHOW(brk((void *)(1L << 50)));
  printf("%d\n", sbrk(0) == start);
}

static void others(void) {
  char here[100] = "here", there[100] = "there";
  struct iovec l[3] = {{here, 5}, {hole, 10}}, r[3] = {{there, 6}, {hole, 5}};
  int pid = getpid();
  CALL(process_vm_readv, pid, l, 1L, r, 1L, 1L);
  CALL(process_vm_readv, 4000000L, l, 1L, r, 1L, 0L);
  CALL(process_vm_readv, -1L, l, 1L, r, 1L, 0L);
  CALL(process_vm_readv, pid, hole, 1L, r, 1L, 0L);
  CALL(process_vm_readv, pid, l, 1L, hole, 1L, 0L);
  CALL(process_vm_readv, pid, l, 1025L, r, 1L, 0L);
  CALL(process_vm_readv, pid, l, 1L, r, 1025L, 0L);
  CALL(process_vm_readv, pid, l, 1L, r, 1L, 0L);
  printf("%.5s\n", here);
  CALL(process_vm_readv, pid, l + 1, 1L, r, 1L, 0L);
  CALL(process_vm_readv, pid, l, 1L, r + 1, 1L, 0L);
  CALL(process_vm_readv, pid, l, 0L, r, 1L, 0L);
  CALL(process_vm_readv, pid, l, 1L, r, 0L, 0L);
  l[0].iov_len = -1;
  CALL(process_vm_readv, pid, l, 1L, r, 1L, 0L);
  l[0].iov_len = 11;
  r[1] = (struct iovec){there, 3};
  CALL(process_vm_readv, pid, l, 1L, r, 2L, 0L);
  r[1].iov_base = readonly;
  CALL(process_vm_writev, pid, l, 1L, r + 1, 1L, 0L);
  CALL(kcmp, pid, pid, 8L, 0L, 0L);
  CALL(kcmp, pid, pid, 0L, 0L, 0L);
  CALL(kcmp, pid, pid, 0L, 77L, 0L);
  CALL(kcmp, pid, pid, 1L, 0L, 0L);
  CALL(kcmp, pid, 4000000L, 1L, 0L, 0L);
  CALL(kcmp, pid, pid, 7L, 0L, hole);
  int own = syscall(SYS_pidfd_open, pid, 0);
  l[0] = (struct iovec){page, 4096};
  CALL(process_madvise, own, l, 1L, MADV_COLD, 1L);
  CALL(process_madvise, own, l, 1L, MADV_COLD, 0L);
  CALL(process_madvise, own, l, 1L, MADV_DONTNEED, 0L);
  CALL(process_madvise, own, hole, 1L, MADV_COLD, 0L);
  CALL(process_madvise, own, l, 2000L, MADV_COLD, 0L);
  CALL(process_madvise, 77L, l, 1L, MADV_COLD, 0L);
  CALL(process_madvise, 0L, l, 1L, MADV_COLD, 0L);
  CALL(process_madvise, own, l, 1L, 99L, 0L);
  CALL(process_mrelease, own, 1L);
  CALL(process_mrelease, 77L, 0L);
  CALL(process_mrelease, own, 0L);
}

static void memfds(void) {
  char name[300];
  memset(name, 'a', 299);
  name[299] = 0;
  CALL(memfd_create, hole, 0L);
  CALL(memfd_create, NULL, 0L);
  CALL(memfd_create, name, 0L);
  name[249] = 0;
  CALLED(memfd_create, name, 0L);
  name[250] = 'b';
  CALL(memfd_create, "x", 0x100L);
  CALL(memfd_create, "x", 0x18L);
  CALL(memfd_create, "x", MFD_HUGETLB | 13 << 26);
  CALL(memfd_create, "x", 1 << 26);
  int plain = memfd_create("plain", 0), file = memfd_create("sealed", MFD_ALLOW_SEALING);
  SHOW(fcntl(plain, F_GET_SEALS));
  SHOW(fcntl(plain, F_ADD_SEALS, F_SEAL_WRITE));
  SHOW(fcntl(0, F_GET_SEALS));
  SHOW(fcntl(0, F_ADD_SEALS, F_SEAL_WRITE));
  SHOW(fcntl(file, F_GET_SEALS));
  SHOW(fcntl(file, F_ADD_SEALS, 0x100));
  ftruncate(file, 8192);
  char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  SHOW(fcntl(file, F_ADD_SEALS, F_SEAL_WRITE));
  SHOW(fcntl(file, F_ADD_SEALS, F_SEAL_FUTURE_WRITE));
  SHOW(fcntl(file, F_GET_SEALS));
  p[0] = 1;
  SHOW(write(file, "x", 1));
  MAP(0, 4096, PROT_WRITE, MAP_SHARED, file, 0);
  MAP(0, 4096, PROT_READ, MAP_SHARED, file, 0);
  SHOW(fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK));
  SHOW(ftruncate(file, 4096));
  SHOW(ftruncate(file, 12288));
  SHOW(fcntl(file, F_ADD_SEALS, F_SEAL_GROW));
  SHOW(ftruncate(file, 16384));
  SHOW(pwrite(file, "x", 1, 12288));
  munmap(p, 4096);
  SHOW(fcntl(file, F_ADD_SEALS, F_SEAL_WRITE));
  SHOW(write(file, "x", 1));
  SHOW(fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096));
  MAP(0, 4096, PROT_WRITE, MAP_PRIVATE, file, 0);
  p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, file, 0);
  SHOW(mprotect(p, 4096, PROT_WRITE));
  SHOW(fcntl(file, F_ADD_SEALS, F_SEAL_SEAL));
  SHOW(fcntl(file, F_ADD_SEALS, F_SEAL_SEAL));
  SHOW(fcntl(open("/proc/self/exe", O_RDONLY), F_ADD_SEALS, F_SEAL_SEAL));
  CALL(memfd_secret, 1L);
  CALL(memfd_secret, 0L);
}

static void numa(void) {
  unsigned long mask = 1;
  int mode, status[2];
  char *p = new_map(8192);
  void *pages[] = {p, hole};
  p[0] = 1;
  CALL(mbind, p + 1, 4096L, MPOL_BIND, &mask, 64L, 0L);
  CALL(mbind, p, 4096L, 99L, &mask, 64L, 0L);
  CALL(mbind, p, 4096L, MPOL_BIND, hole, 64L, 0L);
  CALL(mbind, p, 4096L, MPOL_BIND, NULL, 0L, 0L);
  CALL(mbind, p, 4096L, MPOL_DEFAULT, &mask, 64L, 0L);
  CALL(mbind, hole, 4096L, MPOL_BIND, &mask, 64L, 0L);
  CALL(mbind, p, 4096L, MPOL_BIND, &mask, 64L, 0x100L);
  CALL(mbind, p, 4096L, MPOL_BIND, &mask, 64L, 0L);
  CALL(get_mempolicy, &mode, NULL, 0L, p, MPOL_F_ADDR);
  printf("mode %d\n", mode);
  CALL(get_mempolicy, &mode, NULL, 0L, hole, MPOL_F_ADDR);
  CALL(get_mempolicy, &mode, NULL, 0L, p, 0L);
  CALL(get_mempolicy, hole, NULL, 0L, NULL, 0L);
  CALL(get_mempolicy, &mode, NULL, 0L, NULL, 0x100L);
  CALL(set_mempolicy, 99L, NULL, 0L);
  CALL(set_mempolicy, MPOL_BIND, hole, 64L);
  CALL(set_mempolicy, MPOL_BIND, NULL, 0L);
  mask = 2;
  CALL(set_mempolicy, MPOL_BIND, &mask, 64L);
  mask = 1;
  CALL(set_mempolicy, MPOL_BIND, &mask, 64L);
  CALL(set_mempolicy, MPOL_DEFAULT, NULL, 0L);
  CALL(move_pages, 0L, 2L, pages, NULL, status, 0L);
  printf("%d %d\n", status[0], status[1]);
  CALL(move_pages, 0L, 2L, pages, NULL, status, 0x100L);
  CALL(move_pages, 4000000L, 2L, pages, NULL, status, 0L);
  CALL(move_pages, 0L, 2L, hole, NULL, status, 0L);
  int nodes[] = {0, 0}, far[] = {99, 0};
  CALL(move_pages, 0L, 1L, pages, far, status, MPOL_MF_MOVE);
  CALL(move_pages, 0L, 1L, pages, hole, status, MPOL_MF_MOVE);
  CALL(move_pages, 0L, 1L, pages, nodes, status, MPOL_MF_MOVE);
  printf("%d\n", status[0]);
  CALL(migrate_pages, 0L, 64L, &mask, &mask);
  CALL(migrate_pages, 4000000L, 64L, &mask, &mask);
  CALL(migrate_pages, 0L, 64L, hole, &mask);
  CALL(membarrier, 0L, 0L, 0L);
  CALL(membarrier, 0L, 1L, 0L);
  CALL(membarrier, 8L, 0L, 0L);
  CALL(membarrier, 16L, 0L, 0L);
  CALL(membarrier, 8L, 0L, 0L);
  CALL(membarrier, 3L, 0L, 0L);
}

static void seals(void) {
  char *p = new_map(3 * 4096);
  CALL(mseal, p, 4096L, 1L);
  CALL(mseal, p + 1, 4096L, 0L);
  CALL(mseal, hole, 4096L, 0L);
  CALL(mseal, p, 0L, 0L);
  CALL(mseal, p + 4096, 4096L, 0L);
  SHOW(munmap(p, 3 * 4096));
  SHOW(mprotect(p, 3 * 4096, PROT_READ));
  DO(mremap(p + 4096, 4096, 8192, MREMAP_MAYMOVE));
  MAP(p + 4096, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  SHOW(munmap(p + 8192, 4096));
  CALL(remap_file_pages, p, 4096L, 0L, 0L, 0L);
  int file = new_file(16384);
  struct { uint64_t a[5]; } stat;
  struct { uint64_t off, len; } range = {0, 4096};
  pwrite(file, "x", 1, 0);
  CALL(cachestat, file, &range, &stat, 0L);
  printf("%d\n", (int)stat.a[0]);
  CALL(cachestat, file, &range, &stat, 1L);
  CALL(cachestat, 77L, &range, &stat, 0L);
  CALL(cachestat, file, hole, &stat, 0L);
  CALL(cachestat, file, &range, hole, 0L);
}

int main(void) {
  prepare();
  APART(maps);
  APART(files);
  APART(shared);
  APART(protections);
  APART(remaps);
  APART(grows);
  APART(locks);
  APART(advices);
  AS_NOBODY(nobodys_advices);
  APART(breaks);
  APART(others);
  APART(memfds);
  APART(numa);
  APART(seals);
}

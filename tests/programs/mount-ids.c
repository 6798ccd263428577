// statmount and listmount: what they tell of mounts of one's own, in which order requests are refused, and who may ask.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { STATMOUNT = 457, LISTMOUNT = 458, HEAD = 512 };

struct request {
  uint32_t size;
  int32_t fd;
  uint64_t id, param, ns;
};

struct status {
  uint32_t size, options;
  uint64_t mask;
  uint32_t major, minor;
  uint64_t magic;
  uint32_t flags, type;
  uint64_t id, parent;
  uint32_t old_id, old_parent;
  uint64_t attributes, propagation, peers, master, from;
  uint32_t root, point;
  uint64_t ns;
  uint32_t subtype, source, option_count, option_list, security_count, security_list;
  uint64_t supported;
};

static union {
  char bytes[8192];
  struct status status;
} answer;

struct names {
  uint64_t id;
  const char *name;
};
static struct names known[8];

static uint64_t idOf(const char *path) {
  struct {
    uint32_t mask;
    char middle[140];
    uint64_t id;
    char rest[104];
  } found;
  memset(&found, 0, sizeof found);
  syscall(SYS_statx, AT_FDCWD, path, 0, 0x4000, &found);
  return found.id;
}

static const char *nameOf(uint64_t id) {
  for (unsigned i = 0; i < 8; i++)
    if (known[i].name && known[i].id == id) return known[i].name;
  return "another";
}

static long ask(const char *what, const struct request *request, long size, unsigned flags) {
  memset(&answer, 0xee, sizeof answer);
  long result = syscall(STATMOUNT, request, &answer, size, flags);
  if (result < 0) printf("%s: %s\n", what, strerror(errno));
  else printf("%s: %u bytes, mask %llx\n", what, answer.status.size, (unsigned long long)answer.status.mask);
  return result;
}

static const char *text(uint32_t offset) { return answer.bytes + HEAD + offset; }

static void tell(const char *path, uint64_t own) {
  struct request request = {32, 0, idOf(path), ~0ULL, 0};
  if (ask(path, &request, sizeof answer, 0) < 0) return;
  const struct status *s = &answer.status;
  printf("  magic %llx flags %x attributes %llx propagation %llx\n", (unsigned long long)s->magic, s->flags,
         (unsigned long long)s->attributes, (unsigned long long)s->propagation);
  printf("  %s in %s, %s", nameOf(s->id), nameOf(s->parent), s->ns == own ? "this namespace" : "another namespace");
  printf(", ids %s, supported %llx\n", s->old_id != s->old_parent ? "differ" : "are one", (unsigned long long)s->supported);
  printf("  peers %d master %d from %d\n", s->peers != 0, s->master != 0, s->from != 0);
  printf("  type %s root %s point %s source %s options [%s] of %u:", text(s->type), text(s->root), text(s->point),
         text(s->source), text(s->options), s->option_count);
  const char *option = text(s->option_list);
  for (unsigned i = 0; i < s->option_count; i++, option += strlen(option) + 1) printf(" %s", option);
  printf("\n  at %u %u %u %u %u %u\n", s->type, s->root, s->point, s->options, s->option_list, s->source);
}

static void list(const char *what, struct request request, long count, unsigned flags) {
  uint64_t ids[8];
  long result = syscall(LISTMOUNT, &request, ids, count, flags);
  if (result < 0) {
    printf("%s: %s\n", what, strerror(errno));
    return;
  }
  printf("%s:", what);
  for (long i = 0; i < result; i++) printf(" %s", nameOf(ids[i]));
  printf("\n");
}

static void refusals(uint64_t id, uint64_t own) {
  struct request request = {24, 0, id, 0, 0};
  ask("nothing", &request, sizeof answer, 0);
  request.param = 0x800;
  ask("no security options", &request, sizeof answer, 0);
  request.param = 0x20;
  const long sizes[] = {511, 512, 513, 518, 519, 520};
  for (unsigned i = 0; i < 6; i++) {
    char what[32];
    snprintf(what, sizeof what, "type in %ld", sizes[i]);
    ask(what, &request, sizes[i], 0);
  }
  request.param = 3;
  ask("numbers in 16", &request, 16, 0);
  printf("in none: %ld\n", (long)syscall(STATMOUNT, &request, NULL, 0L, 0));
  printf("nowhere: %ld %s\n", (long)syscall(STATMOUNT, &request, NULL, 600L, 0), strerror(errno));
  ask("flags", &request, sizeof answer, 2);
  const uint32_t lengths[] = {0, 23, 25, 33, 4096, 4097};
  static struct {
    struct request request;
    char rest[5000];
  } large;
  for (unsigned i = 0; i < 6; i++) {
    char what[32];
    large.request = request;
    large.request.size = lengths[i];
    snprintf(what, sizeof what, "a request of %u", lengths[i]);
    ask(what, &large.request, sizeof answer, 0);
  }
  large.request.size = 64;
  large.rest[3] = 1;
  ask("with more in it", &large.request, sizeof answer, 0);
  ask("no request", NULL, sizeof answer, 0);
  request.size = 32;
  const uint64_t wrong[] = {0, 1, 0x80000000, 0x7fffffffffffULL, ~0ULL};
  for (unsigned i = 0; i < 5; i++) {
    request.id = wrong[i];
    ask("no id", &request, sizeof answer, 0);
  }
  request.id = id;
  request.fd = 99;
  ask("no descriptor", &request, sizeof answer, 0);
  request.fd = 1;
  ask("of no namespace", &request, sizeof answer, 0);
  request.fd = open("/proc/self/ns/uts", O_RDONLY);
  ask("of another kind", &request, sizeof answer, 0);
  close(request.fd);
  request.fd = open("/proc/self/ns/mnt", O_RDONLY);
  ask("of this one", &request, sizeof answer, 0);
  request.ns = own;
  ask("and by id", &request, sizeof answer, 0);
  close(request.fd);
  request.fd = 0;
  ask("by id", &request, sizeof answer, 0);
  request.ns = 0x7fffffffffffULL;
  ask("by a wrong id", &request, sizeof answer, 0);
}

static void lists(void) {
  struct request all = {24, 0, known[0].id, 0, 0};
  list("below", all, 8, 0);
  list("backwards", all, 8, 1);
  list("two", all, 2, 0);
  all.param = known[2].id;
  list("after", all, 8, 0);
  list("before", all, 8, 1);
  all.param = 1;
  list("no mark", all, 8, 0);
  all.param = ~0ULL;
  list("beyond the last", all, 8, 0);
  list("before the end", all, 2, 1);
  all.param = 0;
  list("flags", all, 8, 2);
  list("too many", all, 1000001, 0);
  all.id = known[3].id;
  list("a leaf's", all, 8, 0);
  all.id = 77;
  list("no id", all, 8, 0);
  all.id = 0x7fffffffffffULL;
  list("none there", all, 8, 0);
  all.id = known[0].id;
  errno = 0;
  printf("nowhere: %ld %s\n", (long)syscall(LISTMOUNT, &all, NULL, 4L, 0), strerror(errno));
}

static void namespaces(uint64_t *own) {
  static const char *const kinds[] = {"ipc", "uts", "user", "net"};
  int fd = open("/proc/self/ns/mnt", O_RDONLY);
  uint64_t id = 0;
  printf("mount namespace %d", ioctl(fd, 0x8008b705, own));
  printf(" %d", ioctl(fd, 0x8008b70d, &id));
  printf(" %s\n", id == *own && id > 8 ? "same" : "differ");
  close(fd);
  for (unsigned i = 0; i < 4; i++) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/ns/%s", kinds[i]);
    fd = open(path, O_RDONLY);
    int result = ioctl(fd, 0x8008b70d, &id);
    printf("%s %d %s", kinds[i], result, id && id != *own ? "another id" : "no id");
    result = ioctl(fd, 0x8008b705, &id);
    printf(", as a mount namespace %d %s\n", result, strerror(errno));
    close(fd);
  }
}

int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  if (unshare(CLONE_NEWNS) < 0) return 1;
  mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL);
  mount("first", "/mnt", "tmpfs", 0, "size=64k,mode=755");
  mkdir("/mnt/a b", 0755);
  mkdir("/mnt/jail", 0755);
  mkdir("/mnt/a b/c", 0755);
  known[0] = (struct names){idOf("/mnt"), "first"};
  mount("/mnt/a b", "/mnt/a b", NULL, MS_BIND, NULL);
  known[1] = (struct names){idOf("/mnt/a b"), "bound"};
  mount("second", "/mnt/jail", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME, "size=16k,uid=5,mode=755");
  known[2] = (struct names){idOf("/mnt/jail"), "jail"};
  mount("third", "/mnt/a b/c", "tmpfs", MS_RDONLY | MS_STRICTATIME | MS_NODIRATIME, "mode=755");
  known[3] = (struct names){idOf("/mnt/a b/c"), "third"};
  uint64_t own = 0;
  namespaces(&own);
  tell("/mnt", own);
  tell("/mnt/a b", own);
  tell("/mnt/jail", own);
  tell("/mnt/a b/c", own);
  mount(NULL, "/mnt/jail", NULL, MS_SHARED, NULL);
  tell("/mnt/jail", own);
  mount(NULL, "/mnt/jail", NULL, MS_UNBINDABLE, NULL);
  tell("/mnt/jail", own);
  refusals(known[0].id, own);
  lists();
  if (chroot("/mnt/jail") < 0 || chdir("/") < 0) return 1;
  tell("/", own);
  struct request outside = {24, 0, known[1].id, 0xfb, 0};
  if (ask("outside", &outside, sizeof answer, 0) == 0) printf("  point %s\n", text(answer.status.mask & 0x10 ? answer.status.point : 0));
  struct request root = {24, 0, ~0ULL, 0, 0};
  list("the jail's", root, 8, 0);
  list("outside", (struct request){24, 0, known[1].id, 0, 0}, 8, 0);
  if (setuid(1000) < 0) return 1;
  ask("outside, a user", &outside, sizeof answer, 0);
  list("outside, a user", (struct request){24, 0, known[1].id, 0, 0}, 8, 0);
  list("the jail's, a user", root, 8, 0);
  return 0;
}

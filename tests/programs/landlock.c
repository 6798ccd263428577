// Landlock: what is refused of its calls, and what may still be done by a process that has restricted itself.
#include "call-report.h"
#include <linux/landlock.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

struct attributes { uint64_t files, net, scopes; };
struct beneath { uint64_t rights; int32_t fd; } __attribute__((packed));
struct port { uint64_t rights, port; };

static int ruleset(uint64_t files, uint64_t net, uint64_t scopes) { struct attributes a = {files, net, scopes}; return syscall(SYS_landlock_create_ruleset, &a, sizeof a, 0); }
static int allow(int rules, const char *path, uint64_t rights) { struct beneath b = {rights, open(path, O_PATH)}; int got = syscall(SYS_landlock_add_rule, rules, 1, &b, 0); close(b.fd); return got; }
static int restrict_to(int rules) { prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); return syscall(SYS_landlock_restrict_self, rules, 0); }

static void refusals(void) {
  struct attributes a = {1, 0, 0}; struct beneath b = {1, -1}; struct port p = {1, 80}; char big[5000] = {1};
  CALL(landlock_create_ruleset, NULL, 0L, 1L); CALL(landlock_create_ruleset, NULL, 0L, 4L); CALL(landlock_create_ruleset, &a, 8L, 1L); CALL(landlock_create_ruleset, NULL, 8L, 1L); CALL(landlock_create_ruleset, NULL, 8L, 0L); CALL(landlock_create_ruleset, hole, 8L, 0L); CALL(landlock_create_ruleset, &a, 7L, 0L); CALL(landlock_create_ruleset, &a, 0L, 0L); CALL(landlock_create_ruleset, big, 5000L, 0L); big[100] = 1; CALL(landlock_create_ruleset, big, 200L, 0L); a.files = 0; CALL(landlock_create_ruleset, &a, sizeof a, 0L); a.files = 1 << 20; CALL(landlock_create_ruleset, &a, sizeof a, 0L); a.files = 0; a.net = 4; CALL(landlock_create_ruleset, &a, sizeof a, 0L); a.net = 0; a.scopes = 4; CALL(landlock_create_ruleset, &a, sizeof a, 0L);
  int r = ruleset(7, 1, 0); printf("%d %x %x\n", r > 0, fcntl(r, F_GETFD), fcntl(r, F_GETFL) & O_ACCMODE); SHOW(read(r, big, 1)); SHOW(write(r, big, 1));
  CALL(landlock_add_rule, r, 1L, &b, 1L); CALL(landlock_add_rule, 77L, 1L, &b, 0L); CALL(landlock_add_rule, 0L, 1L, &b, 0L); CALL(landlock_add_rule, r, 0L, &b, 0L); CALL(landlock_add_rule, r, 9L, &b, 0L); CALL(landlock_add_rule, r, 1L, NULL, 0L); CALL(landlock_add_rule, r, 1L, hole, 0L); CALL(landlock_add_rule, r, 1L, &b, 0L); b.rights = 0; CALL(landlock_add_rule, r, 1L, &b, 0L); b.rights = 8; CALL(landlock_add_rule, r, 1L, &b, 0L); b.rights = 1; b.fd = r; CALL(landlock_add_rule, r, 1L, &b, 0L); int e[2]; pipe(e); b.fd = e[0]; CALL(landlock_add_rule, r, 1L, &b, 0L); b.fd = open("/", O_RDONLY); CALL(landlock_add_rule, r, 1L, &b, 0L); int d = ruleset(0xffff, 3, 3); b.rights = 8; b.fd = open("/proc/self/exe", O_PATH); CALL(landlock_add_rule, d, 1L, &b, 0L); b.rights = 4; CALL(landlock_add_rule, d, 1L, &b, 0L);
  CALL(landlock_add_rule, r, 2L, &p, 0L); p.port = 70000; CALL(landlock_add_rule, r, 2L, &p, 0L); p.rights = 2; CALL(landlock_add_rule, r, 2L, &p, 0L); p.rights = 0; CALL(landlock_add_rule, r, 2L, &p, 0L); CALL(landlock_restrict_self, r, 8L); CALL(landlock_restrict_self, 77L, 0L); CALL(landlock_restrict_self, 0L, 0L);
  for (int i = 0; i < 17; i++) CALL(landlock_restrict_self, d, 0L);
}

static void unprivileged(void) { int r = ruleset(1, 0, 0); CALL(landlock_restrict_self, r, 0L); prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); CALL(landlock_restrict_self, r, 0L); }

static void attempts(void) {
  SHOW(open("ll/in/file", O_RDONLY) >= 0); SHOW(open("ll/in/file", O_RDWR) >= 0); SHOW(open("ll/out/file", O_RDONLY) >= 0); SHOW(open("ll/out/file", O_WRONLY) >= 0); SHOW(open("ll/out", O_RDONLY) >= 0); SHOW(open("ll/in", O_RDONLY) >= 0); SHOW(open("ll/out/file", O_PATH) >= 0); SHOW(open("ll/in/new", O_WRONLY | O_CREAT, 0600) >= 0); SHOW(open("ll/out/new", O_WRONLY | O_CREAT, 0600) >= 0); SHOW(open("ll/in/file", O_WRONLY | O_TRUNC) >= 0);
  SHOW(mkdir("ll/in/d", 0700)); SHOW(mkdir("ll/out/d", 0700)); SHOW(rmdir("ll/in/d")); SHOW(mkfifo("ll/out/f", 0600)); SHOW(mkfifo("ll/in/f", 0600)); SHOW(symlink("x", "ll/in/s")); SHOW(symlink("x", "ll/out/s")); SHOW(rename("ll/in/file", "ll/in/other")); SHOW(rename("ll/in/other", "ll/in/file")); SHOW(rename("ll/in/file", "ll/out/moved")); SHOW(rename("ll/out/file", "ll/out/moved")); SHOW(link("ll/in/file", "ll/in/linked")); SHOW(link("ll/in/file", "ll/in/below/linked")); SHOW(link("ll/out/file", "ll/in/linked2")); SHOW(unlink("ll/out/file")); SHOW(unlink("ll/in/linked")); SHOW(truncate("ll/in/file", 1)); SHOW(truncate("ll/out/file", 1)); SHOW(chmod("ll/out/file", 0640)); struct stat s; SHOW(stat("ll/out/file", &s)); SHOW(access("ll/out/file", R_OK)); SHOW(chdir("ll/out")); SHOW(chdir("../.."));
  if (fork() == 0) { execl("/bin/true", "true", NULL); printf("exec: %s\n", strerror(errno)); _exit(3); } int status; wait(&status); ended("exec", status);
}

static void files(void) {
  int r = ruleset(0x7fff, 0, 0); SHOW(allow(r, "ll/in", 0x5fff)); SHOW(allow(r, "/dev/null", 6)); SHOW(restrict_to(r)); attempts(); SHOW(mount("none", "/mnt", "tmpfs", 0, NULL)); SHOW(umount("/proc"));
  int again = ruleset(4, 0, 0); SHOW(restrict_to(again)); SHOW(open("ll/in/file", O_RDONLY) >= 0); SHOW(open("ll/in/file", O_WRONLY) >= 0); if (fork() == 0) { SHOW(open("ll/in/file", O_RDONLY) >= 0); _exit(0); } wait(NULL);
}

static void reading(void) { int r = ruleset(2 | 16 | 32 | 256, 0, 0); SHOW(restrict_to(r)); attempts(); }

static void ports(void) {
  struct sockaddr_in a = {AF_INET, htons(34567), {htonl(INADDR_LOOPBACK)}}; struct port p = {1, 34567}; int r = ruleset(0, 3, 0), s = socket(AF_INET, SOCK_STREAM, 0), t = socket(AF_INET, SOCK_STREAM, 0), c = socket(AF_INET, SOCK_STREAM, 0), d = socket(AF_INET, SOCK_DGRAM, 0);
  CALL(landlock_add_rule, r, 2L, &p, 0L); SHOW(restrict_to(r)); SHOW(bind(s, (void *)&a, sizeof a)); SHOW(listen(s, 1)); SHOW(connect(c, (void *)&a, sizeof a)); a.sin_port = htons(34568); SHOW(bind(t, (void *)&a, sizeof a)); SHOW(bind(d, (void *)&a, sizeof a)); a.sin_port = 0; SHOW(bind(t, (void *)&a, sizeof a));
}

static void scopes(void) {
  struct sockaddr_un n = {AF_UNIX, "\0landlock-test"}; int l = socket(AF_UNIX, SOCK_STREAM, 0), c = socket(AF_UNIX, SOCK_STREAM, 0); bind(l, (void *)&n, sizeof n); listen(l, 5);
  pid_t sibling = fork(); if (sibling == 0) { pause(); _exit(0); }
  if (fork() == 0) { int r = ruleset(0, 0, 3); SHOW(restrict_to(r)); SHOW(kill(getppid(), 0)); SHOW(kill(sibling, 0)); SHOW(kill(getpid(), 0)); SHOW(connect(c, (void *)&n, sizeof n)); SHOW(syscall(SYS_ptrace, PTRACE_ATTACH, sibling, 0, 0)); pid_t child = fork(); if (child == 0) { pause(); _exit(0); } SHOW(kill(child, 0)); SHOW(kill(child, SIGKILL)); wait(NULL); _exit(0); }
  int status; waitpid(-1, &status, 0); ended("scoped", status); SHOW(kill(sibling, SIGKILL)); wait(NULL);
}

int main(void) {
  prepare();
  mkdir("ll", 0755); mkdir("ll/in", 0755); mkdir("ll/in/below", 0755); mkdir("ll/out", 0755);
  close(open("ll/in/file", O_CREAT | O_WRONLY, 0644)); close(open("ll/out/file", O_CREAT | O_WRONLY, 0644));
  APART(refusals); AS_NOBODY(unprivileged); APART(files); APART(reading); APART(ports); APART(scopes);
  const char *left[] = {"ll/in/below/linked", "ll/in/file", "ll/in/new", "ll/in/f", "ll/in/s", "ll/in/linked", "ll/in/linked2", "ll/in/other", "ll/out/file", "ll/out/new", "ll/out/f", "ll/out/s", "ll/out/moved"};
  for (int i = 0; i < 13; i++) printf("%s %d\n", left[i], unlink(left[i])); rmdir("ll/in/d"); rmdir("ll/out/d"); rmdir("ll/in/below"); rmdir("ll/in"); rmdir("ll/out"); SHOW(rmdir("ll"));
}

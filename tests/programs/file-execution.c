// What executing a file gives: set-user-ID and set-group-ID, capabilities of files, ambient ones, and what forbids it.
#include "report.h"
#include <linux/capability.h>
#include <sys/auxv.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/xattr.h>
#include <sched.h>

static char *program = "run/program";
static unsigned long long keep;

static void tells(void) {
  int real, effective, saved, rgid, egid, sgid;
  getresuid(&real, &effective, &saved);
  getresgid(&rgid, &egid, &sgid);
  printf("  ids %d %d %d, %d %d %d secure %lu dumpable %d nnp %d keep %d\n", real, effective, saved, rgid, egid, sgid, getauxval(AT_SECURE),
         prctl(PR_GET_DUMPABLE), prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), prctl(PR_GET_KEEPCAPS));
  FILE *file = fopen("/proc/self/status", "r");
  char line[256];
  unsigned long long caps;
  while (file && fgets(line, sizeof line, file))
    if (sscanf(line, "CapInh: %llx", &caps) == 1 || sscanf(line, "CapPrm: %llx", &caps) == 1 || sscanf(line, "CapEff: %llx", &caps) == 1 ||
        sscanf(line, "CapAmb: %llx", &caps) == 1)
      printf("  %.6s %llx\n", line, caps & 0xfff);
  printf("  auxv %lu %lu %lu %lu\n", getauxval(AT_UID), getauxval(AT_EUID), getauxval(AT_GID), getauxval(AT_EGID));
}

static void execute(void) {
  char *arguments[] = {"program", "tell", NULL}, *environment[] = {NULL};
  execve(program, arguments, environment);
  done("execve", -1);
}

static void executeAs(const char *what, int id) {
  puts(what);
  asUser(id, execute);
}

static void without(void) {
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  execute();
}

static void inherits(void) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2] = {{0xff, 0xff, 0xff}, {0}};
  prctl(PR_SET_KEEPCAPS, 1);
  setgroups(0, NULL);
  setresgid(1234, 1234, 1234);
  setresuid(1234, 1234, 1234);
  DONE(syscall(SYS_capset, &header, data));
  if (keep) {
    DONE(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 3, 0, 0));
    DONE(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 20, 0, 0));
  }
  fflush(stdout);
  execute();
}

static void noRoot(void) {
  DONE(prctl(PR_SET_SECUREBITS, 1));
  fflush(stdout);
  execute();
}

static void busy(void) {
  puts("busy");
  int fd = open("run/program", O_WRONLY);
  asUser(0, execute);
  close(fd);
  fd = open("run/other", O_WRONLY | O_CREAT, 0755);
  write(fd, "#!run/program\n", 14);
  program = "run/other";
  asUser(0, execute);
  close(fd);
  asUser(0, execute);
  program = "run/program";
  OPENS(open("/proc/self/exe", O_WRONLY));
  DONE(truncate("/proc/self/exe", 0));
}

static void limits(void) {
  static char huge[200000];
  static char *many[40];
  char *arguments[] = {huge, NULL}, *none[] = {NULL};
  memset(huge, 'a', sizeof huge - 1);
  DONE(execve("run/program", arguments, none));
  DONE(execve("run/missing", none, none));
  DONE(execve("run", none, none));
  DONE(execve("run/program/x", none, none));
  DONE(execve("", none, none));
  DONE(execve((char *)1, none, none));
  DONE(execve("run/program", (char **)1, none));
  DONE(execve("run/loop", none, none));
  huge[256] = 0;
  DONE(execve(huge, none, none) && errno == ENAMETOOLONG ? -1 : 0);
  DONE(execve("run/plain", none, none));
  DONE(execve("run/garbage", none, none));
  DONE(execve("run/empty", none, none));
  DONE(execve("run/nointerpreter", none, none));
  DONE(execve("run/loopscript", none, none));
  DONE(execve("run/short", none, none));
}

int main(int count, char **arguments) {
  begin();
  if (count > 1 && !strcmp(arguments[count - 1], "tell")) {
    tells();
    return 0;
  }
  if (count == 1 || strcmp(arguments[1], "a")) {
    tells();
    return 0;
  }
  mkdir("run", 0755);
  int from = open(arguments[0], O_RDONLY), to = open("run/program", O_WRONLY | O_CREAT, 0755), size;
  static char buffer[65536];
  while ((size = read(from, buffer, sizeof buffer)) > 0) write(to, buffer, size);
  close(from);
  close(to);
  symlink("loop", "run/loop");
  makeFile("run/plain", "text", 0644);
  makeFile("run/garbage", "garbage\n", 0755);
  makeFile("run/empty", "", 0755);
  makeFile("run/nointerpreter", "#!/nowhere/at/all\n", 0755);
  makeFile("run/loopscript", "#!run/loopscript\n", 0755);
  makeFile("run/short", "\177ELF", 0755);
  limits();
  chown("run/program", 0, 0);
  chmod("run/program", 0755);
  executeAs("root's, as root", 0);
  executeAs("root's, as user", 1234);
  chmod("run/program", 04755);
  executeAs("set-user-ID of root", 1234);
  asUser(1234, limits);
  puts("no new privileges");
  asUser(1234, without);
  chown("run/program", 77, 88);
  chmod("run/program", 04755);
  executeAs("set-user-ID of another, as root", 0);
  executeAs("set-user-ID of another, as user", 1234);
  chmod("run/program", 02755);
  executeAs("set-group-ID, as user", 1234);
  chmod("run/program", 02745);
  executeAs("set-group-ID not to be run by the group", 1234);
  chmod("run/program", 06711);
  executeAs("both, not readable", 1234);
  chmod("run/program", 0711);
  executeAs("not readable", 1234);
  chmod("run/program", 0644);
  executeAs("not executable, as root", 0);
  executeAs("not executable, as user", 1234);
  chmod("run/program", 0700);
  executeAs("another's", 1234);
  chown("run/program", 0, 0);
  chmod("run/program", 0755);
  unsigned capability[5] = {0x02000001, 0x22, 0x44, 0, 0};
  DONE(setxattr("run/program", "security.capability", capability, 20, 0));
  executeAs("capabilities of the file", 1234);
  asUser(1234, without);
  executeAs("capabilities of the file, as root", 0);
  capability[0] = 0x02000000;
  DONE(setxattr("run/program", "security.capability", capability, 20, 0));
  executeAs("not effective", 1234);
  puts("inherited");
  asUser(0, inherits);
  capability[1] = 1 << 24;
  removexattr("run/program", "security.capability");
  keep = 0;
  puts("inherited, nothing from the file");
  asUser(0, inherits);
  keep = 1;
  puts("ambient");
  asUser(0, inherits);
  chmod("run/program", 04755);
  puts("ambient and set-user-ID");
  asUser(0, inherits);
  chmod("run/program", 0755);
  puts("root is nobody");
  asUser(0, noRoot);
  busy();
  DONE(unshare(CLONE_NEWNS));
  DONE(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
  chmod("run/program", 04755);
  DONE(mount("run", "run", NULL, MS_BIND, NULL));
  DONE(mount(NULL, "run", NULL, MS_REMOUNT | MS_BIND | MS_NOSUID, NULL));
  executeAs("nosuid", 1234);
  DONE(mount(NULL, "run", NULL, MS_REMOUNT | MS_BIND | MS_NOEXEC, NULL));
  executeAs("noexec", 0);
  DONE(umount("run"));
  return 0;
}

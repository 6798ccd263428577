// What a kernel answers to those who may not, or ask for nonsense: administration, mounts, x86's own calls, and what sysctls have locked.
// Only calls that change nothing are made with privilege.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static void result(const char *what, long value) {
  if (value < 0) printf("%s: %s\n", what, strerror(errno));
  else printf("%s: %ld\n", what, value);
}

#define CALL(name, ...) result(#name " " #__VA_ARGS__, syscall(SYS_##name, ##__VA_ARGS__))

static void all(void) {
  char buffer[256] = "";
  CALL(umount2, "/nowhere", 0L);
  CALL(umount2, "/proc", 0x100L);
  CALL(swapon, "/nowhere", 0L);
  CALL(swapoff, "/nowhere");
  CALL(reboot, 0L, 0L, 0L, NULL);
  CALL(acct, "/nowhere");
  CALL(sethostname, "host", 65L);
  CALL(setdomainname, "domain", 65L);
  CALL(quotactl, 0L, NULL, 0L, NULL);
  CALL(syslog, 99L, NULL, 0L);
  CALL(syslog, 2L, NULL, 0L);
  CALL(unshare, 0x1L);
  CALL(setns, 0L, 0L);
  CALL(setns, 77L, 0L);
  CALL(fsopen, "nothing", 0L);
  CALL(open_tree, -100L, "/", 0x10L);
  CALL(move_mount, -1L, "/nowhere", -1L, "/nowhere", 0x8000L);
  CALL(mount_setattr, -100L, "/", 0L, NULL, 0L);
  CALL(fsconfig, -1L, 0L, NULL, NULL, 0L);
  CALL(fsmount, -1L, 0L, 0L);
  CALL(settimeofday, (void *)8, NULL);
  CALL(ustat, 0xffffL, buffer);
  CALL(sysfs, 9L, 0L, 0L);
  CALL(perf_event_open, NULL, 0L, -1L, -1L, 0L);
  CALL(bpf, 9999L, NULL, 0L);
  CALL(io_uring_setup, 0L, NULL);
  CALL(kcmp, 4000000L, 1L, 0L, 0L, 0L);
  CALL(getrandom, buffer, 4L, 8L);
  CALL(getrandom, buffer, 4L, 6L);
  CALL(getrandom, (void *)8, 4L, 1L);
  CALL(membarrier, 9999L, 0L, 0L);
  CALL(membarrier, 0L, 2L, 0L);
  CALL(lookup_dcookie, 0L, NULL, 0L);
  CALL(_sysctl, NULL);
  CALL(nfsservctl, 0L, NULL, NULL);
  CALL(vserver, 0L, 0L, 0L, 0L, 0L);
  CALL(create_module, NULL, 0L);
  CALL(query_module, NULL, 0L, NULL, 0L, NULL);
  CALL(get_kernel_syms, NULL);
  CALL(getpmsg, 0L, 0L, 0L, 0L, 0L);
  CALL(putpmsg, 0L, 0L, 0L, 0L, 0L);
  CALL(afs_syscall, 0L, 0L, 0L, 0L, 0L);
  CALL(tuxcall, 0L, 0L, 0L);
  CALL(security, 0L, 0L, 0L);
  CALL(epoll_ctl_old, 0L, 0L, 0L, 0L);
  CALL(epoll_wait_old, 0L, 0L, 0L, 0L);
  CALL(set_thread_area, NULL);
  CALL(get_thread_area, NULL);
}

static void unprivileged(void) {
  char buffer[256] = "";
  CALL(mount, "none", "/", "tmpfs", 0L, NULL);
  CALL(umount2, "/proc", 0L);
  CALL(pivot_root, "/", "/");
  CALL(userfaultfd, 0L);
  CALL(fanotify_init, 0L, 0L);
  CALL(reboot, 0xfee1dead, 0x28121969, 0L, NULL);
  CALL(vhangup);
  CALL(sethostname, "host", 4L);
  CALL(setdomainname, "domain", 6L);
  CALL(acct, NULL);
  CALL(settimeofday, NULL, NULL);
  CALL(unshare, 0x20000L);
  CALL(unshare, 0x400L);
  CALL(mount, NULL, "/", NULL, 0x20L, NULL);
  CALL(fsopen, "tmpfs", 0L);
  CALL(open_tree, -100L, "/", 1L);
  CALL(quotactl, 0x80000700, "/dev/null", 0L, buffer);
  CALL(syslog, 3L, buffer, 10L);
  CALL(syslog, 10L, NULL, 0L);
  CALL(setgroups, 0L, NULL);
  CALL(chroot, "/");
  CALL(clone, 0x20000000L, NULL, NULL, NULL, NULL);
}

int main(void) {
  setvbuf(stdout, NULL, _IOFBF, 65536);
  syscall(SYS_close_range, 3, 100, 0);
  all();
  setgroups(0, NULL);
  setgid(65534);
  setuid(65534);
  if (geteuid() == 0) return 1;
  printf("as nobody\n");
  all();
  unprivileged();
  return 0;
}

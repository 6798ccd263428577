// What a kernel says of calls that most programs do without: io_uring, bpf, perf, landlock, userfaultfd, keys, and others.
#include "call-report.h"
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include <sched.h>

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

static void rings(void) {
  struct io_uring_params p = {0}; union bpf_attr b; struct perf_event_attr e;
  CALL(io_uring_setup, 1L, NULL); CALL(io_uring_setup, 1L, hole); CALL(io_uring_enter, 77L, 0L, 0L, 0L, NULL, 0L); CALL(io_uring_enter, 0L, 0L, 0L, 0L, NULL, 0L); CALL(io_uring_enter, 0L, 0L, 0L, 0x1000L, NULL, 0L); CALL(io_uring_register, 77L, 0L, NULL, 0L); CALL(io_uring_register, 0L, 0L, NULL, 0L); CALL(io_uring_register, 0L, 999L, NULL, 0L);
  memset(&b, 0, sizeof b); CALL(bpf, 999L, &b, sizeof b); CALL(bpf, BPF_MAP_CREATE, &b, sizeof b); CALL(bpf, BPF_MAP_CREATE, hole, sizeof b); CALL(bpf, BPF_MAP_CREATE, &b, 5000L); CALL(bpf, BPF_PROG_LOAD, &b, sizeof b); CALL(bpf, BPF_MAP_LOOKUP_ELEM, &b, sizeof b); CALL(bpf, BPF_OBJ_GET, &b, sizeof b); CALL(bpf, BPF_PROG_ATTACH, &b, sizeof b);
  memset(&e, 0, sizeof e); CALL(perf_event_open, &e, 0L, -1L, -1L, 0L); e.size = sizeof e; e.type = PERF_TYPE_SOFTWARE; CALL(perf_event_open, hole, 0L, -1L, -1L, 0L); CALL(perf_event_open, &e, 0L, -1L, -1L, 0x100L); CALL(perf_event_open, &e, -1L, -1L, -1L, 0L); CALL(perf_event_open, &e, 4000000L, -1L, -1L, 0L); CALL(perf_event_open, &e, 0L, 9999L, -1L, 0L); CALL(perf_event_open, &e, 0L, -1L, 77L, 0L); e.type = 99; CALL(perf_event_open, &e, 0L, -1L, -1L, 0L); e.type = PERF_TYPE_SOFTWARE; e.config = 999; CALL(perf_event_open, &e, 0L, -1L, -1L, 0L); e.size = 5; CALL(perf_event_open, &e, 0L, -1L, -1L, 0L); e.size = 5000; CALL(perf_event_open, &e, 0L, -1L, -1L, 0L);
}

static void landlock(void) { CALL(landlock_create_ruleset, NULL, 0L, 1L); CALL(landlock_create_ruleset, NULL, 0L, 2L); CALL(landlock_create_ruleset, NULL, 0L, 0L); CALL(landlock_create_ruleset, page, 8L, 0L); CALL(landlock_add_rule, 0L, 1L, page, 0L); CALL(landlock_restrict_self, 0L, 0L); }

static void others(void) {
  CALL(userfaultfd, 0x100L); CALL(kexec_load, 0L, 0L, NULL, 0L); CALL(init_module, NULL, 0L, ""); CALL(finit_module, -1L, "", 0L); CALL(delete_module, "none", 0L); CALL(quotactl, 0x80000200L, "/dev/none", 0L, NULL); CALL(lookup_dcookie, 1L, page, 10L); CALL(swapon, "/nowhere", 0L); CALL(swapoff, "/nowhere"); CALL(iopl, 4L); CALL(ioperm, 0x10000L, 1L, 1L); CALL(modify_ldt, 9L, page, 16L); CALL(modify_ldt, 1L, page, 4L); CALL(modify_ldt, 1L, hole, 16L); CALL(modify_ldt, 0L, hole, 16L); CALL(add_key, "user", "x", NULL, 0L, -9L); CALL(add_key, hole, "x", "y", 1L, -3L); CALL(add_key, "nothing", "x", "y", 1L, -3L); CALL(request_key, "user", "nothing", NULL, 0L); CALL(keyctl, 999L, 0L, 0L, 0L, 0L); CALL(keyctl, 0L, 99L, 0L, 0L, 0L); CALL(keyctl, 11L, 99999L, page, 10L, 0L); CALL(ioprio_set, 9L, 0L, 0L); CALL(ioprio_get, 9L, 0L); CALL(ioprio_get, 1L, 4000000L); CALL(ioprio_set, 1L, 0L, 9 << 13); CALL(ioprio_set, 1L, 0L, 2 << 13 | 3); CALL(ioprio_get, 1L, 0L); CALL(sysfs, 1L, "none"); CALL(sysfs, 9L, 0L); CALL(ustat, 0L, page); CALL(syslog, 3L, page, -1L); CALL(syslog, 3L, NULL, 10L); CALL(syslog, 10L, NULL, 0L); CALL(syslog, 99L, NULL, 0L); CALL(rseq, page, 32L, 2L, 0L); CALL(rseq, page, 31L, 0L, 0L); CALL(getcpu, NULL, NULL, NULL); CALL(restart_syscall); CALL(sched_getaffinity, 0L, 8L, hole); CALL(uselib, "/nowhere");
}

int main(void) { prepare(); APART(rings); AS_NOBODY(rings); APART(landlock); AS_NOBODY(landlock); APART(others); AS_NOBODY(others); }

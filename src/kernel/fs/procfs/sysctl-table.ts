// What of sysctl(8)'s tree has a value of its own: path, permissions, the value at boot and, for numbers, what it may be. Values are Linux's
// defaults; where the machine has a say it is in proc-sysctl.ts.

export const SYSCTLS = `
abi/vsyscall32|644|1
debug/exception-trace|644|1
dev/tty/ldisc_autoload|644|1
dev/tty/legacy_tiocsti|644|1
fs/aio-max-nr|644|65536
fs/dentry-negative|644|0
fs/dir-notify-enable|644|1
fs/epoll/max_user_watches|644|1750000
fs/fanotify/max_queued_events|644|16384
fs/fanotify/max_user_groups|644|128
fs/fanotify/max_user_marks|644|65536
fs/file-max|644|1048576
fs/inotify/max_queued_events|644|16384|0 2147483647
fs/inotify/max_user_instances|644|128|0 2147483647
fs/inotify/max_user_watches|644|65536|0 2147483647
fs/lease-break-time|644|45
fs/leases-enable|644|1
fs/mount-max|644|100000|1 2147483647
fs/mqueue/msg_default|644|10
fs/mqueue/msg_max|644|10
fs/mqueue/msgsize_default|644|8192
fs/mqueue/msgsize_max|644|8192
fs/mqueue/queues_max|644|256
fs/nr_open|644|1048576|8 2147483584
fs/overflowgid|644|65534
fs/overflowuid|644|65534
fs/pipe-max-size|644|1048576|4096 2147483647
fs/pipe-user-pages-hard|644|0
fs/pipe-user-pages-soft|644|16384
fs/protected_fifos|644|0|0 2
fs/protected_hardlinks|644|1|0 1
fs/protected_regular|644|0|0 2
fs/protected_symlinks|644|0|0 1
fs/suid_dumpable|644|0|0 2
kernel/acct|644|4 2 30
kernel/arch|444|x86_64
kernel/auto_msgmni|644|0
kernel/cap_last_cap|444|40
kernel/core_file_note_size_limit|644|4194304
kernel/core_modes|444|file
kernel/core_pattern|644|core
kernel/core_pipe_limit|644|0
kernel/core_uses_pid|644|0
kernel/ctrl-alt-del|644|1
kernel/dmesg_restrict|644|0|0 1
kernel/io_uring_disabled|644|0|0 2
kernel/io_uring_group|644|-1
kernel/keys/gc_delay|644|300
kernel/keys/maxbytes|644|20000
kernel/keys/maxkeys|644|200
kernel/keys/persistent_keyring_expiry|644|259200
kernel/keys/root_maxbytes|644|25000000
kernel/keys/root_maxkeys|644|1000000
kernel/kptr_restrict|644|0|0 2
kernel/max_lock_depth|644|1024
kernel/max_rcu_stall_to_panic|644|0
kernel/msg_next_id|444|-1
kernel/msgmax|644|8192|0 2147483647
kernel/msgmnb|644|16384|0 2147483647
kernel/msgmni|644|32000|0 32768
kernel/ngroups_max|444|65536
kernel/nmi_watchdog|444|0
kernel/numa_balancing|644|0
kernel/oops_all_cpu_backtrace|644|0
kernel/oops_limit|644|10000
kernel/ostype|444|Linux
kernel/overflowgid|644|65534
kernel/overflowuid|644|65534
kernel/panic_on_io_nmi|644|0
kernel/panic_on_oops|644|0
kernel/panic_on_rcu_stall|644|0
kernel/panic_on_unrecovered_nmi|644|0
kernel/panic_on_warn|644|0
kernel/panic_print|644|0
kernel/panic|644|0
kernel/perf_cpu_time_max_percent|644|25
kernel/perf_event_max_contexts_per_stack|644|8
kernel/perf_event_max_sample_rate|644|100000
kernel/perf_event_max_stack|644|127
kernel/perf_event_mlock_kb|644|516
kernel/perf_event_paranoid|644|2
kernel/pid_max|644|4194304|301 4194304
kernel/poweroff_cmd|644|/sbin/poweroff
kernel/print-fatal-signals|644|0
kernel/printk_delay|644|0
kernel/printk_devkmsg|644|ratelimit
kernel/printk_ratelimit_burst|644|10
kernel/printk_ratelimit|644|5
kernel/printk|644|4 4 1 7
kernel/pty/max|644|4096
kernel/pty/reserve|644|1024
kernel/random/boot_id|444|00000000-0000-4000-8000-000000000000
kernel/random/entropy_avail|444|256
kernel/random/poolsize|444|256
kernel/random/urandom_min_reseed_secs|644|60
kernel/random/write_wakeup_threshold|644|256
kernel/real-root-dev|644|0
kernel/sched_autogroup_enabled|644|1|0 1
kernel/sched_cfs_bandwidth_slice_us|644|5000
kernel/sched_deadline_period_max_us|644|4194304
kernel/sched_deadline_period_min_us|644|100
kernel/sched_rr_timeslice_ms|644|100
kernel/sched_rt_period_us|644|1000000
kernel/sched_rt_runtime_us|644|950000
kernel/seccomp/actions_avail|444|kill_process kill_thread trap errno trace log allow
kernel/seccomp/actions_logged|644|kill_process kill_thread trap errno trace log
kernel/sem_next_id|444|-1
kernel/sem|644|32000 1024000000 500 32000
kernel/shm_next_id|444|-1
kernel/shm_rmid_forced|644|0|0 1
kernel/shmall|644|18446744073692774399
kernel/shmmax|644|18446744073692774399
kernel/shmmni|644|4096|0 32768
kernel/softlockup_all_cpu_backtrace|644|0
kernel/softlockup_panic|644|0
kernel/sysctl_writes_strict|644|1|-1 1
kernel/tainted|644|0
kernel/task_delayacct|644|0
kernel/threads-max|644|30000|1 2147483647
kernel/timer_migration|644|1|0 1
kernel/traceoff_on_warning|644|0
kernel/tracepoint_printk|644|0
kernel/unknown_nmi_panic|644|0
kernel/warn_limit|644|0
kernel/watchdog_thresh|644|10|0 60
kernel/watchdog|644|1|0 1
user/max_cgroup_namespaces|644|14000
user/max_fanotify_groups|644|128
user/max_fanotify_marks|644|65536
user/max_inotify_instances|644|128
user/max_inotify_watches|644|65536
user/max_ipc_namespaces|644|14000
user/max_mnt_namespaces|644|14000
user/max_net_namespaces|644|14000
user/max_pid_namespaces|644|14000
user/max_time_namespaces|644|14000
user/max_user_namespaces|644|14000
user/max_uts_namespaces|644|14000
vm/admin_reserve_kbytes|644|8192
vm/compact_memory|200|
vm/compact_unevictable_allowed|644|1
vm/compaction_proactiveness|644|20
vm/dirty_background_bytes|644|0
vm/dirty_background_ratio|644|10|0 100
vm/dirty_bytes|644|0
vm/dirty_expire_centisecs|644|3000
vm/dirty_ratio|644|20|0 100
vm/dirty_writeback_centisecs|644|500
vm/dirtytime_expire_seconds|644|43200
vm/drop_caches|200|
vm/extfrag_threshold|644|500
vm/hugetlb_optimize_vmemmap|644|0
vm/hugetlb_shm_group|644|0
vm/laptop_mode|644|0
vm/legacy_va_layout|644|0
vm/max_map_count|644|65530|0 2147483647
vm/memfd_noexec|644|0|0 2
vm/min_free_kbytes|644|67584
vm/min_slab_ratio|644|5
vm/min_unmapped_ratio|644|1
vm/mmap_min_addr|644|65536
vm/mmap_rnd_bits|600|28
vm/mmap_rnd_compat_bits|600|8
vm/nr_hugepages_mempolicy|644|0
vm/nr_hugepages|644|0|0 0
vm/nr_overcommit_hugepages|644|0
vm/numa_zonelist_order|644|Node
vm/oom_dump_tasks|644|1
vm/oom_kill_allocating_task|644|0
vm/overcommit_kbytes|644|0
vm/overcommit_memory|644|0|0 2
vm/overcommit_ratio|644|50|0 2147483647
vm/page-cluster|644|3|0 31
vm/page_lock_unfairness|644|5
vm/panic_on_oom|644|0|0 2
vm/percpu_pagelist_high_fraction|644|0
vm/shrink_inodes_with_pagecache|644|0
vm/stat_interval|644|1
vm/swappiness|644|60|0 200
vm/unprivileged_userfaultfd|644|0
vm/user_reserve_kbytes|644|131072
vm/vfs_cache_pressure|644|100|0 2147483647
vm/watermark_boost_factor|644|15000
vm/watermark_scale_factor|644|10
vm/zone_reclaim_mode|644|0|0 7
`;

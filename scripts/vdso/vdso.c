// The vDSO: time calls without entering the kernel. The processor's time stamp counter counts nanoseconds of CLOCK_MONOTONIC;
// the data page before this image holds what to add for CLOCK_REALTIME.
typedef long i64;
typedef unsigned long u64;

struct timespec { i64 tv_sec, tv_nsec; };
struct timeval { i64 tv_sec, tv_usec; };
struct timezone { int minuteswest, dsttime; };

extern const volatile u64 realtime_offset __attribute__((visibility("hidden")));

#define BILLION 1000000000ul
#define COARSE 4000000ul

static inline u64 monotonic(void)
{
	unsigned low, high;
	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (u64)high << 32 | low;
}

static inline long fallback(long number, long first, long second)
{
	long result;
	__asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(first), "S"(second) : "rcx", "r11", "memory");
	return result;
}

int __vdso_clock_gettime(int clock, struct timespec *time)
{
	u64 now;
	switch (clock) {
	case 0: case 11: now = monotonic() + realtime_offset; break;
	case 1: case 4: case 7: now = monotonic(); break;
	case 5: now = monotonic() + realtime_offset; now -= now % COARSE; break;
	case 6: now = monotonic(); now -= now % COARSE; break;
	default: return fallback(228, clock, (long)time);
	}
	time->tv_sec = now / BILLION;
	time->tv_nsec = now % BILLION;
	return 0;
}

int __vdso_clock_getres(int clock, struct timespec *resolution)
{
	switch (clock) {
	case 0: case 1: case 4: case 7: case 11:
		if (resolution) resolution->tv_sec = 0, resolution->tv_nsec = 1;
		return 0;
	case 5: case 6:
		if (resolution) resolution->tv_sec = 0, resolution->tv_nsec = COARSE;
		return 0;
	default: return fallback(229, clock, (long)resolution);
	}
}

int __vdso_gettimeofday(struct timeval *time, struct timezone *zone)
{
	if (time) {
		u64 now = monotonic() + realtime_offset;
		time->tv_sec = now / BILLION;
		time->tv_usec = now % BILLION / 1000;
	}
	if (zone) zone->minuteswest = 0, zone->dsttime = 0;
	return 0;
}

i64 __vdso_time(i64 *time)
{
	i64 seconds = (monotonic() + realtime_offset) / BILLION;
	if (time) *time = seconds;
	return seconds;
}

long __vdso_getcpu(unsigned *cpu, unsigned *node, void *unused)
{
	(void)unused;
	if (cpu) *cpu = 0;
	if (node) *node = 0;
	return 0;
}

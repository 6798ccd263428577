// The vDSO, of 64-bit and of 32-bit programs: time calls without entering the kernel. The processor's time stamp counter counts nanoseconds of CLOCK_MONOTONIC;
// the data page before this image holds what to add for CLOCK_REALTIME, and in a time namespace for CLOCK_MONOTONIC and CLOCK_BOOTTIME.
typedef long long i64;
typedef unsigned long long u64;

struct timespec { long tv_sec, tv_nsec; };
struct timespec64 { i64 tv_sec, tv_nsec; };
struct timeval { long tv_sec, tv_usec; };
struct timezone { int minuteswest, dsttime; };

extern const volatile u64 realtime_offset __attribute__((visibility("hidden")));
extern const volatile u64 monotonic_offset __attribute__((visibility("hidden")));
extern const volatile u64 boottime_offset __attribute__((visibility("hidden")));

#define BILLION 1000000000ull
#define COARSE 4000000ull

static inline u64 monotonic(void)
{
	unsigned low, high;
	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (u64)high << 32 | low;
}

#ifdef __i386__
#define NR_CLOCK_GETTIME 265
#define NR_CLOCK_GETTIME64 403
#define NR_CLOCK_GETRES 266
static inline long fallback(long number, long first, long second)
{
	long result;
	__asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(first), "c"(second) : "memory");
	return result;
}
#else
#define NR_CLOCK_GETTIME 228
#define NR_CLOCK_GETRES 229
static inline long fallback(long number, long first, long second)
{
	long result;
	__asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(first), "S"(second) : "rcx", "r11", "memory");
	return result;
}
#endif

/* 0 where the clock is one that only the kernel knows. */
static __attribute__((noinline)) u64 clock_now(int clock)
{
	u64 now;
	switch (clock) {
	case 0: case 5: case 11: now = realtime_offset; break;
	case 1: case 4: case 6: now = monotonic_offset; break;
	case 7: now = boottime_offset; break;
	default: return 0;
	}
	now += monotonic();
	return clock == 5 || clock == 6 ? now - now % COARSE : now;
}

int __vdso_clock_gettime(int clock, struct timespec *time)
{
	u64 now = clock_now(clock);
	if (!now) return fallback(NR_CLOCK_GETTIME, clock, (long)time);
	time->tv_sec = now / BILLION;
	time->tv_nsec = now % BILLION;
	return 0;
}

#ifdef __i386__
int __vdso_clock_gettime64(int clock, struct timespec64 *time)
{
	u64 now = clock_now(clock);
	if (!now) return fallback(NR_CLOCK_GETTIME64, clock, (long)time);
	time->tv_sec = now / BILLION;
	time->tv_nsec = now % BILLION;
	return 0;
}
#endif

int __vdso_clock_getres(int clock, struct timespec *resolution)
{
	switch (clock) {
	case 0: case 1: case 4: case 7: case 11:
		if (resolution) resolution->tv_sec = 0, resolution->tv_nsec = 1;
		return 0;
	case 5: case 6:
		if (resolution) resolution->tv_sec = 0, resolution->tv_nsec = COARSE;
		return 0;
	default: return fallback(NR_CLOCK_GETRES, clock, (long)resolution);
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

long __vdso_time(long *time)
{
	long seconds = (monotonic() + realtime_offset) / BILLION;
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

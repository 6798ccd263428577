// Functions of time.h and sys/time.h with ordinary arguments.
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>

// A result that is used keeps the call of a pure function.
static volatile long kept;
#define keep(call) (kept = (long)(call))

int main(void) {
	time_t now = 1000000000, later;
	struct tm fields;
	struct timeval moment;
	struct timezone zone;
	struct timespec pause = {0, 1000}, left;
	struct itimerval interval = {{0, 0}, {0, 0}}, old;
	struct tms ticks;
	struct rusage usage;
	char buffer[64];
	setenv("TZ", "UTC", 1);
	tzset();
	time(NULL);
	time(&later);
	gmtime(&now);
	localtime(&now);
	gmtime_r(&now, &fields);
	localtime_r(&now, &fields);
	mktime(&fields);
	timegm(&fields);
	asctime(&fields);
	asctime_r(&fields, buffer);
	ctime(&now);
	ctime_r(&now, buffer);
	strftime(buffer, sizeof buffer, "%Y-%m-%d", &fields);
	strptime("2001-09-09", "%Y-%m-%d", &fields);
	keep(difftime(5, 3));
	clock();
	gettimeofday(&moment, NULL);
	gettimeofday(&moment, &zone);
	clock_gettime(CLOCK_MONOTONIC, &left);
	clock_getres(CLOCK_REALTIME, &left);
	nanosleep(&pause, NULL);
	nanosleep(&pause, &left);
	clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
	usleep(10);
	sleep(0);
	alarm(0);
	ualarm(0, 0);
	setitimer(ITIMER_REAL, &interval, &old);
	getitimer(ITIMER_REAL, &old);
	times(&ticks);
	getrusage(RUSAGE_SELF, &usage);
	timespec_get(&left, TIME_UTC);
	utime("/nonexistent", NULL);
	utimes("/nonexistent", NULL);
	return 0;
}

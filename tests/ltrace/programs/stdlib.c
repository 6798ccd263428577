// Functions of stdlib.h, search.h, malloc.h and getopt.h with ordinary arguments.
#define _GNU_SOURCE
#include <getopt.h>
#include <inttypes.h>
#include <malloc.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// A result that is used keeps the call of a pure function.
static volatile long kept;
#define keep(call) (kept = (long)(call))

static int compare(const void *a, const void *b) {
	return *(const int *)a - *(const int *)b;
}

static int compare_r(const void *a, const void *b, void *unused) {
	(void)unused;
	return compare(a, b);
}

static void at_exit(void) {}

static void on_exit_called(int status, void *argument) {
	(void)status, (void)argument;
}

int main(int argc, char **argv) {
	int values[] = {3, 1, 2}, key = 2;
	size_t count = 3;
	char path[4096];
	char *end, buffer[64], template[] = "/tmp/tsltrace-XXXXXX", directory[] = "/tmp/tsltrace-XXXXXX";
	void *block = malloc(100);
	unsigned short seed[3] = {1, 2, 3};
	struct random_data state = {0};
	int32_t result;
	void *root = NULL;
	struct option longs[] = {{"help", no_argument, NULL, 'h'}, {0}};
	char *arguments[] = {"name", "-a", "--help", "rest", NULL};
	block = realloc(block, 200);
	malloc_usable_size(block);
	free(block);
	free(calloc(4, 25));
	free(reallocarray(NULL, 3, 8));
	free(aligned_alloc(64, 128));
	free(memalign(32, 64));
	if (posix_memalign(&block, 64, 100) == 0) free(block);
	free(valloc(10));
	free(NULL);
	malloc_trim(0);
	mallopt(M_MMAP_THRESHOLD, 65536);
	keep(atoi("12"));
	keep(atol("-34"));
	keep(atoll("56"));
	keep(atof("1.5"));
	strtol("77x", &end, 10);
	strtol("0x1f", NULL, 16);
	strtoul("99", &end, 0);
	strtoll("-5", NULL, 10);
	strtoull("5", NULL, 10);
	strtod("2.5e3", &end);
	strtof("0.5", NULL);
	strtoimax("8", NULL, 10);
	strtoumax("9", NULL, 8);
	keep(abs(-3));
	keep(labs(-4));
	keep(llabs(-5));
	keep(div(7, 2).quot);
	keep(ldiv(9, 4).quot);
	qsort(values, 3, sizeof *values, compare);
	qsort_r(values, 3, sizeof *values, compare_r, NULL);
	bsearch(&key, values, 3, sizeof *values, compare);
	lfind(&key, values, &count, sizeof *values, compare);
	tsearch(&key, &root, compare);
	tfind(&key, &root, compare);
	tdelete(&key, &root, compare);
	hcreate(10);
	hsearch((ENTRY){"key", "data"}, ENTER);
	hdestroy();
	srand(1);
	rand();
	rand_r((unsigned *)&key);
	srandom(2);
	random();
	initstate_r(1, buffer, 32, &state);
	random_r(&state, &result);
	srand48(3);
	drand48();
	lrand48();
	mrand48();
	erand48(seed);
	nrand48(seed);
	getenv("HOME");
	getenv("TSLTRACE_NOT_SET");
	secure_getenv("HOME");
	setenv("TSLTRACE", "value", 1);
	putenv("TSLTRACE2=v");
	unsetenv("TSLTRACE");
	clearenv();
	mkstemp(template);
	remove(template);
	mkdtemp(directory);
	remove(directory);
	free(realpath("/usr/../tmp", NULL));
	realpath("/usr/../tmp", path);
	free(canonicalize_file_name("/tmp/."));
	system("true");
	getopt(4, arguments, "ab:");
	getopt_long(4, arguments, "a", longs, NULL);
	getopt_long_only(4, arguments, "a", longs, NULL);
	getsubopt(&end, arguments, &arguments[1]);
	keep(mblen("a", 1));
	a64l("./");
	l64a(64);
	gcvt(1.5, 5, buffer);
	ecvt(1.5, 5, &key, &values[0]);
	fcvt(1.5, 2, &key, &values[0]);
	getloadavg((double[3]){0}, 3);
	keep(rpmatch("yes"));
	atexit(at_exit);
	on_exit(on_exit_called, NULL);
	(void)argc, (void)argv;
	exit(3);
}

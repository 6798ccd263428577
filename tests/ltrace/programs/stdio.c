// Functions of stdio.h with ordinary arguments.
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void with_list(FILE *stream, char *buffer, const char *format, ...) {
	va_list list;
	char *made;
	va_start(list, format);
	vfprintf(stream, format, list);
	va_end(list);
	va_start(list, format);
	vsnprintf(buffer, 64, format, list);
	va_end(list);
	va_start(list, format);
	vsprintf(buffer, format, list);
	va_end(list);
	va_start(list, format);
	if (vasprintf(&made, format, list) >= 0) free(made);
	va_end(list);
	va_start(list, format);
	vprintf(format, list);
	va_end(list);
}

int main(void) {
	char buffer[64], *made, *line = NULL;
	const char *path = "/tmp/tsltrace-stdio";
	int number, other;
	size_t size = 0;
	fpos_t position;
	FILE *stream = fopen("/etc/passwd", "r");
	fgets(buffer, sizeof buffer, stream);
	fgetc(stream);
	getc(stream);
	ungetc('u', stream);
	fread(buffer, 1, 10, stream);
	ftell(stream);
	fseek(stream, 0, SEEK_SET);
	fseek(stream, 5, SEEK_CUR);
	fseek(stream, -1, SEEK_END);
	fseeko(stream, 0, SEEK_SET);
	ftello(stream);
	fgetpos(stream, &position);
	fsetpos(stream, &position);
	getline(&line, &size, stream);
	getdelim(&line, &size, ':', stream);
	free(line);
	feof(stream);
	ferror(stream);
	clearerr(stream);
	fileno(stream);
	rewind(stream);
	fclose(stream);
	stream = fopen(path, "w+");
	setvbuf(stream, NULL, _IOFBF, 4096);
	fputs("hello\n", stream);
	fputc('x', stream);
	putc('\n', stream);
	putw(1, stream);
	getw(stream);
	fwrite("data\n", 1, 5, stream);
	fprintf(stream, "%s %d %c %5.2f %lu %p\n", "text", -3, 'c', 2.5, 7ul, (void *)0x10);
	fflush(stream);
	with_list(stream, buffer, "%d %s\n", 5, "five");
	flockfile(stream);
	putc_unlocked('u', stream);
	funlockfile(stream);
	freopen(path, "r", stream);
	fscanf(stream, "%63s", buffer);
	fclose(stream);
	printf("plain\n");
	printf("%d %i %u %x %o %c %s %%\n", 1, -2, 3u, 255, 8, 'c', "s");
	printf("%ld %lu %lld %hd %hhd %zu\n", -1l, 2ul, 3ll, 4, 5, sizeof size);
	printf("%f %e %g %8.3f\n", 1.5, 2.5e10, 0.1, 3.14159);
	printf("%*d|%-5s|%.3s|%.*s\n", 4, 7, "ab", "abcdef", 2, "xyz");
	printf("%p %s\n", (void *)0x1234, "last");
	puts("x");
	putchar('y');
	putchar('\n');
	fputs("out\n", stdout);
	sprintf(buffer, "%s-%d", "sprintf", 1);
	snprintf(buffer, sizeof buffer, "%s", "snprintf");
	snprintf(buffer, 4, "%s", "truncated");
	if (asprintf(&made, "%d", 42) >= 0) free(made);
	dprintf(1, "dprintf %d\n", 9);
	sscanf("12 34", "%d %d", &number, &other);
	sscanf("word 7", "%s %x", buffer, (unsigned *)&number);
	sscanf("1.5", "%lf", &(double){0});
	sscanf("none", "%d", &number);
	perror("perror");
	errno = ENOENT;
	warn("warn %s", "text");
	warnx("warnx %d", 1);
	stream = popen("true", "r");
	pclose(stream);
	stream = tmpfile();
	fclose(stream);
	stream = fmemopen(buffer, sizeof buffer, "w");
	setbuf(stream, NULL);
	fclose(stream);
	stream = open_memstream(&made, &size);
	fclose(stream);
	free(made);
	stream = fdopen(dup(1), "w");
	fclose(stream);
	rename(path, "/tmp/tsltrace-stdio2");
	remove("/tmp/tsltrace-stdio2");
	stream = fopen("/nonexistent", "r");
	fflush(NULL);
	return 0;
}

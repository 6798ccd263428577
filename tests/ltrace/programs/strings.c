// Functions of string.h and strings.h with ordinary arguments.
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <strings.h>

// A result that is used keeps the call of a pure function.
static volatile long kept;
#define keep(call) (kept = (long)(call))

int main(void) {
	char buffer[64], other[64];
	char *save, *rest, list[] = "x,y", words[] = "one two", fields[] = "a:b";
	strcpy(buffer, "hello");
	strcat(buffer, " world");
	keep(strlen(buffer));
	keep(strnlen(buffer, 4));
	keep(strcmp(buffer, "hello"));
	keep(strncmp(buffer, "help", 3));
	keep(strcasecmp("ABC", "abc"));
	keep(strncasecmp("ABC", "abd", 2));
	keep(strcoll("a", "b"));
	strxfrm(other, "abc", sizeof other);
	keep(strchr(buffer, 'w'));
	keep(strchr(buffer, 'q'));
	keep(strrchr(buffer, 'o'));
	keep(strchrnul(buffer, 'q'));
	keep(index(buffer, 'w'));
	keep(rindex(buffer, 'o'));
	keep(strstr(buffer, "wor"));
	keep(strcasestr(buffer, "WOR"));
	keep(strspn(buffer, "hel"));
	keep(strcspn(buffer, "w"));
	keep(strpbrk(buffer, "wd"));
	strtok(list, ",");
	strtok(NULL, ",");
	strtok(NULL, ",");
	strtok_r(words, " ", &save);
	strtok_r(NULL, " ", &save);
	rest = fields;
	strsep(&rest, ":");
	strncpy(other, "truncated", 4);
	strncat(other, "tail", 2);
	stpcpy(other, "stp");
	stpncpy(other, "stpn", 3);
	free(strdup("copy"));
	free(strndup("copied", 3));
	strerror(2);
	strerror_r(13, other, sizeof other);
	strsignal(11);
	memcpy(other, "0123456789abcde", 16);
	memcpy(other, buffer, 40);
	memmove(other, "0123", 5);
	mempcpy(other, "01", 3);
	memset(other, 'z', 8);
	memset(other, 0, sizeof other);
	keep(memcmp(buffer, "hello", 5));
	keep(memchr(buffer, 'l', 11));
	keep(memrchr(buffer, 'l', 11));
	keep(rawmemchr(buffer, 'w'));
	keep(memmem(buffer, 11, "wor", 3));
	memccpy(other, "stop.here", '.', 10);
	bcopy("b", other, 2);
	bzero(other, 8);
	keep(bcmp("a", "b", 1));
	keep(ffs(8));
	keep(ffsl(16));
	basename("/usr/lib");
	keep(strverscmp("a9", "a10"));
	memfrob(other, 4);
	strfry(strcpy(other, "a"));
	return 0;
}

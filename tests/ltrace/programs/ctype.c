// Functions of ctype.h, wctype.h, wchar.h and locale.h with ordinary arguments.
#define _GNU_SOURCE
#include <ctype.h>
#include <iconv.h>
#include <langinfo.h>
#include <libintl.h>
#include <locale.h>
#include <nl_types.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

// A result that is used keeps the call of a pure function.
static volatile long kept;
#define keep(call) (kept = (long)(call))

int main(void) {
	wchar_t wide[32], *state, list[] = L"a,b";
	char bytes[32], input[] = "abc", *in = input, *out = bytes;
	size_t in_left = 3, out_left = sizeof bytes;
	mbstate_t shift = {0};
	const char *source = "text";
	const wchar_t *wide_source = L"wide";
	keep((isalpha)('a'));
	keep((isdigit)('5'));
	keep((isspace)(' '));
	keep((isupper)('A'));
	keep((islower)('A'));
	keep((isalnum)('_'));
	keep((ispunct)('!'));
	keep((isprint)(7));
	keep((isxdigit)('f'));
	keep((iscntrl)(1));
	keep((isgraph)('g'));
	keep((isblank)('\t'));
	keep((toupper)('a'));
	keep((tolower)('Z'));
	keep(toascii(200));
	keep(isascii(65));
	keep(isalpha('q'));
	setlocale(LC_ALL, "");
	setlocale(LC_ALL, "C.UTF-8");
	setlocale(LC_CTYPE, NULL);
	localeconv();
	nl_langinfo(CODESET);
	newlocale(LC_ALL_MASK, "C", NULL);
	uselocale(NULL);
	gettext("message");
	dgettext("domain", "message");
	dcgettext("domain", "message", LC_MESSAGES);
	ngettext("one", "many", 2);
	textdomain("domain");
	bindtextdomain("domain", "/usr/share/locale");
	bind_textdomain_codeset("domain", "UTF-8");
	wcscpy(wide, L"hello");
	wcscat(wide, L" you");
	keep(wcslen(wide));
	keep(wcsnlen(wide, 3));
	keep(wcscmp(wide, L"hello"));
	keep(wcsncmp(wide, L"help", 3));
	keep(wcschr(wide, L'l'));
	keep(wcsrchr(wide, L'l'));
	keep(wcsstr(wide, L"you"));
	wcsncpy(wide, L"abc", 3);
	wcstok(list, L",", &state);
	wcstol(L"12", NULL, 10);
	wcstod(L"1.5", NULL);
	free(wcsdup(L"dup"));
	wmemset(wide, L'z', 3);
	wmemcpy(wide, L"abc", 4);
	keep(wmemcmp(wide, L"abd", 3));
	keep(wcswidth(L"ab", 2));
	keep(wcwidth(L'a'));
	mbstowcs(wide, "abc", 32);
	wcstombs(bytes, L"abc", 32);
	mbtowc(wide, "a", 1);
	wctomb(bytes, L'b');
	mbrtowc(wide, "m", 1, &shift);
	wcrtomb(bytes, L'w', &shift);
	mbsrtowcs(wide, &source, 32, &shift);
	wcsrtombs(bytes, &wide_source, 32, &shift);
	keep(mbsinit(&shift));
	btowc('a');
	wctob(L'a');
	iswalpha(L'a');
	iswdigit(L'1');
	iswspace(L' ');
	keep(towupper(L'a'));
	keep(towlower(L'A'));
	wctype("alpha");
	iswctype(L'a', wctype("digit"));
	swprintf(wide, 32, L"%d-%ls", 5, L"x");
	wprintf(L"wide %d\n", 3);
	fputws(L"out\n", stdout);
	iconv_t conversion = iconv_open("UTF-16", "UTF-8");
	iconv(conversion, &in, &in_left, &out, &out_left);
	iconv_close(conversion);
	return 0;
}

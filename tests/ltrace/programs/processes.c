// Functions of signal.h, sys/wait.h, setjmp.h, sockets, syslog, regex and dynamic loading with ordinary arguments.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <error.h>
#include <execinfo.h>
#include <gnu/libc-version.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pty.h>
#include <regex.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ipc.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>
#include <wordexp.h>

static volatile long kept;
#define keep(call) (kept = (long)(call))

static void handler(int number) {
	(void)number;
}

int main(void) {
	sigset_t set, old;
	struct sigaction action = {.sa_handler = handler};
	stack_t stack;
	siginfo_t info;
	int status, pair[2], value = 1;
	socklen_t size = sizeof value;
	char buffer[64], *arguments[] = {"true", NULL};
	struct sockaddr_in address = {.sin_family = AF_INET};
	struct in_addr host;
	struct addrinfo hints = {.ai_flags = AI_NUMERICHOST}, *result;
	struct msghdr message = {0};
	struct sysinfo system_info;
	regex_t compiled;
	regmatch_t matches[2];
	wordexp_t words;
	cpu_set_t processors;
	void *frames[4];
	jmp_buf place;
	pid_t child;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigdelset(&set, SIGUSR1);
	sigfillset(&set);
	sigismember(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, &old);
	sigprocmask(SIG_SETMASK, &old, NULL);
	sigpending(&old);
	signal(SIGUSR1, handler);
	sigaction(SIGUSR2, &action, NULL);
	sigaltstack(NULL, &stack);
	raise(SIGUSR1);
	kill(getpid(), SIGUSR2);
	killpg(0, 0);
	psignal(SIGINT, "psignal");
	sigsetjmp(place, 1);
	setjmp(place);
	child = fork();
	if (child == 0) _exit(4);
	waitpid(child, &status, 0);
	wait(&status);
	waitid(P_ALL, 0, &info, WEXITED);
	posix_spawn(&child, "/bin/true", NULL, NULL, arguments, NULL);
	wait(NULL);
	execl("/nonexistent", "name", "argument", NULL);
	execv("/nonexistent", arguments);
	execvp("nonexistent-name", arguments);
	sched_yield();
	sched_getaffinity(0, sizeof processors, &processors);
	prctl(PR_GET_DUMPABLE);
	getauxval(AT_PAGESZ);
	getrandom(buffer, 4, 0);
	getentropy(buffer, 4);
	syscall(SYS_getpid);
	sysinfo(&system_info);
	get_nprocs();
	shmget(IPC_PRIVATE, 0, 0);
	ftok("/etc", 1);
	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	send(pair[0], "ping", 4, 0);
	recv(pair[1], buffer, sizeof buffer, 0);
	sendmsg(pair[0], &message, 0);
	shutdown(pair[0], SHUT_WR);
	int descriptor = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &value, sizeof value);
	getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &value, &size);
	bind(descriptor, (struct sockaddr *)&address, sizeof address);
	listen(descriptor, 5);
	size = sizeof address;
	getsockname(descriptor, (struct sockaddr *)&address, &size);
	connect(descriptor, (struct sockaddr *)&address, 0);
	keep((htons)(80));
	keep((ntohs)(80));
	keep((htonl)(1));
	keep((ntohl)(1));
	inet_addr("127.0.0.1");
	inet_aton("127.0.0.1", &host);
	inet_ntoa(host);
	inet_pton(AF_INET, "10.0.0.1", &host);
	inet_ntop(AF_INET, &host, buffer, sizeof buffer);
	if (getaddrinfo("127.0.0.1", "80", &hints, &result) == 0) freeaddrinfo(result);
	gai_strerror(EAI_NONAME);
	getservbyname("http", "tcp");
	getprotobyname("tcp");
	if_nametoindex("lo");
	openlog("tsltrace", LOG_PID, LOG_USER);
	syslog(LOG_DEBUG, "message %d", 1);
	closelog();
	regcomp(&compiled, "a(b+)", REG_EXTENDED);
	regexec(&compiled, "xabbb", 2, matches, 0);
	regerror(REG_BADPAT, &compiled, buffer, sizeof buffer);
	regfree(&compiled);
	wordexp("a b", &words, 0);
	wordfree(&words);
	void *library = dlopen("libm.so.6", RTLD_NOW);
	dlsym(library, "cos");
	dlerror();
	dlsym(library, "no_such_symbol");
	dlerror();
	dlclose(library);
	backtrace(frames, 4);
	keep(gnu_get_libc_version());
	error(0, 2, "error %s", "text");
	psiginfo(&info, "psiginfo");
	abort();
}

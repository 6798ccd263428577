// Functions of less common headers: IPC, argument vectors, file trees, accounts, hosts, schedulers, message catalogues.
#define _GNU_SOURCE
#include <argz.h>
#include <arpa/inet.h>
#include <envz.h>
#include <fstab.h>
#include <fts.h>
#include <ifaddrs.h>
#include <malloc.h>
#include <mcheck.h>
#include <monetary.h>
#include <mqueue.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/ether.h>
#include <nl_types.h>
#include <printf.h>
#include <resolv.h>
#include <sched.h>
#include <search.h>
#include <shadow.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/personality.h>
#include <sys/quota.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/signalfd.h>
#include <sys/statfs.h>
#include <sys/swap.h>
#include <sys/timex.h>
#include <sys/xattr.h>
#include <uchar.h>
#include <ulimit.h>
#include <unistd.h>
#include <utmp.h>

int main(void) {
	char *vector = NULL, *environment = NULL, *entry = NULL, buffer[64];
	size_t length = 0, environment_length = 0;
	char *roots[] = {"/etc/hostname", NULL};
	struct { long type; char text[8]; } message = {1, "hi"};
	struct sembuf operation = {0, 1, 0};
	struct shmid_ds segment;
	struct hsearch_data table = {0};
	ENTRY *found;
	struct sched_param parameters;
	struct ifaddrs *interfaces;
	struct if_nameindex *indices;
	struct ether_addr *ethernet;
	struct hostent *host;
	struct timex clock_state = {0};
	cpu_set_t *processors;
	sigset_t set;
	mbstate_t state = {0};
	char16_t narrow;
	char32_t wide;
	int id;
	FTS *tree;
	argz_create(roots, &vector, &length);
	argz_add(&vector, &length, "more");
	argz_count(vector, length);
	argz_next(vector, length, entry);
	argz_stringify(vector, length, ' ');
	envz_add(&environment, &environment_length, "NAME", "value");
	envz_get(environment, environment_length, "NAME");
	id = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
	msgsnd(id, &message, 3, 0);
	msgrcv(id, &message, 8, 0, 0);
	msgctl(id, IPC_RMID, NULL);
	id = semget(IPC_PRIVATE, 1, IPC_CREAT | 0600);
	semop(id, &operation, 1);
	semctl(id, 0, GETVAL);
	semctl(id, 0, IPC_RMID);
	id = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
	void *attached = shmat(id, NULL, 0);
	shmctl(id, IPC_STAT, &segment);
	shmdt(attached);
	shmctl(id, IPC_RMID, NULL);
	tree = fts_open(roots, FTS_PHYSICAL, NULL);
	fts_read(tree);
	fts_close(tree);
	hcreate_r(10, &table);
	hsearch_r((ENTRY){"key", "data"}, ENTER, &found, &table);
	hdestroy_r(&table);
	insque(&operation, NULL);
	getspnam("root");
	getpwent();
	setutent();
	getutent();
	endutent();
	getfsent();
	getservent();
	endservent();
	host = gethostbyname("127.0.0.1");
	gethostbyaddr("\177\0\0\1", 4, AF_INET);
	herror("herror");
	hstrerror(1);
	getnetbyname("loopback");
	getifaddrs(&interfaces);
	freeifaddrs(interfaces);
	indices = if_nameindex();
	if_freenameindex(indices);
	if_indextoname(1, buffer);
	ethernet = ether_aton("00:11:22:33:44:55");
	ether_ntoa(ethernet);
	inet_network("127.1");
	res_init();
	sched_getscheduler(0);
	sched_getparam(0, &parameters);
	sched_get_priority_max(SCHED_FIFO);
	sched_getcpu();
	processors = CPU_ALLOC(8);
	CPU_FREE(processors);
	ulimit(UL_GETFSIZE);
	personality(0xffffffff);
	adjtimex(&clock_state);
	sigemptyset(&set);
	signalfd(-1, &set, 0);
	mount("none", "/nonexistent", "tmpfs", 0, NULL);
	umount2("/nonexistent", MNT_DETACH);
	swapoff("/nonexistent");
	quotactl(0, NULL, 0, NULL);
	setxattr("/nonexistent", "user.name", "value", 5, 0);
	listxattr("/etc/hostname", buffer, sizeof buffer);
	mq_open("/tsltrace", O_RDONLY);
	catopen("none", 0);
	strfmon(buffer, sizeof buffer, "%n", 1.5);
	mbrtoc16(&narrow, "a", 1, &state);
	mbrtoc32(&wide, "a", 1, &state);
	c32rtomb(buffer, U'x', &state);
	parse_printf_format("%d %s", 0, NULL);
	sethostname("", -1);
	getusershell();
	daemon(1, 1);
	(void)host;
	return 0;
}

// Functions of unistd.h, fcntl.h, dirent.h, sys/stat.h and their like with ordinary arguments.
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <ftw.h>
#include <glob.h>
#include <grp.h>
#include <libgen.h>
#include <mntent.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <termios.h>
#include <unistd.h>

static int visit(const char *path, const struct stat *status, int kind) {
	(void)path, (void)status, (void)kind;
	return 1;
}

static int visit_more(const char *path, const struct stat *status, int kind, struct FTW *level) {
	(void)level;
	return visit(path, status, kind);
}

int main(void) {
	char buffer[128], path[] = "/tmp/tsltrace-file";
	struct stat status;
	struct stat64 status64;
	struct statvfs volume;
	struct statfs system_volume;
	struct utsname names;
	struct rlimit limit;
	struct iovec parts[2] = {{"ab", 2}, {"cd\n", 3}};
	struct pollfd polled = {1, POLLOUT, 0};
	struct timeval wait = {0, 10};
	struct winsize window;
	struct termios terminal;
	struct epoll_event event = {EPOLLIN, {0}};
	struct itimerspec timer = {{0, 0}, {1, 0}};
	struct passwd *user, user_buffer, *found;
	struct dirent **list;
	struct group *group;
	fd_set set;
	glob_t globbed;
	int ends[2], fd, count;
	DIR *directory;
	off_t offset = 0;
	fd = open("/etc/hostname", O_RDONLY);
	read(fd, buffer, 10);
	lseek(fd, 0, SEEK_SET);
	lseek64(fd, 1, SEEK_CUR);
	pread(fd, buffer, 4, 1);
	fstat(fd, &status);
	fstat64(fd, &status64);
	isatty(fd);
	ttyname(fd);
	close(fd);
	close(-1);
	open64("/nonexistent", O_RDONLY);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
	openat(AT_FDCWD, path, O_RDONLY);
	write(fd, "hello\n", 6);
	pwrite(fd, "abc", 3, 10);
	writev(fd, parts, 2);
	ftruncate(fd, 5);
	fsync(fd);
	fdatasync(fd);
	fchmod(fd, 0600);
	flock(fd, LOCK_EX);
	lockf(fd, F_ULOCK, 0);
	fcntl(fd, F_GETFD);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	posix_fadvise(fd, 0, 0, POSIX_FADV_NORMAL);
	ioctl(1, TIOCGWINSZ, &window);
	tcgetattr(0, &terminal);
	dup(fd);
	dup2(fd, 20);
	dup3(fd, 21, O_CLOEXEC);
	sendfile(fd, fd, &offset, 1);
	close(fd);
	creat(path, 0640);
	access(path, R_OK);
	faccessat(AT_FDCWD, path, F_OK, 0);
	stat(path, &status);
	lstat(path, &status);
	fstatat(AT_FDCWD, path, &status, 0);
	statvfs("/tmp", &volume);
	statfs("/tmp", &system_volume);
	chmod(path, 0600);
	chown(path, 0, 0);
	truncate(path, 3);
	link(path, "/tmp/tsltrace-link");
	symlink(path, "/tmp/tsltrace-symlink");
	readlink("/tmp/tsltrace-symlink", buffer, sizeof buffer);
	unlink("/tmp/tsltrace-link");
	unlink("/tmp/tsltrace-symlink");
	unlinkat(AT_FDCWD, path, 0);
	getxattr(path, "user.a", buffer, 10);
	mkdir("/tmp/tsltrace-dir", 0755);
	rmdir("/tmp/tsltrace-dir");
	mkfifo(path, 0600);
	mknod("/nonexistent/a", S_IFREG, 0);
	unlink(path);
	umask(022);
	pipe(ends);
	pipe2(ends, O_CLOEXEC);
	getcwd(buffer, sizeof buffer);
	chdir("/");
	fchdir(3);
	directory = opendir("/usr");
	readdir(directory);
	telldir(directory);
	dirfd(directory);
	rewinddir(directory);
	closedir(directory);
	count = scandir("/usr", &list, NULL, alphasort);
	ftw("/usr", visit, 4);
	nftw("/usr", visit_more, 4, FTW_PHYS);
	glob("/etc/host*", 0, NULL, &globbed);
	globfree(&globbed);
	fnmatch("*.c", "a.c", 0);
	basename(path);
	dirname(path);
	getpid();
	getppid();
	getuid();
	geteuid();
	getgid();
	getegid();
	getgroups(0, NULL);
	getpgrp();
	getpgid(0);
	getsid(0);
	gethostname(buffer, sizeof buffer);
	uname(&names);
	sysconf(_SC_PAGESIZE);
	pathconf("/", _PC_NAME_MAX);
	confstr(_CS_PATH, buffer, sizeof buffer);
	getpagesize();
	getlogin();
	getrlimit(RLIMIT_NOFILE, &limit);
	getpriority(PRIO_PROCESS, 0);
	nice(0);
	user = getpwnam("root");
	getpwuid(0);
	getpwnam_r("root", &user_buffer, buffer, sizeof buffer, &found);
	setpwent();
	getpwent();
	endpwent();
	group = getgrgid(0);
	getgrnam("root");
	poll(&polled, 1, 0);
	FD_ZERO(&set);
	select(0, NULL, &set, NULL, &wait);
	fd = epoll_create1(0);
	epoll_ctl(fd, EPOLL_CTL_ADD, ends[0], &event);
	epoll_wait(fd, &event, 1, 0);
	eventfd(0, 0);
	fd = timerfd_create(CLOCK_MONOTONIC, 0);
	timerfd_settime(fd, 0, &timer, NULL);
	inotify_init1(0);
	void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	mprotect(memory, 4096, PROT_READ);
	madvise(memory, 4096, MADV_DONTNEED);
	msync(memory, 4096, MS_SYNC);
	munmap(memory, 4096);
	mmap64(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	sbrk(0);
	sync();
	FILE *mounts = setmntent("/proc/mounts", "r");
	getmntent(mounts);
	endmntent(mounts);
	(void)user, (void)group, (void)count;
	return 0;
}

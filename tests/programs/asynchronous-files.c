// O_ASYNC: signals when something happens to sockets and inotify, with F_SETSIG and without; which files have it; FIOASYNC.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

static volatile int kind, code, band, descriptor, signals;

static void note(int signal, siginfo_t *info, void *context) {
  (void)context;
  signals++;
  kind = signal;
  code = info->si_code;
  band = info->si_band;
  descriptor = info->si_fd;
}

/** What came since the last time; of several the last one. */
static void heard(const char *what) {
  printf("  %s: ", what);
  if (signals == 0) printf("nothing\n");
  else if (kind == SIGIO) printf("%d SIGIO, code %d\n", signals, code);
  else printf("%d signals, code %d band %x fd %d\n", signals, code, band, descriptor);
  signals = 0;
}

static void ask(const char *what, int fd, int signal) {
  fcntl(fd, F_SETOWN, getpid());
  if (signal) fcntl(fd, F_SETSIG, signal);
  int result = fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_ASYNC | O_NONBLOCK);
  printf("%s: %d, %s\n", what, result, fcntl(fd, F_GETFL) & O_ASYNC ? "asynchronous" : "not");
}

static char bytes[4096];

static void unixPair(const char *what, int type) {
  int ends[2];
  socketpair(AF_UNIX, type, 0, ends);
  ask(what, ends[0], 0);
  write(ends[1], "a", 1);
  heard("a byte");
  write(ends[1], "b", 1);
  heard("another");
  read(ends[0], bytes, 10);
  heard("read");
  write(ends[0], "c", 1);
  heard("sent");
  read(ends[1], bytes, 1);
  heard("taken");
  fcntl(ends[0], F_SETSIG, SIGRTMIN);
  write(ends[1], "a", 1);
  heard("with a signal of its own");
  shutdown(ends[1], SHUT_WR);
  heard("shut down");
  close(ends[1]);
  heard("closed");
  close(ends[0]);
}

static void room(void) {
  int ends[2];
  socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
  ask("room", ends[0], SIGRTMIN);
  while (write(ends[0], bytes, sizeof bytes) > 0);
  heard("full");
  while (signals == 0 && read(ends[1], bytes, sizeof bytes) > 0);
  heard("room again");
  shutdown(ends[1], SHUT_RDWR);
  heard("shut down both ways");
  close(ends[0]);
  close(ends[1]);
}

static void internet(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  int receiver = socket(AF_INET, SOCK_DGRAM, 0), sender = socket(AF_INET, SOCK_DGRAM, 0);
  bind(receiver, (void *)&address, sizeof address);
  getsockname(receiver, (void *)&address, &length);
  ask("UDP", receiver, SIGRTMIN);
  sendto(sender, "a", 1, 0, (void *)&address, length);
  heard("a datagram");
  recv(receiver, bytes, 1, 0);
  heard("read");
  close(receiver);
  close(sender);
  address.sin_port = 0;
  int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
  bind(listener, (void *)&address, sizeof address);
  listen(listener, 5);
  getsockname(listener, (void *)&address, &length);
  ask("TCP, listening", listener, SIGRTMIN);
  connect(client, (void *)&address, length);
  usleep(1000);
  heard("a connection");
  int server = accept(listener, NULL, NULL);
  ask("TCP", server, SIGRTMIN);
  write(client, "a", 1);
  usleep(1000);
  heard("a byte");
  read(server, bytes, 1);
  shutdown(client, SHUT_WR);
  usleep(1000);
  heard("the end");
  close(server);
  close(client);
  close(listener);
}

static void without(const char *what, int fd) {
  ask(what, fd, SIGRTMIN);
  int on = 1;
  int result = ioctl(fd, FIOASYNC, &on);
  printf("  FIOASYNC %d %s\n", result, result < 0 ? strerror(errno) : "");
}

int main(void) {
  struct sigaction action = {.sa_sigaction = note, .sa_flags = SA_SIGINFO | SA_RESTART};
  sigaction(SIGIO, &action, NULL);
  sigaction(SIGRTMIN, &action, NULL);
  unixPair("stream", SOCK_STREAM);
  unixPair("datagram", SOCK_DGRAM);
  unixPair("packets", SOCK_SEQPACKET);
  room();
  internet();
  int watcher = inotify_init();
  ask("inotify", watcher, SIGRTMIN);
  mkdir("watched", 0700);
  inotify_add_watch(watcher, "watched", IN_CREATE);
  int made = open("watched/name", O_CREAT | O_RDWR, 0600);
  heard("a file");
  without("file", made);
  close(made);
  unlink("watched/name");
  rmdir("watched");
  without("eventfd", eventfd(0, 0));
  without("timerfd", timerfd_create(CLOCK_MONOTONIC, 0));
  without("/dev/null", open("/dev/null", O_RDWR));
  int ends[2], on = 1;
  socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
  fcntl(ends[0], F_SETOWN, getpid());
  printf("FIOASYNC %d, %s\n", ioctl(ends[0], FIOASYNC, &on), fcntl(ends[0], F_GETFL) & O_ASYNC ? "on" : "off");
  write(ends[1], "a", 1);
  heard("a byte");
  on = 0;
  printf("FIOASYNC %d, %s\n", ioctl(ends[0], FIOASYNC, &on), fcntl(ends[0], F_GETFL) & O_ASYNC ? "on" : "off");
  write(ends[1], "a", 1);
  heard("a byte");
  return 0;
}

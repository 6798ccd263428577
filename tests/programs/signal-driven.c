// Signals that say what descriptors have become ready for: O_ASYNC, F_SETSIG, on sockets of all kinds and terminals.
#include "call-report.h"
#include <netinet/in.h>
#include <arpa/inet.h>
#include <sys/socket.h>
#include <poll.h>
#include <termios.h>
static void take(int s, siginfo_t *i, void *c) { char b[100]; int n = sprintf(b, "  signal %d code %d band %lx fd\n", s, i->si_code, i->si_band); write(1, b, n); }
int main(void) {
  prepare();
  struct sigaction a = {.sa_sigaction = take, .sa_flags = SA_SIGINFO}; sigaction(SIGIO, &a, NULL); sigaction(40, &a, NULL); sigaction(SIGURG, &a, NULL);
  int p[2]; socketpair(AF_UNIX, SOCK_STREAM, 0, p); SHOW(fcntl(p[0], F_SETOWN, getpid())); SHOW(fcntl(p[0], F_SETSIG, 40)); SHOW(fcntl(p[0], F_SETFL, O_ASYNC)); printf("unix in\n"); write(p[1], "x", 1); char c[10]; read(p[0], c, 10); printf("unix out\n"); write(p[0], "y", 1); read(p[1], c, 10); printf("unix shutdown\n"); shutdown(p[1], SHUT_WR); printf("unix close\n"); close(p[1]);
  struct sockaddr_in n = {AF_INET, 0, {htonl(INADDR_LOOPBACK)}}; socklen_t l = sizeof n; int s = socket(AF_INET, SOCK_STREAM, 0); bind(s, (void*)&n, l); listen(s, 5); getsockname(s, (void*)&n, &l);
  fcntl(s, F_SETOWN, getpid()); fcntl(s, F_SETSIG, 40); fcntl(s, F_SETFL, O_ASYNC);
  int k = socket(AF_INET, SOCK_STREAM, 0); fcntl(k, F_SETOWN, getpid()); fcntl(k, F_SETSIG, 40); fcntl(k, F_SETFL, O_ASYNC); printf("connect\n"); connect(k, (void*)&n, l); rest(5); printf("accept\n"); int d = accept(s, 0, 0); rest(5); printf("tcp in\n"); write(d, "abc", 3); rest(5); printf("read\n"); read(k, c, 10); rest(5); printf("urgent\n"); send(d, "u", 1, MSG_OOB); rest(5); printf("shutdown\n"); shutdown(d, SHUT_WR); rest(5); printf("close\n"); close(d); rest(5);
  int u = socket(AF_INET, SOCK_DGRAM, 0); n.sin_port = 0; bind(u, (void*)&n, l); getsockname(u, (void*)&n, &l); fcntl(u, F_SETOWN, getpid()); fcntl(u, F_SETFL, O_ASYNC); printf("udp\n"); sendto(u, "x", 1, 0, (void*)&n, l); rest(5); int t = socket(AF_INET, SOCK_DGRAM, 0); fcntl(t, F_SETOWN, getpid()); fcntl(t, F_SETSIG, 40); fcntl(t, F_SETFL, O_ASYNC); n.sin_port = htons(9); connect(t, (void*)&n, l); printf("udp error\n"); send(t, "x", 1, 0); rest(5);
  int m = posix_openpt(O_RDWR | O_NOCTTY); grantpt(m); unlockpt(m); int y = open(ptsname(m), O_RDWR | O_NOCTTY); fcntl(y, F_SETOWN, getpid()); fcntl(y, F_SETSIG, 40); fcntl(y, F_SETFL, O_ASYNC); printf("tty line\n"); write(m, "li", 2); rest(5); printf("end\n"); write(m, "ne\n", 3); rest(5); read(y, c, 10); for (int got = 0; got < 6;) got += read(m, c, 6 - got); /* the echo comes when it comes */ fcntl(m, F_SETOWN, getpid()); fcntl(m, F_SETSIG, 40); fcntl(m, F_SETFL, O_ASYNC); printf("master\n"); write(y, "out", 3); rest(5); printf("hang up\n"); close(y); rest(5);
  SHOW(fcntl(p[0], F_SETSIG, 65)); SHOW(fcntl(p[0], F_SETSIG, -1)); SHOW(fcntl(p[0], F_GETSIG)); SHOW(fcntl(p[0], F_SETOWN, 4000000)); SHOW(fcntl(p[0], F_SETOWN, -4000000)); SHOW(fcntl(p[0], F_GETOWN) == getpid());
}

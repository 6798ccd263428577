// Sockets on one machine: a pair, a named one with a child as its client, and what is refused.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static void tell(long result) { printf("%ld %s\n", result, result < 0 ? strerror(errno) : "done"); }

int main(void) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair)) return 1;
  printf("send %zd\n", send(pair[0], "over there", 10, 0));
  char text[64] = "";
  printf("recv %zd %s\n", recv(pair[1], text, sizeof text - 1, 0), text);
  shutdown(pair[0], SHUT_WR);
  printf("end %zd\n", recv(pair[1], text, sizeof text, 0));

  struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "door"};
  int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  printf("bind %d\n", bind(listener, (struct sockaddr *)&address, sizeof address));
  printf("listen %d\n", listen(listener, 1));
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    int client = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(client, (struct sockaddr *)&address, sizeof address)) _exit(1);
    if (write(client, "knock", 5) != 5) _exit(2);
    _exit(read(client, text, 4) == 4 && !memcmp(text, "come", 4) ? 9 : 3);
  }
  int server = accept(listener, NULL, NULL);
  memset(text, 0, sizeof text);
  printf("read %zd", read(server, text, sizeof text));
  printf(" %s\n", text);
  if (write(server, "come", 4) != 4) return 1;
  int status;
  waitpid(child, &status, 0);
  printf("child %d\n", WEXITSTATUS(status));
  unlink("door");
  int late = socket(AF_UNIX, SOCK_STREAM, 0);
  tell(connect(late, (struct sockaddr *)&address, sizeof address));
  int type;
  socklen_t length = sizeof type;
  tell(getsockopt(late, SOL_SOCKET, SO_TYPE, &type, &length));
  printf("type %d\n", type == SOCK_STREAM);
  tell(socket(AF_UNIX, 77, 0));
  return 0;
}

// Keys and keyrings: adding, updating, finding, reading, linking, permissions, time; no serial numbers are printed.
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void show(const char *what, long result) {
  if (result < 0) printf("%s: %s\n", what, strerror(errno));
  else printf("%s: %ld\n", what, result);
}

static void done(const char *what, long result) { show(what, result < 0 ? result : 0); }

enum { THREAD = -1, PROCESS = -2, SESSION = -3, USER = -4 };
enum { GET_ID, JOIN, UPDATE, REVOKE, CHOWN, SETPERM, DESCRIBE, CLEAR, LINK, UNLINK, SEARCH, READ, SET_TIMEOUT = 15, INVALIDATE = 21 };

static int add(const char *type, const char *name, const char *payload, int ring) {
  return syscall(SYS_add_key, type, name, payload, payload ? strlen(payload) : 0L, ring);
}
#define KEYCTL(...) syscall(SYS_keyctl, __VA_ARGS__)

static void contents(int key) {
  char text[64];
  long size = KEYCTL(READ, key, text, sizeof text, 0L);
  if (size < 0) show("read", size);
  else printf("holds %.*s\n", (int)size, text);
}

static void describe(int key) {
  char text[128];
  long size = KEYCTL(DESCRIBE, key, text, sizeof text, 0L);
  if (size < 0) show("describe", size);
  else printf("%ld %s\n", size, text);
}

int main(void) {
  setvbuf(stdout, NULL, _IOFBF, 32768);
  done("no thread keyring", KEYCTL(GET_ID, THREAD, 0L, 0L, 0L));
  done("process keyring", KEYCTL(GET_ID, PROCESS, 1L, 0L, 0L));
  int ring = KEYCTL(GET_ID, PROCESS, 0L, 0L, 0L);
  describe(ring);
  int key = add("user", "first", "secret", PROCESS);
  done("add", key);
  contents(key);
  describe(key);
  show("update", add("user", "first", "changed", PROCESS) == key);
  contents(key);
  show("update it", KEYCTL(UPDATE, key, "again", 5L, 0L));
  contents(key);
  show("size", KEYCTL(READ, key, NULL, 0L, 0L));
  char small[3] = "";
  show("cut", KEYCTL(READ, key, small, 2L, 0L));
  printf("%s\n", small);
  show("found", KEYCTL(SEARCH, PROCESS, "user", "first", 0L) == key);
  show("not found", KEYCTL(SEARCH, PROCESS, "user", "other", 0L));
  show("requested", syscall(SYS_request_key, "user", "first", NULL, 0L) == key);
  show("request of nothing", syscall(SYS_request_key, "user", "other", NULL, 0L));
  int inner = add("keyring", "inner", NULL, PROCESS);
  done("keyring", inner);
  int nested = add("user", "nested", "deep", inner);
  show("found within", KEYCTL(SEARCH, PROCESS, "user", "nested", 0L) == nested);
  show("link", KEYCTL(LINK, key, inner, 0L, 0L));
  show("listed", KEYCTL(READ, inner, NULL, 0L, 0L));
  show("unlink", KEYCTL(UNLINK, key, inner, 0L, 0L));
  show("unlink again", KEYCTL(UNLINK, key, inner, 0L, 0L));
  show("a circle", KEYCTL(LINK, ring, inner, 0L, 0L));
  show("clear", KEYCTL(CLEAR, inner, 0L, 0L, 0L));
  show("listed", KEYCTL(READ, inner, NULL, 0L, 0L));
  show("clear a key", KEYCTL(CLEAR, key, 0L, 0L, 0L));
  show("link to a key", KEYCTL(LINK, inner, key, 0L, 0L));
  int logon = add("logon", "service:name", "hidden", PROCESS);
  done("logon", logon);
  contents(logon);
  show("logon without service", add("logon", "name", "x", PROCESS));
  show("permissions", KEYCTL(SETPERM, key, 0x3d000000L, 0L, 0L));
  describe(key);
  show("still written", KEYCTL(UPDATE, key, "x", 1L, 0L));
  show("all of them", KEYCTL(SETPERM, key, 0x3f3f3f3fL, 0L, 0L));
  show("bad permissions", KEYCTL(SETPERM, key, 0x40000000L, 0L, 0L));
  show("revoke", KEYCTL(REVOKE, key, 0L, 0L, 0L));
  contents(key);
  int short_ = add("user", "short", "x", PROCESS);
  show("timeout", KEYCTL(SET_TIMEOUT, short_, 900L, 0L, 0L));
  show("invalidate", KEYCTL(INVALIDATE, short_, 0L, 0L, 0L));
  show("unknown type", add("nothing", "x", "x", PROCESS));
  show("empty type", add("", "x", "x", PROCESS));
  show("hidden type", add(".x", "x", "x", PROCESS));
  show("long type", add("01234567890123456789012345678901", "x", "x", PROCESS));
  show("no payload", add("user", "x", NULL, PROCESS));
  show("no name", add("user", "", "x", PROCESS));
  show("too much", syscall(SYS_add_key, "user", "x", "x", 1048577L, PROCESS));
  show("bad payload", syscall(SYS_add_key, "user", "x", (char *)8, 4L, PROCESS));
  show("keyring with payload", add("keyring", "x", "x", PROCESS));
  show("no ring", add("user", "x", "x", 0));
  show("unknown ring", add("user", "x", "x", 0x7fffffff));
  show("unknown special ring", add("user", "x", "x", -99));
  show("unknown key", KEYCTL(READ, 0x7fffffffL, NULL, 0L, 0L));
  show("unknown operation", KEYCTL(9999L, 0L, 0L, 0L, 0L));
  return 0;
}

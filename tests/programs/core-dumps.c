// What a process leaves behind when a signal ends it: the bit in its status, and a core file of its registers and memory.
#include "call-report.h"
#include <elf.h>
#include <sys/procfs.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/user.h>

static char marked[] = "marked memory";
static int number;
static void dies(void) {
  marked[0] = 'M';
  if (number == 0) *(volatile int *)hole = 1;
  else kill(getpid(), number);
}

static void look(void) {
  int file = open("core", O_RDONLY), found = 0;
  if (file < 0) { printf("core: %s\n", strerror(errno)); return; }
  struct stat s;
  fstat(file, &s);
  char *all = malloc(s.st_size);
  read(file, all, s.st_size);
  Elf64_Ehdr *e = (void *)all;
  Elf64_Phdr *p = (void *)(all + e->e_phoff);
  printf("mode %o type %d machine %d headers %d\n", s.st_mode, e->e_type, e->e_machine, e->e_phnum > 5);
  for (int i = 0; i < e->e_phnum; i++) {
    if (p[i].p_type == PT_NOTE) {
      for (long at = 0; at < p[i].p_filesz;) {
        Elf64_Nhdr *n = (void *)(all + p[i].p_offset + at);
        char *name = (char *)(n + 1), *data = name + (n->n_namesz + 3 & ~3);
        if (n->n_type == NT_PRSTATUS) { struct elf_prstatus *t = (void *)data; printf("status: size %d signal %d ip %d sp %d\n", n->n_descsz, t->pr_cursig, ((struct user_regs_struct *)t->pr_reg)->rip != 0, ((struct user_regs_struct *)t->pr_reg)->rsp != 0); }
        else if (n->n_type == NT_PRPSINFO) { struct elf_prpsinfo *t = (void *)data; printf("process: size %d %.15s %.10s uid %d\n", n->n_descsz, t->pr_fname, t->pr_psargs, t->pr_uid); }
        else if (n->n_type == NT_SIGINFO) printf("signal: size %d number %d code %d\n", n->n_descsz, ((siginfo_t *)data)->si_signo, ((siginfo_t *)data)->si_code);
        else if (n->n_type == NT_AUXV) printf("auxv: %d\n", n->n_descsz > 200);
        else if (n->n_type == NT_FILE) printf("files: %d\n", ((long *)data)[0] > 0);
        else if (n->n_type == NT_FPREGSET) printf("floating point: size %d\n", n->n_descsz);
        at += sizeof *n + (n->n_namesz + 3 & ~3) + (n->n_descsz + 3 & ~3);
      }
    } else if (p[i].p_type == PT_LOAD && (long)marked >= p[i].p_vaddr && (long)marked < p[i].p_vaddr + p[i].p_filesz) {
      printf("memory: %s\n", all + p[i].p_offset + ((long)marked - p[i].p_vaddr));
      found = 1;
    }
  }
  printf("found %d\n", found);
  free(all);
  close(file);
  unlink("core");
}

static void unreadable(void) { prctl(PR_SET_DUMPABLE, 0); dies(); }
static void elsewhere(void) { chdir("/"); become_nobody(); prctl(PR_SET_DUMPABLE, 1); dies(); }

int main(void) {
  prepare();
  struct rlimit none = {0, RLIM_INFINITY}, all = {RLIM_INFINITY, RLIM_INFINITY}, few = {4095, RLIM_INFINITY}, some = {8192, RLIM_INFINITY};
  unlink("core");
  setrlimit(RLIMIT_CORE, &none);
  APART(dies); look();
  setrlimit(RLIMIT_CORE, &all);
  APART(dies); look();
  number = SIGQUIT; APART(dies); look();
  number = SIGTERM; APART(dies); look();
  number = SIGABRT; APART(unreadable); look();
  APART(elsewhere);
  setrlimit(RLIMIT_CORE, &few);
  APART(dies); look();
  setrlimit(RLIMIT_CORE, &some);
  APART(dies);
  struct stat s; stat("core", &s); printf("size %d\n", s.st_size > 0 && s.st_size <= 8192);
  mkdir("core", 0700); unlink("core"); mkdir("core", 0700); setrlimit(RLIMIT_CORE, &all);
  APART(dies); rmdir("core"); symlink("/tmp/nowhere-core", "core"); APART(dies); unlink("core");
}

/**
 * Where each library's declarations are: headers (those of a Debian package, or a list), the objects that say what is exported,
 * the annotations, and the files to write with the names that go into each: a pattern, or the objects that export them.
 */

const LIB = "/usr/lib/x86_64-linux-gnu/";
const ALL = /./;
const THREADS = /^_*(pthread_|sem_|mtx_|cnd_|thrd_|tss_|call_once$)/;
const LOADING = /^_*(dl(open|sym|vsym|close|error|addr|addr1|info|mopen|iterate_phdr)|_dl_find_object)$/;
const REAL_TIME = /^_*(aio_|lio_listio|mq_|shm_(open|unlink)|timer_(create|delete|gettime|settime|getoverrun)|clock_)/;

export const libraries = [
  {
    title: "the C library",
    package: "libc6-dev",
    headers:
      /^(?!(asm|linux|rpc|nfs)\/|bits\/|gnu\/stubs|regexp\.h|.*lib-names)(?!complex\.h|tgmath\.h|math\.h|fenv\.h)/,
    objects: [`${LIB}libc.so.6`, `${LIB}libresolv.so.2`],
    notes: "libc.txt",
    files: { "libc.so": ALL, "libpthread.so": THREADS, "libdl.so": LOADING, "librt.so": REAL_TIME },
  },
  {
    title: "the mathematical library",
    headers: ["math.h", "complex.h", "fenv.h"],
    objects: [`${LIB}libm.so.6`],
    notes: "libm.txt",
    files: { "libm.so": ALL },
  },
  {
    title: "libcrypt",
    headers: ["crypt.h"],
    objects: [`${LIB}libcrypt.so.1`],
    notes: "libcrypt.txt",
    files: { "libcrypt.so": ALL },
  },
  { title: "zlib", headers: ["zlib.h"], objects: [`${LIB}libz.so.1`], notes: "libz.txt", files: { "libz.so": ALL } },
  {
    title: "ncurses",
    before: ["stdio.h"],
    headers: ["ncurses.h", "term.h", "panel.h", "menu.h", "form.h"],
    objects: ["ncursesw", "tinfo", "panelw", "menuw", "formw"].map((name) => `${LIB}lib${name}.so.6`),
    notes: "libncurses.txt",
    files: Object.fromEntries([
      ["libtinfo.so", [`${LIB}libtinfo.so.6`]],
      ["libncurses.so", [`${LIB}libncursesw.so.6`, `${LIB}libtinfo.so.6`]],
      ["libncursesw.so", [`${LIB}libncursesw.so.6`, `${LIB}libtinfo.so.6`]],
      ...["panel", "menu", "form"].flatMap((name) => [
        [`lib${name}.so`, [`${LIB}lib${name}w.so.6`]],
        [`lib${name}w.so`, [`${LIB}lib${name}w.so.6`]],
      ]),
    ]),
  },
  {
    title: "readline and history",
    before: ["stdio.h"],
    headers: ["readline/readline.h", "readline/history.h"],
    objects: [`${LIB}libreadline.so.8`],
    notes: "libreadline.txt",
    files: {
      "libreadline.so": ALL,
      "libhistory.so": /history|hist_|^(using|add|clear|stifle|where|current|previous|next)_/,
    },
  },
  {
    title: "SQLite",
    headers: ["sqlite3.h"],
    objects: [`${LIB}libsqlite3.so.0`],
    notes: "libsqlite3.txt",
    files: { "libsqlite3.so": ALL },
  },
  {
    title: "Lua 5.4",
    headers: ["lua5.4/lua.h", "lua5.4/lauxlib.h", "lua5.4/lualib.h"],
    objects: [`${LIB}liblua5.4.so.0`],
    notes: "liblua5.4.txt",
    files: { "liblua5.4.so": ALL },
  },
  {
    title: "libselinux",
    headers: [
      "selinux/selinux.h",
      "selinux/context.h",
      "selinux/label.h",
      "selinux/avc.h",
      "selinux/restorecon.h",
      "selinux/get_context_list.h",
    ],
    objects: [`${LIB}libselinux.so.1`],
    notes: "libselinux.txt",
    files: { "libselinux.so": ALL },
  },
  {
    title: "libacl",
    headers: ["sys/acl.h", "acl/libacl.h"],
    objects: [`${LIB}libacl.so.1`],
    notes: "libacl.txt",
    files: { "libacl.so": ALL },
  },
  {
    title: "libcap",
    headers: ["sys/capability.h"],
    objects: [`${LIB}libcap.so.2`],
    notes: "libcap.txt",
    files: { "libcap.so": ALL },
  },
  {
    title: "libgcc_s",
    headers: ["unwind.h"],
    objects: [`${LIB}libgcc_s.so.1`],
    notes: "libgcc_s.txt",
    files: { "libgcc_s.so": ALL },
  },
  {
    title: "libstdc++",
    headers: [],
    objects: [],
    notes: "libstdc++.txt",
    files: { "libstdc++.so": ALL, "libc++abi.so": /^(_Zn|_Zd|__cxa_|__dynamic_cast|__gxx_|_ZSt9term)/ },
  },
];

/** Files of imports only. musl's C library is its dynamic linker, and goes by another name on Alpine Linux. */
export const imports = {
  "ld-musl-x86_64.so": ["libc.so", "libm.so", "libcrypt.so"],
  "libc.musl-x86_64.so": ["libc.so", "libm.so", "libcrypt.so"],
};

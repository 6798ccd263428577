/**
 * Where each library's declarations are: headers (those of a Debian package, or a list), the objects that say what is exported,
 * the annotations, and the file to write; or the files, each with the object that exports what goes into it.
 */

const LIB = "/usr/lib/x86_64-linux-gnu/";

export const libraries = [
  {
    title: "the C library",
    package: "libc6-dev",
    headers:
      /^(?!(asm|linux|rpc|nfs)\/|bits\/|gnu\/stubs|regexp\.h|.*lib-names)(?!complex\.h|tgmath\.h|math\.h|fenv\.h)/,
    objects: [`${LIB}libc.so.6`, `${LIB}libresolv.so.2`],
    notes: "libc.txt",
    file: "libc.so",
  },
  {
    title: "the mathematical library",
    headers: ["math.h", "complex.h", "fenv.h"],
    objects: [`${LIB}libm.so.6`],
    notes: "libm.txt",
    file: "libm.so",
  },
  {
    title: "libcrypt",
    headers: ["crypt.h"],
    objects: [`${LIB}libcrypt.so.1`],
    notes: "libcrypt.txt",
    file: "libcrypt.so",
  },
  { title: "zlib", headers: ["zlib.h"], objects: [`${LIB}libz.so.1`], notes: "libz.txt", file: "libz.so" },
  {
    title: "ncurses",
    before: ["stdio.h"],
    headers: ["ncurses.h", "term.h", "panel.h", "menu.h", "form.h"],
    objects: ["ncursesw", "tinfo", "panelw", "menuw", "formw"].map((name) => `${LIB}lib${name}.so.6`),
    notes: "libncurses.txt",
    files: {
      "libtinfo.so": `${LIB}libtinfo.so.6`,
      "libncurses.so": `${LIB}libncursesw.so.6`,
      "libpanel.so": `${LIB}libpanelw.so.6`,
      "libmenu.so": `${LIB}libmenuw.so.6`,
      "libform.so": `${LIB}libformw.so.6`,
    },
  },
  {
    title: "readline and history",
    before: ["stdio.h"],
    headers: ["readline/readline.h", "readline/history.h"],
    objects: [`${LIB}libreadline.so.8`],
    notes: "libreadline.txt",
    file: "libreadline.so",
  },
  {
    title: "SQLite",
    headers: ["sqlite3.h"],
    objects: [`${LIB}libsqlite3.so.0`],
    notes: "libsqlite3.txt",
    file: "libsqlite3.so",
  },
  {
    title: "Lua 5.4",
    headers: ["lua5.4/lua.h", "lua5.4/lauxlib.h", "lua5.4/lualib.h"],
    objects: [`${LIB}liblua5.4.so.0`],
    notes: "liblua5.4.txt",
    file: "liblua5.4.so",
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
    file: "libselinux.so",
  },
  {
    title: "libacl",
    headers: ["sys/acl.h", "acl/libacl.h"],
    objects: [`${LIB}libacl.so.1`],
    notes: "libacl.txt",
    file: "libacl.so",
  },
  {
    title: "libcap",
    headers: ["sys/capability.h"],
    objects: [`${LIB}libcap.so.2`],
    notes: "libcap.txt",
    file: "libcap.so",
  },
  {
    title: "libgcc_s",
    headers: ["unwind.h"],
    objects: [`${LIB}libgcc_s.so.1`],
    notes: "libgcc_s.txt",
    file: "libgcc_s.so",
  },
  {
    title: "libstdc++",
    headers: [],
    objects: [],
    notes: "libstdc++.txt",
    file: "libstdc++.so",
  },
];

/**
 * Libraries whose functions are in other libraries' files too or only. libpthread, libdl and librt have been in the C library since
 * glibc 2.34; musl's C library is all of it and its dynamic linker, and goes by another name on Alpine Linux.
 */
export const imports = {
  "libpthread.so": ["libc.so"],
  "libdl.so": ["libc.so"],
  "librt.so": ["libc.so"],
  "ld-musl-x86_64.so": ["libc.so", "libm.so", "libcrypt.so"],
  "libc.musl-x86_64.so": ["libc.so", "libm.so", "libcrypt.so"],
  "libncurses.so": ["libtinfo.so"],
  "libncursesw.so": ["libncurses.so"],
  "libpanelw.so": ["libpanel.so"],
  "libmenuw.so": ["libmenu.so"],
  "libformw.so": ["libform.so"],
  "libhistory.so": ["libreadline.so"],
  "libc++abi.so": ["libstdc++.so"],
};

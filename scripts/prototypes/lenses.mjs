/** From C types to ltrace.conf(5) lenses, by conventions that are the same for every library. */

const BASE = {
  void: "void",
  char: "char",
  "unsigned char": "char",
  short: "short",
  "unsigned short": "ushort",
  int: "int",
  "unsigned int": "uint",
  long: "long",
  "unsigned long": "ulong",
  _Bool: "bool(char)",
  float: "float",
  double: "double",
  "float complex": "struct(float,float)",
  "double complex": "struct(double,double)",
  "long double": "ldouble",
  "long double complex": "struct(ldouble,ldouble)",
  __builtin_va_list: "addr",
  __gnuc_va_list: "addr",
};

/** What the name of an integer parameter says of it. */
const BY_NAME = [
  { name: /^_*flags?$/, lens: (integer) => `hex(${integer})` },
  { name: /^_*(sig|signo|signum)$/, lens: () => "signum" },
  { name: /(^|_)(dfd|dirfd)$/, lens: () => "dirfd_t" },
  { name: /^_*whence$/, lens: () => "whence" },
  { name: /^_*category$/, lens: () => "locale_category" },
];

/** What a parameter or result cannot be said at all: the function gets no prototype. */
export class Unsayable extends Error {}

export class Lenses {
  /**
   * @param typedefs what C typedefs stand for
   * @param values lenses by the name of a C type, for values ("size_t", "struct div_t")
   * @param structs names of lenses that stand for structs of the same name
   */
  constructor(typedefs, values, structs) {
    this.typedefs = typedefs;
    this.values = values;
    this.structs = structs;
  }

  /** One name off a typedef, as long as nothing is said of that name. */
  resolve(type) {
    let isConst = type.isConst ?? false;
    while (type.kind === "named" && !this.values.has(type.name) && this.typedefs.has(type.name)) {
      type = this.typedefs.get(type.name);
      isConst ||= type.isConst ?? false;
    }
    return { ...type, isConst };
  }

  value(type, isResult) {
    const known = this.resolve(type);
    if (this.values.has(known.name)) return this.values.get(known.name);
    // Comes back in two registers of the x87, which no lens says.
    if (isResult && known.name === "long double complex") return "void";
    if (BASE[known.name]) return BASE[known.name];
    if (known.kind === "pointer") return this.pointer(known, isResult);
    if (known.kind === "tagged" && known.name.startsWith("enum")) return "int";
    throw new Unsayable(known.name);
  }

  pointer(type, isResult) {
    const to = this.resolve(type.to);
    const readable = to.isConst || isResult;
    if (to.kind === "base" && to.name === "char") return readable ? "string" : "addr";
    if (to.kind === "named" && to.name === "wchar_t") return readable ? "wstring" : "addr";
    const struct = this.structOf(type.to);
    if (struct) return readable ? `${struct}*` : `+${struct}*`;
    return "addr";
  }

  structOf(type) {
    if (type.kind === "named" && this.structs.has(type.name)) return type.name;
    const known = this.resolve(type);
    const name = known.name?.replace(/^struct /, "").replace(/^_+/, "");
    return known.kind === "tagged" && this.structs.has(name) ? name : undefined;
  }

  parameter({ name, type }) {
    const lens = this.value(type, false);
    const said = /^u?(int|long)$/.test(lens) ? BY_NAME.find((each) => each.name.test(name ?? "")) : undefined;
    return said ? said.lens(lens) : lens;
  }

  /** One line of ltrace.conf for a function. */
  prototype(name, type) {
    const parameters = type.parameters.map((parameter) => this.parameter(parameter));
    const result = this.value(type.result, true);
    return `${result} ${name}(${parameters.join(",")});`;
  }
}

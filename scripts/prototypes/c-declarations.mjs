/**
 * Function declarations and typedefs out of preprocessed C (`gcc -E`, with its line markers).
 * Only what headers hold: bodies of functions, structs and enums are passed over.
 *
 * A type is one of
 *   { kind: "base", name }              name as C spells it, in one order: "unsigned long"
 *   { kind: "named", name }             the name of a typedef
 *   { kind: "tagged", name }            "struct tm", "union sigval", "enum x"
 *   { kind: "pointer", to }             also what arrays become as parameters
 *   { kind: "function", result, parameters, variadic }
 * and has `isConst` where the declaration says const.
 */

const TOKEN = /#[^\n]*\n?|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[A-Za-z_]\w*|\.\.\.|[0-9][\w.]*|[^\s\w]/g;
const BASE_WORDS = new Set(
  "void char short int long float double signed unsigned _Bool _Complex __int128 _Float128 _Float64x _Float64 _Float32x _Float32 __signed__".split(
    " ",
  ),
);
const IGNORED = new Set(
  "extern static inline __inline __inline__ __extension__ register auto volatile __volatile__ restrict __restrict __restrict__ _Noreturn _Thread_local __thread".split(
    " ",
  ),
);
const CONST = new Set(["const", "__const", "__const__"]);
const BRACKETS = { "(": ")", "[": "]", "{": "}" };

/** Tokens with the header each came from. Other directives than line markers are dropped. */
function tokenize(text) {
  const tokens = [];
  let file = "";
  for (const [token] of text.matchAll(TOKEN)) {
    if (!token.startsWith("#")) tokens.push({ text: token, file });
    else file = /^# \d+ "([^"]*)"/.exec(token)?.[1] ?? file;
  }
  return tokens;
}

class Reader {
  constructor(tokens, typedefs) {
    this.tokens = tokens;
    this.typedefs = typedefs;
    this.at = 0;
  }

  peek(ahead = 0) {
    return this.tokens[this.at + ahead]?.text;
  }

  take() {
    return this.tokens[this.at++]?.text;
  }

  accept(text) {
    if (this.peek() !== text) return false;
    this.at++;
    return true;
  }

  /** Passes over a bracketed group; the reader stands on its opening bracket. */
  skipGroup() {
    const closing = BRACKETS[this.peek()];
    this.at++;
    while (this.at < this.tokens.length && this.peek() !== closing) {
      if (BRACKETS[this.peek()]) this.skipGroup();
      else this.at++;
    }
    this.at++;
  }

  /** Passes over attributes; gives the name that an asm label says, if there is one. */
  skipAttributes() {
    let label;
    for (;;) {
      const word = this.peek();
      if (word === "__attribute__" || word === "__attribute" || word === "_Alignas" || word === "__nonnull") {
        this.at++;
        this.skipGroup();
      } else if (word === "__asm__" || word === "asm" || word === "__asm") {
        const start = ++this.at;
        this.skipGroup();
        const strings = this.tokens.slice(start, this.at).filter((token) => token.text.startsWith('"'));
        label = strings.map((token) => token.text.slice(1, -1)).join("");
      } else if (IGNORED.has(word)) this.at++;
      else return label;
    }
  }

  /** Declaration specifiers: storage class aside, the type a declaration begins with. */
  specifiers() {
    const words = [];
    let type;
    let isConst = false;
    let isTypedef = false;
    for (;;) {
      this.skipAttributes();
      const word = this.peek();
      if (word === undefined) break;
      if (CONST.has(word)) isConst = true;
      else if (word === "typedef") isTypedef = true;
      else if (BASE_WORDS.has(word)) words.push(word);
      else if (word === "struct" || word === "union" || word === "enum") {
        type = this.tagged();
        continue;
      } else if (word === "__typeof__" || word === "typeof") {
        this.at++;
        this.skipGroup();
        type = { kind: "named", name: "typeof" };
        continue;
      } else if (!type && words.length === 0 && this.isTypeName(word)) type = { kind: "named", name: word };
      else break;
      this.at++;
    }
    if (!type) type = words.length > 0 ? { kind: "base", name: baseName(words) } : undefined;
    return { type: type && { ...type, isConst }, isTypedef };
  }

  isTypeName(word) {
    return this.typedefs.has(word) || /^__(builtin|gnuc)_va_list$/.test(word);
  }

  tagged() {
    const keyword = this.take();
    this.skipAttributes();
    const name = /^\w/.test(this.peek()) ? this.take() : "";
    if (this.peek() === "{") this.skipGroup();
    return { kind: "tagged", name: `${keyword} ${name}` };
  }

  /** A declarator, abstract or not, around `type`. */
  declarator(type) {
    this.skipAttributes();
    while (this.accept("*")) {
      type = { kind: "pointer", to: type };
      this.skipAttributes();
      while (CONST.has(this.peek())) {
        this.at++;
        this.skipAttributes();
      }
    }
    if (this.peek() === "(" && this.isNested()) {
      this.at++;
      const inner = this.at;
      this.at--;
      this.skipGroup();
      const whole = this.suffixes(type);
      const after = this.at;
      this.at = inner;
      const result = this.declarator(whole.type);
      this.at = after;
      return { ...result, label: result.label ?? whole.label };
    }
    const name = /^[A-Za-z_]/.test(this.peek() ?? "") ? this.take() : undefined;
    const { type: full, label } = this.suffixes(type);
    return { name, type: full, label };
  }

  /** A parenthesis that opens a nested declarator and no list of parameters. */
  isNested() {
    const next = this.peek(1);
    return next === "*" || next === "(" || next === "__attribute__" || this.isPlainName(next);
  }

  isPlainName(word) {
    return /^[A-Za-z_]/.test(word ?? "") && !BASE_WORDS.has(word) && !CONST.has(word) && !IGNORED.has(word)
      ? !this.isTypeName(word) && !/^(struct|union|enum)$/.test(word)
      : false;
  }

  suffixes(type) {
    let label = this.skipAttributes();
    if (this.peek() === "(") {
      this.at++;
      const { parameters, variadic } = this.parameters();
      label = this.skipAttributes() ?? label;
      return { type: { kind: "function", result: type, parameters, variadic }, label };
    }
    let isArray = false;
    while (this.peek() === "[") {
      isArray = true;
      this.skipGroup();
    }
    label = this.skipAttributes() ?? label;
    return { type: isArray ? { kind: "pointer", to: type, isArray } : type, label };
  }

  parameters() {
    const parameters = [];
    let variadic = false;
    while (this.at < this.tokens.length && !this.accept(")")) {
      if (this.accept("...")) variadic = true;
      else if (!this.accept(",")) {
        const start = this.at;
        const { type } = this.specifiers();
        const { name, type: full } = this.declarator(type ?? { kind: "base", name: "int" });
        parameters.push({ name, type: full.kind === "function" ? { kind: "pointer", to: full } : full });
        if (this.at === start) this.at++;
      }
    }
    const isVoid = parameters.length === 1 && parameters[0].type.kind === "base" && parameters[0].type.name === "void";
    return { parameters: isVoid ? [] : parameters, variadic };
  }
}

/** Types of a fixed format, by the type of the same format on x86-64. */
const FIXED_FORMATS = { _Float32: "float", _Float32x: "double", _Float64: "double", _Float64x: "long double" };

function baseName(words) {
  const count = (word) => words.filter((each) => each === word).length;
  const complex = count("_Complex") ? " complex" : "";
  const sign = count("unsigned") ? "unsigned " : "";
  for (const [word, name] of Object.entries(FIXED_FORMATS)) if (count(word)) return `${name}${complex}`;
  if (count("float")) return `float${complex}`;
  if (count("double")) return `${count("long") ? "long " : ""}double${complex}`;
  if (count("char")) return `${sign}char`;
  if (count("short")) return `${sign}short`;
  if (count("long")) return `${sign}long`;
  for (const word of ["void", "_Bool", "__int128", "_Float128"]) if (count(word)) return word;
  return `${sign}int`;
}

/** @returns {{ functions: {name, type, file}[], typedefs: Map<string, object> }} */
export function readDeclarations(text) {
  const typedefs = new Map();
  const functions = [];
  const reader = new Reader(tokenize(text), typedefs);
  while (reader.at < reader.tokens.length) {
    const start = reader.at;
    const { file } = reader.tokens[start];
    const { type, isTypedef } = reader.specifiers();
    while (type && reader.peek() !== ";" && reader.at < reader.tokens.length) {
      const before = reader.at;
      const declared = reader.declarator(type);
      if (declared.name && isTypedef) typedefs.set(declared.name, declared.type);
      else if (declared.name && declared.type.kind === "function")
        functions.push({ name: declared.label ?? declared.name, type: declared.type, file });
      if (!reader.accept(",") || reader.at === before) break;
    }
    finishDeclaration(reader);
  }
  return { functions, typedefs };
}

/** Up to the semicolon, or past the body of a function. */
function finishDeclaration(reader) {
  while (reader.at < reader.tokens.length) {
    const word = reader.peek();
    if (word === "{") {
      reader.skipGroup();
      if (reader.peek() !== ";") return;
    } else if (word === "(" || word === "[") reader.skipGroup();
    else reader.at++;
    if (word === ";") return;
  }
}

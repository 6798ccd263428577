// Makes modules of the bundle be evaluated when something of theirs is first used, instead of with whatever imports them: most of what the
// tables say of structures and instructions no single program asks for. For modules that only declare, so that nobody can tell.
import { parseAst } from "rolldown/parseAst";

const PATH = /^\/\/ (dist\/\S+)$/gm;
const INITIALISER = /^init_/;

/**
 * `code`, as the bundler left it with comments that name the modules. `isLate` takes a module's path; so does `importsForEffect`: what such a
 * module imports is evaluated with it, not before.
 */
export function withLateModules(code, isLate, importsForEffect) {
  const { body } = parseAst(code);
  const late = new Late(code, modulesOf(code, body), isLate, importsForEffect);
  for (const statement of body) late.visit(statement, [], undefined);
  return late.edited();
}

/** By their initialisers, the modules: the variables that get their values there, and the initialisers of what is imported. */
function modulesOf(code, body) {
  const paths = [...code.matchAll(PATH)].map((found) => ({ at: found.index, path: found[1] }));
  const pathAt = (at) => paths.findLast((path) => path.at < at)?.path ?? "";
  const modules = new Map();
  let declared = [];
  let path = "";
  for (const statement of body) {
    if (pathAt(statement.start) !== path) declared = [];
    path = pathAt(statement.start);
    if (statement.type !== "VariableDeclaration") continue;
    for (const { id, init } of statement.declarations) {
      if (INITIALISER.test(id.name) && init?.callee?.name === "__esmMin") {
        const its = init.arguments[0].body.body;
        const given = assigned(its);
        const variables = declared.filter((name) => given.has(name));
        const imports = its.map(({ expression }) => initialiserCalled(expression)).filter((name) => name !== undefined);
        modules.set(id.name, { path, call: init, variables, imports });
      } else if (init === null) declared.push(id.name);
    }
  }
  return modules;
}

const initialiserCalled = (expression) =>
  expression?.type === "CallExpression" && INITIALISER.test(expression.callee.name)
    ? expression.callee.name
    : undefined;

/** What the statements of an initialiser give values to. */
function assigned(statements) {
  const names = new Set();
  for (const { expression } of statements)
    if (expression?.type === "AssignmentExpression") addPattern(expression.left, names);
  return names;
}

class Late {
  #code;
  #edits = [];
  #modules;
  #isLate;
  #importsForEffect;
  #ownerOf = new Map();
  #evaluations = new Map();

  constructor(code, modules, isLate, importsForEffect) {
    this.#code = code;
    this.#modules = modules;
    this.#isLate = (initialiser) => isLate(modules.get(initialiser)?.path ?? "");
    this.#importsForEffect = (initialiser) => importsForEffect(modules.get(initialiser)?.path ?? "");
    for (const [initialiser, { variables, call }] of modules) {
      this.#evaluations.set(call, initialiser);
      if (this.#isLate(initialiser)) for (const variable of variables) this.#ownerOf.set(variable, initialiser);
    }
  }

  /** `scopes` are the names declared around the node, the nearest first; `own` is the initialiser it is in, which has begun when it runs. */
  visit(node, scopes, own) {
    if (Array.isArray(node)) {
      for (const each of node) this.visit(each, scopes, own);
      return;
    }
    if (!node || typeof node !== "object" || typeof node.type !== "string") return;
    switch (node.type) {
      case "Identifier":
        return this.#reference(node, scopes, own, "");
      case "ExpressionStatement":
        if (this.#evaluate(node, own)) return;
        break;
      case "CallExpression":
        own = this.#evaluations.get(node) ?? own;
        break;
      case "AssignmentExpression":
      case "UpdateExpression":
        if (this.#write(node, scopes, own)) return this.visit(node.right, scopes, own);
        break;
      case "MemberExpression":
        this.visit(node.object, scopes, own);
        if (node.computed) this.visit(node.property, scopes, own);
        return;
      case "Property":
        if (node.key.name === "args" && node.value.type === "ObjectExpression") this.#remember(node);
        if (node.computed) this.visit(node.key, scopes, own);
        if (node.shorthand && node.value.type === "Identifier")
          this.#reference(node.value, scopes, own, `${node.key.name}: `);
        else this.visit(node.value, scopes, own);
        return;
      case "MethodDefinition":
      case "PropertyDefinition":
        if (node.computed) this.visit(node.key, scopes, own);
        this.visit(node.value, scopes, own);
        return;
      case "LabeledStatement":
        return this.visit(node.body, scopes, own);
      case "BreakStatement":
      case "ContinueStatement":
        return;
    }
    const inner = scopeOf(node);
    const around = inner ? [inner, ...scopes] : scopes;
    for (const [key, each] of Object.entries(node)) {
      const isName = key === "id" && each?.type === "Identifier";
      if (!isName && each && typeof each === "object") this.visit(each, around, own);
    }
  }

  /**
   * Whether the node is an evaluation of what is to be late, by `own`. What that imports and is not late must be evaluated nevertheless: functions of
   * late modules can be called before these are evaluated.
   */
  #evaluate({ expression, start, end }, own) {
    const initialiser = initialiserCalled(expression);
    if (!this.#isLate(initialiser) || this.#importsForEffect(own)) return false;
    const early = new Set();
    if (!this.#isLate(own)) this.#collectEarly(initialiser, early, new Set());
    this.#edit(start, end, [...early].map((name) => `${name}();`).join(" "));
    return true;
  }

  #collectEarly(initialiser, early, seen) {
    if (seen.has(initialiser)) return;
    seen.add(initialiser);
    if (!this.#isLate(initialiser)) early.add(initialiser);
    else if (!this.#importsForEffect(initialiser))
      for (const imported of this.#modules.get(initialiser).imports) this.#collectEarly(imported, early, seen);
  }

  /** The initialiser that must have run before `name` is looked at; undefined where it has. */
  #ownerHere(name, scopes, own) {
    const owner = this.#ownerOf.get(name);
    return owner === undefined || owner === own || scopes.some((names) => names.has(name)) ? undefined : owner;
  }

  #reference({ name, start, end }, scopes, own, before) {
    const owner = this.#ownerHere(name, scopes, own);
    if (owner !== undefined) this.#edit(start, end, `${before}(${name} ?? (${owner}(), ${name}))`);
  }

  /** Whether the node writes to a variable that has its first value by then. */
  #write({ start, end, left, argument }, scopes, own) {
    const target = left ?? argument;
    const owner = target.type === "Identifier" ? this.#ownerHere(target.name, scopes, own) : undefined;
    if (owner === undefined) return false;
    this.#edit(start, start, `(${owner}(), `);
    this.#edit(end, end, ")");
    return true;
  }

  /** The arguments of a declaration are looked at when somebody does: a property that puts its value in its place. */
  #remember({ start, value }) {
    this.#edit(start, value.start, "get args() { const value = ");
    this.#edit(
      value.end,
      value.end,
      '; Object.defineProperty(this, "args", { value, enumerable: true }); return value; }',
    );
  }

  #edit(start, end, text) {
    this.#edits.push({ start, end, text });
  }

  edited() {
    let at = 0;
    const pieces = [];
    for (const { start, end, text } of this.#edits.sort((one, other) => one.start - other.start)) {
      pieces.push(this.#code.slice(at, start), text);
      at = end;
    }
    return pieces.join("") + this.#code.slice(at);
  }
}

/** The names that a node declares for what is in it; undefined when it is no scope. */
function scopeOf(node) {
  const names = new Set();
  switch (node.type) {
    case "FunctionDeclaration":
    case "FunctionExpression":
    case "ArrowFunctionExpression":
      if (node.type === "FunctionExpression" && node.id) names.add(node.id.name);
      for (const parameter of node.params) addPattern(parameter, names);
      addHoisted(node.body, names);
      return names;
    case "ClassExpression":
      return node.id ? names.add(node.id.name) : undefined;
    case "BlockStatement":
    case "StaticBlock":
      addDeclared(node.body, names);
      return names;
    case "SwitchStatement":
      for (const { consequent } of node.cases) addDeclared(consequent, names);
      return names;
    case "ForStatement":
      addDeclared([node.init], names);
      return names;
    case "ForInStatement":
    case "ForOfStatement":
      addDeclared([node.left], names);
      return names;
    case "CatchClause":
      if (node.param) addPattern(node.param, names);
      return names;
  }
  return undefined;
}

function addDeclared(statements, names) {
  for (const statement of statements) {
    if (statement?.type === "VariableDeclaration") for (const { id } of statement.declarations) addPattern(id, names);
    else if (/^(Function|Class)Declaration$/.test(statement?.type)) names.add(statement.id.name);
  }
}

/** `var`s of a function, wherever in it they stand. */
function addHoisted(node, names) {
  if (Array.isArray(node)) for (const each of node) addHoisted(each, names);
  else if (node && typeof node === "object") {
    if (/Function/.test(node.type)) return;
    if (node.type === "VariableDeclaration" && node.kind === "var") addDeclared([node], names);
    for (const each of Object.values(node)) if (each && typeof each === "object") addHoisted(each, names);
  }
}

function addPattern(pattern, names) {
  switch (pattern?.type) {
    case "Identifier":
      names.add(pattern.name);
      break;
    case "ObjectPattern":
      for (const property of pattern.properties) addPattern(property.value ?? property.argument, names);
      break;
    case "ArrayPattern":
      for (const element of pattern.elements) addPattern(element, names);
      break;
    case "AssignmentPattern":
      addPattern(pattern.left, names);
      break;
    case "RestElement":
      addPattern(pattern.argument, names);
      break;
  }
}

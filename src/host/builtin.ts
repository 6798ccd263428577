// Node's own modules that most runs do without, loaded when they are first wanted: each costs milliseconds at start-up.

interface Builtins {
  "node:child_process": typeof import("node:child_process");
  "node:crypto": typeof import("node:crypto");
  "node:dgram": typeof import("node:dgram");
  "node:net": typeof import("node:net");
  "node:tty": typeof import("node:tty");
  "node:v8": typeof import("node:v8");
}

export function builtin<Name extends keyof Builtins>(name: Name): Builtins[Name] {
  return process.getBuiltinModule(name) as Builtins[Name];
}

// "#!" lines. fs/binfmt_script.c
import { ENOEXEC, Errno } from "../../abi/errno.js";
import { byteString } from "../mm/user-access.js";

export interface Script {
  readonly interpreter: string;
  /** None or one. */
  readonly argument: readonly string[];
}

/** undefined when `head` does not begin a script. */
export function readScript(head: Uint8Array): Script | undefined {
  if (head[0] !== 0x23 || head[1] !== 0x21) return undefined;
  const text = byteString(head);
  const end = text.search(/[\n\0]/);
  // Cut off in the middle of the interpreter's name it is no program. load_script
  if (end < 0 && !/^#![ \t]*[^ \t]+[ \t]/.test(text)) throw new Errno(ENOEXEC);
  const line = text.slice(2, end < 0 ? undefined : end).replace(/^[ \t]+|[ \t]+$/g, "");
  if (line === "") throw new Errno(ENOEXEC);
  const [, interpreter, argument] = /^([^ \t]+)[ \t]*(.*)$/s.exec(line) ?? [];
  return { interpreter, argument: argument === "" ? [] : [argument] };
}

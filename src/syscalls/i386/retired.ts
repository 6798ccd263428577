// Numbers of i386 that have had no call behind them for long, or never had.
import type { ArgumentTypes } from "../../abi/argument.js";
import { hexLong, long } from "../../abi/scalars.js";
import type { SyscallDeclaration } from "../define.js";

function retired(name: string, i386: number, count = 0): SyscallDeclaration {
  const args: ArgumentTypes = Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`arg${index + 1}`, hexLong]),
  );
  return { name, nr: { i386 }, classes: [], args, returns: long };
}

export const breakCall = retired("break", 17);
export const sttyCall = retired("stty", 31, 2);
export const gttyCall = retired("gtty", 32, 2);
export const ftimeCall = retired("ftime", 35);
export const profCall = retired("prof", 44);
export const lockCall = retired("lock", 53);
export const mpxCall = retired("mpx", 56);
export const ulimitCall = retired("ulimit", 58, 2);
export const profilCall = retired("profil", 98, 4);
export const idleCall = retired("idle", 112);

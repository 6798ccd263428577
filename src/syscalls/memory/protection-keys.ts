// Memory protection keys. See pkeys(7).
import { pkeyAccess, protectionFlags } from "../../abi/constants/memory.js";
import { EINVAL, Errno } from "../../abi/errno.js";
import { address, hexLong, int, long, longFlagsOf, unsignedLong } from "../../abi/scalars.js";
import { mprotect } from "../../kernel/mm/protect.js";
import { defineSyscall } from "../define.js";

/** Without the processor's keys there is none to have or to give back. */
function refuseKey(): never {
  throw new Errno(EINVAL);
}

export const pkeyMprotectCall = defineSyscall({
  name: "pkey_mprotect",
  nr: { x64: 329, i386: 380, x32: 329 },
  classes: ["memory"],
  args: { addr: address, length: unsignedLong, prot: longFlagsOf(protectionFlags), pkey: int },
  returns: long,
  run: (task, { addr, length, prot, pkey }) => mprotect(task.mm, addr, length, prot, pkey),
  partial: "the processor has no protection keys",
});

export const pkeyAllocCall = defineSyscall({
  name: "pkey_alloc",
  nr: { x64: 330, i386: 381, x32: 330 },
  classes: [],
  args: { flags: hexLong, access_rights: longFlagsOf(pkeyAccess) },
  returns: long,
  run: refuseKey,
  partial: "as where the processor has no protection keys",
});

export const pkeyFreeCall = defineSyscall({
  name: "pkey_free",
  nr: { x64: 331, i386: 382, x32: 331 },
  classes: [],
  args: { pkey: int },
  returns: long,
  run: refuseKey,
  partial: "as where the processor has no protection keys",
});

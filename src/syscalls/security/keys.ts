// Keys. See keyrings(7).
import { keyctlOperations } from "../../abi/constants/security.js";
import { long, oneOf, unsignedLong } from "../../abi/scalars.js";
import { keyctlArgument, keyResult, keySerial } from "../../abi/security.js";
import { bytesIn, string } from "../../abi/strings.js";
import { addKey, keyctl, requestKey } from "../../kernel/security/key-calls.js";
import { defineSyscall } from "../define.js";

export const addKeyCall = defineSyscall({
  name: "add_key",
  nr: { x64: 248, i386: 286, x32: 248 },
  classes: [],
  args: { type: string, description: string, payload: bytesIn("plen"), plen: unsignedLong, keyring: keySerial },
  returns: keyResult,
  run: (task, { type, description, payload, plen, keyring }) => addKey(task, type, description, payload, plen, keyring),
  partial: "user, logon and keyring keys",
});

export const requestKeyCall = defineSyscall({
  name: "request_key",
  nr: { x64: 249, i386: 287, x32: 249 },
  classes: [],
  args: { type: string, description: string, callout_info: string, dest_keyring: keySerial },
  returns: keyResult,
  run: (task, { type, description, dest_keyring }) => requestKey(task, type, description, dest_keyring),
  partial: "nobody makes keys that are not there",
});

export const keyctlCall = defineSyscall({
  name: "keyctl",
  nr: { x64: 250, i386: 288, x32: 250 },
  classes: [],
  args: {
    operation: oneOf(keyctlOperations),
    arg2: keyctlArgument(0),
    arg3: keyctlArgument(1),
    arg4: keyctlArgument(2),
    arg5: keyctlArgument(3),
  },
  returns: long,
  run: (task, { operation, arg2, arg3, arg4, arg5 }) => keyctl(task, operation, [arg2, arg3, arg4, arg5]),
  partial: "no asymmetric keys, no instantiation by helpers",
});

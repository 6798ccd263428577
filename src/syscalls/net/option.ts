// Socket options. See getsockopt(2).
import { fd } from "../../abi/descriptors.js";
import { int, long } from "../../abi/scalars.js";
import {
  askedSocketOption,
  optionIn,
  optionOut,
  socketLengthInOut,
  socketLevel,
  socketOption,
} from "../../abi/sockets.js";
import { getOption, setOption } from "../../kernel/net/option-calls.js";
import { defineSyscall } from "../define.js";

export const setsockoptCall = defineSyscall({
  name: "setsockopt",
  nr: { x64: 54, i386: 366, x32: 541 },
  classes: ["net"],
  args: { sockfd: fd, level: socketLevel, optname: socketOption, optval: optionIn, optlen: int },
  returns: long,
  run: (task, { sockfd, level, optname, optval, optlen }) => setOption(task, sockfd, level, optname, optval, optlen),
});

export const getsockoptCall = defineSyscall({
  name: "getsockopt",
  nr: { x64: 55, i386: 365, x32: 542 },
  classes: ["net"],
  args: { sockfd: fd, level: socketLevel, optname: askedSocketOption, optval: optionOut, optlen: socketLengthInOut },
  returns: long,
  run: (task, { sockfd, level, optname, optval, optlen }) => getOption(task, sockfd, level, optname, optval, optlen),
});

// Asynchronous I/O. See io_setup(2), io_uring(7).

import {
  cancelledBlock,
  controlBlocks,
  ioEventsOut,
  registeredRing,
  registerOperation,
  ringSetup,
  ringWait,
} from "../../abi/aio.js";
import { onReturn } from "../../abi/argument.js";
import { IORING_REGISTER_QUERY, ioUringEnterFlags } from "../../abi/constants/events.js";
import { fd } from "../../abi/descriptors.js";
import { registration } from "../../abi/io-uring.js";
import { address, flagsOf, long, unsignedInt, unsignedLong } from "../../abi/scalars.js";
import { signalSetBox } from "../../abi/signals.js";
import { pointer, scalarOut } from "../../abi/struct.js";
import { timespecIn } from "../../abi/time.js";
import {
  cancelRequest,
  destroyContext,
  getEvents,
  getEventsMasked,
  setUpContext,
  submitRequests,
} from "../../kernel/aio/aio-calls.js";
import { ioUringSetup, ioUringUse } from "../../kernel/task/locked-calls.js";
import { defineSyscall } from "../define.js";

const ENTER_FLAGS = 0xff;

export const ioSetupCall = defineSyscall({
  name: "io_setup",
  nr: { x64: 206, i386: 245, x32: 543 },
  classes: ["memory"],
  args: { nr_events: unsignedInt, ctx_idp: scalarOut(pointer()) },
  returns: long,
  run: (task, { nr_events, ctx_idp }) => setUpContext(task, nr_events, ctx_idp),
});

export const ioDestroyCall = defineSyscall({
  name: "io_destroy",
  nr: { x64: 207, i386: 246, x32: 207 },
  classes: ["memory"],
  args: { ctx_id: address },
  returns: long,
  run: (task, { ctx_id }) => destroyContext(task, ctx_id),
});

export const ioSubmitCall = defineSyscall({
  name: "io_submit",
  nr: { x64: 209, i386: 248, x32: 544 },
  classes: [],
  args: { ctx_id: address, nr: long, iocbpp: controlBlocks },
  returns: long,
  run: (task, { ctx_id, nr, iocbpp }) => submitRequests(task, ctx_id, nr, iocbpp),
});

export const ioCancelCall = defineSyscall({
  name: "io_cancel",
  nr: { x64: 210, i386: 249, x32: 210 },
  classes: [],
  args: { ctx_id: address, iocb: cancelledBlock, result: onReturn(address) },
  returns: long,
  run: (task, { ctx_id, iocb }) => cancelRequest(task, ctx_id, iocb),
});

export const ioGeteventsCall = defineSyscall({
  name: "io_getevents",
  nr: { x64: 208, i386: 247, x32: 208 },
  classes: [],
  args: { ctx_id: address, min_nr: long, nr: long, events: ioEventsOut, timeout: timespecIn },
  returns: long,
  run: (task, { ctx_id, min_nr, nr, events, timeout }) => getEvents(task, ctx_id, min_nr, nr, events, timeout),
});

export const ioPgeteventsCall = defineSyscall({
  name: "io_pgetevents",
  nr: { x64: 333, i386: 385, x32: 333 },
  classes: [],
  args: { ctx_id: address, min_nr: long, nr: long, events: ioEventsOut, timeout: timespecIn, sig: signalSetBox },
  returns: long,
  run: (task, { ctx_id, min_nr, nr, events, timeout, sig }) =>
    getEventsMasked(task, ctx_id, min_nr, nr, events, timeout, sig),
});

export const ioUringSetupCall = defineSyscall({
  name: "io_uring_setup",
  nr: { x64: 425, i386: 425, x32: 425 },
  classes: ["desc"],
  args: { entries: unsignedInt, params: ringSetup },
  returns: fd,
  run: (task, { params }) => ioUringSetup(task, params),
  partial: "as where a sysctl forbids it",
});

export const ioUringEnterCall = defineSyscall({
  name: "io_uring_enter",
  nr: { x64: 426, i386: 426, x32: 426 },
  classes: ["desc"],
  args: {
    fd,
    to_submit: unsignedInt,
    min_complete: unsignedInt,
    flags: flagsOf(ioUringEnterFlags),
    sigset: ringWait,
    sigsetsize: unsignedLong,
  },
  returns: long,
  run: (task, { fd, flags }) => ioUringUse(task, fd, (flags & ~ENTER_FLAGS) === 0),
  partial: "as where a sysctl forbids it",
});

export const ioUringRegisterCall = defineSyscall({
  name: "io_uring_register",
  nr: { x64: 427, i386: 427, x32: 427 },
  classes: ["desc", "memory"],
  args: { fd: registeredRing, opcode: registerOperation, arg: registration, nr_args: unsignedInt },
  returns: long,
  run: (task, { fd, opcode }) => {
    // Nobody has registered a ring, and without one little can be done.
    const hasRing = fd !== -1 && opcode >= 0;
    return ioUringUse(task, fd, hasRing && opcode <= IORING_REGISTER_QUERY);
  },
  partial: "as where a sysctl forbids it",
});

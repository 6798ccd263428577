// Waiting for descriptors. See poll(2), select(2), epoll(7), eventfd(2).
import { epollCreateFlags, epollOperations, eventfdFlags } from "../../abi/constants/events.js";
import { fd } from "../../abi/descriptors.js";
import { EINVAL, Errno } from "../../abi/errno.js";
import {
  descriptorSet,
  epollEvent,
  epollEventsOut,
  pollDescriptors,
  pollResult,
  selectResult,
} from "../../abi/events.js";
import { filledIn, flagsOf, int, long, oneOf, unsignedInt, unsignedLong } from "../../abi/scalars.js";
import { signalSetBox, signalSetIn, signalSetOut } from "../../abi/signals.js";
import { timespecIn, timevalIn } from "../../abi/time.js";
import { controlEpoll, createEpoll, waitEpoll } from "../../kernel/fs/anonfs/epoll.js";
import { eventfd } from "../../kernel/fs/anonfs/event-fd.js";
import { withMask } from "../../kernel/signal/control.js";
import { millisecondTimeout, timespecTimeout } from "../../kernel/time/timeout.js";
import { poll } from "../../kernel/vfs/poll.js";
import { ppoll, pselect6, selectTimeval } from "../../kernel/vfs/poll-calls.js";
import { defineSyscall } from "../define.js";

export const pollCall = defineSyscall({
  name: "poll",
  nr: { x64: 7, i386: 168, x32: 7 },
  classes: ["desc"],
  args: { fds: pollDescriptors, nfds: unsignedInt, timeout: int },
  returns: pollResult,
  run: (task, { fds, nfds, timeout }) => poll(task, fds, nfds, millisecondTimeout(timeout)),
});

export const ppollCall = defineSyscall({
  name: "ppoll",
  nr: { x64: 271, i386: 309, x32: 271 },
  classes: ["desc"],
  args: {
    fds: pollDescriptors,
    nfds: unsignedInt,
    tmo_p: timespecIn,
    sigmask: signalSetIn,
    sigsetsize: unsignedLong,
  },
  returns: pollResult,
  run: (task, { fds, nfds, tmo_p, sigmask, sigsetsize }) => ppoll(task, fds, nfds, tmo_p, sigmask, sigsetsize),
});

export const selectCall = defineSyscall({
  name: "select",
  nr: { x64: 23, x32: 23 },
  classes: ["desc"],
  args: { nfds: int, readfds: descriptorSet, writefds: descriptorSet, exceptfds: descriptorSet, timeout: timevalIn },
  returns: selectResult,
  run: (task, { nfds, readfds, writefds, exceptfds, timeout }) =>
    selectTimeval(task, nfds, [readfds, writefds, exceptfds], timeout),
});

export const pselect6Call = defineSyscall({
  name: "pselect6",
  nr: { x64: 270, i386: 308, x32: 270 },
  classes: ["desc"],
  args: {
    nfds: int,
    readfds: descriptorSet,
    writefds: descriptorSet,
    exceptfds: descriptorSet,
    timeout: timespecIn,
    sig: signalSetBox,
  },
  returns: selectResult,
  run: (task, { nfds, readfds, writefds, exceptfds, timeout, sig }) =>
    pselect6(task, nfds, [readfds, writefds, exceptfds], timeout, sig),
});

export const epollCreateCall = defineSyscall({
  name: "epoll_create",
  nr: { x64: 213, i386: 254, x32: 213 },
  classes: ["desc"],
  args: { size: int },
  returns: fd,
  run: (task, { size }) => {
    if (size <= 0) throw new Errno(EINVAL);
    return createEpoll(task, 0);
  },
});

export const epollCreate1Call = defineSyscall({
  name: "epoll_create1",
  nr: { x64: 291, i386: 329, x32: 291 },
  classes: ["desc"],
  args: { flags: flagsOf(epollCreateFlags) },
  returns: fd,
  run: (task, { flags }) => createEpoll(task, flags),
});

export const epollCtlCall = defineSyscall({
  name: "epoll_ctl",
  nr: { x64: 233, i386: 255, x32: 233 },
  classes: ["desc"],
  args: { epfd: fd, op: oneOf(epollOperations), fd, event: epollEvent },
  returns: long,
  run: (task, { epfd, op, fd, event }) => controlEpoll(task, epfd, op, fd, event),
});

export const epollWaitCall = defineSyscall({
  name: "epoll_wait",
  nr: { x64: 232, i386: 256, x32: 232 },
  classes: ["desc"],
  args: { epfd: fd, events: epollEventsOut, maxevents: int, timeout: int },
  returns: long,
  run: (task, { epfd, events, maxevents, timeout }) =>
    waitEpoll(task, epfd, events, maxevents, millisecondTimeout(timeout)),
});

export const epollPwaitCall = defineSyscall({
  name: "epoll_pwait",
  nr: { x64: 281, i386: 319, x32: 281 },
  classes: ["desc"],
  args: {
    epfd: fd,
    events: epollEventsOut,
    maxevents: int,
    timeout: int,
    sigmask: signalSetOut,
    sigsetsize: unsignedLong,
  },
  returns: long,
  run: (task, { epfd, events, maxevents, timeout, sigmask, sigsetsize }) => {
    withMask(task, sigmask, sigsetsize);
    return waitEpoll(task, epfd, events, maxevents, millisecondTimeout(timeout));
  },
});

export const epollPwait2Call = defineSyscall({
  name: "epoll_pwait2",
  nr: { x64: 441, i386: 441, x32: 441 },
  layout: "i386_time64",
  classes: ["desc"],
  args: {
    epfd: fd,
    events: epollEventsOut,
    maxevents: int,
    timeout: filledIn(timespecIn),
    sigmask: signalSetOut,
    sigsetsize: unsignedLong,
  },
  returns: long,
  run: (task, { epfd, events, maxevents, timeout, sigmask, sigsetsize }) => {
    const wait = timespecTimeout(task, timeout);
    withMask(task, sigmask, sigsetsize);
    return waitEpoll(task, epfd, events, maxevents, wait);
  },
});

export const eventfdCall = defineSyscall({
  name: "eventfd",
  nr: { x64: 284, i386: 323, x32: 284 },
  classes: ["desc"],
  args: { initval: unsignedInt },
  returns: fd,
  run: (task, { initval }) => eventfd(task, initval, 0),
});

export const eventfd2Call = defineSyscall({
  name: "eventfd2",
  nr: { x64: 290, i386: 328, x32: 290 },
  classes: ["desc"],
  args: { initval: unsignedInt, flags: flagsOf(eventfdFlags) },
  returns: fd,
  run: (task, { initval, flags }) => eventfd(task, initval, flags),
});

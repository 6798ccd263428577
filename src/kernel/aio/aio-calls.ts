// io_setup, io_submit, io_getevents and their kin. Requests but polls are done when they are submitted: the files here never keep anybody
// waiting who would not wait in Linux too. fs/aio.c
import { iocb, ioEvent } from "../../abi/aio.js";
import * as aio from "../../abi/constants/events.js";
import {
  EAGAIN,
  EBADF,
  EINPROGRESS,
  EINTR,
  EINVAL,
  ERESTART_RESTARTBLOCK,
  ERESTARTNOHAND,
  ERESTARTSYS,
  Errno,
} from "../../abi/errno.js";
import { EventFile } from "../fs/anonfs/event-fd.js";
import { unmapRange } from "../mm/mmap.js";
import { checkRange } from "../mm/user-access.js";
import { withMask } from "../signal/control.js";
import { checkIoPriority } from "../task/schedule-attributes.js";
import type { Task } from "../task/task.js";
import { isSleep, type Sleep, sleepUntil } from "../task/wait.js";
import { readPair } from "../time/sleep.js";
import { File } from "../vfs/file.js";
import { UserVector } from "../vfs/io-vector.js";
import { masked } from "../vfs/poll-calls.js";
import { checkRwFlags, copyInSegments, type Transfer, told, withRwFlags } from "../vfs/read-write.js";
import { AioContext, type Request } from "./context.js";

/** /proc/sys/fs/aio-max-nr */
const MAX_REQUESTS = 65536;
const MAX_RING = 0x10000000;
const EVENTS_PER_PROCESSOR = 4;

export function setUpContext(task: Task, count: number, result: number): void {
  const old = task.readPointer(result);
  if (old !== 0 || count === 0) throw new Errno(EINVAL);
  const events = Math.max(count, EVENTS_PER_PROCESSOR) * 2;
  if (events > MAX_RING / ioEvent.size()) throw new Errno(EINVAL);
  let all = count;
  for (const { mm } of task.kernel.tasks.values())
    for (const { maxRequests } of mm.aioContexts.values()) all += maxRequests;
  if (all > MAX_REQUESTS) throw new Errno(EAGAIN);
  const context = new AioContext(task, count, events);
  task.mm.aioContexts.set(context.address, context);
  try {
    task.writePointer(result, context.address);
  } catch (error) {
    destroyContext(task, context.address);
    throw error;
  }
}

function contextAt(task: Task, address: number): AioContext {
  const context = task.mm.aioContexts.get(address);
  if (context === undefined) throw new Errno(EINVAL);
  return context;
}

export function destroyContext(task: Task, address: number): void {
  const context = contextAt(task, address);
  task.mm.aioContexts.delete(address);
  context.release();
  unmapRange(task.mm, address, address + context.size);
}

/** io_submit(2): how many were; the error of the first when that is none. */
export function* submitRequests(task: Task, address: number, count: number, blocks: number): Sleep<number> {
  if (count < 0) throw new Errno(EINVAL);
  const context = contextAt(task, address);
  for (let done = 0; done < count; done++) {
    try {
      yield* submit(task, context, task.readPointer(blocks + done * task.pointerBytes));
    } catch (error) {
      if (done === 0 || !(error instanceof Errno)) throw error;
      return done;
    }
  }
  return count;
}

type Field = keyof typeof iocb.fields;

class ControlBlock {
  readonly #view: DataView;
  readonly address: number;

  constructor(task: Task, address: number) {
    this.address = address;
    this.#view = task.readStruct(iocb, address);
  }

  get(field: Field): number {
    return iocb.get(this.#view, field);
  }

  get data(): bigint {
    return this.#view.getBigUint64(iocb.offset("aio_data"), true);
  }

  /** The address, which is bytes to the tracer, who shows what is there. */
  get buffer(): number {
    const at = iocb.offset("aio_buf");
    return Number(this.#view.getBigUint64(at, true));
  }

  get priority(): number {
    return this.#view.getUint16(iocb.offset("aio_reqprio"), true);
  }
}

function* submit(task: Task, context: AioContext, address: number): Sleep<void> {
  const block = new ControlBlock(task, address);
  if (block.get("aio_reserved2") !== 0) throw new Errno(EINVAL);
  if (block.get("aio_nbytes") >= 2 ** 63) throw new Errno(EINVAL);
  context.checkRoom();
  const file = task.files.get(block.get("aio_fildes"));
  const wantsCounter = (block.get("aio_flags") & aio.IOCB_FLAG_RESFD) !== 0;
  const counter = wantsCounter ? counterAt(task, block.get("aio_resfd")) : undefined;
  task.writeU32(address + iocb.offset("aio_key"), 0);
  const request: Request = { data: block.data, block: address, counter: counter?.hold() };
  try {
    yield* begin(task, context, block, file.hold(), request);
  } catch (error) {
    counter?.put();
    throw error;
  } finally {
    file.put();
  }
}

/** eventfd_ctx_fdget */
function counterAt(task: Task, fd: number): EventFile {
  const file = task.files.get(fd);
  if (!(file instanceof EventFile)) throw new Errno(EINVAL);
  return file;
}

function* begin(task: Task, context: AioContext, block: ControlBlock, file: File, request: Request): Sleep<void> {
  switch (block.get("aio_lio_opcode")) {
    case aio.IOCB_CMD_PREAD:
    case aio.IOCB_CMD_PREADV:
      return yield* transfer(task, context, block, file, request, false);
    case aio.IOCB_CMD_PWRITE:
    case aio.IOCB_CMD_PWRITEV:
      return yield* transfer(task, context, block, file, request, true);
    case aio.IOCB_CMD_FSYNC:
    case aio.IOCB_CMD_FDSYNC:
      checkUnused(block, ["aio_offset", "aio_nbytes", "aio_rw_flags"]);
      if (block.buffer !== 0 || !(file.inode.isRegular || file.inode.isDirectory)) throw new Errno(EINVAL);
      context.complete(request, 0);
      return;
    case aio.IOCB_CMD_POLL:
      if (block.buffer > 0xffff) throw new Errno(EINVAL);
      checkUnused(block, ["aio_offset", "aio_nbytes", "aio_rw_flags"]);
      context.poll(request, file, block.buffer);
      return;
    default:
      throw new Errno(EINVAL);
  }
}

function checkUnused(block: ControlBlock, fields: readonly Field[]): void {
  if (fields.some((field) => block.get(field) !== 0)) throw new Errno(EINVAL);
}

/** aio_read, aio_write: what is wrong before the transfer begins is io_submit's error, what comes then is the event's. */
function* transfer(
  task: Task,
  context: AioContext,
  block: ControlBlock,
  file: File,
  request: Request,
  writes: boolean,
): Sleep<void> {
  const flags = block.get("aio_rw_flags");
  if (block.get("aio_flags") & aio.IOCB_FLAG_IOPRIO) checkIoPriority(task, block.priority);
  checkRwFlags(file, flags, writes);
  if (!(writes ? file.isWritable : file.isReadable)) throw new Errno(EBADF);
  const method = writes ? "write" : "read";
  if (file.inode.isDirectory || file[method] === File.prototype[method]) throw new Errno(EINVAL);
  const vector = vectorOf(task, block, writes);
  const offset = block.get("aio_offset");
  if (offset < 0) throw new Errno(EINVAL);
  const position = file.seekable ? offset : undefined;
  const start = (): Transfer => file[method](vector, task, position);
  const event = writes ? aio.IN_MODIFY : aio.IN_ACCESS;
  let result: number;
  try {
    const moved = told(file, event, withRwFlags(file, flags, start));
    result = isSleep(moved) ? yield* moved : moved;
  } catch (error) {
    if (!(error instanceof Errno)) throw error;
    result = error.number >= ERESTARTSYS && error.number <= ERESTART_RESTARTBLOCK ? -EINTR : -error.number;
  }
  context.complete(request, result);
}

function vectorOf(task: Task, block: ControlBlock, writes: boolean): UserVector {
  const operation = block.get("aio_lio_opcode");
  const make = writes ? UserVector.from : UserVector.into;
  const length = block.get("aio_nbytes");
  if (operation === aio.IOCB_CMD_PREADV || operation === aio.IOCB_CMD_PWRITEV) {
    const { bases, lengths } = copyInSegments(task, block.buffer, length);
    return make(task.mm, bases, lengths);
  }
  checkRange(block.buffer, length);
  return make(task.mm, [block.buffer], [length]);
}

/** io_cancel(2): only polls can be. That the event will come is told as EINPROGRESS. */
export function cancelRequest(task: Task, address: number, block: number): never {
  if (task.readU32(block + iocb.offset("aio_key")) !== 0) throw new Errno(EINVAL);
  throw new Errno(contextAt(task, address).cancel(block) ? EINPROGRESS : EINVAL);
}

/** io_getevents(2). */
export function* getEvents(
  task: Task,
  address: number,
  least: number,
  most: number,
  events: number,
  time: number,
  onSignal: number = EINTR,
): Sleep<number> {
  const wait = time === 0 ? undefined : readPair(task, time); // any two numbers will do
  const timeout = wait && wait.seconds * 1e9 + wait.fraction;
  const context = contextAt(task, address);
  if (least > most || least < 0) throw new Errno(EINVAL);
  const deadline = timeout === undefined ? undefined : task.kernel.clock.monotonic() + timeout;
  let got = 0;
  const take = (): void => {
    const size = ioEvent.size();
    got += context.take(most - got, (event, index) => task.copyOut(events + (got + index) * size, event));
  };
  const more = (): boolean => {
    take();
    return got >= least;
  };
  try {
    if (!more() && timeout !== 0) yield* sleepUntil(task, more, deadline, onSignal);
  } catch (error) {
    if (got === 0) throw error;
  }
  return got;
}

/** io_pgetevents(2): `box` holds a mask's address and size. */
export function getEventsMasked(
  task: Task,
  address: number,
  least: number,
  most: number,
  events: number,
  time: number,
  box: number,
): Sleep<number> {
  if (box !== 0) {
    task.copyIn(box, 2 * task.pointerBytes);
    withMask(task, task.readPointer(box), task.readPointer(box + task.pointerBytes));
  }
  return masked(task, getEvents(task, address, least, most, events, time, ERESTARTNOHAND));
}

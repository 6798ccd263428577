// A context of asynchronous I/O: the ring of what is over, which the program may read itself, and the polls under way. fs/aio.c: struct kioctx
import { aioRing, ioEvent } from "../../abi/aio.js";
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from "../../abi/constants/events.js";
import { O_RDWR, S_IFREG } from "../../abi/constants/files.js";
import { MAP_SHARED, PROT_READ, PROT_WRITE } from "../../abi/constants/memory.js";
import { EAGAIN, Errno } from "../../abi/errno.js";
import { shmemDentry } from "../fs/anonfs/anon-fs.js";
import type { EventFile } from "../fs/anonfs/event-fd.js";
import { pageUp } from "../mm/mm.js";
import { mmap } from "../mm/mmap.js";
import type { Task } from "../task/task.js";
import type { File } from "../vfs/file.js";
import { KernelVector } from "../vfs/io-vector.js";

const MAGIC = 0xa10a10a1;
const HEADER = aioRing.size();
const EVENT = ioEvent.size();
/** The ring keeps one free, and room to round. */
const SPARE_EVENTS = 2;

/** One that has been submitted: what its event will say. */
export interface Request {
  readonly data: bigint;
  /** Address of its control block. */
  readonly block: number;
  /** Told when it is over. */
  readonly counter: EventFile | undefined;
}

interface PollRequest extends Request {
  readonly file: File;
  readonly events: number;
}

export class AioContext {
  readonly address: number;
  readonly maxRequests: number;
  readonly #task: Task;
  readonly #ring: File;
  /** Events the ring has room for. */
  readonly #slots: number;
  /** Its place in the address space's table. */
  id = 0;
  /** Bytes of the ring. */
  readonly size: number;
  readonly #polls = new Set<PollRequest>();

  constructor(task: Task, maxRequests: number, events: number) {
    this.#task = task;
    this.maxRequests = maxRequests;
    const size = pageUp(HEADER + (events + SPARE_EVENTS) * EVENT);
    this.size = size;
    this.#slots = Math.floor((size - HEADER) / EVENT);
    const dentry = shmemDentry(task, "/[aio] (deleted)", S_IFREG | 0o600);
    dentry.inode.truncate(size);
    this.#ring = dentry.inode.open(dentry, O_RDWR, task);
    try {
      this.address = mmap(task.mm, 0, size, PROT_READ | PROT_WRITE, MAP_SHARED, this.#ring, 0, task.compat);
    } catch (error) {
      this.#ring.put();
      throw error;
    }
    const used = [...task.mm.aioContexts.values()].map((context) => context.id);
    while (used.includes(this.id)) this.id++;
    const header = aioRing.encode({
      id: this.id,
      nr: this.#slots,
      magic: MAGIC,
      compat_features: 1,
      header_length: HEADER,
    });
    this.#write(0, header);
  }

  #write(at: number, bytes: Uint8Array): void {
    this.#ring.write(new KernelVector(bytes), this.#task, at);
  }

  #read(at: number, length: number): DataView {
    const bytes = new Uint8Array(length);
    this.#ring.read(new KernelVector(bytes), this.#task, at);
    return new DataView(bytes.buffer);
  }

  /** The program may have taken events itself: the head is its to move. */
  #ends(): { head: number; tail: number } {
    const header = this.#read(0, HEADER);
    return { head: aioRing.get(header, "head") % this.#slots, tail: aioRing.get(header, "tail") % this.#slots };
  }

  #setEnd(name: "head" | "tail", value: number): void {
    this.#write(aioRing.offset(name), new Uint8Array(Uint32Array.of(value).buffer));
  }

  /** Events in the ring. */
  get count(): number {
    this.refresh();
    const { head, tail } = this.#ends();
    return (tail - head + this.#slots) % this.#slots;
  }

  /** get_reqs_available: throws EAGAIN when there would be no room for one more event. */
  checkRoom(): void {
    if (this.count + this.#polls.size >= this.#slots - 1) throw new Errno(EAGAIN);
  }

  complete(request: Request, result: number): void {
    const { tail } = this.#ends();
    const event = ioEvent.encode({ data: request.data, obj: request.block, res: result, res2: 0 });
    this.#write(HEADER + tail * EVENT, event);
    this.#setEnd("tail", (tail + 1) % this.#slots);
    request.counter?.add(1n);
    request.counter?.put();
    this.#task.kernel.wake();
  }

  /** Takes up to `max` events out, as bytes: `give` gets each, and what it throws leaves the event there. How many. */
  take(max: number, give: (event: Uint8Array, index: number) => void): number {
    let taken = 0;
    for (; taken < max && this.count > 0; taken++) {
      const { head } = this.#ends();
      give(new Uint8Array(this.#read(HEADER + head * EVENT, EVENT).buffer), taken);
      this.#setEnd("head", (head + 1) % this.#slots);
    }
    return taken;
  }

  /** Waits for one of `events`; what is there already is told at once. */
  poll(request: Request, file: File, events: number): void {
    const wanted = events | POLLERR | POLLHUP;
    const now = file.poll() & wanted;
    if (now !== 0) {
      this.complete(request, now);
      return;
    }
    this.#polls.add({ ...request, file: file.hold(), events: wanted });
    request.counter?.sources.add(this);
  }

  /** Polls whose time has come are over. */
  refresh(): void {
    for (const poll of this.#polls) {
      if ((poll.file.poll() & poll.events) !== 0) this.#end(poll, poll.file.poll() & wakeEvents(poll.events));
    }
  }

  #end(poll: PollRequest, result: number): void {
    this.#polls.delete(poll);
    const { counter } = poll;
    if (![...this.#polls].some((other) => other.counter === counter)) counter?.sources.delete(this);
    poll.file.put();
    this.complete(poll, result);
  }

  /** False when no poll of that block is under way. */
  cancel(block: number): boolean {
    const poll = [...this.#polls].find((each) => each.block === block);
    if (poll) this.#end(poll, 0);
    return poll !== undefined;
  }

  /** The end of it: what is under way is given up. */
  release(): void {
    for (const { block } of [...this.#polls]) this.cancel(block);
    this.#ring.put();
  }
}

/** Who is woken is told all that woke him: a file that can be read says so in both ways. */
function wakeEvents(events: number): number {
  return events | (events & POLLIN ? POLLRDNORM : 0) | (events & POLLOUT ? POLLWRNORM : 0);
}

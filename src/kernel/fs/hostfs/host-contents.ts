// The bytes of a host file, by a descriptor that is open while someone uses the inode.
import { HostError, type HostFiles } from "../../../host/host.js";
import { hostCall } from "./host-call.js";

export class HostContents {
  readonly #files: HostFiles;
  readonly #path: () => string;
  readonly #writable: boolean;
  #fd = -1;
  #users = 0;
  #lastSize = 0;

  constructor(files: HostFiles, path: () => string, writable: boolean) {
    this.#files = files;
    this.#path = path;
    this.#writable = writable;
  }

  acquire(): void {
    this.#users++;
  }

  release(): void {
    if (--this.#users > 0 || this.#fd < 0) return;
    this.#files.close(this.#fd);
    this.#fd = -1;
  }

  readAt(position: number, into: Uint8Array): number {
    return this.#use((fd) => {
      let done = 0;
      while (done < into.length) {
        const count = this.#files.read(fd, done === 0 ? into : into.subarray(done), position + done);
        if (count === 0) break;
        done += count;
      }
      return done;
    });
  }

  writeAt(position: number, from: Uint8Array): number {
    return this.#use((fd) => this.#files.write(fd, from, position));
  }

  /** Size now, for a file that others may change. */
  size(): number {
    this.#lastSize = this.#use((fd) => this.#files.fstat(fd).size);
    return this.#lastSize;
  }

  /** The size, or one it lately had when that was at least `wanted`: reading finds out. */
  sizeUpTo(wanted: number): number {
    return this.#lastSize >= wanted ? this.#lastSize : this.size();
  }

  #open(): number {
    if (this.#writable) {
      try {
        return this.#files.open(this.#path(), "r+");
      } catch (error) {
        if (!(error instanceof HostError)) throw error; // may still be readable
      }
    }
    return this.#files.open(this.#path(), "r");
  }

  #use<T>(work: (fd: number) => T): T {
    return hostCall(() => {
      if (this.#fd < 0) this.#fd = this.#open();
      try {
        return work(this.#fd);
      } finally {
        if (this.#users === 0) {
          this.#files.close(this.#fd);
          this.#fd = -1;
        }
      }
    });
  }
}

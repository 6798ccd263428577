// sigaltstack(2): the stack handlers with SA_ONSTACK run on.
import { MINSIGSTKSZ, SS_AUTODISARM, SS_DISABLE, SS_ONSTACK } from "../../abi/constants/signals.js";
import { EINVAL, ENOMEM, EPERM, Errno } from "../../abi/errno.js";

export class AltStack {
  base = 0;
  size = 0;
  flags = 0;

  contains(sp: number): boolean {
    if (this.flags & SS_AUTODISARM) return false;
    return this.size > 0 && sp > this.base && sp - this.base <= this.size;
  }

  /** ss_flags as sigaltstack(2) shows them with the stack pointer at `sp`. */
  statusAt(sp: number): number {
    const mode = this.size === 0 ? SS_DISABLE : this.contains(sp) ? SS_ONSTACK : 0;
    return (mode | (this.flags & SS_AUTODISARM)) >>> 0;
  }

  /** sigaltstack(2) with a new stack, called with the stack pointer at `sp`. */
  change(base: number, flags: number, size: number, sp: number): void {
    if (this.contains(sp)) throw new Errno(EPERM);
    const mode = flags & ~SS_AUTODISARM;
    if (mode !== SS_DISABLE && mode !== SS_ONSTACK && mode !== 0) throw new Errno(EINVAL);
    if (mode === SS_DISABLE) {
      this.disable();
      this.flags = flags & SS_AUTODISARM;
      return;
    }
    if (this.base === base && this.size === size && this.flags === (flags | 0)) return;
    if (size < MINSIGSTKSZ) throw new Errno(ENOMEM);
    this.base = base;
    this.size = size;
    this.flags = flags & SS_AUTODISARM;
  }

  /** rt_sigreturn: as `change`, but what it does not like it leaves. restore_altstack */
  restore(base: number, flags: number, size: number): void {
    const mode = flags & ~SS_AUTODISARM;
    if (mode === SS_DISABLE) this.disable();
    else if ((mode === 0 || mode === SS_ONSTACK) && size >= MINSIGSTKSZ) {
      this.base = base;
      this.size = size;
      this.flags = flags & SS_AUTODISARM;
    }
  }

  disable(): void {
    this.base = 0;
    this.size = 0;
    this.flags = 0;
  }

  copy(): AltStack {
    return Object.assign(new AltStack(), { base: this.base, size: this.size, flags: this.flags });
  }
}

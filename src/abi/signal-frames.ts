// What i386's kernel puts on the stack for a handler. arch/x86/include/uapi/asm/sigcontext.h, arch/x86/include/asm/sigframe.h
import { SIGINFO_SIZE } from "./siginfo-layout.js";
import { stack } from "./signals.js";
import { type Fields, nested, reserved, type Struct, s32, struct, u16, u32 } from "./struct.js";

export { stack };

const blob = (size: number) => ({ ...reserved(size), align: () => 4 });

/** struct sigcontext_32. */
export const sigcontext32 = struct({
  gs: u16(),
  __gsh: u16(),
  fs: u16(),
  __fsh: u16(),
  es: u16(),
  __esh: u16(),
  ds: u16(),
  __dsh: u16(),
  di: u32(),
  si: u32(),
  bp: u32(),
  sp: u32(),
  bx: u32(),
  dx: u32(),
  cx: u32(),
  ax: u32(),
  trapno: u32(),
  err: u32(),
  ip: u32(),
  cs: u16(),
  __csh: u16(),
  flags: u32(),
  sp_at_signal: u32(),
  ss: u16(),
  __ssh: u16(),
  fpstate: u32(),
  oldmask: u32(),
  cr2: u32(),
});
const context = nested(sigcontext32 as Struct<Fields>);

/** struct ucontext_ia32. */
export const ucontext32 = struct({
  uc_flags: u32(),
  uc_link: u32(),
  uc_stack: nested(stack as Struct<Fields>),
  uc_mcontext: context,
  uc_sigmask: blob(8),
});

/** struct _fpstate_32, where it was before it moved out of the frame. */
const FPSTATE_32 = 624;

/** struct sigframe_ia32. */
export const oldSigframe = struct({
  pretcode: u32(),
  sig: s32(),
  sc: context,
  fpstate_unused: blob(FPSTATE_32),
  extramask: u32(),
  retcode: blob(8),
});

/** struct rt_sigframe_ia32. */
export const rtSigframe = struct({
  pretcode: u32(),
  sig: s32(),
  pinfo: u32(),
  puc: u32(),
  info: blob(SIGINFO_SIZE),
  uc: nested(ucontext32 as Struct<Fields>),
  retcode: blob(8),
});

// ioctls of virtual machines. See linux/kvm.h and asm/kvm.h.
import type { ArgumentType } from "../argument.js";
import { kvmProcessorFlags } from "../constants/devices.js";
import { kvmCapabilities, kvmMemoryFlags } from "../constants/ioctls.js";
import { unsignedNumber } from "../digits.js";
import { filledIn, flagsOf, hexInt, hexLong, longOneOf, unsignedInt } from "../scalars.js";
import type { ShowContext } from "../show.js";
import { type Fields, nested, reserved, type Struct, showArray, struct, u8, u16, u32, u64 } from "../struct.js";
import { alike, array, type Commands, member, shownBy, structure } from "./fields.js";

type Shape = Struct<Fields>;

const wide = u64(hexLong);
const registers = struct({
  rax: wide,
  rbx: wide,
  rcx: wide,
  rdx: wide,
  rsi: wide,
  rdi: wide,
  rsp: wide,
  rbp: wide,
  r8: wide,
  r9: wide,
  r10: wide,
  r11: wide,
  r12: wide,
  r13: wide,
  r14: wide,
  r15: wide,
  rip: wide,
  rflags: wide,
}) as Shape;

/** When abbreviating: the first, the stack and where the program is. */
const registersIn = shownBy(registers.size(), (c, view) => {
  c.out.punct("{");
  if (!c.abbreviate) registers.showFields(c, view, Object.keys(registers.fields));
  else {
    registers.showFields(c, view, ["rax"]);
    c.out.punct(", ..., ");
    registers.showFields(c, view, ["rsp", "rbp"]);
    c.out.punct(", ..., ");
    registers.showFields(c, view, ["rip", "rflags"]);
  }
  c.out.punct("}");
});

const segment = struct({
  base: wide,
  limit: u32(),
  selector: u16(),
  type: u8(),
  present: u8(),
  dpl: u8(),
  db: u8(),
  s: u8(),
  l: u8(),
  g: u8(),
  avl: u8(),
  rest: reserved(2),
}) as Shape;
const table = struct({ base: wide, limit: u16(), rest: reserved(6, 2) }) as Shape;
const specialRegisters = {
  cs: nested(segment),
  ds: nested(segment),
  es: nested(segment),
  fs: nested(segment),
  gs: nested(segment),
  ss: nested(segment),
  tr: nested(segment),
  ldt: nested(segment),
  gdt: nested(table),
  idt: nested(table),
  cr0: u64(),
  cr2: u64(),
  cr3: u64(),
  cr4: u64(),
  cr8: u64(),
  efer: u64(),
  apic_base: wide,
  interrupt_bitmap: array(4, wide),
};
const specialRegistersIn = structure(specialRegisters, { abbreviated: ["cs"] });

const leaf = struct({
  function: u32(hexInt),
  index: u32(hexInt),
  flags: u32(flagsOf(kvmProcessorFlags)),
  eax: u32(hexInt),
  ebx: u32(hexInt),
  ecx: u32(hexInt),
  edx: u32(hexInt),
  rest: reserved(12, 4),
}) as Shape;
const LEAVES_AT = 8;

function showLeaves(c: ShowContext, count: number): void {
  const start = unsignedNumber(c.low("argp"), c.high("argp")) + LEAVES_AT;
  if (count === 0) c.out.punct("[]");
  else if (c.abbreviate) c.out.punct("[...]");
  else showArray(c, start | 0, Math.floor(start / 2 ** 32), count, leaf.size(), (_, view) => leaf.show(c, view));
}

const leaves: ArgumentType<number> = shownBy(LEAVES_AT, (c, view) => {
  const count = view.getUint32(0, true);
  c.out.punct("{");
  member(c, "nent", true);
  c.out.number(String(count));
  member(c, "entries");
  showLeaves(c, count);
  c.out.punct("}");
});

export const kvmCommands: Commands = {
  KVM_CHECK_EXTENSION: longOneOf(kvmCapabilities),
  KVM_CREATE_VCPU: unsignedInt,
  KVM_GET_REGS: filledIn(registersIn),
  KVM_SET_REGS: registersIn,
  KVM_GET_SREGS: filledIn(specialRegistersIn),
  KVM_SET_SREGS: specialRegistersIn,
  ...alike("KVM_GET_SUPPORTED_CPUID KVM_GET_EMULATED_CPUID", filledIn(leaves)),
  KVM_SET_CPUID2: leaves,
  KVM_SET_USER_MEMORY_REGION: structure({
    slot: u32(),
    flags: u32(flagsOf(kvmMemoryFlags)),
    guest_phys_addr: wide,
    memory_size: u64(),
    userspace_addr: wide,
  }),
};

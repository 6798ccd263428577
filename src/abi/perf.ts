// What perf_event_open(2) is asked to count: struct perf_event_attr, which has grown nine times.
import type { ArgumentType } from "./argument.js";
import {
  breakpointTypes,
  PERF_ATTR_SIZE_VER0,
  PERF_SAMPLE_BRANCH_STACK,
  PERF_SAMPLE_STACK_USER,
  PERF_TYPE_BREAKPOINT,
  PERF_TYPE_HARDWARE,
  PERF_TYPE_HW_CACHE,
  PERF_TYPE_SOFTWARE,
  PERF_TYPE_TRACEPOINT,
  perfAttrSizes,
  perfBranchSamples,
  perfCacheOperations,
  perfCacheResults,
  perfCaches,
  perfHardwareEvents,
  perfReadFormats,
  perfSamples,
  perfSoftwareEvents,
  perfTypes,
} from "./constants/perf.js";
import { clockIds } from "./constants/time.js";
import { hex, unsignedNumber } from "./digits.js";
import { peekPadded } from "./extensible.js";
import { peekInt } from "./memory.js";
import { hexInt, hexLong, longFlagsOf, oneOf, showAddress, unsignedLong } from "./scalars.js";
import type { ShowContext } from "./show.js";
import { bytes, struct, u16, u32, u64 } from "./struct.js";
import { type Enumeration, showEnumeration } from "./tables.js";

/** The flags of `bits`, from bit 0 on; precise_ip is two bits wide. */
const BITS =
  `disabled inherit pinned exclusive exclude_user exclude_kernel exclude_hv exclude_idle mmap comm freq inherit_stat enable_on_exec
  task watermark precise_ip mmap_data sample_id_all exclude_host exclude_guest exclude_callchain_kernel exclude_callchain_user mmap2
  comm_exec use_clockid context_switch write_backward namespaces ksymbol bpf_event aux_output cgroup text_poke build_id
  inherit_thread remove_on_exec sigtrap`.split(/\s+/);
const FREQ = 1 << 10;
const WATERMARK = 1 << 14;
const USE_CLOCKID = 1 << 25;
const SKIDS = ["arbitrary", "constant", "requested to have 0", "must have 0"];
const AUX_BITS = ["aux_start_paused", "aux_pause", "aux_resume"];

/** HW_BREAKPOINT_INVALID is every value with a bit of X and one of RW. */
const invalidBreakpoint: Enumeration = breakpointTypes.calling("HW_BREAKPOINT_INVALID");
const breakpointType: ArgumentType<number> = {
  receive: (low) => low,
  show: (c, low) => showEnumeration(c, low > 4 && low < 8 ? invalidBreakpoint : breakpointTypes, low),
};

const attr = struct({
  type: u32(oneOf(perfTypes)),
  size: u32(oneOf(perfAttrSizes)),
  config: bytes(8, showConfig, 8),
  sample_period: u64(),
  sample_type: u64(longFlagsOf(perfSamples)),
  read_format: u64(longFlagsOf(perfReadFormats)),
  bits: bytes(8, showBits, 8),
  wakeup_events: u32(),
  bp_type: u32(breakpointType),
  config1: u64(hexLong),
  config2: u64(hexLong),
  branch_sample_type: u64(longFlagsOf(perfBranchSamples)),
  sample_regs_user: u64(hexLong),
  sample_stack_user: u32(hexInt),
  clockid: u32(oneOf(clockIds)),
  sample_regs_intr: u64(hexLong),
  aux_watermark: u32(),
  sample_max_stack: u16(),
  __reserved_2: u16(),
  aux_sample_size: u32(),
  aux_bits: bytes(4, showAuxBits, 4),
  sig_data: u64(hexLong),
  config3: u64(hexLong),
  config4: u64(hexLong),
});
type FieldName = keyof typeof attr.fields;

/** What is counted, in the terms of its type. */
function showConfig(c: ShowContext, view: DataView, offset: number): void {
  const low = view.getInt32(offset, true);
  const high = view.getInt32(offset + 4, true);
  const shifted = (value: number, by: number): void => {
    if (value === 0) return;
    c.out.number(hex(value));
    c.out.punct(`<<${by}|`);
  };
  switch (attr.get(view, "type")) {
    case PERF_TYPE_HARDWARE:
      shifted(high, 32);
      return showEnumeration(c, perfHardwareEvents, low);
    case PERF_TYPE_SOFTWARE:
      return showEnumeration(c, perfSoftwareEvents, low, high);
    case PERF_TYPE_TRACEPOINT:
      return unsignedLong.show(c, low, high);
    case PERF_TYPE_HW_CACHE:
      shifted(high, 32);
      shifted(low >>> 24, 24);
      showEnumeration(c, perfCacheResults, (low >>> 16) & 0xff);
      c.out.punct("<<16|");
      showEnumeration(c, perfCacheOperations, (low >>> 8) & 0xff);
      c.out.punct("<<8|");
      return showEnumeration(c, perfCaches, low & 0xff);
    default:
      return hexLong.show(c, low, high);
  }
}

/** A member after the first. */
function showMember(c: ShowContext, name: string, value: number, form: (value: number) => string = String): void {
  c.out.punct(", ");
  c.out.name(name);
  c.out.punct("=");
  c.out.number(form(value));
}

/** Each flag as a member of its own; in short only those that are set, and precise_ip. */
function showBits(c: ShowContext, view: DataView, offset: number): void {
  let rest = view.getBigUint64(offset, true);
  for (const name of BITS) {
    const width = name === "precise_ip" ? 2n : 1n;
    const value = Number(BigInt.asUintN(Number(width), rest));
    rest >>= width;
    if (c.abbreviate && value === 0 && width === 1n) continue;
    showMember(c, name, value);
    if (width === 2n) c.out.comment(` /* ${SKIDS[value]} skid */`);
  }
  if (rest === 0n) return;
  showMember(c, "__reserved_1", Number(rest), hex);
  c.out.comment(" /* Bits 63..38 */");
}

function showAuxBits(c: ShowContext, view: DataView, offset: number): void {
  const word = view.getUint32(offset, true);
  AUX_BITS.forEach((name, bit) => {
    showMember(c, name, (word >>> bit) & 1);
  });
  if (word >>> 3 === 0) return;
  showMember(c, "__reserved_3", word >>> 3, hex);
  c.out.comment(" /* Bits 931..959 */");
}

/** A field, which may go by another name. */
function showField(c: ShowContext, view: DataView, field: FieldName, name: string = field): void {
  c.out.punct(", ");
  c.out.name(name);
  c.out.punct("=");
  attr.showField(c, view, field);
}

/** The fields that follow the flags, as far as `size` bytes have them and the flags give them a meaning. */
function showRest(c: ShowContext, view: DataView, size: number): void {
  const bits = view.getUint32(attr.offset("bits"), true);
  const samples = view.getUint32(attr.offset("sample_type"), true);
  const isBreakpoint = attr.get(view, "type") === PERF_TYPE_BREAKPOINT;
  const show = (field: FieldName, name: string = field): void => {
    if (attr.offset(field) < size) showField(c, view, field, name);
  };
  show("wakeup_events", (bits & WATERMARK) !== 0 ? "wakeup_watermark" : "wakeup_events");
  if (isBreakpoint) {
    show("bp_type");
    show("config1", "bp_addr");
    if (attr.offset("config2") < size) {
      c.out.punct(", ");
      c.out.name("bp_len");
      c.out.punct("=");
      const at = attr.offset("config2");
      unsignedLong.show(c, view.getInt32(at, true), view.getInt32(at + 4, true));
    }
  } else {
    show("config1");
    show("config2");
  }
  if ((samples & PERF_SAMPLE_BRANCH_STACK) !== 0) show("branch_sample_type");
  show("sample_regs_user");
  if ((samples & PERF_SAMPLE_STACK_USER) !== 0) show("sample_stack_user");
  if ((bits & USE_CLOCKID) !== 0) show("clockid");
  show("sample_regs_intr");
  show("aux_watermark");
  show("sample_max_stack");
  const reserved = attr.get(view, "__reserved_2");
  if (reserved !== 0 && attr.offset("__reserved_2") < size) c.out.comment(` /* bytes 110..111: ${hex(reserved)} */`);
  show("aux_sample_size");
  if (attr.offset("aux_bits") < size) showAuxBits(c, view, attr.offset("aux_bits"));
  show("sig_data");
  show("config3");
  show("config4");
  if (size > attr.size()) c.out.punct(", ...");
}

/** The size the structure gives itself; the kernel answers one too large with the size it knows. */
const sizeAt = (c: ShowContext, address: number): number | undefined => {
  const size = peekInt(c.tracee, address + attr.offset("size"));
  return size === undefined ? undefined : size >>> 0;
};

export const perfEventAttr: ArgumentType<number> = {
  receive: unsignedNumber,
  atExit: true,
  enter: (c, low, high) => {
    c.notes[c.index] = sizeAt(c, unsignedNumber(low, high));
  },
  show: (c, low, high) => {
    const address = unsignedNumber(low, high);
    const given = c.notes[c.index] as number | undefined;
    const size = given === 0 ? PERF_ATTR_SIZE_VER0 : (given ?? 0);
    const isTooShort = size < PERF_ATTR_SIZE_VER0 || !c.dereference;
    const known = c.abbreviate ? attr.offset("wakeup_events") : Math.min(size, attr.size());
    const view = isTooShort ? undefined : peekPadded(c, address, known, attr.size());
    if (view === undefined || given === undefined) {
      showAddress(c, low, high);
      return;
    }
    c.out.punct("{");
    c.out.name("type");
    c.out.punct("=");
    attr.showField(c, view, "type");
    c.out.punct(", ");
    c.out.name("size");
    c.out.punct("=");
    showEnumeration(c, perfAttrSizes, given | 0);
    const answered = attr.get(view, "size");
    if (answered !== given) {
      c.out.punct(" => ");
      showEnumeration(c, perfAttrSizes, answered | 0);
    }
    const isFrequency = (view.getUint32(attr.offset("bits"), true) & FREQ) !== 0;
    showField(c, view, "config");
    showField(c, view, "sample_period", isFrequency ? "sample_freq" : "sample_period");
    showField(c, view, "sample_type");
    showField(c, view, "read_format");
    showBits(c, view, attr.offset("bits"));
    if (c.abbreviate) c.out.punct(", ...");
    else showRest(c, view, size);
    c.out.punct("}");
  },
};

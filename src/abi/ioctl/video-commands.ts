// ioctls of video devices: buffers, cropping, tuners and standards. See linux/videodev2.h.
import type { ArgumentType } from "../argument.js";
import * as names from "../constants/video.js";
import { fd } from "../descriptors.js";
import { openFlags } from "../files.js";
import { filledIn, flagsOf, hexInt, oneOf } from "../scalars.js";
import {
  bytes,
  type Field,
  type Fields,
  nested,
  pointer,
  reserved,
  type Struct,
  s32,
  scalarIn,
  struct,
  structIn,
  u32,
  u64,
} from "../struct.js";
import { alike, type Commands, continued, exchanged, fieldsOf, text } from "./fields.js";

type Shape = Struct<Fields>;

const bufferType = u32(oneOf(names.videoBuffers));
const rectangle = nested(struct({ left: s32(), top: s32(), width: u32(), height: u32() }) as Shape);

/** One number by another. */
const fraction: Field = bytes(
  8,
  (c, view, offset) => {
    c.out.number(String(view.getUint32(offset, true)));
    c.out.punct("/");
    c.out.number(String(view.getUint32(offset + 4, true)));
  },
  4,
);

/** A structure that begins with what the program asks for, and goes on with what it gets. */
const asked = (type: Shape, before: string, after: string): ArgumentType<number> =>
  continued(
    type.size(),
    (c, view) => {
      c.out.punct("{");
      type.showFields(c, view, before.split(" "));
    },
    (c, view) => {
      c.out.punct(", ");
      type.showFields(c, view, after.split(" "));
    },
    "",
  );

const crop = struct({ type: bufferType, c: rectangle }) as Shape;
const cropping = struct({ type: bufferType, bounds: rectangle, defrect: rectangle, pixelaspect: fraction }) as Shape;

const wanted = struct({
  count: u32(),
  type: bufferType,
  memory: u32(oneOf(names.videoMemories)),
  rest: reserved(8, 4),
}) as Shape;
/** How many there are to be, and how many there are when that is another number. */
const buffers: ArgumentType<number> = continued(
  wanted.size(),
  (c, view) => {
    c.notes[c.index] = wanted.get(view, "count");
    c.out.punct("{");
    wanted.showFields(c, view, ["type", "memory", "count"]);
  },
  (c, view) => {
    const count = wanted.get(view, "count");
    if (count === c.notes[c.index]) return;
    c.out.punct(" => ");
    c.out.number(String(count));
  },
  "",
);

const exported = struct({
  type: bufferType,
  index: u32(),
  plane: u32(),
  flags: u32(openFlags),
  fd: s32(fd),
  rest: reserved(44, 4),
}) as Shape;

const frame = struct({
  capability: u32(hexInt),
  flags: u32(hexInt),
  base: pointer(),
  rest: reserved(32, 4),
}) as Shape;

const standard = struct({
  index: u32(),
  id: u64(),
  name: text(24),
  frameperiod: fraction,
  framelines: u32(),
  rest: reserved(16, 4),
}) as Shape;

const tuner = struct({
  index: u32(),
  name: text(32),
  type: u32(oneOf(names.tunerTypes)),
  capability: u32(flagsOf(names.tunerCapabilities)),
  rangelow: u32(),
  rangehigh: u32(),
  rxsubchans: u32(flagsOf(names.tunerChannels)),
  audmode: u32(oneOf(names.tunerModes)),
  signal: s32(),
  afc: s32(),
  rest: reserved(16, 4),
}) as Shape;
const TUNED = "name type capability rangelow rangehigh rxsubchans audmode signal afc";

export const videoCommands: Commands = {
  ...alike("VIDIOC_STREAMON VIDIOC_STREAMOFF", scalarIn(bufferType)),
  VIDIOC_S_CROP: structIn(crop),
  VIDIOC_G_CROP: asked(crop, "type", "c"),
  VIDIOC_CROPCAP: asked(cropping, "type", "bounds defrect pixelaspect"),
  VIDIOC_REQBUFS: buffers,
  VIDIOC_EXPBUF: exchanged(exported.size(), fieldsOf(exported, "type index plane flags"), fieldsOf(exported, "fd")),
  VIDIOC_G_FBUF: filledIn(structIn(frame)),
  VIDIOC_S_FBUF: structIn(frame),
  VIDIOC_ENUMSTD: asked(standard, "index", "name frameperiod framelines"),
  VIDIOC_G_TUNER: asked(tuner, "index", TUNED),
  VIDIOC_S_TUNER: exchanged(tuner.size(), fieldsOf(tuner, `index ${TUNED}`), fieldsOf(tuner, TUNED)),
};

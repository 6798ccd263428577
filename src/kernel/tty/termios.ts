// A terminal's settings: Linux's struct ktermios and its two forms in user memory.
import * as tty from "../../abi/constants/terminals.js";

const CONTROL_CHARACTERS = 19; // NCCS
/** struct termios: four words of flags, c_line, the control characters. */
export const TERMIOS_SIZE = 36;
/** struct termios2: that, and the two speeds. */
export const TERMIOS2_SIZE = 44;
const SPEED = 38400;

export class Termios {
  input = tty.ICRNL | tty.IXON;
  output = tty.OPOST | tty.ONLCR;
  control = tty.B38400 | tty.CS8 | tty.CREAD;
  local = tty.ISIG | tty.ICANON | tty.ECHO | tty.ECHOE | tty.ECHOK | tty.ECHOCTL | tty.ECHOKE | tty.IEXTEN;
  discipline = 0;
  /** c_cc: ^C ^\ DEL ^U ^D, MIN 1, ^Q ^S ^Z, ^R ^O ^W ^V. INIT_C_CC */
  readonly characters = Uint8Array.of(3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22, 0, 0, 0);
  inputSpeed = SPEED;
  outputSpeed = SPEED;

  /** Takes a struct termios or termios2. */
  read(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.input = view.getUint32(0, true);
    this.output = view.getUint32(4, true);
    this.control = view.getUint32(8, true);
    this.local = view.getUint32(12, true);
    this.discipline = bytes[16];
    this.characters.set(bytes.subarray(17, 17 + CONTROL_CHARACTERS));
    if (bytes.length < TERMIOS2_SIZE) return;
    this.inputSpeed = view.getUint32(36, true);
    this.outputSpeed = view.getUint32(40, true);
  }

  write(size: number): Uint8Array {
    const bytes = new Uint8Array(size);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, this.input, true);
    view.setUint32(4, this.output, true);
    view.setUint32(8, this.control, true);
    view.setUint32(12, this.local, true);
    bytes[16] = this.discipline;
    bytes.set(this.characters, 17);
    if (size < TERMIOS2_SIZE) return bytes;
    view.setUint32(36, this.inputSpeed, true);
    view.setUint32(40, this.outputSpeed, true);
    return bytes;
  }

  has(flag: number): boolean {
    return (this.local & flag) !== 0;
  }
}

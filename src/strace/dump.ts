// Hex dumps of what was read and written (-e read=, -e write=).

const ROW = 16;

/** Rows of ` | 00000  68 65 ...  text |`. */
export function hexDump(bytes: Uint8Array): string {
  let text = "";
  const width = offsetWidth(bytes.length);
  for (let at = 0; at < bytes.length; at += ROW) {
    let hex = "";
    let characters = "";
    for (let i = 0; i < ROW; i++) {
      if (i % 8 === 0) hex += " ";
      const byte = bytes[at + i];
      hex += byte === undefined ? "   " : `${byte.toString(16).padStart(2, "0")} `;
      if (byte === undefined) characters += " ";
      else characters += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".";
    }
    text += ` | ${at.toString(16).padStart(width, "0")} ${hex} ${characters} |\n`;
  }
  return text;
}

function offsetWidth(length: number): number {
  let width = 5;
  for (let limit = 0x100000; length > limit; limit *= 0x100) width += 2;
  return width;
}

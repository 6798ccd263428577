// Characters as ltrace prints them: octal escapes of three digits, quotes as they are.
const texts: string[] = [];
for (let byte = 0; byte < 256; byte++) {
  texts.push(byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, "0")}`);
}
for (const [character, letter] of ["\0" + "0", "\x07a", "\bb", "\tt", "\nn", "\vv", "\ff", "\rr", "\\\\"]) {
  texts[(character as string).charCodeAt(0)] = `\\${letter}`;
}

export const characterText = (byte: number): string => texts[byte] as string;

// A sink that keeps every token with its kind, beside the text they make.
import { TextSink } from "./text.js";

export type TokenKind = "punct" | "name" | "number" | "address" | "flag" | "string" | "comment" | "annotation";

export type Token = readonly [kind: TokenKind, text: string];

export class TokenRecorder extends TextSink {
  tokens: Token[] = [];
}

for (const kind of ["punct", "name", "number", "address", "flag", "string", "comment", "annotation"] as const) {
  TokenRecorder.prototype[kind] = function (text: string): void {
    this.tokens.push([kind, text]);
    TextSink.prototype[kind].call(this, text);
  };
}

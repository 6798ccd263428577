// The plain-text rendering of the token stream: every token is appended to the line.
import type { TokenSink } from "../abi/show.js";

export class TextSink implements TokenSink {
  text = "";

  punct(text: string): void {
    this.text += text;
  }

  name(text: string): void {
    this.text += text;
  }

  number(text: string): void {
    this.text += text;
  }

  address(text: string): void {
    this.text += text;
  }

  flag(text: string): void {
    this.text += text;
  }

  string(text: string): void {
    this.text += text;
  }

  comment(text: string): void {
    this.text += text;
  }

  annotation(text: string): void {
    this.text += text;
  }
}

// What the tool itself says on stdout: help, version, tables.
import { errnoMessage, errnoNumber } from "../abi/errno.js";
import { UserError } from "../lib/errors.js";

const STATUS_SIGPIPE = 128 + 13;

/** The exit status: a reader that has gone away is no error to speak of, a full disk is. */
export async function print(text: string | Uint8Array): Promise<number> {
  process.stdout.on("error", () => {}); // the callback is told as well
  const error = await new Promise<NodeJS.ErrnoException | null | undefined>((done) => {
    process.stdout.write(text, done);
  });
  if (!error) return 0;
  if (error.code === "EPIPE") return STATUS_SIGPIPE;
  const number = errnoNumber(error.code ?? "");
  throw new UserError(`write error: ${number === undefined ? error.message : errnoMessage(number)}`);
}

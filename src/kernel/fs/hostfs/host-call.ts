// Calls into the host: its errors become the guest's.
import { EIO, Errno, errnoNumber } from "../../../abi/errno.js";
import { HostError } from "../../../host/host.js";

/** Runs `call`; a HostError becomes the Errno of the same name. */
export function hostCall<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (error instanceof HostError) throw new Errno(errnoNumber(error.code) ?? EIO);
    throw error;
  }
}

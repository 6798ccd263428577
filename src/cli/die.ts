// Ending by a signal, as the program did or as the user wished.

/** Ends this process by `signal`, as far as the host lets it. */
export async function dieOf(signal: number): Promise<void> {
  const { signalName } = await import("../abi/signals.js");
  const name = signalName(signal) as NodeJS.Signals;
  try {
    // Node keeps some signals for itself or ignores them; taking a listener away leaves the default action.
    if (name !== "SIGKILL") process.on(name, () => {}).removeAllListeners(name);
    process.kill(process.pid, signal);
    await new Promise((resolve) => setTimeout(resolve, 100));
  } catch {
    // No such signal on this host: the exit status says it.
  }
}

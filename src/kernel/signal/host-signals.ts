// Signals the tool itself gets from its terminal go to the foreground process, as the terminal driver would send them.
import { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGWINCH } from "../../abi/constants/signals.js";
import type { Kernel } from "../kernel.js";
import { signalGroup } from "../task/process-group.js";
import type { Task } from "../task/task.js";

const NUMBERS = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGWINCH } as const;

/** Returns a function that stops it. */
export function forwardHostSignals(kernel: Kernel, first: Task): () => void {
  return kernel.host.onSignal((name) => {
    const signal = NUMBERS[name];
    const group = (name === "SIGTERM" ? 0 : kernel.console?.foreground) || first.signal.pgrp;
    signalGroup(kernel, group, signal);
  });
}

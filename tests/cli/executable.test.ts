// npx runs bin/tsstrace.js itself: it must be executable in a clean clone too.
import { accessSync, constants } from "node:fs";
import { expect, test } from "vitest";
import { TSSTRACE } from "../tool.js";

test.skipIf(process.platform === "win32")("the tool can be run as a program", () => {
  expect(() => accessSync(TSSTRACE[1], constants.X_OK)).not.toThrow();
});

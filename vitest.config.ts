// How the tests run: everything under tests/, one worker process per core, the built tool where a test drives the command line.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    globalSetup: ["tests/global-setup.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: "forks",
    // Nothing of earlier runs, and nothing in the cache of whoever runs the tests.
    env: { TSSTRACE_CACHE: "off" },
    passWithNoTests: false,
  },
});

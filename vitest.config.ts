import { availableParallelism } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

// Hundreds of processes load the same modules. What Node.js has compiled once it reads from here, types already
// stripped: half of a start.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, "node_modules/.cache/carabiner-compiled");

/**
 * Files whose tests replace a module for their process, or measure the whole of it, so that each needs one of its own.
 */
const ALONE: readonly string[] = [
  "packages/cli/test/tail-memory.test.ts",
  "packages/receiver/src/verify/signing-keys.test.ts",
  "packages/receiver/src/verify/verify.test.ts",
  "packages/server/src/http/listen.test.ts",
  "packages/server/src/transport/http-transport.test.ts",
  // Long and busy: one of them stood still once, behind hundreds of other files in one process.
  "packages/server/test/simulation/seeds-1-to-100.test.ts",
  "packages/server/test/simulation/seeds-101-to-200.test.ts",
  "packages/server/test/walk.test.ts",
];

export default defineConfig({
  test: {
    testTimeout: 30_000,
    // A hook may be the first to ask for PostgreSQL, which a busy machine takes more than ten seconds to start.
    hookTimeout: 60_000,
    // What other processes and sockets do within a second, they do in several on a busy machine.
    expect: { poll: { timeout: 10_000 } },
    // Two at least: much of what tests do is waiting for other processes, and one worker leaves half of two cores idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    setupFiles: ["packages/server/test/clean-up-after-each.ts"],
    globalSetup: ["scripts/postgres-for-tests.ts", "scripts/dashboard-for-tests.ts"],
    projects: [
      {
        extends: true,
        test: {
          name: "tests",
          // A process runs many files and reads each module once: half of the processor time that a process for each
          // file takes.
          isolate: false,
          include: [
            "packages/*/{src,test}/**/*.test.{ts,tsx}",
            "scripts/**/*.test.ts",
            "examples/**/*.test.ts",
            "bench/**/*.test.ts",
            "faults/**/*.test.ts",
          ],
          exclude: [...ALONE, "**/node_modules/**"],
        },
      },
      { extends: true, test: { name: "alone", include: [...ALONE] } },
    ],
  },
});

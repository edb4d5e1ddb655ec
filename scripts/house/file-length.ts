import type { SourceFile, Violation } from "./source-file.ts";

/**
 * Published files are shorter than this, or have a line in `EXCEPTIONS`. A longer file has more than one reason to
 * exist.
 */
const LONGEST = 300;

/** Tests and scripts may be longer, because they are stories and lists. */
const LONGEST_ELSEWHERE = 600;

/** Source files that may be longer, and why. */
const EXCEPTIONS: ReadonlyMap<string, string> = new Map([
  ["packages/cli/src/commands/inbox.ts", "seven small commands over the same options"],
  ["packages/cli/src/settings/settings.ts", "a catalogue: every setting"],
  ["packages/protocol/src/api-error.ts", "a catalogue: every error"],
  ["packages/protocol/src/event-types.ts", "a catalogue: every event type"],
  ["packages/protocol/src/thin-event-types.ts", "a catalogue: every type of thin event"],
  ["packages/receiver/src/create-receiver.ts", "every method of the receiver, each in a few lines"],
  ["packages/receiver/src/inbox/inbox.ts", "a contract, most of it its documentation"],
  ["packages/receiver/src/inbox/memory-inbox.ts", "every method of the contract over one state"],
  ["packages/receiver/src/inbox/postgres/store-arrival.ts", "one statement for many arrivals, and what it says of each"],
  ["packages/receiver/src/worker.ts", "one loop and its state"],
  [
    "packages/server/src/deliveries/engine.ts",
    "every mode of the engine and its state, told above it; claiming and storing have files of their own",
  ],
  ["packages/server/src/limits.ts", "a catalogue: every limit"],
  ["packages/server/src/store/contract/transaction.ts", "a contract, most of it its documentation"],
  ["packages/server/src/store/contract/rows.ts", "a catalogue: every row that is kept"],
  ["packages/server/src/store/sqlite/schema/migrations.ts", "a catalogue: every step of the schema"],
  ["packages/server/src/store/postgres/schema/migrations.ts", "a catalogue: every step of the schema"],
  ["packages/server/src/store/postgres/postgres-reads.ts", "every read of the contract, a statement each"],
  ["packages/server/src/store/sqlite/sqlite-reads.ts", "every read of the contract, a statement each"],
]);

/** Source files that have grown too long, and exceptions that are not needed. */
export function fileLength(
  files: readonly SourceFile[],
  { longest = LONGEST, elsewhere = LONGEST_ELSEWHERE, exceptions = EXCEPTIONS } = {},
): Violation[] {
  const violations: Violation[] = [];
  const needed = new Set<string>();
  for (const { path, text, isTest } of files) {
    const most = !isTest && /^packages\/[^/]+\/src\//.test(path) ? longest : elsewhere;
    const lines = text.split("\n").length - 1;
    if (lines <= most) continue;
    if (exceptions.has(path)) needed.add(path);
    else violations.push({ path, line: most, says: `${lines} lines; ${most} is the most: split it` });
  }
  for (const [path, why] of exceptions)
    if (!needed.has(path))
      violations.push({ path: "scripts/house/file-length.ts", line: 1, says: `nothing needs the exception ${path} (${why}): delete it` });
  return violations;
}

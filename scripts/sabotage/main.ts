import { parseArgs } from "node:util";
import { ROOT } from "../house/repository-files.ts";
import { startPostgres } from "../postgres-for-tests.ts";
import { endRuns, runTests, type TestRun } from "./run-tests.ts";
import type { Sabotage } from "./sabotage.ts";
import { SABOTAGES } from "./sabotages.ts";
import { makeScratchCopy } from "./scratch-copy.ts";

/** How many copies are sabotaged at the same time. */
const AT_ONCE = 2;
/** The time for one sabotage's tests. If a sabotage makes them hang, they are ended. */
const RUN_TIMEOUT_MS = 180_000;
/** The control runs all test files of all sabotages, one after another, with this time for each. */
const CONTROL_FILE_TIMEOUT_MS = 30_000;

const { values } = parseArgs({ options: { only: { type: "string", multiple: true }, "at-once": { type: "string" } } });
const chosen = SABOTAGES.filter(({ name }) => values.only === undefined || values.only.includes(name));
const unknown = (values.only ?? []).filter((name) => !SABOTAGES.some((sabotage) => sabotage.name === name));
if (unknown.length > 0) {
  console.error(
    `No such sabotage: ${unknown.join(", ")}. There are:\n${SABOTAGES.map(({ name, does }) => `  ${name}: ${does}`).join("\n")}`,
  );
  process.exit(2);
}

const began = performance.now();
const atOnce = Math.min(chosen.length, Number(values["at-once"] ?? AT_ONCE));
const postgres = await startPostgres();
const copies = Array.from({ length: atOnce }, () => makeScratchCopy(ROOT));
const env = { ...process.env, CARABINER_TEST_DATABASE_URL: postgres.url };
// When it is stopped, it leaves no running tests and no copies behind.
let stopped = false;
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => {
    stopped = true;
    process.exitCode = 1;
    endRuns();
  });
try {
  // Tests that fail on unmodified code would seem to catch anything.
  const files = [...new Set(chosen.flatMap(({ tests }) => tests))];
  console.error(`control: ${files.length} test files on the code as it is`);
  const timeoutMs = RUN_TIMEOUT_MS + files.length * CONTROL_FILE_TIMEOUT_MS;
  const control = await runTests({ root: copies[0]?.root as string, files, env, timeoutMs });
  if (control.ended !== "passed") {
    console.error(`  the tests do not pass on the code as it is: ${told(control)}`);
    process.exitCode = 1;
  } else {
    console.error(`  ${control.tests} tests pass`);
    const missed = await sabotageAll();
    const caught = chosen.length - missed.length;
    const seconds = Math.round((performance.now() - began) / 1_000);
    if (!stopped) console.log(JSON.stringify({ row: 30, name: "sabotage", caught, total: chosen.length, missed, seconds }));
    if (missed.length > 0) process.exitCode = 1;
  }
} finally {
  for (const copy of copies) copy.remove();
  await postgres.stop();
}

/** Returns the names of the sabotages that no test noticed. */
async function sabotageAll(): Promise<string[]> {
  const missed: string[] = [];
  const waiting = [...chosen];
  await Promise.all(
    copies.map(async (copy) => {
      for (let sabotage = waiting.shift(); sabotage !== undefined; sabotage = waiting.shift()) {
        const runBegan = performance.now();
        copy.spoil(sabotage);
        const run = await runTests({ root: copy.root, files: sabotage.tests, env, timeoutMs: RUN_TIMEOUT_MS });
        copy.mend(sabotage);
        if (stopped) break;
        if (run.ended !== "failed") missed.push(sabotage.name);
        report(sabotage, run, performance.now() - runBegan);
      }
    }),
  );
  return missed;
}

function report({ name, does }: Sabotage, run: TestRun, ms: number): void {
  const caught = run.ended === "failed";
  console.error(
    `${caught ? "✓" : "✗"} ${name}: ${does}\n    ${caught ? "caught by" : "not caught:"} ${told(run)} (${(ms / 1_000).toFixed(1)} s)`,
  );
  console.log(JSON.stringify({ sabotage: name, caught, by: caught ? run.first : null }));
}

function told(run: TestRun): string {
  if (run.ended === "failed") return run.first;
  return run.ended === "passed"
    ? `all ${run.tests} tests pass`
    : `the tests did not run: ${run.output.trim().split("\n").slice(-5).join("\n")}`;
}

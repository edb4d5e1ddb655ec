import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { type TestReport, tally } from "./test-tally.ts";

/** One step of `npm test`. */
interface Step {
  name: string;
  command: string;
  args: readonly string[];
  /** What to do when it fails. */
  remedy: string;
}

const ROOT = join(import.meta.dirname, "..");
const reports = mkdtempSync(join(tmpdir(), "carabiner-tests-"));
const reportFile = join(reports, "report.json");

/** Words after `npm test --` narrow down the tests; the checks before the tests always run. */
const chosen = process.argv.slice(2);

/** These do not depend on each other and run in parallel, the longest first. */
const CHECKS: readonly Step[] = [
  { name: "Types", command: "tsc", args: ["--noEmit", "-p", "tsconfig.json"], remedy: "Make the types fit; no any, no casts that lie." },
  {
    name: "Format and lint",
    command: "biome",
    args: ["check", ".", "--error-on-warnings"],
    remedy: "npm run format mends what can be mended by itself; the rest is named above.",
  },
  {
    name: "Unused code",
    command: "knip",
    args: ["--no-progress", "--treat-config-hints-as-errors"],
    remedy: "Delete what nobody uses, or import what is missing from package.json.",
  },
  {
    name: "House rules",
    command: process.execPath,
    args: ["scripts/house/check-house.ts"],
    remedy: "CONTRIBUTING.md says what each rule is for. An exception is a line with its reason in the rule's file.",
  },
  {
    name: "Types of the page",
    command: "tsc",
    args: ["--noEmit", "-p", "packages/dashboard/tsconfig.json"],
    remedy: "Make the types fit; no any, no casts that lie.",
  },
];

const TESTS: Step = {
  name: "Tests",
  command: "vitest",
  args: ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${reportFile}`, ...chosen],
  remedy: "Run one file with: npm test -- path/to/file.test.ts",
};

process.exitCode = await check();
rmSync(reports, { recursive: true, force: true });

async function check(): Promise<number> {
  const summary: string[] = [];
  const failed: Step[] = [];
  const began = performance.now();
  const timed = async (step: Step, output: "inherit" | "pipe"): Promise<void> => {
    const stepBegan = performance.now();
    const { passed, said } = await run(step, output);
    const holds = passed && !(step === TESTS && someFailed());
    if (!holds) failed.push(step);
    if (output === "pipe") console.log(`${titleOf(step)}${said}`);
    summary.push(`  ${holds ? "✓" : "✗"} ${step.name.padEnd(18)} ${seconds(performance.now() - stepBegan)}`);
  };

  const waiting = [...CHECKS];
  const checkOneAfterAnother = async (): Promise<void> => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) await timed(step, "pipe");
  };
  await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, checkOneAfterAnother));
  const checked = failed.length === 0;
  if (checked) {
    console.log(titleOf(TESTS));
    await timed(TESTS, "inherit");
  }
  console.log(`\n${summary.join("\n")}\n  ${"in all".padEnd(20)} ${seconds(performance.now() - began)}`);
  for (const { name, remedy } of failed) console.log(`\n${name} failed. ${remedy}`);
  if (checked) closingLine();
  else console.log("Not run: Tests.");
  return failed.length === 0 ? 0 : 1;
}

function titleOf({ name }: Step): string {
  return `\n── ${name} ${"─".repeat(Math.max(0, 64 - name.length))}\n\n`;
}

/** Runs a step, and shows or keeps its output. Resolves with whether it succeeded, and with the kept output. */
function run({ command, args }: Step, output: "inherit" | "pipe"): Promise<{ passed: boolean; said: string }> {
  const path = `${join(ROOT, "node_modules/.bin")}${delimiter}${process.env.PATH ?? ""}`;
  const child = spawn(command, args, {
    cwd: ROOT,
    stdio: ["ignore", output, output],
    env: { ...process.env, PATH: path },
    shell: process.platform === "win32",
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (said += chunk));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ passed: code === 0, said }));
  });
}

/** The report counts as well, because the exit code alone once did not show a failure. */
function someFailed(): boolean {
  const { numFailedTests, success } = JSON.parse(readFileSync(reportFile, "utf8")) as TestReport;
  return numFailedTests > 0 || !success;
}

/** Says how many tests passed and failed, after the tests have run. */
function closingLine(): void {
  let report: string;
  try {
    report = readFileSync(reportFile, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  console.log(`\n${tally(JSON.parse(report) as TestReport)}`);
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1).padStart(6)} s`;
}

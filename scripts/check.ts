import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
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

/** Words after `npm test --` narrow the tests down; the checks before them always run. */
const chosen = process.argv.slice(2);

const STEPS: readonly Step[] = [
  {
    name: "Format and lint",
    command: "biome",
    args: ["check", ".", "--error-on-warnings"],
    remedy: "npm run format mends what can be mended by itself; the rest is named above.",
  },
  { name: "Types", command: "tsc", args: ["--noEmit", "-p", "tsconfig.json"], remedy: "Make the types fit; no any, no casts that lie." },
  {
    name: "Types of the page",
    command: "tsc",
    args: ["--noEmit", "-p", "packages/dashboard/tsconfig.json"],
    remedy: "Make the types fit; no any, no casts that lie.",
  },
  {
    name: "House rules",
    command: process.execPath,
    args: ["scripts/house/check-house.ts"],
    remedy: "CONTRIBUTING.md says what each rule is for. An exception is a line with its reason in the rule's file.",
  },
  {
    name: "Unused code",
    command: "knip",
    args: ["--no-progress", "--treat-config-hints-as-errors"],
    remedy: "Delete what nobody uses, or import what is missing from package.json.",
  },
  {
    name: "Tests",
    command: "vitest",
    args: ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${reportFile}`, ...chosen],
    remedy: "Run one file with: npm test -- path/to/file.test.ts",
  },
];

process.exitCode = await check();
rmSync(reports, { recursive: true, force: true });

async function check(): Promise<number> {
  const summary: string[] = [];
  const began = performance.now();
  for (const [index, step] of STEPS.entries()) {
    console.log(`\n── ${index + 1}/${STEPS.length} ${step.name} ${"─".repeat(Math.max(0, 60 - step.name.length))}\n`);
    const stepBegan = performance.now();
    const passed = (await run(step)) && !(step.name === "Tests" && someFailed());
    summary.push(`  ${passed ? "✓" : "✗"} ${step.name.padEnd(18)} ${seconds(performance.now() - stepBegan)}`);
    if (passed) continue;
    const left = STEPS.slice(index + 1).map(({ name }) => name);
    console.log(`\n${summary.join("\n")}\n\n${step.name} failed. ${step.remedy}`);
    if (left.length > 0) console.log(`Not run: ${left.join(", ")}.`);
    closingLine();
    return 1;
  }
  console.log(`\n${summary.join("\n")}\n  ${"in all".padEnd(20)} ${seconds(performance.now() - began)}`);
  closingLine();
  return 0;
}

/** Runs a step with its output in view. Resolves to whether it succeeded. */
function run({ command, args }: Step): Promise<boolean> {
  const path = `${join(ROOT, "node_modules/.bin")}${delimiter}${process.env.PATH ?? ""}`;
  const child = spawn(command, args, {
    cwd: ROOT,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, PATH: path },
    shell: process.platform === "win32",
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code === 0));
  });
}

/** What the report says counts as well: the exit code alone once said nothing. */
function someFailed(): boolean {
  const { numFailedTests, success } = JSON.parse(readFileSync(reportFile, "utf8")) as TestReport;
  return numFailedTests > 0 || !success;
}

/** Says how many tests passed and failed, when the tests have run. */
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

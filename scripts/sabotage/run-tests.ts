import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The result of running some test files. */
export type TestRun =
  | { ended: "passed"; tests: number }
  /** `first` is the full name of the first test that failed, or the file that failed outside its tests. */
  | { ended: "failed"; first: string }
  /** There is no report, or nothing was run, or a file cannot be loaded. So no test has noticed anything. */
  | { ended: "broken"; output: string };

/** The parts of vitest's JSON report that are used. Source: https://vitest.dev/guide/reporters#json-reporter */
interface Report {
  numTotalTests: number;
  success: boolean;
  testResults: readonly {
    name: string;
    status: string;
    message: string;
    assertionResults: readonly { status: string; fullName: string }[];
  }[];
}

export interface TestRunOptions {
  /** The checkout to run in. */
  root: string;
  files: readonly string[];
  env: NodeJS.ProcessEnv;
  /** After this time the run is ended, and counts as broken. */
  timeoutMs: number;
}

/** Runs that have not ended. */
const running = new Set<ChildProcess>();

/** Ends the runs that are under way, with all processes that the tests have started. */
export function endRuns(): void {
  for (const child of running) endGroup(child);
}

/** Runs test files with vitest until the first test fails. */
export async function runTests({ root, files, env, timeoutMs }: TestRunOptions): Promise<TestRun> {
  const folder = mkdtempSync(join(tmpdir(), "carabiner-sabotage-report-"));
  const reportFile = join(folder, "report.json");
  const args = ["run", "--bail=1", "--maxWorkers=1", "--reporter=json", `--outputFile=${reportFile}`, ...files];
  const child = spawn(process.execPath, [join(root, "node_modules/vitest/vitest.mjs"), ...args], {
    cwd: root,
    env,
    stdio: ["ignore", "pipe", "pipe"],
    // A separate process group, so that its workers and the processes of the tests end with it.
    detached: true,
  });
  running.add(child);
  try {
    const output = await outputOf(child, timeoutMs);
    return readRun(reportFile, output);
  } finally {
    running.delete(child);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function outputOf(child: ChildProcess, timeoutMs: number): Promise<string> {
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk) => {
      output += chunk;
    });
  const timer = setTimeout(() => {
    output += `\nended after ${timeoutMs / 1_000} s`;
    endGroup(child);
  }, timeoutMs);
  await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  clearTimeout(timer);
  endGroup(child);
  return output;
}

function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    // All of it has ended on its own.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function readRun(reportFile: string, output: string): TestRun {
  let report: Report;
  try {
    report = JSON.parse(readFileSync(reportFile, "utf8")) as Report;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return { ended: "broken", output };
  }
  return judgeRun(report, output);
}

/** The result of a run that vitest has reported. Pure. */
export function judgeRun(report: Report, output: string): TestRun {
  for (const { assertionResults } of report.testResults)
    for (const { status, fullName } of assertionResults) if (status === "failed") return { ended: "failed", first: fullName };
  const failed = report.testResults.find(({ status }) => status === "failed");
  // No test ran that could have noticed anything.
  if (failed !== undefined && failed.assertionResults.length === 0)
    return { ended: "broken", output: `${failed.name} cannot be loaded: ${failed.message}` };
  // An uncaught error, or a hook after the tests: the run failed, but no test did.
  if (failed !== undefined) return { ended: "failed", first: `${failed.name}: ${failed.message.split("\n")[0]}` };
  if (!report.success) return { ended: "failed", first: `the run itself: ${lastLine(output)}` };
  return report.numTotalTests === 0 ? { ended: "broken", output } : { ended: "passed", tests: report.numTotalTests };
}

function lastLine(text: string): string {
  return text.trimEnd().split("\n").at(-1) ?? "";
}

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { bundleCommand } from "../scripts/bundle-command.ts";
import { median, medianRatio, type Report } from "./report.ts";
import { residentMegabytes } from "./resident-megabytes.ts";

const STARTS = 5;
const SETTLED_MS = 1_500;

/**
 * The published `carabiner dev`, from the start of its process to its ready message, and its idle memory; compared with
 * the command that `npm start` runs in the sources. One start of each beforehand is not counted, because Node.js keeps
 * compiled code for the next start.
 */
export async function startUp(): Promise<Report[]> {
  const installed = mkdtempSync(join(tmpdir(), "carabiner-bench-"));
  try {
    const root = join(import.meta.dirname, "..");
    await bundleCommand(root, "cli", installed);
    const env = { ...process.env, NODE_COMPILE_CACHE: join(installed, "compiled") };
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: { start: string } };
    const [, ...fromSources] = scripts.start.split(" ");
    return await startsOf([join(installed, "main.js"), "dev"], fromSources, root, env);
  } finally {
    rmSync(installed, { recursive: true });
  }
}

interface Starts {
  readyMs: number[];
  megabytes: number[];
}

async function startsOf(
  published: readonly string[],
  fromSources: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<Report[]> {
  const bundled: Starts = { readyMs: [], megabytes: [] };
  const sources: Starts = { readyMs: [], megabytes: [] };
  for (let n = 0; n <= STARTS; n++)
    for (const [args, starts] of [
      [published, bundled],
      [fromSources, sources],
    ] as const) {
      const { readyMs, megabytes } = await start(args, cwd, env);
      if (n === 0) continue;
      starts.readyMs.push(readyMs);
      starts.megabytes.push(megabytes);
    }
  const settings = `median of ${STARTS} starts of carabiner dev, memory store, the bundled command`;
  const beside = `npm start's command from the sources, beside the bundled one, ${STARTS} starts of each in turn`;
  const figure = (name: string, values: readonly number[], atMost: number, unit: string): Report => {
    return { name, ours: median(values), bare: null, ratio: null, reach: { atMost }, unit, settings };
  };
  const ratio = (name: string, ours: readonly number[], bare: readonly number[], unit: string): Report => ({
    name,
    ours: median(ours),
    bare: median(bare),
    ratio: medianRatio(ours, bare),
    reach: { atMost: 1.2 },
    unit,
    settings: beside,
  });
  return [
    figure("ready after start", bundled.readyMs, 300, "ms"),
    figure("idle memory", bundled.megabytes, 100, "MB"),
    ratio("ready after npm start", sources.readyMs, bundled.readyMs, "ms"),
    ratio("idle memory, npm start", sources.megabytes, bundled.megabytes, "MB"),
  ];
}

async function start(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<{ readyMs: number; megabytes: number }> {
  const started = performance.now();
  const server = spawn(process.execPath, [...args, "--port", "0", "--json"], { cwd, env, stdio: ["ignore", "pipe", "ignore"] });
  await once(server.stdout, "data");
  const readyMs = performance.now() - started;
  await pause(SETTLED_MS);
  const megabytes = residentMegabytes(server.pid as number);
  const exit = once(server, "exit");
  server.kill("SIGTERM");
  await exit;
  return { readyMs, megabytes };
}

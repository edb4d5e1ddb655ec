import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { bundleCommand } from "../scripts/bundle-command.ts";
import { median, type Report } from "./report.ts";
import { residentMegabytes } from "./resident-megabytes.ts";

const STARTS = 5;
const SETTLED_MS = 1_500;

/**
 * `carabiner dev` as it is published, from the start of its process to its ready message, and its memory when it has
 * nothing to do. One start before is not counted: what Node.js compiles is kept for the next.
 */
export async function startUp(): Promise<Report[]> {
  const installed = mkdtempSync(join(tmpdir(), "carabiner-bench-"));
  try {
    await bundleCommand(join(import.meta.dirname, ".."), "cli", installed);
    return await startsOf(join(installed, "main.js"), { ...process.env, NODE_COMPILE_CACHE: join(installed, "compiled") });
  } finally {
    rmSync(installed, { recursive: true });
  }
}

async function startsOf(main: string, env: NodeJS.ProcessEnv): Promise<Report[]> {
  const ready: number[] = [];
  const memory: number[] = [];
  for (let n = 0; n <= STARTS; n++) {
    const started = performance.now();
    const server = spawn(process.execPath, [main, "dev", "--port", "0", "--json"], { env, stdio: ["ignore", "pipe", "ignore"] });
    await once(server.stdout, "data");
    const readyMs = performance.now() - started;
    await pause(SETTLED_MS);
    if (n > 0) {
      ready.push(readyMs);
      memory.push(residentMegabytes(server.pid as number));
    }
    const exit = once(server, "exit");
    server.kill("SIGTERM");
    await exit;
  }
  const settings = `median of ${STARTS} starts of carabiner dev, memory store, the bundled command`;
  return [
    { name: "ready after start", ours: median(ready), bare: null, ratio: null, reach: { atMost: 300 }, unit: "ms", settings },
    { name: "idle memory", ours: median(memory), bare: null, ratio: null, reach: { atMost: 100 }, unit: "MB", settings },
  ];
}

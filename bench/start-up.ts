import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { median, type Report } from "./report.ts";

const STARTS = 5;
const SETTLED_MS = 1_500;

/** `carabiner dev` from the start of its process to its ready message, and its memory when it has nothing to do. */
export async function startUp(): Promise<Report[]> {
  const ready: number[] = [];
  const memory: number[] = [];
  for (let n = 0; n < STARTS; n++) {
    const started = performance.now();
    const server = spawn(
      process.execPath,
      [fileURLToPath(new URL("../packages/cli/src/main.ts", import.meta.url)), "dev", "--port", "0", "--json"],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    await once(server.stdout, "data");
    ready.push(performance.now() - started);
    await pause(SETTLED_MS);
    const rss = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${server.pid}/status`, "utf8"))?.[1];
    memory.push(Number(rss) / 1024);
    const exit = once(server, "exit");
    server.kill("SIGTERM");
    await exit;
  }
  const settings = `median of ${STARTS} starts of carabiner dev, memory store, sources run as they are`;
  return [
    { name: "ready after start", ours: median(ready), bare: null, ratio: null, reach: null, unit: "ms", settings },
    { name: "idle memory", ours: median(memory), bare: null, ratio: null, reach: null, unit: "MB", settings },
  ];
}

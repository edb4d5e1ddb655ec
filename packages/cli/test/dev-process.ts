import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import Stripe from "stripe";
import { CLI, programForTests } from "../../../scripts/program-for-tests.ts";

/** A `carabiner` server in a process of its own. */
export interface ServerProcess {
  url: string;
  port: number;
  keys: { test: { secret: string }; live: { secret: string } };
  process: ChildProcess;
  /** Ends it with a signal; resolves when it is gone. */
  end(signal: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

const MAIN = programForTests(CLI);

export interface DevProcessOptions {
  /** More arguments. */
  args?: readonly string[];
  /** The largest file it may write, in KiB, as if the disk were full beyond that. */
  fileKib?: number;
  /** How often it may sync a file before each further sync fails with EIO, as on a disk that fails. Needs strace. */
  syncs?: number;
}

/** Starts `carabiner dev --json`, and waits for its ready message. */
export async function startDevProcess({ args = [], ...disk }: DevProcessOptions = {}): Promise<ServerProcess> {
  const [program, ...rest] = onDisk([process.execPath, MAIN, "dev", "--json", "--port", "0", ...args], disk) as [string, ...string[]];
  const child = spawn(program, rest, { stdio: ["ignore", "pipe", "pipe"] });
  let complaint = "";
  child.stderr.on("data", (chunk) => {
    complaint += chunk;
  });
  const lines = createInterface({ input: child.stdout });
  const first = await Promise.race([once(lines, "line"), once(child, "exit").then(() => null)]);
  if (first === null) throw new Error(`carabiner dev ended before it was ready: ${complaint}`);
  const ready = JSON.parse(first[0] as string) as { url: string; keys: ServerProcess["keys"] };
  return {
    url: ready.url,
    port: Number(new URL(ready.url).port),
    keys: ready.keys,
    process: child,
    async end(signal) {
      const exit = once(child, "exit");
      child.kill(signal);
      const [code, by] = (await exit) as [number | null, NodeJS.Signals | null];
      return { code, signal: by };
    },
  };
}

/** A command whose disk is full beyond a size, or fails after so many syncs. */
function onDisk(command: readonly string[], { fileKib, syncs }: DevProcessOptions): readonly string[] {
  // Without the trap the signal that comes with the limit would end the process.
  if (fileKib !== undefined) return ["bash", "-c", `trap "" XFSZ; ulimit -S -f ${fileKib}; exec "$@"`, "limited", ...command];
  if (syncs === undefined) return command;
  if (spawnSync("strace", ["-qq", "-o", "/dev/null", "true"]).status !== 0)
    throw new Error("A process cannot be traced here. Install strace (apt install strace), and let processes be traced.");
  const injected = `inject=fsync,fdatasync:error=EIO:when=${syncs + 1}+`;
  // -D: the tracer is a grandchild, and the process that is started the server itself.
  return ["strace", "-D", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e", injected, ...command];
}

/** An SDK that asks it, and asks once. */
export function sdkOf({ port, keys }: ServerProcess): Stripe {
  return new Stripe(keys.test.secret, { host: "127.0.0.1", port, protocol: "http", telemetry: false, maxNetworkRetries: 0 });
}

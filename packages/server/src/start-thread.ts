import { readFileSync } from "node:fs";
import { Worker } from "node:worker_threads";

/**
 * Starts a thread on a module beside this one, in each form that the server is published in: sources, compiled,
 * bundled, and one executable file.
 */
export function startThread(name: "engine-thread" | "backup-thread", workerData: unknown): Worker {
  const module = new URL(`./${name}.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`, import.meta.url);
  // The files in an executable cannot be seen from threads. There the module is a script that imports nothing from
  // beside it. An import would fail on an older Node.js before `oldest-node.ts` says what is needed.
  if (process.getBuiltinModule("node:sea").isSea()) return new Worker(readFileSync(module, "utf8"), { eval: true, workerData, name });
  return new Worker(module, { workerData, name, ...threadOptions(process.execArgv) });
}

/**
 * The options of Node.js for a thread of a process that was started with some. A thread inherits them, and refuses one
 * that only says how `--eval` is read. A list of its own is given for that alone: it may not have all that may be
 * inherited, such as what `node --test` gives to its processes.
 */
export function threadOptions(execArgv: readonly string[]): { execArgv?: string[] } {
  const inherited = execArgv.filter((option) => !option.startsWith("--input-type"));
  return inherited.length === execArgv.length ? {} : { execArgv: inherited };
}

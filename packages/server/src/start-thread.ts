import { readFileSync } from "node:fs";
import { Worker } from "node:worker_threads";

/**
 * Starts a thread on a module beside this one, in each form that the server is published in: sources, compiled,
 * bundled, and one executable file.
 */
export function startThread(name: "engine-thread" | "backup-thread", workerData: unknown): Worker {
  const module = new URL(`./${name}.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`, import.meta.url);
  // Threads cannot see the files in an executable. There the module is a script that imports no file beside it. An
  // import would fail on an older Node.js before `oldest-node.ts` says which version is needed.
  if (process.getBuiltinModule("node:sea").isSea()) return new Worker(readFileSync(module, "utf8"), { eval: true, workerData, name });
  return new Worker(module, { workerData, name, ...threadOptions(process.execArgv) });
}

/**
 * The options of Node.js for a thread. A thread inherits the options of its process, but it refuses an option that only
 * says how to read `--eval`. Only in that case the thread gets a list instead, because Node.js does not accept
 * everything in such a list that a thread can inherit, such as what `node --test` passes to its processes.
 */
export function threadOptions(execArgv: readonly string[]): { execArgv?: string[] } {
  const inherited = execArgv.filter((option) => !option.startsWith("--input-type"));
  return inherited.length === execArgv.length ? {} : { execArgv: inherited };
}

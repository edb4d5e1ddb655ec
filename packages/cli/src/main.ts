#!/usr/bin/env node
import { enableCompileCache } from "node:module";

// Node.js caches compiled code if it finds a place for it. This saves a quarter of the next start.
enableCompileCache();
// A single slice that is still held keeps all of its pool. Pools of 64 kB, the default, held 2 to 12 MB of a busy
// server.
Buffer.poolSize = 8_192;
const [{ runProgram }, { processTerminal }] = await Promise.all([import("./program.ts"), import("./output/terminal.ts")]);

let unwritten = false;
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // A reader that has seen enough (`carabiner events list | head -1`) closes the pipe, which is not an error.
  if (error.code === "EPIPE") process.exit();
  if (!unwritten) process.stderr.write(`error: Not all of the output could be written: ${error.code}.\n`);
  unwritten = true;
  process.exitCode ||= 1;
});
// Messages that nobody can read change nothing about what a command does.
process.stderr.on("error", () => undefined);

const code = await runProgram(process.argv.slice(2), processTerminal());
process.exitCode ||= code;

#!/usr/bin/env node
import { enableCompileCache } from "node:module";

// Node.js caches compiled code if it finds a place for it. This saves a quarter of the time of the next start.
enableCompileCache();
// A single slice that is still in use keeps its whole pool in memory. Pools of 64 kB, the default, kept 2 to 12 MB of a
// busy server.
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
// A command continues even if nobody can read its messages.
process.stderr.on("error", () => undefined);

const code = await runProgram(process.argv.slice(2), processTerminal());
process.exitCode ||= code;

#!/usr/bin/env node
import { enableCompileCache } from "node:module";

// What was compiled once is not compiled again at the next start, if Node.js finds a place to keep it: a quarter of the start.
enableCompileCache();
const [{ runProgram }, { processTerminal }] = await Promise.all([import("./program.ts"), import("./terminal.ts")]);

// A reader that has seen enough (`carabiner events list | head -1`) closes the pipe: that is no fault.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

process.exitCode = await runProgram(process.argv.slice(2), processTerminal());

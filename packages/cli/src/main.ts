#!/usr/bin/env node
import { enableCompileCache } from "node:module";

// Node.js caches compiled code if it finds a place for it. This saves a quarter of the next start.
enableCompileCache();
const [{ runProgram }, { processTerminal }] = await Promise.all([import("./program.ts"), import("./terminal.ts")]);

// A reader that has seen enough (`carabiner events list | head -1`) closes the pipe, which is not an error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

process.exitCode = await runProgram(process.argv.slice(2), processTerminal());

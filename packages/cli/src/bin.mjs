#!/usr/bin/env node
// Plain JavaScript that an old Node.js can parse. It names the required version, where TypeScript would fail with a
// SyntaxError.
const OLDEST = 24;

if (Number(process.versions.node.split(".")[0]) < OLDEST) {
  process.stderr.write(
    `carabiner needs Node.js ${OLDEST} or newer; this is ${process.versions.node}. Install one from https://nodejs.org.\n`,
  );
  process.exit(1);
}
await import("./main.ts");

#!/usr/bin/env node
// Plain JavaScript that an old Node.js can parse. It names the required version, where TypeScript would fail with a
// SyntaxError. Older releases of version 24 have an SQLite that can lose commits.
const OLDEST = { major: 24, minor: 15 };
const [major, minor] = process.versions.node.split(".").map(Number);

if (major < OLDEST.major || (major === OLDEST.major && minor < OLDEST.minor)) {
  process.stderr.write(
    `carabiner needs Node.js ${OLDEST.major}.${OLDEST.minor} or newer; this is ${process.versions.node}. Install one from https://nodejs.org.\n`,
  );
  process.exit(1);
}
await import("./main.ts");

/**
 * The oldest Node.js that the server runs on, as `engines` in package.json says too: the first of its line whose SQLite
 * does not lose commits (`sqlite-version.ts`).
 */
const OLDEST = { major: 24, minor: 15 };

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

// The first module of the package that runs: an older Node.js gets this message instead of an unrelated failure.
if (major < OLDEST.major || (major === OLDEST.major && minor < OLDEST.minor))
  throw new Error(`Carabiner needs Node.js ${OLDEST.major}.${OLDEST.minor} or newer; this is ${process.versions.node}.`);

// Loaded before every script. It is plain JavaScript, because an old Node.js cannot parse the TypeScript that follows.
const OLDEST = 24;
const major = Number(process.versions.node.split(".")[0]);

if (major < OLDEST) {
  process.stderr.write(
    `Carabiner needs Node.js ${OLDEST} or newer; this is ${process.versions.node}.\n` +
      "The workspace brings its own: run `npm install`, then start things with `npm run …` or `npm test`, not with `node …`.\n" +
      "If npm itself still finds the old one, the install scripts were not allowed to run: `npm rebuild node` fetches it.\n",
  );
  process.exit(1);
}

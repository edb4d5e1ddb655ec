import { parseArgs } from "node:util";
import { fuzzTransport } from "./fuzz-transport.ts";

/**
 * `npm run fuzz -- --seconds 60 --seed 7`: answers made up at random. Exit code 1 when one does more than end its
 * attempt.
 */
const { values } = parseArgs({
  options: { seconds: { type: "string", default: "30" }, seed: { type: "string", default: String(Date.now() % 1e6) } },
});
const seconds = Number(values.seconds);
const seed = Number(values.seed);
if (!(seconds > 0) || !Number.isSafeInteger(seed)) throw new Error("Give --seconds as a number above 0, and --seed as a whole number.");

console.log(`seed ${seed}, ${seconds} s`);
const began = performance.now();
// An uncaught error ends the process with its own message, and with exit code 1.
const figures = await fuzzTransport({ seed, goOn: () => performance.now() - began < seconds * 1_000 });
const handles = () => process.getActiveResourcesInfo().filter((resource) => /TCP|TLS|UDP|Timeout/.test(resource));
// Node.js lists a handle for some turns of the event loop after it has closed.
for (let turns = 0; handles().length > 0 && turns < 100; turns++) await new Promise((resolve) => setImmediate(resolve));
const left = handles();
console.log(JSON.stringify({ seed, ...figures, left }));
if (left.length > 0 || figures.grownBytes > 16_000_000) process.exitCode = 1;

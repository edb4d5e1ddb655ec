import { parseArgs } from "node:util";
import { addFigures, noFigures } from "./figures.ts";
import { simulate } from "./simulate.ts";

/**
 * `npm run simulate -- --seeds 1000`: runs seeds, prints what they did and what broke. Exit code 1 when anything did.
 */
const { values } = parseArgs({
  options: {
    /** How many, from `--from` on. */
    seeds: { type: "string", default: "200" },
    from: { type: "string", default: "1" },
    /** This one alone, with the stack of what broke. */
    seed: { type: "string" },
  },
});

const one = values.seed === undefined ? null : whole(values.seed);
const from = one ?? whole(values.from);
const count = one === null ? whole(values.seeds) : 1;
const PROGRESS_EVERY = 100;

const sum = noFigures();
const began = performance.now();
let broken = 0;
for (let seed = from; seed < from + count; seed++) {
  try {
    addFigures(sum, await simulate(seed));
  } catch (error) {
    broken++;
    console.log(`seed ${seed}: ${(error as Error).message}`);
    if (one !== null) console.log((error as Error).stack);
  }
  const done = seed - from + 1;
  if (done % PROGRESS_EVERY === 0 && done < count) console.log(`${done} of ${count} seeds, ${broken} broken, ${perSecond(done)} seeds/s`);
}
const { simulatedMs, ...counted } = sum;
console.log(JSON.stringify(counted));
console.log(`${count} seeds, ${broken} broken, ${perSecond(count)} seeds/s, ${Math.round(simulatedMs / 86_400_000)} simulated days`);
process.exitCode = broken === 0 ? 0 : 1;

function perSecond(done: number): string {
  return ((done / (performance.now() - began)) * 1_000).toFixed(1);
}

function whole(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0) throw new Error(`a whole number is wanted, not ${text}`);
  return number;
}

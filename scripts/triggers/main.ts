import { writeFileSync } from "node:fs";
import { startCarabiner } from "../../packages/server/src/index.ts";
import { runTriggers } from "./run-triggers.ts";
import { OUTCOMES_FILE } from "./trigger-outcomes.ts";

/**
 * Runs every built-in trigger of the official CLI and records the result. `npm run docs` makes a table of it.
 */
const server = await startCarabiner();
const outcomes = await runTriggers(server);
await server.close();
writeFileSync(OUTCOMES_FILE, `${JSON.stringify(outcomes, null, 2)}\n`);
console.log(`${outcomes.filter(({ passes }) => passes).length} of ${outcomes.length} triggers pass. Now: npm run docs`);

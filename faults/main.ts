import { machine } from "../bench/report.ts";
import { startPostgres } from "../scripts/postgres-for-tests.ts";
import { resultOf, type Scale } from "./row.ts";
import { ROWS } from "./rows/rows.ts";

const args = process.argv.slice(2);
const scale: Scale = args.includes("--quick") ? "quick" : "full";
const asked = args.filter((argument) => argument !== "--quick");
const unknown = asked.filter((argument) => !ROWS.some(({ number }) => String(number) === argument));
if (unknown.length > 0) {
  console.error(
    `No such row: ${unknown.join(", ")}. There are:\n${ROWS.map(({ number, name }) => `  ${String(number).padStart(2)}  ${name}`).join("\n")}`,
  );
  process.exit(2);
}

console.error(machine());
const postgres = await startPostgres();
try {
  for (const row of ROWS) {
    if (asked.length > 0 && !asked.includes(String(row.number))) continue;
    console.error(`\n${row.number} ${row.name}`);
    const began = performance.now();
    const { breaches, figures } = await resultOf(() => row.run({ scale, postgres, progress: (text) => console.error(`  … ${text}`) }));
    const seconds = Math.round((performance.now() - began) / 100) / 10;
    for (const breach of breaches.slice(0, 20)) console.error(`  ✗ ${breach}`);
    if (breaches.length > 20) console.error(`  ✗ and ${breaches.length - 20} more`);
    console.error(`  ${breaches.length === 0 ? "✓ holds" : "✗ does not hold"}, after ${seconds} s`);
    console.log(JSON.stringify({ row: row.number, name: row.name, scale, holds: breaches.length === 0, seconds, ...figures }));
    if (breaches.length > 0) process.exitCode = 1;
  }
} finally {
  await postgres.stop();
}

import { automaticPayouts } from "./automatic-payouts.ts";
import { backlog } from "./backlog.ts";
import { clock } from "./clock.ts";
import { creates } from "./creates.ts";
import { dashboardInteractive } from "./dashboard-interactive.ts";
import { dashboardMemory } from "./dashboard-memory.ts";
import { dashboardPages } from "./dashboard-pages.ts";
import { deliveries } from "./deliveries.ts";
import { deliveryLists } from "./delivery-lists.ts";
import { isolation } from "./isolation.ts";
import { latency } from "./latency.ts";
import { profile } from "./profile.ts";
import { publishes } from "./publishes.ts";
import { receiver } from "./receiver.ts";
import { receiverBacklog } from "./receiver-backlog.ts";
import { machine, type Reach, type Report } from "./report.ts";
import { startUp } from "./start-up.ts";
import { threeDays } from "./three-days.ts";

/** Each benchmark by its name on the command line. */
const BENCHMARKS: Record<string, () => Promise<Report | Report[]>> = {
  deliveries,
  publishes,
  creates,
  latency,
  isolation,
  backlog,
  "delivery-lists": deliveryLists,
  "dashboard-pages": dashboardPages,
  "dashboard-memory": dashboardMemory,
  "dashboard-interactive": dashboardInteractive,
  "three-days": threeDays,
  clock,
  receiver,
  "receiver-backlog": receiverBacklog,
  "start-up": startUp,
  "automatic-payouts": automaticPayouts,
  profile,
};

const asked = process.argv.slice(2).filter((argument) => argument !== "--json");
const unknown = asked.filter((name) => !(name in BENCHMARKS));
if (unknown.length > 0) {
  console.error(`No such benchmark: ${unknown.join(", ")}. There are: ${Object.keys(BENCHMARKS).join(", ")}.`);
  process.exit(2);
}

console.error(`${machine()}\n`);
for (const [name, run] of Object.entries(BENCHMARKS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  console.error(`… ${name}`);
  for (const report of [await run()].flat()) print(report);
}

function print({ name, ours, bare, ratio, reach, unit, settings }: Report): void {
  if (process.argv.includes("--json")) {
    console.log(JSON.stringify({ name, ours, bare, ratio, reach, unit, settings }));
    return;
  }
  const figure = (value: number) => (value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(2));
  console.log(
    `${name.padEnd(26)} ${figure(ours).padStart(9)} ${unit.padEnd(14)}${
      bare === null || ratio === null ? "" : ` bare ${figure(bare).padStart(9)}   ratio ${ratio.toFixed(2)}`
    }${reach === null ? "" : `   ${said(reach, ratio ?? ours)}`}${settings === "" ? "" : `\n${" ".repeat(27)}${settings}\n`}`,
  );
}

/** Whether a figure reaches its target. */
function said(reach: Reach, figure: number): string {
  if ("atLeast" in reach) return `${figure >= reach.atLeast ? "reaches" : "below"} ${reach.atLeast}`;
  return `${figure <= reach.atMost ? "within" : "above"} ${reach.atMost}`;
}

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { DocumentTable } from "../docs/table.ts";
import { ROOT } from "../house/repository-files.ts";
import type { TriggerOutcome } from "./run-triggers.ts";

/** The file in which `npm run triggers` records the result of each trigger. */
export const OUTCOMES_FILE = join(ROOT, "scripts/triggers/trigger-outcomes.json");

/** The result of each trigger in the last run. */
export function triggerOutcomes(): TriggerOutcome[] {
  return JSON.parse(readFileSync(OUTCOMES_FILE, "utf8")) as TriggerOutcome[];
}

/** The tables of the results. */
export function triggerTables(): DocumentTable[] {
  const outcomes = triggerOutcomes();
  const file = "docs/compatibility.md";
  const reasons = Map.groupBy(
    outcomes.filter(({ passes }) => !passes),
    ({ why }) => why,
  );
  return [
    {
      file,
      name: "triggers that pass",
      heads: ["Passing", "Of", "Triggers"],
      rows: [
        [
          `${outcomes.filter(({ passes }) => passes).length}`,
          `${outcomes.length}`,
          outcomes.flatMap(({ trigger, passes }) => (passes ? [`\`${trigger}\``] : [])).join(", "),
        ],
      ],
    },
    {
      file,
      name: "triggers that do not",
      heads: ["Why not", "Triggers"],
      rows: [...reasons].map(([why, ones]) => [why, ones.map(({ trigger }) => `\`${trigger}\``).join(", ")]),
    },
  ];
}

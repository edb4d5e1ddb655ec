import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MIGRATIONS } from "../../packages/server/src/store/postgres/schema/migrations.ts";
import { ROOT } from "../house/repository-files.ts";

test("docs/scaling.md says by what each table is distributed, and names no others", () => {
  const document = readFileSync(join(ROOT, "docs/scaling.md"), "utf8");
  const listed = [...document.matchAll(/^\| `(\w+)` \|/gm)].map(([, table]) => table);
  // A rebuilt table counts as one, and a partition is not a separate table.
  const named = MIGRATIONS.flatMap((step) => [...step.matchAll(/CREATE (?:UNLOGGED )?TABLE (\w+)/g)].map(([, table]) => table as string));
  const made = new Set(named.filter((table) => !/_\d*$/.test(table)));
  // The steps are noted in a table that is there before the first of them.
  expect(listed.toSorted()).toEqual(["migrations", ...made].toSorted());
});

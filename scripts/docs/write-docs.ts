import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { documentTables } from "./document-tables.ts";
import { withTable } from "./table.ts";

const ROOT = join(import.meta.dirname, "../..");

for (const table of documentTables(ROOT)) {
  const path = join(ROOT, table.file);
  const before = readFileSync(path, "utf8");
  const after = withTable(before, table);
  if (after === before) continue;
  writeFileSync(path, after);
  console.log(`${table.file}: table "${table.name}" brought up to date`);
}

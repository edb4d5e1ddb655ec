/** A test that a document names. */
export interface Evidence {
  file: string;
  title: string;
}

/** The evidence for the promises of a table: tests by file and title, and rows of the fault runs by number. */
export interface Promised {
  promise: string;
  tests: Evidence[];
  faultRows: number[];
}

/**
 * The rows of a Markdown document's tables, each with the evidence that it names: `` `file.ts` “title of a test” `` and
 * `` `npm run faults -- N` ``. Tables without a column "Shown by" are left out. Pure.
 */
export function promises(markdown: string): Promised[] {
  const found: Promised[] = [];
  let shown = false;
  for (const line of markdown.split("\n")) {
    if (!line.startsWith("|")) {
      shown = false;
      continue;
    }
    const cells = line.split("|").map((cell) => cell.trim());
    const last = cells.at(-2) ?? "";
    if (last === "Shown by") {
      shown = true;
      continue;
    }
    if (!shown || /^-+$/.test(last)) continue;
    found.push({
      promise: cells[1] ?? "",
      tests: [...last.matchAll(/`([^`]+\.ts)` “([^”]+)”/g)].map(([, file = "", title = ""]) => ({ file, title })),
      faultRows: [...last.matchAll(/`npm run faults -- (\d+)`/g)].map(([, number]) => Number(number)),
    });
  }
  return found;
}

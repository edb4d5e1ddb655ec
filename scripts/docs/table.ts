/** A table in a document that is generated from the code. */
export interface DocumentTable {
  /** The document, from the root of the repository. */
  file: string;
  /** The table's name. The table is between `<!-- table: name -->` and `<!-- end of table -->`. */
  name: string;
  heads: readonly string[];
  rows: readonly (readonly string[])[];
}

const END = "<!-- end of table -->";
const begin = (name: string): string => `<!-- table: ${name} -->`;

/** A table in Markdown. Bars and line breaks within a cell are escaped. */
export function renderTable({ heads, rows }: Pick<DocumentTable, "heads" | "rows">): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
  return [line(heads), line(heads.map(() => "---")), ...rows.map(line)].join("\n");
}

/** The document with the table brought up to date. Throws when the document has no place for the table. */
export function withTable(text: string, table: DocumentTable): string {
  const from = text.indexOf(begin(table.name));
  const to = text.indexOf(END, from);
  if (from === -1 || to === -1) throw new Error(`${table.file} has no place for the table "${table.name}": ${begin(table.name)} … ${END}`);
  return `${text.slice(0, from + begin(table.name).length)}\n\n${renderTable(table)}\n\n${text.slice(to)}`;
}

/** The names of the tables that a document has places for. */
export function tableNames(text: string): string[] {
  return [...text.matchAll(/<!-- table: (.+?) -->/g)].map((match) => match[1] ?? "");
}

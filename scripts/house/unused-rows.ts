import type { SourceFile, Violation } from "./source-file.ts";

/** A table of names in the code, and where its rows must be used. */
interface NamedRows {
  file: string;
  /** The constant whose keys are the rows, or the type whose members are the rows. */
  table: string;
  /** Where a row must be used: in files of this folder other than the table's own. */
  usedIn: string;
  /** How it must be used: as a string, or also by its name. */
  as: "string" | "name";
  /** A file that only lists rows, for people to read. */
  listedIn?: string;
  /** The message about a row that is not used. */
  says: string;
}

const TABLES: readonly NamedRows[] = [
  { file: "packages/protocol/src/api-error.ts", table: "API_ERRORS", usedIn: "packages/", as: "string", says: "nothing throws it" },
  { file: "packages/protocol/src/oauth-error.ts", table: "OAUTH_ERRORS", usedIn: "packages/", as: "string", says: "nothing throws it" },
  {
    file: "packages/server/src/limits.ts",
    table: "DEFAULT_LIMITS",
    usedIn: "packages/server/src/",
    as: "name",
    listedIn: "packages/server/src/console/system.ts",
    says: "nothing keeps to it",
  },
  {
    file: "packages/receiver/src/limits.ts",
    table: "DEFAULT_LIMITS",
    usedIn: "packages/receiver/src/",
    as: "name",
    says: "nothing keeps to it",
  },
  {
    file: "packages/server/src/transport/transport.ts",
    table: "FaultCode",
    usedIn: "packages/server/src/transport/",
    as: "string",
    says: "no transport reports it",
  },
  {
    file: "packages/receiver/src/report.ts",
    table: "RefusalReason",
    usedIn: "packages/receiver/src/",
    as: "string",
    says: "nothing is refused for it",
  },
];

/** Rows of tables that the code does not use: an error that nothing throws, a limit that nothing reads. */
export function unusedRows(files: readonly SourceFile[], tables: readonly NamedRows[] = TABLES): Violation[] {
  return tables.flatMap((table) => {
    const home = files.find(({ path }) => path === table.file);
    const rows = home === undefined ? new Map<string, number>() : rowsOf(home, table.table);
    if (home === undefined || rows.size === 0)
      return [{ path: "scripts/house/unused-rows.ts", line: 1, says: `${table.file} has no table ${table.table}` }];
    const used = files
      .filter(
        (file) =>
          file !== home &&
          file.path !== table.listedIn &&
          !file.isTest &&
          file.path.startsWith(table.usedIn) &&
          file.path.includes("/src/"),
      )
      .map((file) => wordsOf(file, table.as));
    return [...rows]
      .filter(([row]) => !used.some((words) => words.has(row)))
      .map(([row, offset]) => ({ path: table.file, line: home.lineAt(offset), says: `${row}: ${table.says}` }));
  });
}

/** The rows of a table, with the position of each. */
export function rowsOf(file: SourceFile, table: string): Map<string, number> {
  const rows = new Map<string, number>();
  file.visit({
    VariableDeclarator({ id, init }) {
      if (id.type !== "Identifier" || id.name !== table) return;
      let value = init;
      while (value?.type === "TSAsExpression" || value?.type === "TSSatisfiesExpression") value = value.expression;
      if (value?.type !== "ObjectExpression") return;
      for (const property of value.properties)
        if (property.type === "Property" && property.key.type === "Identifier") rows.set(property.key.name, property.start);
    },
    TSTypeAliasDeclaration({ id, typeAnnotation }) {
      if (id.name !== table || typeAnnotation.type !== "TSUnionType") return;
      for (const member of typeAnnotation.types)
        if (member.type === "TSLiteralType" && member.literal.type === "Literal") rows.set(String(member.literal.value), member.start);
    },
  });
  return rows;
}

/** The strings of a file, and its names if those count, too. */
export function wordsOf(file: SourceFile, as: NamedRows["as"]): ReadonlySet<string> {
  const words = new Set<string>();
  file.visit({
    Literal({ value }) {
      if (typeof value === "string") words.add(value);
    },
    Identifier({ name }) {
      if (as === "name") words.add(name);
    },
  });
  return words;
}

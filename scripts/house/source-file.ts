import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path/posix";
import { parseSync, Visitor, type VisitorObject } from "oxc-parser";

/** One import of a file: `import`, `export … from`, `import()` and `import("…")` in a type, type imports included. */
interface Import {
  specifier: string;
  /** The file that it leads to, from the root of the repository; null for packages that are not ours. */
  target: string | null;
  line: number;
}

/**
 * A TypeScript source in the form that the checks use. Paths count from the root of the repository, with forward
 * slashes.
 */
export interface SourceFile {
  path: string;
  text: string;
  imports: readonly Import[];
  /** Whether it runs only in tests. */
  isTest: boolean;
  /** Calls `visitor` for every node of the syntax tree. */
  visit(visitor: VisitorObject): void;
  /** The line of an offset, from 1. */
  lineAt(offset: number): number;
}

/** A broken rule, with its place and what to do. */
export interface Violation {
  path: string;
  line: number;
  says: string;
}

/** Our own packages: the name that others import, and the file that it leads to. */
export type PackageEntries = ReadonlyMap<string, string>;

/** Parses a source. Throws when it is not TypeScript. */
export function parseSource(path: string, text: string, packages: PackageEntries = new Map()): SourceFile {
  const parsed = parseSync(path, text, { lang: path.endsWith("x") ? "tsx" : "ts", sourceType: "module" });
  const error = parsed.errors[0];
  if (error !== undefined) throw new Error(`${path}: ${error.message}`);

  const lineStarts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) lineStarts.push(at + 1);
  const lineAt = (offset: number): number => {
    let line = 1;
    while (line < lineStarts.length && (lineStarts[line] ?? 0) <= offset) line++;
    return line;
  };

  const imports: Import[] = [];
  const add = (specifier: string, offset: number): void => {
    const target = specifier.startsWith(".") ? join(dirname(path), specifier) : (packages.get(specifier) ?? null);
    imports.push({ specifier, target, line: lineAt(offset) });
  };
  for (const statement of parsed.module.staticImports) add(statement.moduleRequest.value, statement.start);
  for (const statement of parsed.module.staticExports) {
    const request = statement.entries.find((entry) => entry.moduleRequest !== null)?.moduleRequest;
    if (request) add(request.value, statement.start);
  }
  const visit = (visitor: VisitorObject): void => new Visitor(visitor).visit(parsed.program);
  visit({
    ImportExpression: ({ source, start }) => {
      if (source.type === "Literal" && typeof source.value === "string") add(source.value, start);
    },
    TSImportType: ({ source, start }) => add(source.value, start),
  });

  return { path, text, imports, isTest: /\.test\.ts$|^packages\/[^/]+\/test\//.test(path), visit, lineAt };
}

/** Reads and parses files of the repository at `root`. */
export function readSources(root: string, paths: readonly string[], packages: PackageEntries): SourceFile[] {
  return paths.map((path) => parseSource(relative(root, join(root, path)), readFileSync(join(root, path), "utf8"), packages));
}

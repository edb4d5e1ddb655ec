import type { SourceFile, Violation } from "./source-file.ts";

/**
 * Files that import each other in a circle, including type imports. Each circle is reported once, at the file that
 * closes it.
 */
export function importCircles(files: readonly SourceFile[]): Violation[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const done = new Set<string>();
  const trail: string[] = [];
  const violations: Violation[] = [];

  const follow = (file: SourceFile): void => {
    trail.push(file.path);
    for (const { target, line } of file.imports) {
      const next = target === null ? undefined : byPath.get(target);
      if (next === undefined || done.has(next.path)) continue;
      const from = trail.indexOf(next.path);
      if (from === -1) follow(next);
      else violations.push({ path: file.path, line, says: `import circle: ${[...trail.slice(from), next.path].join(" → ")}` });
    }
    trail.pop();
    done.add(file.path);
  };
  for (const file of files) if (!done.has(file.path)) follow(file);
  return violations;
}

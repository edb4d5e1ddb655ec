import type { SourceFile, Violation } from "./source-file.ts";

/**
 * Names that two files of a package may export as types, and why. Each store has its own rows and pages, in the form
 * that its database driver returns, and neither store sees the other's.
 */
const TWINS: ReadonlyMap<string, readonly string[]> = new Map([
  ["packages/server/src/store/", ["Condition", "Listing", "SqlRow", "SqlValue"]],
  ["packages/receiver/src/inbox/", ["ClaimingRequest"]],
]);

/**
 * Exported types and classes whose name a second file of the same package also exports: one word has one meaning.
 */
export function oneMeaning(files: readonly SourceFile[]): Violation[] {
  const first = new Map<string, string>();
  const violations: Violation[] = [];
  for (const file of files) {
    const folder = /^packages\/[^/]+\/src\//.exec(file.path)?.[0];
    if (folder === undefined || file.isTest) continue;
    const declares = (name: string | undefined, offset: number): void => {
      if (name === undefined || isTwin(file.path, name)) return;
      const known = first.get(folder + name);
      if (known === undefined) first.set(folder + name, file.path);
      else if (known !== file.path)
        violations.push({
          path: file.path,
          line: file.lineAt(offset),
          says: `${known} exports a "${name}" already: give this one a name of its own`,
        });
    };
    file.visit({
      ExportNamedDeclaration({ declaration }) {
        if (
          declaration?.type === "TSInterfaceDeclaration" ||
          declaration?.type === "TSTypeAliasDeclaration" ||
          declaration?.type === "ClassDeclaration"
        )
          declares(declaration.id?.name, declaration.start);
      },
    });
  }
  return violations;
}

function isTwin(path: string, name: string): boolean {
  for (const [folder, names] of TWINS) if (path.startsWith(folder) && names.includes(name)) return true;
  return false;
}

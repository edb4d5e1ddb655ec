import type { SourceFile, Violation } from "./source-file.ts";

const TIMER_MODULES = new Set(["node:timers/promises", "timers/promises"]);
const CONDITIONAL = new Set(["runIf", "skipIf", "todo", "fails"]);
const RUNNERS = new Set(["describe", "it", "suite", "test"]);

/**
 * Tests that wait for time to pass, are repeated until they pass, or run only sometimes. Time is an argument here: a
 * test sets the clock. (`.only` and `.skip` are the linter's to find.)
 */
export function testWaits(files: readonly SourceFile[]): Violation[] {
  const violations: Violation[] = [];
  for (const file of files) {
    if (!file.isTest) continue;
    const at = (offset: number, says: string): void => {
      violations.push({ path: file.path, line: file.lineAt(offset), says });
    };
    for (const { specifier, line } of file.imports) {
      if (TIMER_MODULES.has(specifier))
        violations.push({ path: file.path, line, says: "a test must not sleep: pass the time in, or await what happens" });
    }
    let promises = 0;
    file.visit({
      NewExpression: ({ callee }) => {
        if (callee.type === "Identifier" && callee.name === "Promise") promises++;
      },
      "NewExpression:exit": ({ callee }) => {
        if (callee.type === "Identifier" && callee.name === "Promise") promises--;
      },
      CallExpression: ({ callee, arguments: given, start }) => {
        if (callee.type === "Identifier" && callee.name === "setTimeout" && promises > 0) {
          const [then] = given;
          // `setTimeout(resolve, ms)` or `setTimeout(() => resolve(), ms)` alone is a sleep; a deadline that rejects is
          // not.
          if (then !== undefined && !/reject|throw|fail/.test(file.text.slice(then.start, then.end))) {
            at(start, "a test must not sleep: pass the time in, or await what happens");
          }
        }
        if (callee.type === "MemberExpression" && callee.object.type === "Identifier" && RUNNERS.has(callee.object.name)) {
          const { property } = callee;
          if (property.type === "Identifier" && CONDITIONAL.has(property.name))
            at(start, `.${property.name}: a test runs everywhere or is deleted`);
        }
        if (callee.type === "Identifier" && RUNNERS.has(callee.name)) {
          for (const argument of given) {
            if (argument.type !== "ObjectExpression") continue;
            for (const property of argument.properties) {
              if (property.type === "Property" && property.key.type === "Identifier" && ["retry", "repeats"].includes(property.key.name)) {
                at(property.start, "a test that needs more than one run hides a fault: find it");
              }
            }
          }
        }
      },
    });
  }
  return violations;
}

import type { SourceFile, Violation } from "./source-file.ts";

/**
 * The only places that may take time and randomness from the machine, by the beginning of their path, and why.
 */
const REAL_TIME_ALLOWED: ReadonlyMap<string, string> = new Map([
  ["packages/server/src/clock/", "the clock is what asks the machine"],
  ["packages/receiver/src/system-clock.ts", "the default of the receiver's clock"],
  ["packages/server/src/transport/", "durations and deadlines of real sockets"],
  ["packages/server/src/log-destination.ts", "waits for a reader of the log"],
  ["packages/server/src/store/postgres/database/database-client.ts", "deadlines of real sockets"],
  ["packages/server/src/store/postgres/database/connection-turns.ts", "the wait for one of them"],
]);

const GLOBAL_CALLS = new Set(["setInterval", "setTimeout"]);
const MEMBER_CALLS = new Set(["Date.now", "Math.random", "performance.now", "process.hrtime", "hrtime.bigint"]);
const MODULES = new Set(["node:timers", "node:timers/promises", "node:perf_hooks"]);

/** Packages whose decisions must not depend on when they are made. */
const GOVERNED = /^packages\/(protocol|receiver|server)\/src\//;

/**
 * Code that takes time or randomness from the machine instead of from an argument; and exceptions that are not used.
 * `new Date(time)` is arithmetic and is fine; `new Date()` is not.
 */
export function realTime(files: readonly SourceFile[], allowed: ReadonlyMap<string, string> = REAL_TIME_ALLOWED): Violation[] {
  const violations: Violation[] = [];
  const used = new Set<string>();
  for (const file of files) {
    if (file.isTest || !GOVERNED.test(file.path)) continue;
    const allowance = [...allowed.keys()].find((beginning) => file.path.startsWith(beginning));
    const at = (line: number, what: string): void => {
      if (allowance !== undefined) used.add(allowance);
      else violations.push({ path: file.path, line, says: `${what}: take the time, the clock or the randomness as an argument` });
    };
    for (const { specifier, line } of file.imports) if (MODULES.has(specifier)) at(line, specifier);
    file.visit({
      NewExpression: ({ callee, arguments: given, start }) => {
        if (callee.type === "Identifier" && callee.name === "Date" && given.length === 0) at(file.lineAt(start), "new Date()");
      },
      CallExpression: ({ callee, start }) => {
        if (callee.type === "Identifier" && (GLOBAL_CALLS.has(callee.name) || callee.name === "Date"))
          at(file.lineAt(start), `${callee.name}()`);
      },
      // Even without a call: `now: Date.now` passes on the machine's time.
      MemberExpression: ({ object, property, start }) => {
        if (property.type !== "Identifier") return;
        const owner =
          object.type === "Identifier"
            ? object.name
            : object.type === "MemberExpression" && object.property.type === "Identifier"
              ? object.property.name
              : "";
        if (MEMBER_CALLS.has(`${owner}.${property.name}`)) at(file.lineAt(start), `${owner}.${property.name}`);
      },
    });
  }
  for (const [beginning, why] of allowed) {
    if (!used.has(beginning))
      violations.push({
        path: "scripts/house/real-time.ts",
        line: 1,
        says: `nothing uses the allowance for ${beginning} (${why}): delete it`,
      });
  }
  return violations;
}

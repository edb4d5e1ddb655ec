import type { SourceFile, Violation } from "./source-file.ts";

/** The one file that may give a limit its default. */
const LIMITS_FILE = "packages/server/src/limits.ts";

/**
 * Names that measure something: `timeoutMs`, `MAX_BODY_BYTES`, `retryLimit`. The number of characters in a format is
 * not a limit.
 */
const MEASURES = /(Ms|Bytes|Seconds|Limit|Timeout|Deadline)$|(^|_)(MS|BYTES|SECONDS|LIMIT|TIMEOUT|DEADLINE|MAX|MAXIMUM)(_|$)/;
/** Units are not limits: `DAY_MS` is a conversion factor. */
const UNITS = /^(MS|SECOND|MINUTE|HOUR|DAY|WEEK)S?(_MS|_IN_MS|_SECONDS|_IN_SECONDS)?$|_PER_/;

/** Constants in the server that look like limits, and why they are not in the table. */
const NOT_LIMITS: ReadonlyMap<string, string> = new Map([
  ["packages/server/src/clock/database-clock.ts:SURE_MS", "how exact a clock has to be: follows from the margin of a lease"],
  [
    "packages/server/src/deliveries/engine.ts:LEASE_MARGIN_MS",
    "what settling needs of a lease: follows from the code, not from who runs it",
  ],
  ["packages/server/src/deliveries/engine.ts:TROUBLE_PAUSE_MS", "how soon a store that is away is asked again: follows from the code"],
  ["packages/server/src/store/postgres/retention/keep-partitions.ts:DROPPING_MS", "how long a file system may take to remove large files"],
  [
    "packages/server/src/store/postgres/retention/partition.ts:CLOSING_MS",
    "a margin for what is under way when a partition is closed: follows from the code",
  ],
  ["packages/server/src/store/clock-slack.ts:CLOCK_SLACK_MS", "how far clocks are set back: a fact about machines"],
  ["packages/server/src/store/sqlite/deliveries/lanes.ts:LEASES_ROUNDED_MS", "how often a row is written: nothing else depends on it"],
  [
    "packages/server/src/transport/http1/connection-pool.ts:KEEP_ALIVE_MARGIN_MS",
    "how long a request may be on its way: a fact about networks",
  ],
  ["packages/server/src/transport/http1/connection-pool.ts:SWEEP_EVERY_MS", "how soon sockets are closed that nobody uses any more"],
  [
    "packages/server/src/transport/guarded-connector.ts:KEEP_ALIVE_PROBE_MS",
    "when the system looks after idle connections: it has a default",
  ],
]);

/**
 * Files that may read the defaults: those that receive limits from the caller who starts a server, or that open a store
 * without a server.
 */
const READS_DEFAULTS: ReadonlySet<string> = new Set([
  "packages/server/src/index.ts",
  "packages/server/src/open-with-keys.ts",
  "packages/server/src/read-options.ts",
  "packages/server/src/store/open-store.ts",
]);

/** Files that read the defaults where they should use the limits that the server was given. */
export function limitsAsGiven(files: readonly SourceFile[], readers: ReadonlySet<string> = READS_DEFAULTS): Violation[] {
  return files
    .filter(({ path, isTest }) => path.startsWith("packages/server/src/") && !isTest && path !== LIMITS_FILE && !readers.has(path))
    .flatMap(({ path, text, lineAt }) =>
      [...text.matchAll(/\bDEFAULT_LIMITS\b/g)]
        .slice(0, 1)
        .map(({ index }) => ({ path, line: lineAt(index), says: "use the limits that the server was given, not the defaults" })),
    );
}

interface Expression {
  type: string;
}

/** Defaults of limits that are set outside of `limits.ts`, where operators of the server cannot find or change them. */
export function limitsInOnePlace(files: readonly SourceFile[], exempt: ReadonlyMap<string, string> = NOT_LIMITS): Violation[] {
  const violations: Violation[] = [];
  const needed = new Set<string>();
  for (const file of files) {
    if (file.isTest || !file.path.startsWith("packages/server/src/") || file.path === LIMITS_FILE) continue;
    const judge = (name: string, value: Expression | null, offset: number): void => {
      if (value === null || !isNumber(value) || UNITS.test(name) || !MEASURES.test(name)) return;
      const place = `${file.path}:${name}`;
      if (exempt.has(place)) {
        needed.add(place);
        return;
      }
      violations.push({
        path: file.path,
        line: file.lineAt(offset),
        says: `${name} is a limit: give it a name, a unit and a default in limits.ts`,
      });
    };
    let depth = 0;
    const enter = (): void => {
      depth++;
    };
    const leave = (): void => {
      depth--;
    };
    file.visit({
      FunctionDeclaration: enter,
      "FunctionDeclaration:exit": leave,
      FunctionExpression: enter,
      "FunctionExpression:exit": leave,
      ArrowFunctionExpression: enter,
      "ArrowFunctionExpression:exit": leave,
      VariableDeclarator: ({ id, init, start }) => {
        if (depth === 0 && id.type === "Identifier") judge(id.name, init, start);
      },
      AssignmentPattern: ({ left, right, start }) => {
        if (left.type === "Identifier") judge(left.name, right, start);
      },
    });
  }
  for (const [place, why] of exempt) {
    if (!needed.has(place))
      violations.push({
        path: "scripts/house/limits-in-one-place.ts",
        line: 1,
        says: `nothing is called ${place} (${why}): delete the entry`,
      });
  }
  return violations;
}

/** Whether an expression is a number other than 0 and 1, written out or computed from numbers alone. */
function isNumber(expression: Expression): boolean {
  if (expression.type === "Literal") {
    const { value } = expression as unknown as { value: unknown };
    return typeof value === "number" && value !== 0 && value !== 1;
  }
  if (expression.type === "BinaryExpression") {
    const { left, right } = expression as unknown as { left: Expression; right: Expression };
    return isNumber(left) && isNumber(right);
  }
  return false;
}

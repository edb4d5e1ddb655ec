import type { SourceFile, Violation } from "./source-file.ts";

/**
 * Which of our packages a package may import. The dashboard and the receiver know only the wire protocol; the command
 * reads the inboxes of receivers.
 */
const PACKAGE_FLOORS: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  server: ["protocol"],
  receiver: ["protocol"],
  dashboard: ["protocol"],
  cli: ["protocol", "server", "receiver"],
};

/**
 * The packages that its tests may import in addition: our own server is the best sender for the receiver, and the
 * dashboard shows its data.
 */
const TEST_FLOORS: Readonly<Record<string, readonly string[]>> = { receiver: ["server"], dashboard: ["server"] };

/**
 * The floors of the server, from the top. A folder imports from floors below its own, and from itself. Folders on one
 * floor do not import each other, which keeps events and deliveries apart.
 */
export const SERVER_FLOORS: readonly (readonly string[])[] = [
  ["main"],
  ["service"],
  ["http"],
  ["dashboard"],
  ["pages"],
  ["console"],
  ["api"],
  ["resources"],
  ["operations"],
  ["events", "deliveries"],
  ["contracts"],
];

/**
 * The floors inside `resources/`, from the top. The rule is the same; `lists` are the files outside of any folder.
 */
export const RESOURCE_FLOORS: readonly (readonly string[])[] = [
  ["lists"],
  ["connections", "onboarding", "tokens", "checkout", "v2-accounts"],
  ["setup-intents", "customer-calls"],
  ["money", "accounts", "platforms"],
  ["catalogue"],
  ["customers"],
  ["payouts", "external-accounts", "persons"],
  ["account-changes", "event-destinations", "thin-events"],
  ["balance", "customer-state", "webhook-endpoints", "token-use"],
  ["connected-account/v2"],
  ["connected-account/rendering"],
  ["connected-account/requirements"],
  ["connected-account/state"],
  ["events", "files", "stripe-cli"],
  ["access"],
];

/**
 * The floors inside each of the two SQL stores, from the top. The rule is the same; `store` are the files outside of
 * any folder.
 */
export const STORE_FLOORS: readonly (readonly string[])[] = [
  ["store"],
  ["nodes", "retention", "secrets"],
  ["deliveries"],
  ["lists"],
  ["transactions"],
  ["rows", "schema"],
  ["database"],
];

/**
 * Folders that hold a contract, `<name>/<name>.ts` with its parts in `<name>/contract/`, and its implementations beside
 * it and below it.
 */
const PORTS = ["store", "clock", "transport"] as const;

/** Imports that break a rule for a good reason: `from → to`, and why. */
const EXCEPTIONS: ReadonlyMap<string, string> = new Map([
  [
    "packages/server/src/service/clock-control.ts → packages/server/src/clock/turnable-clock.ts",
    "it turns the clock, which no other clock can be",
  ],
]);

/** The position of a file of the server. */
interface Place {
  /** A name of `SERVER_FLOORS`, or `implementation`. */
  floor: string;
  port?: string;
  /** The folder of one of several implementations: `sqlite` of `store/sqlite/rows/rows.ts`. */
  kind?: string;
}

/**
 * Imports that go up, sideways or past a contract; and exceptions that are not needed. Files that run only in tests may
 * import everything in their package.
 */
export function importFloors(files: readonly SourceFile[], exceptions: ReadonlyMap<string, string> = EXCEPTIONS): Violation[] {
  const violations: Violation[] = [];
  const needed = new Set<string>();
  for (const file of files) {
    const from = /^packages\/([^/]+)\/src\/(.+)$/.exec(file.path);
    const owner = from?.[1] ?? /^packages\/([^/]+)\//.exec(file.path)?.[1];
    if (owner === undefined) continue;
    for (const { specifier, target, line } of file.imports) {
      const says = broken(owner, from?.[2] ?? null, specifier, target, file.isTest);
      if (says === null) continue;
      const exception = `${file.path} → ${target ?? specifier}`;
      if (exceptions.has(exception)) needed.add(exception);
      else violations.push({ path: file.path, line, says });
    }
  }
  for (const [exception, why] of exceptions) {
    if (!needed.has(exception))
      violations.push({
        path: "scripts/house/import-floors.ts",
        line: 1,
        says: `nothing needs the exception ${exception} (${why}): delete it`,
      });
  }
  return violations;
}

function broken(owner: string, inside: string | null, specifier: string, target: string | null, isTest: boolean): string | null {
  const allowed = PACKAGE_FLOORS[owner];
  if (allowed === undefined) return `package "${owner}" has no floor: say in scripts/house/import-floors.ts what it may import`;
  if (target === null) {
    if (specifier.startsWith("@carabiner/")) return `${specifier} is not an entry of that package`;
    return owner === "protocol" && !isTest && !specifier.startsWith("node:")
      ? `protocol imports nothing but Node's own modules, not ${specifier}`
      : null;
  }
  const to = /^packages\/([^/]+)\/(?:src\/)?(.+)$/.exec(target);
  if (to === null) return isTest ? null : `${target} is not part of a package`;
  const [, other = "", path = ""] = to;
  if (other !== owner) {
    if (specifier.startsWith(".")) return `${specifier} climbs into another package: import it by its name`;
    const inTests = isTest ? (TEST_FLOORS[owner] ?? []) : [];
    return allowed.includes(other) || inTests.includes(other) ? null : `${owner} may not import ${other}`;
  }
  return owner === "server" && inside !== null && !isTest ? brokenFloor(inside, path) : null;
}

function brokenFloor(fromPath: string, toPath: string): string | null {
  const from = placeOf(fromPath);
  const to = placeOf(toPath);
  if (from === null || to === null) {
    return `src/${(from === null ? fromPath : toPath).split("/")[0]}/ has no floor: name it in scripts/house/import-floors.ts`;
  }
  if (to.floor === "implementation") {
    if (from.floor === "main") return null;
    if (from.floor !== "implementation" || from.port !== to.port)
      return `only the top floor sees implementations; import the contract, ${to.port}/${to.port}.ts`;
    if (from.kind !== undefined && to.kind !== undefined && from.kind !== to.kind)
      return `${from.port}/${from.kind} may not import its sister ${to.port}/${to.kind}`;
    return from.port === "store" && from.kind !== undefined && from.kind === to.kind
      ? brokenInnerFloor(`store/${from.kind}`, STORE_FLOORS, storeFolder(fromPath), storeFolder(toPath))
      : null;
  }
  if (from.floor === "implementation") {
    if (to.floor !== "contracts") return `an implementation imports its own contract, not ${toPath}`;
    return to.port === undefined || to.port === from.port ? null : `an implementation imports its own contract only, not ${toPath}`;
  }
  if (from.floor === "resources" && to.floor === "resources")
    return brokenInnerFloor("resources", RESOURCE_FLOORS, resourceFolder(fromPath), resourceFolder(toPath));
  if (from.floor === to.floor) return null;
  const height = (floor: string): number => SERVER_FLOORS.findIndex((names) => names.includes(floor));
  if (height(from.floor) === height(to.floor))
    return `${from.floor}/ and ${to.floor}/ do not import each other: the store stands between them`;
  return height(from.floor) < height(to.floor) ? null : `imports go down: ${from.floor} may not import ${to.floor}`;
}

/**
 * The rule that an import between two folders of `inside`, with the floors `floors`, breaks; null when it is allowed.
 */
function brokenInnerFloor(inside: string, floors: readonly (readonly string[])[], from: string, to: string): string | null {
  if (from === to) return null;
  const height = (folder: string): number => floors.findIndex((names) => names.includes(folder));
  for (const folder of [from, to])
    if (height(folder) === -1) return `src/${inside}/${folder}/ has no floor: name it in scripts/house/import-floors.ts`;
  if (height(from) === height(to)) return `${inside}/${from} and ${inside}/${to} are on one floor and do not import each other`;
  return height(from) < height(to) ? null : `imports go down: ${inside}/${from} may not import ${inside}/${to}`;
}

/** The folder of `resources/` that contains a file: `money` of `resources/money/payments/charge.ts`. */
function resourceFolder(path: string): string {
  const [, first = "", ...rest] = path.split("/");
  if (rest.length === 0) return "lists";
  return first === "connected-account" && rest.length > 1 ? `${first}/${rest[0]}` : first;
}

/** The folder of an SQL store that contains a file: `lists` of `store/sqlite/lists/walk-page.ts`. */
function storeFolder(path: string): string {
  const [, , folder = "", ...rest] = path.split("/");
  return rest.length === 0 ? "store" : folder;
}

function placeOf(path: string): Place | null {
  const [first = "", ...rest] = path.split("/");
  if (path === "limits.ts" || path === "destinations.ts" || path === "file-fault.ts") return { floor: "contracts" };
  if (rest.length === 0) return { floor: "main" };
  if (PORTS.some((port) => port === first)) {
    if (path === `${first}/${first}.ts` || rest[0] === "contract") return { floor: "contracts", port: first };
    return rest.length > 1 ? { floor: "implementation", port: first, kind: rest[0] ?? "" } : { floor: "implementation", port: first };
  }
  return SERVER_FLOORS.flat().includes(first) && first !== "main" && first !== "contracts" ? { floor: first } : null;
}

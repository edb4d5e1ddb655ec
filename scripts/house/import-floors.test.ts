import { expect, test } from "vitest";
import { importFloors } from "./import-floors.ts";
import { parseSource } from "./source-file.ts";

const PACKAGES = new Map(
  ["protocol", "server", "receiver", "dashboard"].map((name) => [`@carabiner/${name}`, `packages/${name}/src/index.ts`]),
);

function broken(path: string, specifier: string, exceptions = new Map<string, string>()): string[] {
  return importFloors([parseSource(path, `import "${specifier}";`, PACKAGES)], exceptions).map(({ says }) => says);
}

test.each([
  ["upwards", "events/route.ts", "../resources/operation.ts", "imports go down: events may not import resources"],
  ["upwards to http", "api/authenticate.ts", "../http/create-http-server.ts", "imports go down: api may not import http"],
  ["api to console", "api/authenticate.ts", "../console/deliveries.ts", "imports go down: api may not import console"],
  ["a contract upwards", "store/store.ts", "../events/route.ts", "imports go down: contracts may not import events"],
  ["the top from below", "resources/accounts.ts", "../start-carabiner.ts", "imports go down: resources may not import main"],
  [
    "events to deliveries",
    "events/route.ts",
    "../deliveries/engine.ts",
    "events/ and deliveries/ do not import each other: the store stands between them",
  ],
  [
    "deliveries to events",
    "deliveries/engine.ts",
    "../events/route.ts",
    "deliveries/ and events/ do not import each other: the store stands between them",
  ],
  [
    "an implementation from a floor",
    "deliveries/engine.ts",
    "../store/sqlite/sqlite-store.ts",
    "only the top floor sees implementations; import the contract, store/store.ts",
  ],
  [
    "open-store from a floor",
    "service/run.ts",
    "../store/open-store.ts",
    "only the top floor sees implementations; import the contract, store/store.ts",
  ],
  [
    "an implementation from another port",
    "transport/http-transport.ts",
    "../clock/system-clock.ts",
    "only the top floor sees implementations; import the contract, clock/clock.ts",
  ],
  [
    "another contract",
    "transport/http-transport.ts",
    "../store/store.ts",
    "an implementation imports its own contract only, not store/store.ts",
  ],
  [
    "an implementation upwards",
    "store/sqlite/rows/rows.ts",
    "../../../events/route.ts",
    "an implementation imports its own contract, not events/route.ts",
  ],
  ["a sister", "store/sqlite/rows/rows.ts", "../../postgres/rows/rows.ts", "store/sqlite may not import its sister store/postgres"],
  [
    "upwards inside resources",
    "resources/connected-account/state/account-state.ts",
    "../requirements/judge.ts",
    "imports go down: resources/connected-account/state may not import resources/connected-account/requirements",
  ],
  [
    "sideways inside resources",
    "resources/persons/persons.ts",
    "../payouts/payouts.ts",
    "resources/persons and resources/payouts are on one floor and do not import each other",
  ],
  [
    "the lists of resources from below",
    "resources/money/balance.ts",
    "../resources.ts",
    "imports go down: resources/money may not import resources/lists",
  ],
  [
    "a folder of resources without a floor",
    "resources/reviews/review.ts",
    "../events/events.ts",
    "src/resources/reviews/ has no floor: name it in scripts/house/import-floors.ts",
  ],
  [
    "upwards inside a store",
    "store/sqlite/database/scope.ts",
    "../lists/walk-page.ts",
    "imports go down: store/sqlite/database may not import store/sqlite/lists",
  ],
  [
    "sideways inside a store",
    "store/postgres/retention/erase.ts",
    "../nodes/nodes.ts",
    "store/postgres/retention and store/postgres/nodes are on one floor and do not import each other",
  ],
  [
    "a folder of a store without a floor",
    "store/postgres/caches/cache.ts",
    "../rows/rows.ts",
    "src/store/postgres/caches/ has no floor: name it in scripts/house/import-floors.ts",
  ],
  [
    "operations upwards",
    "operations/parameters.ts",
    "../resources/events/events.ts",
    "imports go down: operations may not import resources",
  ],
  ["a folder without a floor", "routing/route.ts", "../limits.ts", "src/routing/ has no floor: name it in scripts/house/import-floors.ts"],
])("refused in the server: %s", (_, from, specifier, says) => {
  expect(broken(`packages/server/src/${from}`, specifier)).toEqual([says]);
});

test.each([
  ["protocol", "undici", "protocol imports nothing but Node's own modules, not undici"],
  ["receiver", "@carabiner/server", "receiver may not import server"],
  ["dashboard", "@carabiner/server", "dashboard may not import server"],
  ["server", "../../cli/src/program.ts", "../../cli/src/program.ts climbs into another package: import it by its name"],
  ["server", "@carabiner/protocol/ids", "@carabiner/protocol/ids is not an entry of that package"],
  ["server", "../../../bench/run.ts", "bench/run.ts is not part of a package"],
  ["mystery", "node:fs", 'package "mystery" has no floor: say in scripts/house/import-floors.ts what it may import'],
])("refused between packages: %s → %s", (owner, specifier, says) => {
  expect(broken(`packages/${owner}/src/index.ts`, specifier)).toEqual([says]);
});

test.each([
  ["server", "main.ts", "./store/open-store.ts"],
  ["server", "store/open-store.ts", "./sqlite/sqlite-store.ts"],
  ["server", "store/sqlite/sqlite-store.ts", "./lists/walk-page.ts"],
  ["server", "store/sqlite/lists/walk-page.ts", "../database/scope.ts"],
  ["server", "store/sqlite/lists/walk-page.test.ts", "../sqlite-store.ts"],
  ["server", "store/sqlite/sqlite-store.ts", "../store.ts"],
  ["server", "store/sqlite/sqlite-store.ts", "../../limits.ts"],
  ["server", "http/create-http-server.ts", "../api/authenticate.ts"],
  ["server", "console/deliveries.ts", "../api/authenticate.ts"],
  ["server", "resources/accounts.ts", "../events/record-event.ts"],
  ["server", "resources/resources.ts", "./money/balance.ts"],
  ["server", "resources/connected-account/rendering/render-person.ts", "../state/person-state.ts"],
  ["server", "events/route.ts", "@carabiner/protocol"],
  ["server", "events/route.test.ts", "../store/open-store.ts"],
  ["cli", "commands/dev.ts", "@carabiner/server"],
  ["protocol", "signature.ts", "node:crypto"],
  ["protocol", "signature.test.ts", "vitest"],
  ["receiver", "doctor.test.ts", "@carabiner/server"],
])("allowed: %s %s → %s", (owner, from, specifier) => {
  expect(broken(`packages/${owner}/src/${from}`, specifier)).toEqual([]);
});

test("an exception lets one import through, and may not outlive it", () => {
  const exceptions = new Map([["packages/server/src/events/route.ts → packages/server/src/resources/operation.ts", "a reason"]]);
  expect(broken("packages/server/src/events/route.ts", "../resources/operation.ts", exceptions)).toEqual([]);
  expect(broken("packages/server/src/events/route.ts", "../limits.ts", exceptions)).toEqual([
    expect.stringContaining("nothing needs the exception"),
  ]);
});

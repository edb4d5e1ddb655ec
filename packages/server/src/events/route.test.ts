import { APPLICATION_TYPES, ENDPOINT_EVENT_TYPES, EVENT_TYPES, SELECTION_REQUIRED_TYPES } from "@carabiner/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LISTENER_PREFIX } from "../store/contract/is-listener.ts";
import type { ConnectionRow, EndpointRow } from "../store/contract/rows.ts";
import { route } from "./route.ts";

const P = "acct_platform";
const Q = "acct_otherplatform";
const A = "acct_connected";

function endpoint(id: string, fields: Partial<EndpointRow>): EndpointRow {
  return {
    id,
    accountId: P,
    livemode: false,
    connect: false,
    own: fields.connect !== true,
    payload: "snapshot",
    name: null,
    url: "https://example.com/hook",
    enabledEvents: ["*"],
    apiVersion: null,
    description: null,
    metadata: {},
    status: "enabled",
    disabledReason: null,
    secrets: [],
    created: 0,
    updated: 0,
    deleted: false,
    madeBy: null,
    firstFailureAt: null,
    toldOf: null,
    rateLimit: null,
    pausedAt: null,
    ...fields,
  };
}

const ALL_FOUR = [
  endpoint("live account", { livemode: true, connect: false }),
  endpoint("live connect", { livemode: true, connect: true }),
  endpoint("test account", { livemode: false, connect: false }),
  endpoint("test connect", { livemode: false, connect: true }),
];

function connected(platformId: string, ...modes: boolean[]): ConnectionRow[] {
  return modes.map((livemode) => ({ platformId, accountId: A, livemode, created: 0, controller: false, scope: "read_write" as const }));
}

function reached(
  event: { accountId: string; livemode: boolean; type?: string; platformId?: string; objectId?: string; payload?: "thin" },
  connections: ConnectionRow[],
  endpoints = ALL_FOUR,
): string[] {
  return route(
    {
      accountId: event.accountId,
      livemode: event.livemode,
      type: event.type ?? "customer.created",
      platformId: event.platformId ?? null,
      objectId: event.objectId ?? null,
      payload: event.payload ?? "snapshot",
    },
    { endpoints, connections, apiVersions: new Map() },
  ).map(({ endpoint, asConnected, skipped }) => `${endpoint.id}${asConnected ? " +account" : ""}${skipped ? " skipped" : ""}`);
}

describe("a listener of the official CLI", () => {
  const listeners = [
    endpoint(`${LISTENER_PREFIX}live`, { livemode: true, connect: true, own: true, enabledEvents: [] }),
    endpoint(`${LISTENER_PREFIX}test`, { livemode: false, connect: true, own: true, enabledEvents: [] }),
  ];
  const names = (of: string[]) => of.map((id) => id.slice(LISTENER_PREFIX.length));

  test.each([true, false])("gets its account's events of its mode, of any type (live: %s)", (livemode) => {
    const own = livemode ? "live" : "test";
    for (const type of ["customer.created", ...SELECTION_REQUIRED_TYPES])
      expect(names(reached({ accountId: P, livemode, type }, [], listeners))).toEqual([own]);
  });

  test("gets those of connected accounts of its mode alone, although a live Connect endpoint gets test events too", () => {
    const both = connected(P, true, false);
    expect(names(reached({ accountId: A, livemode: false }, both, listeners))).toEqual(["test +account"]);
    expect(names(reached({ accountId: A, livemode: true }, both, listeners))).toEqual(["live +account"]);
    expect(names(reached({ accountId: A, livemode: false }, connected(P, true), listeners))).toEqual([]);
    expect(names(reached({ accountId: A, livemode: false }, connected(Q, true, false), listeners))).toEqual([]);
  });
});

describe("the form of events", () => {
  const forms = (["snapshot", "thin", "both"] as const).map((payload) => endpoint(payload, { payload }));
  test.each([
    [undefined, ["snapshot", "both"]],
    ["thin" as const, ["thin", "both"]],
  ])("%s events go to endpoints that take them", (payload, expected) => {
    expect(reached({ accountId: P, livemode: false, ...(payload && { payload }) }, [], forms)).toEqual(expected);
  });
});

describe("live and test", () => {
  const LIVE = [true];
  const TEST = [false];
  const BOTH = [true, false];
  test.each([
    { event: "P's own, live", accountId: P, livemode: true, modes: [], expected: ["live account"] },
    { event: "P's own, test", accountId: P, livemode: false, modes: [], expected: ["test account"] },
    { event: "A's, live; connected live", accountId: A, livemode: true, modes: LIVE, expected: ["live connect +account"] },
    { event: "A's, live; connected test", accountId: A, livemode: true, modes: TEST, expected: [] },
    { event: "A's, live; connected both", accountId: A, livemode: true, modes: BOTH, expected: ["live connect +account"] },
    { event: "A's, test; connected live", accountId: A, livemode: false, modes: LIVE, expected: ["live connect +account"] },
    { event: "A's, test; connected test", accountId: A, livemode: false, modes: TEST, expected: ["test connect +account"] },
    {
      event: "A's, test; connected both",
      accountId: A,
      livemode: false,
      modes: BOTH,
      expected: ["live connect +account", "test connect +account"],
    },
    { event: "A's, not connected", accountId: A, livemode: false, modes: [], expected: [] },
  ])("$event", ({ accountId, livemode, modes, expected }) => {
    expect(reached({ accountId, livemode }, connected(P, ...modes))).toEqual(expected);
  });
});

describe("who", () => {
  test("every platform that an account is connected to receives it", () => {
    const endpoints = [endpoint("P's", { connect: true }), endpoint("Q's", { accountId: Q, connect: true })];
    expect(reached({ accountId: A, livemode: false }, [...connected(P, false), ...connected(Q, false)], endpoints)).toEqual([
      "P's +account",
      "Q's +account",
    ]);
  });

  test("a connected account's own endpoint receives it without account; its Connect endpoint does not", () => {
    const endpoints = [
      endpoint("A's own", { accountId: A }),
      endpoint("A's connect", { accountId: A, connect: true }),
      endpoint("P's", { connect: true }),
    ];
    expect(reached({ accountId: A, livemode: false }, connected(P, false), endpoints)).toEqual(["A's own", "P's +account"]);
  });

  test("a platform that is itself connected elsewhere is heard on both sides", () => {
    const endpoints = [endpoint("P's own", {}), endpoint("Q's connect", { accountId: Q, connect: true })];
    const connections = [{ platformId: Q, accountId: P, livemode: false, created: 0, controller: false, scope: "read_write" as const }];
    expect(reached({ accountId: P, livemode: false }, connections, endpoints)).toEqual(["P's own", "Q's connect +account"]);
  });

  test.each([...APPLICATION_TYPES])("%s goes to the application concerned alone, and in its mode", (type) => {
    const endpoints = [
      endpoint("P's", { connect: true }),
      endpoint("P's live", { connect: true, livemode: true }),
      endpoint("P's own", {}),
      endpoint("Q's", { accountId: Q, connect: true }),
      endpoint("A's own", { accountId: A }),
    ];
    const connections = [...connected(P, false, true), ...connected(Q, false)];
    expect(reached({ accountId: A, livemode: false, type, platformId: P }, connections, endpoints)).toEqual(["P's +account"]);
    expect(reached({ accountId: A, livemode: true, type, platformId: P }, connections, endpoints)).toEqual(["P's live +account"]);
  });

  test("an endpoint that a platform made for the account receives it while that platform may act for the account, in that mode", () => {
    const made = [endpoint("test, by P", { accountId: A, madeBy: P }), endpoint("live, by P", { accountId: A, madeBy: P, livemode: true })];
    const heard = (livemode: boolean, connections: ConnectionRow[]) => reached({ accountId: A, livemode }, connections, made);
    expect([heard(false, connected(P, false)), heard(true, connected(P, false))]).toEqual([["test, by P"], []]);
    expect([heard(false, connected(P, true)), heard(true, connected(P, true))]).toEqual([["test, by P"], ["live, by P"]]);
    expect([heard(false, []), heard(false, connected(Q, false, true)), heard(true, connected(Q, true))]).toEqual([[], [], []]);
  });

  test("deleted endpoints get nothing, and for disabled ones it is skipped", () => {
    const endpoints = [endpoint("off", { status: "disabled" }), endpoint("gone", { deleted: true }), endpoint("on", {})];
    expect(reached({ accountId: P, livemode: false }, [], endpoints)).toEqual(["off skipped", "on"]);
  });

  test.each(ENDPOINT_EVENT_TYPES)(
    "%s goes to the account's own endpoints that name it, but never to the endpoint that it is about",
    (type) => {
      const named = { enabledEvents: ["*", type] };
      const endpoints = [
        endpoint("named", named),
        endpoint("told of", named),
        endpoint("with *", {}),
        endpoint("live", { ...named, livemode: true }),
        endpoint("P's connect", { ...named, connect: true }),
        endpoint("made by Q", { ...named, madeBy: Q }),
        endpoint("Q's connect", { ...named, accountId: Q, connect: true }),
      ];
      const connections = [{ platformId: Q, accountId: P, livemode: false, created: 0, controller: false, scope: "read_write" as const }];
      expect(reached({ accountId: P, livemode: false, type, objectId: "told of" }, connections, endpoints)).toEqual(["named"]);
    },
  );
});

describe("enabled_events", () => {
  test("a named type, and no other", () => {
    const endpoints = [
      endpoint("named", { enabledEvents: ["payout.failed", "customer.created"] }),
      endpoint("other", { enabledEvents: ["customer.updated"] }),
    ];
    expect(reached({ accountId: P, livemode: false }, [], endpoints)).toEqual(["named"]);
  });

  test("* takes every type of the catalogue but those that need selection", () => {
    for (const type of EVENT_TYPES) {
      if (APPLICATION_TYPES.has(type)) continue;
      expect(reached({ accountId: P, livemode: false, type }, [], [endpoint("all", {})]), type).toEqual(
        SELECTION_REQUIRED_TYPES.has(type) ? [] : ["all"],
      );
    }
  });

  test("a type that needs selection is taken by naming it, beside * too", () => {
    const endpoints = [endpoint("named", { enabledEvents: ["*", "reporting.report_type.updated"] })];
    expect(reached({ accountId: P, livemode: false, type: "reporting.report_type.updated" }, [], endpoints)).toEqual(["named"]);
  });
});

test("no event reaches both classes of one platform, and no live event a test endpoint", () => {
  const account = fc.constantFrom(P, Q, A);
  const anyEndpoint = fc.record({ accountId: account, livemode: fc.boolean(), connect: fc.boolean(), named: fc.boolean() });
  const anyConnection = fc.record({ platformId: account, accountId: account, livemode: fc.boolean() });
  fc.assert(
    fc.property(
      fc.array(anyEndpoint, { maxLength: 12 }),
      fc.array(anyConnection, { maxLength: 6 }),
      account,
      fc.boolean(),
      (endpoints, connections, accountId, livemode) => {
        const owed = route(
          { accountId, livemode, type: "customer.created", platformId: null, objectId: null, payload: "snapshot" },
          {
            endpoints: endpoints.map((fields, n) =>
              endpoint(`${n}`, { ...fields, enabledEvents: fields.named ? ["customer.created"] : ["*"] }),
            ),
            connections: connections
              .filter((connection) => connection.platformId !== connection.accountId)
              .map((connection) => ({ ...connection, created: 0, controller: false, scope: "read_write" as const })),
            apiVersions: new Map(),
          },
        );
        for (const one of owed) {
          expect(livemode && !one.endpoint.livemode).toBe(false);
          for (const other of owed)
            if (one.endpoint.accountId === other.endpoint.accountId) expect(one.endpoint.connect).toBe(other.endpoint.connect);
        }
      },
    ),
  );
});

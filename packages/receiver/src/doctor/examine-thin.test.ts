import { expect, test } from "vitest";
import type { ApiDestination } from "./api-destination.ts";
import { type ApiEndpoint, type Examined, examine } from "./examine.ts";
import { examineThin } from "./examine-thin.ts";

const URL = "https://example.com/stripe";
const LEFT = "v1.account.application.deauthorized";
const TYPES = ["v1.account.updated", "v1.person.*", LEFT];

function destination(given: Partial<ApiDestination> = {}): ApiDestination {
  return {
    id: "ed_1",
    status: "enabled",
    type: "webhook_endpoint",
    event_payload: "thin",
    events_from: ["@accounts"],
    enabled_events: ["v1.account.updated", "v1.person.updated", LEFT],
    webhook_endpoint: { url: URL },
    ...given,
  };
}

function endpoint(given: Partial<ApiEndpoint> = {}): ApiEndpoint {
  return { id: "we_9", url: URL, status: "enabled", application: "ca_1", enabled_events: ["*"], api_version: null, ...given };
}

/** What both examinations find. */
function codes(destinations: ApiDestination[], more: Partial<Examined> = {}) {
  const examined = {
    lane: "connect",
    connect: true,
    livemode: true,
    types: TYPES,
    endpoints: [],
    destinations,
    url: URL,
    ...more,
  };
  return [...examine({ ...examined, sdkVersion: null }), ...examineThin(examined)].map(({ code, severity, endpoint: id }) => [
    code,
    severity,
    id,
  ]);
}

test("a destination that fits gives nothing to say", () => {
  expect(codes([destination()])).toEqual([]);
  expect(codes([destination({ events_from: ["@self", "@accounts"], enabled_events: [...TYPES, "v1.person.updated", "v1.a.b"] })])).toEqual(
    [],
  );
  expect(codes([destination()], { types: [...TYPES, "payout.paid"], endpoints: [endpoint({ enabled_events: ["payout.paid"] })] })).toEqual(
    [],
  );
  expect(codes([destination({ events_from: ["@self"] })], { connect: false })).toEqual([]);
  // A lane of both payloads needs one form of a disconnection, and the other does no harm.
  const both = { types: ["account.application.deauthorized", "v1.account.updated", "v1.person.*"] };
  expect(codes([destination()], { ...both, endpoints: [endpoint({ enabled_events: ["account.application.deauthorized"] })] })).toEqual([]);
});

test.each([
  ["there is none", [], {}, [["endpoint_missing", "error", null]]],
  [
    "there is one at another address",
    [destination({ webhook_endpoint: { url: `${URL}/old` } })],
    {},
    [["endpoint_missing", "error", null]],
  ],
  ["it sends to a cloud's bus", [destination({ type: "amazon_eventbridge" })], {}, [["endpoint_missing", "error", null]]],
  ["it has the other scope", [destination({ events_from: ["@self"] })], {}, [["scope_wrong", "error", "ed_1"]]],
  ["it is disabled", [destination({ status: "disabled" })], {}, [["endpoint_disabled", "error", "ed_1"]]],
  ["a family has no type", [destination({ enabled_events: ["v1.account.updated", LEFT] })], {}, [["types_missing", "error", "ed_1"]]],
  [
    "a type is not needed",
    [destination({ enabled_events: ["v1.account.updated", "v1.person.updated", LEFT, "v1.payout.paid"] })],
    {},
    [["types_unneeded", "notice", "ed_1"]],
  ],
  ["two send the same", [destination(), destination({ id: "ed_2" })], {}, [["endpoint_doubled", "warning", "ed_2"]]],
  [
    "the handlers are for thin events and the endpoint sends whole ones",
    [],
    { endpoints: [endpoint()] },
    [
      ["payload_wrong", "warning", "we_9"],
      ["payload_wrong", "error", "we_9"],
    ],
  ],
  [
    "the handlers are for whole events and the destination sends thin ones",
    [destination()],
    { types: ["account.updated", "account.application.deauthorized"] },
    [
      ["payload_wrong", "error", "ed_1"],
      ["payload_wrong", "warning", "ed_1"],
    ],
  ],
  [
    "nothing listens for a disconnection",
    [destination()],
    { types: TYPES.slice(0, 2) },
    [
      ["deauthorization_unheard", "warning", null],
      ["types_unneeded", "notice", "ed_1"],
    ],
  ],
] as const)("when %s, that is found", (_what, destinations, more, findings) => {
  expect(codes([...destinations], more as Partial<Examined>)).toEqual(findings);
});

test("the reason why it is disabled is told, of a whole endpoint too", () => {
  const disabled = { status: "disabled", status_details: { disabled: { reason: "failing" } } };
  const examined = { lane: "connect", connect: true, livemode: true, url: URL };
  const thin = examineThin({ ...examined, types: TYPES, endpoints: [], destinations: [destination(disabled)] });
  expect(thin.map(({ says, remedy }) => [says, remedy])).toEqual([
    [`ed_1 at ${URL} is disabled (failing), so it receives nothing.`, 'Enable it: stripe.v2.core.eventDestinations.enable("ed_1").'],
  ]);
  const twin = destination({ id: "ed_9", event_payload: "snapshot", ...disabled, status_details: { disabled: { reason: "user" } } });
  const types = ["account.updated", "account.application.deauthorized"];
  const whole = examine({
    ...examined,
    types,
    endpoints: [endpoint({ status: "disabled" })],
    destinations: [twin],
    sdkVersion: null,
  });
  expect(whole.map(({ says }) => says)).toEqual([`we_9 at ${URL} is disabled (by a user), so it receives nothing.`]);
});

test("an endpoint without its own version is reported with its current version", () => {
  const twin = destination({ id: "ed_9", event_payload: "snapshot", snapshot_api_version: "2025-08-27.basil" });
  const [unpinned] = examine({
    lane: "connect",
    connect: true,
    livemode: true,
    types: ["account.updated", "account.application.deauthorized"],
    endpoints: [endpoint()],
    destinations: [twin],
    url: URL,
    sdkVersion: "2026-10-28.endive",
  });
  expect(unpinned).toMatchObject({
    code: "version_unpinned",
    says: expect.stringContaining("default version, now 2025-08-27.basil, does"),
  });
});

test("a remedy is a line to run", () => {
  const [missing] = examineThin({
    lane: "connect",
    connect: true,
    livemode: false,
    types: TYPES,
    endpoints: [],
    destinations: [],
    url: URL,
  });
  expect(missing?.remedy).toBe(
    `Create one, and pass its secret to the lane: stripe.v2.core.eventDestinations.create({ name: "connect", type: "webhook_endpoint", event_payload: "thin", events_from: ["@accounts"], enabled_events: ["v1.account.updated","${LEFT}"], include: ["webhook_endpoint.signing_secret"], webhook_endpoint: { url: "${URL}" } }). Add the types you need of v1.person.*.`,
  );
});

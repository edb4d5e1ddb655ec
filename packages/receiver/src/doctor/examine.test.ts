import { expect, test } from "vitest";
import { diagnosisOf } from "./diagnosis.ts";
import { type ApiEndpoint, type Examined, examine } from "./examine.ts";
import { judge } from "./probe.ts";

const URL = "https://example.com/stripe";
const DEAUTHORIZED = "account.application.deauthorized";

function endpoint(given: Partial<ApiEndpoint> = {}): ApiEndpoint {
  return {
    id: "we_1",
    url: URL,
    status: "enabled",
    application: "ca_1",
    enabled_events: ["*"],
    api_version: "2026-10-28.endive",
    ...given,
  };
}

function examined(endpoints: ApiEndpoint[], more: Partial<Examined> = {}) {
  return examine({
    lane: "connect",
    connect: true,
    livemode: true,
    types: ["account.updated", "person.*", DEAUTHORIZED],
    endpoints,
    destinations: [],
    url: URL,
    sdkVersion: "2026-10-28.endive",
    ...more,
  });
}

const codes = (...given: Parameters<typeof examined>) => examined(...given).map(({ code, severity, endpoint: id }) => [code, severity, id]);

test("an endpoint that fits gives nothing to say", () => {
  expect(examined([endpoint()])).toEqual([]);
  expect(examined([endpoint({ enabled_events: ["account.updated", "person.updated", DEAUTHORIZED] })])).toEqual([]);
  // Within a release train, versions are compatible.
  expect(examined([endpoint({ api_version: "2026-11-30.endive" })])).toEqual([]);
  // A trailing slash does not change the address.
  expect(examined([endpoint({ url: `${URL}/` })])).toEqual([]);
});

test.each([
  ["there is none", [], ["endpoint_missing", "error", null]],
  ["there is one at another address", [endpoint({ url: "https://example.com/old" })], ["endpoint_missing", "error", null]],
  ["it has the other scope", [endpoint({ application: null })], ["scope_wrong", "error", "we_1"]],
  ["it is disabled", [endpoint({ status: "disabled" })], ["endpoint_disabled", "error", "we_1"]],
  ["a type is missing", [endpoint({ enabled_events: ["account.updated", DEAUTHORIZED] })], ["types_missing", "error", "we_1"]],
  [
    "a type is not needed",
    [endpoint({ enabled_events: ["account.updated", "person.created", DEAUTHORIZED, "payout.paid"] })],
    ["types_unneeded", "notice", "we_1"],
  ],
  ["two send the same", [endpoint(), endpoint({ id: "we_2" })], ["endpoint_doubled", "warning", "we_2"]],
  ["its version is not its own", [endpoint({ api_version: null })], ["version_unpinned", "warning", "we_1"]],
  ["its version is of another train", [endpoint({ api_version: "2025-08-27.basil" })], ["version_differs", "warning", "we_1"]],
  ["its version is from before there were trains", [endpoint({ api_version: "2020-08-27" })], ["version_differs", "warning", "we_1"]],
] as const)("when %s, that is found", (_what, endpoints, finding) => {
  expect(codes([...endpoints])).toEqual([finding]);
});

test("without an address, scope and types are compared with all endpoints together", () => {
  const half = (id: string, type: string) => endpoint({ id, url: `https://example.com/${id}`, enabled_events: [type, DEAUTHORIZED] });
  expect(codes([half("we_1", "account.updated"), half("we_2", "person.updated")], { url: null })).toEqual([]);
  expect(codes([half("we_1", "account.updated")], { url: null })).toEqual([["types_missing", "error", "we_1"]]);
  expect(codes([endpoint({ application: null })], { url: null })).toEqual([["endpoint_missing", "error", null]]);
});

test("a lane without handlers, and departures that no handler gets, are reported", () => {
  expect(codes([endpoint()], { types: [] })).toEqual([["handlers_missing", "notice", null]]);
  expect(codes([endpoint()], { types: ["payout.failed"] })).toEqual([["deauthorization_unheard", "warning", null]]);
  expect(codes([endpoint({ application: null })], { types: ["payout.failed"], connect: false })).toEqual([]);
  expect(codes([endpoint()], { types: ["*"] })).toEqual([]);
  // Thin events are registered elsewhere.
  expect(codes([endpoint({ enabled_events: [DEAUTHORIZED] })], { types: [DEAUTHORIZED, "v2.core.account.closed"] })).toEqual([]);
});

test("a remedy is a line to run", () => {
  const [missing] = examined([]);
  expect(missing?.remedy).toBe(
    `Create one, and pass its secret to the lane: stripe.webhookEndpoints.create({ url: "${URL}", connect: true, enabled_events: ["account.updated","${DEAUTHORIZED}"] }). Add the types you need of person.*.`,
  );
});

test.each([
  [400, null, null],
  [301, "https://example.com/stripe/", "url_redirects"],
  [500, null, "body_consumed"],
  [200, null, "url_answers_wrongly"],
  [403, null, "url_answers_wrongly"],
  [404, null, "url_answers_wrongly"],
] as const)("an address that answers %s to %s is %s", (status, location, code) => {
  expect(judge(URL, status, location)?.code ?? null).toBe(code);
});

test("a diagnosis puts the worst first, and says it in lines", () => {
  const findings = [...examined([endpoint({ api_version: null })]), ...examined([])];
  const { healthy, findings: ordered, text } = diagnosisOf(findings, ["live: 1 endpoint at the API"]);
  expect(healthy).toBe(false);
  expect(ordered.map(({ severity }) => severity)).toEqual(["error", "warning"]);
  expect(text.split("\n")[0]).toBe("live: 1 endpoint at the API");
  expect(text).toContain("ERROR   [connect, live] The API has no endpoint for events of connected accounts at https://example.com/stripe.");
  expect(text.endsWith("2 findings.")).toBe(true);
  expect(diagnosisOf([], [])).toEqual({ healthy: true, findings: [], text: "Everything fits." });
});

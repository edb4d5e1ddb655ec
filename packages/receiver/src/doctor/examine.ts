import { isThin, matches } from "../event-pattern.ts";
import type { Finding } from "./diagnosis.ts";

/** An endpoint as the API returns it. Source: https://docs.stripe.com/api/webhook_endpoints/object */
export interface ApiEndpoint {
  id: string;
  url: string;
  status: string;
  /** The application whose accounts' events it gets; null for an endpoint of the platform's own events. */
  application: string | null;
  enabled_events: string[];
  api_version: string | null;
}

/** One lane in one mode, and what the API has. */
export interface Examined {
  lane: string;
  connect: boolean;
  livemode: boolean;
  /** The patterns with handlers. */
  types: readonly string[];
  /** Every endpoint at the API in this mode. */
  endpoints: readonly ApiEndpoint[];
  /** This lane's address, if given. */
  url: string | null;
  /** The API version of the installed SDK; null when it is unknown. */
  sdkVersion: string | null;
}

/**
 * What a Connect integration must receive, or it goes on with accounts that have left. Source:
 * https://docs.stripe.com/connect/webhooks
 */
const DEAUTHORIZED = "account.application.deauthorized";

/** Compares a lane with the endpoints at the API. */
export function examine({ lane, connect, livemode, types: patterns, endpoints, url, sdkVersion }: Examined): Finding[] {
  const findings: Finding[] = [];
  const find = (code: Finding["code"], severity: Finding["severity"], endpoint: ApiEndpoint | null, says: string, remedy: string): void => {
    findings.push({ code, severity, lane, livemode, endpoint: endpoint?.id ?? null, says, remedy });
  };
  // Event destinations send thin events, and are registered elsewhere.
  const types = patterns.filter((pattern) => !isThin(pattern));
  const scope = connect ? "connected accounts" : "the platform itself";
  const here = url === null ? endpoints : endpoints.filter((one) => sameUrl(one.url, url));
  const fitting = here.filter((one) => (one.application !== null) === connect);
  const enabled = fitting.filter(({ status }) => status === "enabled");
  const create = `stripe.webhookEndpoints.create({ url: "${url ?? "https://…"}", ${connect ? "connect: true, " : ""}enabled_events: ${JSON.stringify(named(types))} })`;

  if (types.length === 0) {
    find(
      "handlers_missing",
      "notice",
      null,
      `No handler listens on the lane "${lane}".`,
      `Register one with hooks.${lane}.on(…), or remove the endpoint from createReceiver.`,
    );
  } else if (fitting.length === 0) {
    const [wrong] = url === null ? [] : here;
    if (wrong === undefined) {
      find(
        "endpoint_missing",
        "error",
        null,
        `The API has no endpoint for events of ${scope}${url === null ? "" : ` at ${url}`}.`,
        `Create one, and pass its secret to the lane: ${create}.${andFamilies(types)}`,
      );
    } else {
      find(
        "scope_wrong",
        "error",
        wrong,
        `${wrong.id} at ${wrong.url} is for events of ${connect ? "the platform itself" : "connected accounts"}, but the lane "${lane}" is for those of ${scope}: they never arrive.`,
        `An endpoint's scope cannot be changed. Create another: ${create}.${andFamilies(types)}`,
      );
    }
  } else if (enabled.length === 0) {
    for (const one of fitting)
      find(
        "endpoint_disabled",
        "error",
        one,
        `${one.id} at ${one.url} is disabled, so it receives nothing.`,
        `Enable it: stripe.webhookEndpoints.update("${one.id}", { disabled: false }). Then fetch what was missed with hooks.reconcile().`,
      );
  } else {
    const heard = enabled.flatMap((one) => one.enabled_events);
    const missing = types.filter((pattern) => !heard.some((type) => type === "*" || matches(pattern, type)));
    if (missing.length > 0) {
      const [first] = enabled;
      find(
        "types_missing",
        "error",
        first ?? null,
        `There are handlers for ${missing.join(", ")}, but no endpoint is subscribed to ${missing.length === 1 ? "it" : "them"}.`,
        `Subscribe: stripe.webhookEndpoints.update("${first?.id}", { enabled_events: ${JSON.stringify([...(first?.enabled_events ?? []), ...named(missing)])} }).${andFamilies(missing)}`,
      );
    }
    for (const one of enabled) {
      const unneeded = one.enabled_events.filter((type) => type !== "*" && !types.some((pattern) => matches(pattern, type)));
      if (unneeded.length > 0 && url !== null)
        find(
          "types_unneeded",
          "notice",
          one,
          `${one.id} is subscribed to ${unneeded.join(", ")}, but no handler handles ${unneeded.length === 1 ? "it" : "them"}.`,
          "Unsubscribe, or register a handler. Until then such events are answered 200 and kept as unhandled.",
        );
      examineVersion(one);
    }
    if (url !== null && enabled.length > 1)
      find(
        "endpoint_doubled",
        "warning",
        enabled[1] ?? null,
        `${enabled.map(({ id }) => id).join(" and ")} send the same events to ${url}${new Set(enabled.map((one) => one.api_version)).size > 1 ? ", in different API versions: the first that arrives is handled" : ""}.`,
        "Delete all but one, unless you are moving from one to the other.",
      );
  }
  if (connect && types.length > 0 && !types.some((pattern) => matches(pattern, DEAUTHORIZED)))
    find(
      "deauthorization_unheard",
      "warning",
      null,
      "No handler runs when an account disconnects.",
      `Register hooks.onDeauthorized(…), and subscribe to ${DEAUTHORIZED}.`,
    );
  return findings;

  function examineVersion(one: ApiEndpoint): void {
    if (sdkVersion === null) return;
    const again = `Its version cannot be changed. Create another endpoint with api_version: "${sdkVersion}", pass both secrets to the lane, and delete ${one.id}.`;
    if (one.api_version === null) {
      find(
        "version_unpinned",
        "warning",
        one,
        `${one.id} has no API version, so its events change shape when the account's default version does. This SDK is made for ${sdkVersion}.`,
        again,
      );
    } else if (trainOf(one.api_version) !== trainOf(sdkVersion)) {
      find(
        "version_differs",
        "warning",
        one,
        `${one.id} sends events of version ${one.api_version}, but this SDK is made for ${sdkVersion}: fields may differ from their types.`,
        again,
      );
    }
  }
}

/**
 * Versions of one release train are compatible: `2026-10-28.endive` belongs to endive. Before trains, each was
 * compatible only with itself.
 */
function trainOf(version: string): string {
  return version.split(".")[1] ?? version;
}

/** Types to subscribe to. The API has no families: each of their types is subscribed to by name. */
function named(patterns: readonly string[]): string[] {
  return patterns.includes("*") ? ["*"] : patterns.filter((pattern) => !pattern.endsWith(".*"));
}

function andFamilies(patterns: readonly string[]): string {
  const families = patterns.filter((pattern) => pattern.endsWith(".*"));
  return families.length === 0 || patterns.includes("*") ? "" : ` Add the types you need of ${families.join(" and ")}.`;
}

function sameUrl(one: string, other: string): boolean {
  return one.replace(/\/$/, "") === other.replace(/\/$/, "");
}

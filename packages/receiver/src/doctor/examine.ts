import { DEAUTHORIZED, THIN_DEAUTHORIZED } from "../connection-events.ts";
import { isThin, matches } from "../event-pattern.ts";
import { type ApiDestination, fitsScope, isAt, reasonOf } from "./api-destination.ts";
import type { Finding } from "./diagnosis.ts";
import { sameUrl } from "./same-url.ts";
import { andFamilies, named } from "./subscribed-types.ts";

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

/** One lane in one mode, and the matching data of the API. */
export interface Examined {
  lane: string;
  connect: boolean;
  livemode: boolean;
  /** The patterns with handlers. */
  types: readonly string[];
  /** Every endpoint at the API in this mode. */
  endpoints: readonly ApiEndpoint[];
  /** The same endpoints and those for thin events, as the v2 API lists them; empty when it does not list any. */
  destinations: readonly ApiDestination[];
  /** This lane's address, if given. */
  url: string | null;
  /** The API version of the installed SDK; null when it is unknown. */
  sdkVersion: string | null;
}

/** Compares a lane with the endpoints at the API, for whole events. `examineThin` does the rest. */
export function examine({ lane, connect, livemode, types: patterns, endpoints, destinations, url, sdkVersion }: Examined): Finding[] {
  const findings: Finding[] = [];
  const find = (
    code: Finding["code"],
    severity: Finding["severity"],
    endpoint: Pick<ApiEndpoint, "id"> | null,
    says: string,
    remedy: string,
  ): void => {
    findings.push({ code, severity, lane, livemode, endpoint: endpoint?.id ?? null, says, remedy });
  };
  const types = patterns.filter((pattern) => !isThin(pattern));
  const scope = connect ? "connected accounts" : "the platform itself";
  const here = url === null ? endpoints : endpoints.filter((one) => sameUrl(one.url, url));
  const fitting = here.filter((one) => (one.application !== null) === connect);
  const enabled = fitting.filter(({ status }) => status === "enabled");
  const create = `stripe.webhookEndpoints.create({ url: "${url ?? "https://…"}", ${connect ? "connect: true, " : ""}enabled_events: ${JSON.stringify(named(types))} })`;

  if (types.length === 0 && patterns.length > 0) {
    const [unheard] = url === null ? [] : enabled;
    if (unheard !== undefined)
      find(
        "payload_wrong",
        "warning",
        unheard,
        `${unheard.id} sends whole events to ${unheard.url}, but all handlers of the lane "${lane}" are for thin ones.`,
        `Register handlers without "v1." in their types, or delete ${unheard.id}.`,
      );
  } else if (types.length === 0) {
    find(
      "handlers_missing",
      "notice",
      null,
      `No handler listens on the lane "${lane}".`,
      `Register one with hooks.${lane}.on(…), or remove the endpoint from createReceiver.`,
    );
  } else if (fitting.length === 0) {
    const [wrong] = url === null ? [] : here;
    const thin = destinations.find((one) => one.event_payload === "thin" && fitsScope(one, connect) && isAt(one, url));
    if (thin !== undefined && url !== null) {
      find(
        "payload_wrong",
        "error",
        { id: thin.id },
        `${thin.id} at ${url} sends thin events, but there are handlers for whole ones: ${types.join(", ")}.`,
        `A destination's payload cannot be changed. Create another, and pass its secret to the lane: ${create}.${andFamilies(types)} Or handle the thin events: hooks.${lane}.on("v1.…", …).`,
      );
    } else if (wrong === undefined) {
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
        `${one.id} at ${one.url} is disabled${reasonOf(twinOf(one))}, so it receives nothing.`,
        `Enable it: stripe.webhookEndpoints.update("${one.id}", { disabled: false }). Then fetch what was missed with hooks.reconcile().`,
      );
  } else {
    examineEnabled();
  }
  // The events that a Connect integration must receive. Otherwise it keeps working with accounts that have left.
  // Source: https://docs.stripe.com/connect/webhooks
  const leaving = [DEAUTHORIZED, THIN_DEAUTHORIZED];
  if (connect && patterns.length > 0 && !patterns.some((pattern) => leaving.some((type) => matches(pattern, type))))
    find(
      "deauthorization_unheard",
      "warning",
      null,
      "No handler runs when an account disconnects.",
      `Register hooks.onDeauthorized(…), and subscribe to ${types.length === 0 ? THIN_DEAUTHORIZED : DEAUTHORIZED}.`,
    );
  return findings;

  /** Checks types, versions and duplicates of the endpoints that send events. */
  function examineEnabled(): void {
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
      const fault = versionFault(one, sdkVersion, twinOf(one)?.snapshot_api_version);
      if (fault !== null) find(fault.code, "warning", one, fault.says, fault.remedy);
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

  /** The endpoint in the v2 API: its id has the same characters after a different prefix. */
  function twinOf({ id }: Pick<ApiEndpoint, "id">): ApiDestination | undefined {
    return destinations.find((one) => one.id.slice("ed_".length) === id.slice("we_".length));
  }
}

/**
 * What is wrong with an endpoint's API version; null if nothing is wrong. `now` is the version of an endpoint without
 * its own.
 */
function versionFault(
  one: ApiEndpoint,
  sdkVersion: string | null,
  now: string | undefined,
): Pick<Finding, "code" | "says" | "remedy"> | null {
  if (sdkVersion === null) return null;
  const remedy = `Its version cannot be changed. Create another endpoint with api_version: "${sdkVersion}", pass both secrets to the lane, and delete ${one.id}.`;
  if (one.api_version === null) {
    return {
      code: "version_unpinned",
      says: `${one.id} has no API version, so its events change shape when the account's default version${now === undefined ? "" : `, now ${now},`} does. This SDK is made for ${sdkVersion}.`,
      remedy,
    };
  }
  if (trainOf(one.api_version) === trainOf(sdkVersion)) return null;
  return {
    code: "version_differs",
    says: `${one.id} sends events of version ${one.api_version}, but this SDK is made for ${sdkVersion}: fields may differ from their types.`,
    remedy,
  };
}

/**
 * Versions of one release train are compatible: `2026-10-28.endive` belongs to endive. Before trains, each was
 * compatible only with itself.
 */
function trainOf(version: string): string {
  return version.split(".")[1] ?? version;
}

import { connectionAfter } from "../connection-events.ts";
import { isThin, matches } from "../event-pattern.ts";
import { type ApiDestination, fitsScope, isAt, reasonOf } from "./api-destination.ts";
import type { Finding } from "./diagnosis.ts";
import type { Examined } from "./examine.ts";
import { sameUrl } from "./same-url.ts";
import { andFamilies, named } from "./subscribed-types.ts";

/** Compares a lane with the destinations for thin events at the API. */
export function examineThin({
  lane,
  connect,
  livemode,
  types: patterns,
  endpoints,
  destinations,
  url,
}: Omit<Examined, "sdkVersion">): Finding[] {
  const findings: Finding[] = [];
  const find = (
    code: Finding["code"],
    severity: Finding["severity"],
    endpoint: { id: string } | null,
    says: string,
    remedy: string,
  ): void => {
    findings.push({ code, severity, lane, livemode, endpoint: endpoint?.id ?? null, says, remedy });
  };
  const types = patterns.filter(isThin);
  const here = destinations.filter((one) => one.event_payload === "thin" && one.type === "webhook_endpoint" && isAt(one, url));
  const fitting = here.filter((one) => fitsScope(one, connect));
  const enabled = fitting.filter(({ status }) => status === "enabled");
  const scope = connect ? "connected accounts" : "the platform itself";
  const place = url === null ? "" : ` at ${url}`;

  if (types.length === 0) {
    // A lane without any handlers is reported separately.
    const [unheard] = url === null || patterns.length === 0 ? [] : enabled;
    if (unheard !== undefined)
      find(
        "payload_wrong",
        "warning",
        unheard,
        `${unheard.id} sends thin events${place}, but all handlers of the lane "${lane}" are for whole ones.`,
        `Register handlers of ${unheard.enabled_events.join(", ")}, or delete ${unheard.id}.`,
      );
    return findings;
  }
  if (fitting.length === 0) {
    const whole = url === null ? undefined : endpoints.find((one) => (one.application !== null) === connect && sameUrl(one.url, url));
    const [wrong] = url === null ? [] : here;
    if (wrong !== undefined)
      find(
        "scope_wrong",
        "error",
        wrong,
        `${wrong.id}${place} is for events of ${connect ? "the platform itself" : "connected accounts"}, but the lane "${lane}" is for those of ${scope}: they never arrive.`,
        `A destination's scope cannot be changed. Create another: ${create()}`,
      );
    // If whole events are handled, too, the endpoint is right for those.
    else if (whole !== undefined && types.length === patterns.length)
      find(
        "payload_wrong",
        "error",
        whole,
        `${whole.id}${place} sends whole events, but the handlers of the lane "${lane}" are for thin ones: ${types.join(", ")}.`,
        `An endpoint's payload cannot be changed. Create a destination, and pass its secret to the lane: ${create()}`,
      );
    else
      find(
        "endpoint_missing",
        "error",
        null,
        `The API has no destination for thin events of ${scope}${place}.`,
        `Create one, and pass its secret to the lane: ${create()}`,
      );
    return findings;
  }
  if (enabled.length === 0) {
    for (const one of fitting)
      find(
        "endpoint_disabled",
        "error",
        one,
        `${one.id}${place} is disabled${reasonOf(one)}, so it receives nothing.`,
        `Enable it: stripe.v2.core.eventDestinations.enable("${one.id}").`,
      );
    return findings;
  }
  examineTypes(enabled);
  if (url !== null && enabled.length > 1)
    find(
      "endpoint_doubled",
      "warning",
      enabled[1] ?? null,
      `${enabled.map(({ id }) => id).join(" and ")} send thin events of ${scope} to ${url}.`,
      "Delete all but one, unless they send different types.",
    );
  return findings;

  function create(): string {
    const subscribed = JSON.stringify(named(types));
    return `stripe.v2.core.eventDestinations.create({ name: "${lane}", type: "webhook_endpoint", event_payload: "thin", events_from: ["${connect ? "@accounts" : "@self"}"], enabled_events: ${subscribed}, include: ["webhook_endpoint.signing_secret"], webhook_endpoint: { url: "${url ?? "https://…"}" } }).${andFamilies(types)}`;
  }

  function examineTypes(enabled: readonly ApiDestination[]): void {
    const heard = enabled.flatMap((one) => one.enabled_events);
    const missing = types.filter((pattern) => !heard.some((type) => matches(pattern, type)));
    const [first] = enabled;
    if (missing.length > 0)
      find(
        "types_missing",
        "error",
        first ?? null,
        `There are handlers for ${missing.join(", ")}, but no destination is subscribed to ${missing.length === 1 ? "it" : "them"}.`,
        `Subscribe: stripe.v2.core.eventDestinations.update("${first?.id}", { enabled_events: ${JSON.stringify([...(first?.enabled_events ?? []), ...named(missing)])} }).${andFamilies(missing)}`,
      );
    for (const one of enabled) {
      // The departure of an account may be reported in both forms. A lane for both forms subscribes to the whole one.
      const unneeded = one.enabled_events.filter(
        (type) =>
          !types.some((pattern) => matches(pattern, type)) &&
          !(type.startsWith("v1.") && patterns.includes(type.slice(3)) && connectionAfter(type) !== null),
      );
      // A destination for both scopes has types that only the other lane handles.
      if (unneeded.length > 0 && url !== null && !(fitsScope(one, true) && fitsScope(one, false)))
        find(
          "types_unneeded",
          "notice",
          one,
          `${one.id} is subscribed to ${unneeded.join(", ")}, but no handler handles ${unneeded.length === 1 ? "it" : "them"}.`,
          "Unsubscribe, or register a handler. Until then such events are answered 200 and kept as unhandled.",
        );
    }
  }
}

import { sameUrl } from "./same-url.ts";

/** A destination as the v2 API returns it. Source: https://docs.stripe.com/api/v2/core/event_destinations/object */
export interface ApiDestination {
  id: string;
  enabled_events: string[];
  event_payload: string;
  /** `@self`, `@accounts`, or values for an organization. */
  events_from?: string[];
  status: string;
  status_details?: { disabled?: { reason?: string } };
  snapshot_api_version?: string;
  type: string;
  webhook_endpoint?: { url?: string };
}

/** Whether a destination gets events of connected accounts (`connect`), or of the platform itself. */
export function fitsScope({ events_from: scopes = ["@self"] }: ApiDestination, connect: boolean): boolean {
  return scopes.some((scope) => (scope === "@self") !== connect);
}

/** Whether a destination sends to an address. Always true if no address is given. */
export function isAt({ webhook_endpoint: endpoint }: ApiDestination, url: string | null): boolean {
  return url === null || (endpoint?.url !== undefined && sameUrl(endpoint.url, url));
}

/** Why a destination is disabled, in brackets; empty when the reason is not known. */
export function reasonOf(destination: ApiDestination | undefined): string {
  const reason = destination?.status_details?.disabled?.reason;
  if (reason === undefined) return "";
  return reason === "user" ? " (by a user)" : ` (${reason})`;
}

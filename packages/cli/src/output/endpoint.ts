import { formatStatus } from "./endpoint-status.ts";
import { inFewWords } from "./explanation.ts";
import { printable } from "./printable.ts";
import { type Column, formatFields } from "./table.ts";
import type { Colours } from "./terminal.ts";
import { formatTimestamp } from "./timestamp.ts";

/** An endpoint, as answered by the API, or by the console for its owner. Times are Unix seconds. */
export interface EndpointAnswer {
  id: string;
  url: string;
  status: "enabled" | "disabled";
  /** The platform's application on Connect endpoints, null on account endpoints. */
  application: string | null;
  api_version: string | null;
  enabled_events: string[];
  description: string | null;
  created: number;
  livemode: boolean;
  /** Only in the answer that creates it. */
  secret?: string;
  /** Only the owner sees these: who disabled it, which platform created it, and its health. */
  disabled_reason?: "owner" | "failing" | null;
  made_by?: string | null;
  paused_at?: number | null;
  health?: Health;
  /** Only in the console's answers: whether it gets whole or thin events, and from whom. */
  event_payload?: "snapshot" | "thin";
  events_from?: string[];
}

interface Health {
  status: string;
  failing_since: number | null;
  failed_attempts: number;
  last_failure: { at: number; outcome: string; status: number | null; reason: string } | null;
  disabled_after: number | null;
  /** Until when nothing is sent to it, and why. */
  held_until?: number | null;
  held_by?: "breaker" | "retry_after" | null;
}

/** The columns that show endpoints' health. */
export function healthColumns(colours: Colours): Column<EndpointAnswer>[] {
  return [
    { head: "ID", cell: ({ id }) => printable(id) },
    { head: "STATUS", cell: ({ status }) => formatStatus(status, colours), dropped: 3 },
    { head: "HEALTH", cell: ({ health }) => formatHealth(health, colours) },
    { head: "FAILING SINCE (UTC)", cell: ({ health }) => formatTimestamp(health?.failing_since ?? null), dropped: 1 },
    { head: "FAILURES", cell: ({ health }) => String(health?.failed_attempts ?? 0), align: "right", dropped: 4 },
    { head: "LAST FAILURE", cell: ({ health }) => printable(inFewWords(health?.last_failure?.reason ?? "")), cut: "end" },
    { head: "HELD BACK UNTIL (UTC)", cell: ({ health }) => formatTimestamp(health?.held_until ?? null), dropped: 1 },
    { head: "DISABLED AFTER (UTC)", cell: ({ health }) => formatTimestamp(health?.disabled_after ?? null), dropped: 2 },
    { head: "URL", cell: ({ url }) => printable(url), cut: "end", dropped: 5 },
  ];
}

function formatHealth(health: Health | undefined, colours: Colours): string {
  if (health === undefined) return "-";
  return health.status === "healthy" ? colours.green(health.status) : colours.red(printable(health.status));
}

/** Why it is disabled, and what is failing, in words. */
function troubleOf({ disabled_reason: reason, health }: EndpointAnswer): (readonly [string, string])[] {
  const rows: (readonly [string, string])[] = [];
  if (reason === "failing") rows.push(["disabled", "by the server: it had been failing for too long"]);
  else if (reason === "owner") rows.push(["disabled", "by its owner"]);
  if (health === undefined || health.failing_since == null) return rows;
  const attempts = health.failed_attempts === 1 ? "1 attempt" : `${health.failed_attempts ?? "-"} attempts`;
  rows.push(["failing", `since ${formatTimestamp(health.failing_since)} UTC, ${attempts}`]);
  if (health.last_failure != null)
    rows.push(["last failure", `${formatTimestamp(health.last_failure.at)} UTC  ${printable(health.last_failure.reason)}`]);
  if (health.held_until != null) {
    const why = health.held_by === "retry_after" ? "it asked for that" : "it failed too often in a row";
    rows.push(["held back", `until ${formatTimestamp(health.held_until)} UTC: ${why}. \`carabiner endpoints resume\` ends that`]);
  }
  if (health.disabled_after != null) rows.push(["if it goes on", `it is disabled after ${formatTimestamp(health.disabled_after)} UTC`]);
  return rows;
}

function formatKind({ application, event_payload: payload, events_from: from = [] }: EndpointAnswer): string {
  const whose = from.length > 1 ? "account and Connect" : application === null ? "account" : "Connect";
  return payload === "thin" ? `${whose}, thin` : whose;
}

/** The columns of a list of endpoints. */
export function endpointColumns(colours: Colours): Column<EndpointAnswer>[] {
  return [
    { head: "ID", cell: ({ id }) => printable(id) },
    { head: "KIND", cell: formatKind, dropped: 1 },
    { head: "STATUS", cell: ({ status }) => formatStatus(status, colours) },
    { head: "HEALTH", cell: ({ health }) => formatHealth(health, colours) },
    { head: "EVENTS", cell: (endpoint) => formatTypes(endpoint.enabled_events), dropped: 2 },
    { head: "URL", cell: ({ url }) => printable(url), cut: "end" },
    { head: "CREATED (UTC)", cell: ({ created }) => formatTimestamp(created), dropped: 3 },
  ];
}

function formatTypes(types: readonly string[]): string {
  if (types.includes("*")) return "all";
  const [first = "none", ...more] = types;
  return more.length === 0 ? printable(first) : `${printable(first)} +${more.length}`;
}

/** One endpoint with all its fields. */
export function describeEndpoint(endpoint: EndpointAnswer, colours: Colours): string {
  return formatFields(
    [
      ["id", printable(endpoint.id)],
      [
        "kind",
        `${formatKind(endpoint)}${endpoint.event_payload === "thin" ? " events" : " endpoint"}, ${endpoint.livemode ? "live" : "test"} mode`,
      ],
      ["url", printable(endpoint.url)],
      ["status", formatStatus(endpoint.status, colours)],
      ...(typeof endpoint.paused_at === "number" ? [["paused", `since ${formatTimestamp(endpoint.paused_at)} UTC`] as const] : []),
      ...(endpoint.health === undefined ? [] : [["health", formatHealth(endpoint.health, colours)] as const]),
      ...troubleOf(endpoint),
      ...(typeof endpoint.made_by === "string" ? [["made by", `the platform ${printable(endpoint.made_by)}`] as const] : []),
      ["events", endpoint.enabled_events.includes("*") ? "all" : printable(endpoint.enabled_events.join("\n"), { lines: true })],
      ...(endpoint.event_payload === "thin" ? [] : [["API version", printable(endpoint.api_version ?? "the account's")] as const]),
      ["description", printable(endpoint.description ?? "-")],
      ["created", `${formatTimestamp(endpoint.created)} UTC`],
      ...(endpoint.secret === undefined ? [] : [["secret", colours.bold(printable(endpoint.secret))] as const]),
    ],
    colours.dim,
  );
}

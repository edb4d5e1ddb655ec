import type { Depth, HandlerDepth, WorkRow, WorkState } from "../inbox/inbox.ts";

/** The amount of work, and the part that no program runs. */
export interface ShownDepth extends Depth {
  orphans: readonly HandlerDepth[];
}

/** What the page shows. */
export interface Shown {
  depth: ShownDepth;
  rows: readonly WorkRow[];
  /** The maximum number of rows. */
  limit: number;
  /** The filter of the rows. */
  filter: { state?: WorkState; handler?: string; eventId?: string };
  /** Whether there are buttons that change something. */
  writable: boolean;
  /** Unix milliseconds. */
  now: number;
}

const STATES: readonly WorkState[] = ["pending", "dead", "quarantined", "done", "stale", "cancelled", "discarded"];
/** States to offer for retry and for discard. */
const RETRIED: ReadonlySet<WorkState> = new Set(["pending", "dead"]);
const DISCARDED: ReadonlySet<WorkState> = new Set(["pending", "dead", "quarantined"]);

const STYLE = `:root{color-scheme:light dark;font:14px/1.5 system-ui,sans-serif}body{margin:1.5rem auto;max-width:80rem;padding:0 1rem}
h1{font-size:1.2rem}table{border-collapse:collapse;width:100%;margin:1rem 0}th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid #8884}
td.n,th.n{text-align:right}.dead,.quarantined{color:#c22}.pending{color:#a60}nav a{margin-right:1rem}[aria-current]{font-weight:bold}
form{display:inline}code{overflow-wrap:anywhere}`;

/** The page, without scripts. All values are escaped; it does not show event bodies. */
export function renderPage({ depth, rows, limit, filter, writable, now }: Shown): string {
  const { state, handler, eventId } = filter;
  const link = (text: string, query: Record<string, string | undefined>, current: boolean): string =>
    `<a href="?${escaped(queryOf(query))}"${current ? ' aria-current="page"' : ""}>${escaped(text)}</a>`;
  // Work that is settled for good is not counted: all of it would be read for each view of the page.
  const counted = (one: WorkState): string => (depth.work[one] === undefined ? one : `${one} ${depth.work[one]}`);
  const states = STATES.map((one) => link(counted(one), { state: one, handler }, state === one)).join("");
  const narrowed = [...(handler === undefined ? [] : [`handler ${handler}`]), ...(eventId === undefined ? [] : [`event ${eventId}`])];
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Webhook inbox</title><style>${STYLE}</style></head>
<body>
<h1>Webhook inbox</h1>
<nav aria-label="State">${link("all", { handler }, state === undefined && eventId === undefined)}${states}</nav>
<form method="get"><label>Event <input name="event" value="${escaped(eventId ?? "")}" placeholder="evt_…"></label> <button>Show</button></form>
${handlerTable(depth, now, link)}
${narrowed.length === 0 ? "" : `<p>Only ${escaped(narrowed.join(", "))}. ${link("All", {}, false)}</p>`}
${workTable(rows, { writable, back: queryOf({ state, handler, event: eventId }) })}
${rows.length < limit ? "" : `<p>These are the newest ${limit}. Filter them to see others.</p>`}
</body>
</html>
`;
}

function handlerTable(
  { handlers, orphans }: ShownDepth,
  now: number,
  link: (text: string, query: Record<string, string>, current: boolean) => string,
): string {
  if (handlers.length === 0) return "<p>No work is waiting, and none has failed for good.</p>";
  const rows = handlers.map(({ handler, pending, dead, quarantined, oldestPendingAt }) => {
    const gone = orphans.some((orphan) => orphan.handler === handler) ? " (not registered)" : "";
    const waits = oldestPendingAt === null ? "" : `${Math.max(0, Math.round((now - oldestPendingAt) / 1_000))} s`;
    const numbers = [pending, dead, quarantined].map((count) => `<td class="n">${count}</td>`).join("");
    return `<tr><td>${link(handler, { handler }, false)}${gone}</td>${numbers}<td class="n">${waits}</td></tr>`;
  });
  const heads = ["Pending", "Dead", "Quarantined", "Oldest waits"].map((head) => `<th class="n" scope="col">${head}</th>`).join("");
  return `<table><thead><tr><th scope="col">Handler</th>${heads}</tr></thead><tbody>${rows.join("")}</tbody></table>`;
}

function workTable(rows: readonly WorkRow[], { writable, back }: { writable: boolean; back: string }): string {
  if (rows.length === 0) return "<p>No work.</p>";
  const body = rows.map(({ event, handler, state, attempts, dueAt, error, settledAt }) => {
    const when = state === "pending" ? `due ${moment(dueAt)}` : settledAt === null ? "" : moment(settledAt);
    const buttons = writable
      ? `<td>${RETRIED.has(state) ? button("retry", event, handler, back) : ""}${DISCARDED.has(state) ? button("discard", event, handler, back) : ""}</td>`
      : "";
    return `<tr><td><a href="?${escaped(queryOf({ event: event.id }))}"><code>${escaped(event.id)}</code></a></td><td>${escaped(event.type)}</td><td>${escaped(event.account ?? "")}${event.livemode ? "" : " (test)"}</td><td>${escaped(handler)}</td><td class="${state}">${state}</td><td class="n">${attempts}</td><td>${when}</td><td>${escaped(error ?? "")}</td>${buttons}</tr>`;
  });
  const heads = ["Event", "Type", "Account", "Handler", "State", "Tries", "When (UTC)", "Why", ...(writable ? ["Actions"] : [])];
  return `<table><thead><tr>${heads.map((head) => `<th scope="col">${head}</th>`).join("")}</tr></thead><tbody>${body.join("")}</tbody></table>`;
}

function button(action: "retry" | "discard", { id, account, livemode }: WorkRow["event"], handler: string, back: string): string {
  const fields = Object.entries({ action, event: id, handler, account: account ?? "", livemode: String(livemode), back })
    .map(([name, value]) => `<input type="hidden" name="${name}" value="${escaped(value)}">`)
    .join("");
  const label = action === "retry" ? "Retry" : "Discard";
  return `<form method="post">${fields}<button aria-label="${label} ${escaped(id)} for ${escaped(handler)}">${label}</button></form>`;
}

function queryOf(values: Record<string, string | undefined>): string {
  return new URLSearchParams(Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))).toString();
}

function moment(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace("T", " ");
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (mark) => ENTITIES[mark] ?? mark);
}

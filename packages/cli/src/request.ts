import { printable } from "./printable.ts";
import type { Column } from "./table.ts";
import type { Colours } from "./terminal.ts";
import { formatTimestamp } from "./timestamp.ts";

/** An answered request, as the console shows it. Times are Unix seconds. */
export interface RememberedRequest {
  id: string;
  created: number;
  livemode: boolean;
  /** The account it acted for; null when unknown. */
  account: string | null;
  /** Its key, masked. */
  key: string | null;
  method: string;
  /** The route pattern. */
  path: string;
  status: number;
  duration_ms: number;
  idempotency_key: string | null;
  /** The request whose answer was replayed. */
  replay_of: string | null;
  error: { name: string; type: string; code: string | null; param: string | null; message: string } | null;
  /** The parameters, on a development server; null elsewhere. */
  params: Record<string, unknown> | null;
}

/** The columns of a list of requests. */
export function requestColumns(colours: Colours): Column<RememberedRequest>[] {
  return [
    { head: "ID", cell: ({ id }) => printable(id) },
    { head: "STATUS", cell: ({ status }) => formatStatus(status, colours), align: "right" },
    { head: "METHOD", cell: ({ method }) => printable(method) },
    { head: "PATH", cell: ({ path }) => printable(path), cut: true },
    { head: "TOOK", cell: (request) => `${request.duration_ms} ms`, align: "right", dropped: 4 },
    { head: "ACCOUNT", cell: ({ account }) => printable(account ?? "-"), dropped: 2 },
    { head: "ERROR", cell: errorWords, cut: true, dropped: 1 },
    { head: "KEY", cell: ({ key }) => printable(key ?? "-"), dropped: 6 },
    { head: "AT (UTC)", cell: ({ created }) => formatTimestamp(created), dropped: 5 },
  ];
}

/** A request as one line, aligned with the lines before. Failed requests are highlighted. */
export function requestLine(request: RememberedRequest, colours: Colours): string {
  const { dim, red } = colours;
  const { method, path, duration_ms, account, id, error } = request;
  const shown = [
    dim(formatTimestamp(request.created).slice(11)),
    formatStatus(request.status, colours),
    printable(method).padEnd(6),
    printable(path).padEnd(48),
    dim(`${Math.round(duration_ms)} ms`.padStart(8)),
    dim(printable(account ?? "-").padEnd(21)),
    dim(printable(id)),
  ];
  return [...shown, ...(error === null ? [] : [red(errorWords(request))])].join("  ");
}

/** A request's error: its code, the parameter and the message. Empty when it had none. */
export function errorWords({ error }: Pick<RememberedRequest, "error">): string {
  if (error === null) return "";
  const about = error.param === null ? "" : ` (${error.param})`;
  return printable(`${error.code ?? error.type}${about}: ${error.message}`);
}

function formatStatus(status: number, { green, yellow, red }: Colours): string {
  const dress = status >= 500 ? red : status >= 400 ? yellow : green;
  return dress(String(status));
}

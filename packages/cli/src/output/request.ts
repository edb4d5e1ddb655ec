import { inColumn, TOOK_CHARS, wrapped } from "./fit-line.ts";
import { printable } from "./printable.ts";
import type { Column } from "./table.ts";
import type { Colours } from "./terminal.ts";
import { formatTimestamp } from "./timestamp.ts";

/** An answered request, as the console shows it. Times are Unix seconds. */
export interface RememberedRequest {
  id: string;
  /** By the server's clock, which may have been turned. */
  created: number;
  /** The machine's time then; null if it is the same. */
  machine_time: number | null;
  livemode: boolean;
  /** The account that it acted for; null when unknown. */
  account: string | null;
  /** Its key, masked. */
  key: string | null;
  method: string;
  /** The path with its ids; parts that could be secrets appear as in the route. */
  path: string;
  /** The route's pattern. */
  route: string;
  status: number;
  duration_ms: number;
  idempotency_key: string | null;
  /** The request whose answer was replayed. */
  replay_of: string | null;
  error: { name: string; type: string; code: string | null; param: string | null; message: string } | null;
  /** The parameters of the query and of the body, on a development server; null elsewhere. */
  query: Record<string, unknown> | null;
  params: Record<string, unknown> | null;
  /** The answer's body, on a development server; null elsewhere. Lists leave it out. */
  answer?: string | null;
}

/**
 * The columns of a list of requests; `machineTime` adds that of the machine's clock, for a server whose clock was
 * turned.
 */
export function requestColumns(colours: Colours, machineTime: boolean): Column<RememberedRequest>[] {
  return [
    { head: "ID", cell: ({ id }) => printable(id) },
    { head: "STATUS", cell: ({ status }) => formatStatus(status, colours), align: "right" },
    { head: "METHOD", cell: ({ method }) => printable(method) },
    { head: "PATH", cell: ({ path }) => printable(path), cut: "end" },
    { head: "TOOK", cell: (request) => `${request.duration_ms} ms`, align: "right", dropped: 4 },
    { head: "ACCOUNT", cell: ({ account }) => printable(account ?? "-"), dropped: 2 },
    { head: "ERROR", cell: errorWords, cut: "end", dropped: 1 },
    { head: "KEY", cell: ({ key }) => printable(key ?? "-"), dropped: 6 },
    { head: "AT (UTC)", cell: ({ created }) => formatTimestamp(created), dropped: 5 },
    ...(machineTime
      ? [
          {
            head: "MACHINE TIME (UTC)",
            cell: ({ created, machine_time: at }: RememberedRequest) => formatTimestamp(at ?? created),
            dropped: 7,
          },
        ]
      : []),
  ];
}

/**
 * The widths of the columns of a line. The path's column is wide enough for most paths, and takes the rest of the line.
 */
const METHOD_CHARS = 6;
const PATH_CHARS = { least: 24, most: 48 } as const;
const ID_CHARS = 18;
const ACCOUNT_CHARS = 21;

/**
 * A request as a line, aligned with the previous lines and within the width. Failed requests are highlighted. On a
 * terminal the error is below its line, and the account and the duration are shown if there is room.
 */
export function requestLine(request: RememberedRequest, colours: Colours, width: number | null): string {
  const { dim, red } = colours;
  const { method, path, duration_ms, account, id, error } = request;
  const gap = "  ";
  const leading = [
    dim(formatTimestamp(request.created).slice(11)),
    formatStatus(request.status, colours),
    printable(method).padEnd(METHOD_CHARS),
  ];
  const took = dim(`${Math.round(duration_ms)} ms`.padStart(TOOK_CHARS));
  if (width === null) {
    const rest = [printable(path).padEnd(PATH_CHARS.most), took, dim(printable(account ?? "-").padEnd(ACCOUNT_CHARS)), dim(printable(id))];
    return [...leading, ...rest, ...(error === null ? [] : [red(errorWords(request))])].join(gap);
  }
  const indent = " ".repeat(10);
  let left = width - 8 - 3 - METHOD_CHARS - 4 * gap.length - ID_CHARS;
  const hasTook = left - TOOK_CHARS - gap.length >= PATH_CHARS.least;
  if (hasTook) left -= TOOK_CHARS + gap.length;
  const hasAccount = left - ACCOUNT_CHARS - gap.length >= PATH_CHARS.least;
  if (hasAccount) left -= ACCOUNT_CHARS + gap.length;
  const line = [
    ...leading,
    inColumn(path, Math.max(10, Math.min(PATH_CHARS.most, left)), true),
    ...(hasTook ? [took] : []),
    ...(hasAccount ? [dim(inColumn(account ?? "-", ACCOUNT_CHARS, true))] : []),
    dim(printable(id)),
  ].join(gap);
  if (error === null) return line;
  const below = wrapped([{ text: errorWords(request), dress: red }], width - indent.length);
  return [line, ...below.map((text) => indent + text)].join("\n");
}

/** A request's error: its code, the parameter and the message. Empty when it had no error. */
export function errorWords({ error }: Pick<RememberedRequest, "error">): string {
  if (error == null) return "";
  const about = error.param === null ? "" : ` (${error.param})`;
  return printable(`${error.code ?? error.type}${about}: ${error.message}`);
}

function formatStatus(status: number, { green, yellow, red }: Colours): string {
  const dress = status >= 500 ? red : status >= 400 ? yellow : green;
  return dress(String(status));
}

import type { DocumentTable } from "./table.ts";

/** The meaning of each code in a server's log lines. A test compares it with the codes in the sources. */
export const LOG_CODES: Readonly<Record<string, string>> = {
  "attempt.failed": "An attempt failed, and another is planned.",
  "attempt.unexpected": "An attempt failed for a reason that nobody foresaw: once for each endpoint and message.",
  bug: "The server found a bug of its own, and stops.",
  "certificate.renewed": "The files of the certificate have changed, and the new one is used.",
  "certificate.unusable": "The files of the certificate have changed and cannot be used; the last one stays.",
  "clock.ahead": "The machine's clock was set back, and the server's time is ahead of it. Restart the server to follow it at once.",
  "clock.caught_up": "The machine's clock has caught up with the server's time.",
  "connection.refused": "Bytes arrived that never became a request.",
  "connections.crowded": "There were too many connections, and some were closed.",
  "control_socket.missing": "There is no control socket, so the operator's commands need this server stopped.",
  "database.copied": "The SQLite file was copied before an upgrade that cannot be undone.",
  "database.taken_over": "Another version has taken over the database, and this server stops.",
  "deliveries.quarantined": "How many deliveries are quarantined, at each start.",
  "delivery.exhausted": "An attempt failed, and was the last.",
  "delivery.quarantined": "Deliveries were quarantined at this start.",
  "disk.remote": "The SQLite file is on a network file system.",
  "endpoint.answers": "An endpoint that failed answers again.",
  "endpoint.disabled": "An endpoint was disabled, because it kept failing.",
  "endpoint.failing": "An endpoint began to fail.",
  "endpoint.recovered": "An endpoint answers again after its owner was warned or it was disabled.",
  "endpoint.warned": "An endpoint has failed for so long that its owner was warned.",
  "events.kept": "Events that have expired stay for now, and why: `pending` or `locks`. Once in each round.",
  "files.exposed": "Other users of the machine can access the data folder, the database or the key file.",
  "files.purged": "What erased rows had left in files was removed, for an erasure that had been interrupted.",
  "key_file.created": "The key file was created with a new database.",
  "operator.request": "A call of an operator was answered.",
  request: "A request was answered.",
  "request.failed": "A request failed on the server's side.",
  "request_log.behind": "The request log could not keep up, and lacks some requests.",
  "rows.expired": "Rows that are kept no longer were deleted: how many, and the space before and after.",
  "server.ended_uncleanly": "A server ended uncleanly, and what it had under way is sent again.",
  "server.reloaded":
    "The certificate was read again, as `SIGHUP` asks for: it is `renewed`, `unchanged` or `unusable`, and null without TLS.",
  "store.unavailable": "The store cannot be reached or written: what is due waits, and what is to be deleted stays.",
  "stripe_cli.listens": "A session of `stripe listen` or `stripe logs tail` began.",
};

/** The codes of the log calls in a source, and the beginning of each call without a code. */
export function logCodesIn(source: string): { codes: string[]; without: string[] } {
  const calls = [...source.matchAll(/\blog(?:\.(?:debug|info|warn|error|fatal)|\[[^\]]+\])\(\s*(\S{0,60})(?: code: "([a-z_.]+)")?/g)];
  return {
    codes: calls.flatMap(([, , code]) => (code === undefined ? [] : [code])),
    without: calls.flatMap(([call, , code]) => (code === undefined ? [call] : [])),
  };
}

export const logTable: DocumentTable = {
  file: "docs/operating.md",
  name: "log codes",
  heads: ["`code`", "What it tells"],
  rows: Object.entries(LOG_CODES).map(([code, tells]) => [`\`${code}\``, tells]),
};

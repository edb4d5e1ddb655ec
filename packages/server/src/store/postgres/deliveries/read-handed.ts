import type { ClaimToken } from "../../contract/delivery-store.ts";
import { HELD } from "../../unclean-end.ts";
import { leaseOf, leaseToken } from "../rows/lease-token.ts";
import { BEGIN } from "../transactions/transactions.ts";
import { CLAIMED, ClaimsOfRows, type ClaimsOfRowsOptions, OF_LEASED, VERSION } from "./claims-of-rows.ts";
import { type HandedPage, type HandedReads, NOTED_AT_ONCE, READ_AT_ONCE } from "./handed-leases.ts";

// The deliveries that other nodes have leased for this one: each still has its first lease, and is not a suspect. They
// must be found through the index of marks, even with a plan that was made when nothing was pending. The sums prevent
// other indexes, because no index contains a sum. The note is like those of `under-way-notes.ts`.
const leased = (which: string): string => `
  WITH leased AS MATERIALIZED (
    SELECT n, attempts, lease, next_attempt_at, due_at FROM pending
    WHERE handed IS NOT NULL AND ${which} AND lease = 1 AND lease_node = $2 AND due_at + 0 < ${HELD} AND n + 0 > $3
    ORDER BY n + 0 LIMIT ${READ_AT_ONCE}
  ), noted AS (
    INSERT INTO under_way (node, note, deliveries, leases)
    SELECT $2, $4::bigint, array_agg(n), array_agg(lease) FROM leased WHERE $4 IS NOT NULL HAVING count(*) BETWEEN 1 AND ${NOTED_AT_ONCE}
  )
  SELECT ${CLAIMED}, leased.due_at AS lease_until, ${VERSION} AS endpoint_version
  FROM leased ${OF_LEASED} JOIN endpoints p ON p.n = d.endpoint ORDER BY d.n`;

/** The deliveries with some marks, and those that are not among some tokens. */
export const HANDED_SQL = {
  marked: leased("handed = ANY($1::bigint[])"),
  strays: leased("handed >= 0 AND n <> ALL($1::bigint[])"),
} as const;

/** Reads the deliveries that other nodes have leased for `node`. */
export function handedReads({ node, ...options }: ClaimsOfRowsOptions & { node: string }): HandedReads {
  const claims = new ClaimsOfRows(options);

  async function read(sql: string, which: readonly number[], after: ClaimToken | null, note: number | null): Promise<HandedPage> {
    const rows = await options.transactions.ask(BEGIN.committed, sql, which, node, after === null ? 0 : numberOf(after), note);
    const last = rows.length === READ_AT_ONCE ? rows.at(-1) : undefined;
    return {
      // Without those of endpoints that were erased meanwhile.
      claims: await claims.of(rows, ({ lease_until }) => lease_until as number),
      next: last === undefined ? null : leaseToken(last.n as number, last.lease as number),
      noted: note !== null && rows.length > 0 && rows.length <= NOTED_AT_ONCE,
    };
  }

  return {
    marked: (marks, after, note) => read(HANDED_SQL.marked, marks, after, note),
    strays: (held, after) => read(HANDED_SQL.strays, [...held].map(numberOf), after, null),
    giveBack: (tokens) => claims.giveBack(tokens),
  };
}

const numberOf = (token: ClaimToken): number => leaseOf(token)?.delivery ?? 0;

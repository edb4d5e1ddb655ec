import type { ClaimRequest } from "../../contract/claim-request.ts";
import type { Claim } from "../../contract/delivery-store.ts";
import { LISTENER_PREFIX } from "../../contract/is-listener.ts";
import type { SecretBox } from "../../secret-box.ts";
import type { SqlRow } from "../database/session.ts";
import { BEGIN, type Transactions } from "../transactions/transactions.ts";
import { CLAIMED, ClaimsOfRows, OF_LEASED, VERSION } from "./claims-of-rows.ts";

/**
 * Jumps from endpoint to endpoint through the index of pending deliveries: one look-up for each, however large the
 * backlog.
 */
const walk = (name: string, after: string): string => `
  ${name} AS (
    (SELECT endpoint, due_at FROM pending WHERE endpoint > ${after} ORDER BY endpoint, due_at LIMIT 1)
    UNION ALL
    SELECT next.endpoint, next.due_at FROM ${name}, LATERAL (
      SELECT endpoint, due_at FROM pending WHERE endpoint > ${name}.endpoint ORDER BY endpoint, due_at LIMIT 1
    ) AS next
  )`;

/** The endpoints of a walk whose turn it may be. */
const turns = (name: string): string => `
  SELECT p.n, p.first_failure_at, p.rate_limit FROM ${name} JOIN endpoints p ON p.n = ${name}.endpoint
  WHERE ${name}.due_at <= $2 AND (p.paused_at IS NULL OR p.status <> 'enabled' OR p.deleted) AND p.id <> ALL($3::text[])
    AND NOT starts_with(p.id, '${LISTENER_PREFIX}')`;

/** Leases what `due` lists. Deliveries that another node is claiming are skipped. */
const lease = (until: string, node: string): string => `
  , leased AS (
    UPDATE pending q SET due_at = ${until}, lease = q.lease + 1, lease_node = ${node} FROM due WHERE q.n = due.n
    RETURNING q.n, q.attempts, q.lease, q.next_attempt_at, due.most, due.share
  )
  SELECT ${CLAIMED}, ${VERSION} AS endpoint_version, leased.most, leased.share
  FROM leased ${OF_LEASED} JOIN endpoints p ON p.n = d.endpoint`;

const firstDue = (endpoint: string, through: string, share: string): string => `
  SELECT n FROM pending WHERE endpoint = ${endpoint} AND due_at <= ${through} ORDER BY due_at, n LIMIT ${share} FOR UPDATE SKIP LOCKED`;

/** The statements of a claim. */
export const CLAIM_SQL = {
  // The endpoints from the cursor on and then from the start. Each has an equal share of the limit, but no more than a
  // claim may take of one endpoint. `most` is defined in `claim-share.ts`.
  claim: `
    WITH RECURSIVE ${walk("later", "$1")}, ${walk("sooner", "-1")},
    found AS (${turns("later")} UNION ALL ${turns("sooner")} AND sooner.endpoint <= $1 LIMIT $4),
    shares AS MATERIALIZED (
      SELECT n, most, least(most, $4::integer / among + CASE WHEN nth <= $4::integer % among THEN 1 ELSE 0 END) AS share
      FROM (
        SELECT n, row_number() OVER ()::integer AS nth, count(*) OVER ()::integer AS among, least(
          CASE WHEN first_failure_at IS NULL THEN $5::integer ELSE least($5::integer, $6::integer) END,
          CASE WHEN rate_limit IS NULL THEN $5::integer ELSE greatest(1, ceil(rate_limit * $7::float8 / 1000))::integer END
        ) AS most
        FROM found
      ) AS counted
    ),
    due AS (SELECT d.n, shares.most, shares.share FROM shares, LATERAL (${firstDue("shares.n", "$2", "shares.share")}) AS d)
    ${lease("$8", "$9")}`,
  lease: `
    WITH due AS (
      SELECT d.n, NULL::integer AS most, turn.share FROM unnest($1::bigint[], $2::integer[]) AS turn (endpoint, share),
        LATERAL (${firstDue("turn.endpoint", "$3", "turn.share")}) AS d
    )
    ${lease("$4", "$5")}`,
} as const;

/** An endpoint that has contributed to a claim. */
interface Turn {
  /** How many it may contribute. */
  most: number;
  taken: number;
  /** Whether it contributed everything that it was asked for: it may have more. */
  full: boolean;
}

export interface DueClaimsOptions {
  transactions: Transactions;
  box: SecretBox;
  node: string;
}

/** The claims of one node. Make them one at a time: two would skip each other's rows. */
export class DueClaims {
  readonly #options: DueClaimsOptions;
  /**
   * The number of the endpoint that the last claim served last. The next claim continues there, so that all endpoints
   * get their turn.
   */
  #after = -1;
  readonly #claims: ClaimsOfRows;

  constructor(options: DueClaimsOptions) {
    this.#options = options;
    this.#claims = new ClaimsOfRows(options);
  }

  /**
   * Leases due deliveries, endpoints in turn. First every endpoint contributes its share of the limit, then those that
   * have more fill the rest. The cost depends on the number of claims and of endpoints with pending deliveries, not on
   * the backlog. It is usually one statement, because the endpoints are known.
   */
  async claimDue(request: ClaimRequest): Promise<Claim[]> {
    const { limit, through = request.now, leaseMs, busy } = request;
    if (limit <= 0) return [];
    const { transactions, node } = this.#options;
    const { perEndpoint, perFailingEndpoint, rateSpanMs } = request;
    const after = this.#after;
    const shares = [after, through, [...busy], limit, perEndpoint, perFailingEndpoint, rateSpanMs] as const;
    const rows = await transactions.ask(BEGIN.committed, CLAIM_SQL.claim, ...shares, through + leaseMs, node);
    if (rows.length === 0) return [];
    const turns = new Map<number, Turn>();
    count(turns, rows);
    while (rows.length < limit) {
      const full = inTurn([...turns.keys()], after).filter((n) => turns.get(n)?.full === true);
      const asked = new Map(full.map((n, index) => [n, more(turns.get(n) as Turn, shareOf(limit - rows.length, full.length, index))]));
      for (const [n, share] of asked) if (share === 0) asked.delete(n);
      if (asked.size === 0) break;
      const numbers = [...asked.keys()];
      const got = await transactions.ask(BEGIN.committed, CLAIM_SQL.lease, numbers, [...asked.values()], through, through + leaseMs, node);
      for (const turn of turns.values()) turn.full = false;
      for (const row of got) row.share = asked.get(row.endpoint as number);
      count(turns, got);
      rows.push(...got);
    }
    const served = inTurn([...turns.keys()], after);
    this.#after = served.at(-1) as number;
    const place = new Map(served.map((n, index) => [n, index]));
    const placeOf = (row: SqlRow) => place.get(row.endpoint as number) as number;
    rows.sort((one, other) => placeOf(one) - placeOf(other) || byDue(one, other));
    return this.#claims.of(rows, () => through + leaseMs);
  }
}

/**
 * Adds rows to what their endpoints have contributed, and records which of these gave as many as they were asked for.
 */
function count(turns: Map<number, Turn>, rows: readonly SqlRow[]): void {
  const got = new Map<number, number>();
  for (const { endpoint, most, share } of rows) {
    const n = endpoint as number;
    const now = (got.get(n) ?? 0) + 1;
    got.set(n, now);
    const turn = turns.get(n) ?? { most: most as number, taken: 0, full: false };
    turn.taken++;
    turn.full = now === share && turn.taken < turn.most;
    turns.set(n, turn);
  }
}

/** Endpoints from the cursor on and then from the start. */
function inTurn(numbers: number[], after: number): number[] {
  return numbers.sort((one, other) => Number(one <= after) - Number(other <= after) || one - other);
}

/** How much of a share an endpoint may still contribute. */
const more = ({ most, taken }: Turn, share: number): number => Math.min(most - taken, share);

/** The nth endpoint's equal share of what is left. */
function shareOf(left: number, among: number, nth: number): number {
  return Math.floor(left / among) + (nth < left % among ? 1 : 0);
}

function byDue(one: SqlRow, other: SqlRow): number {
  return (one.next_attempt_at as number) - (other.next_attempt_at as number) || (one.n as number) - (other.n as number);
}

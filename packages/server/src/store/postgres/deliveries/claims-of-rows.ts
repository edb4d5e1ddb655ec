import type { Claim, ClaimToken } from "../../contract/delivery-store.ts";
import type { EndpointRow } from "../../contract/rows.ts";
import { kindOf } from "../../delivery-codes.ts";
import { endpointOfClaim } from "../../endpoint-of-claim.ts";
import type { SecretBox } from "../../secret-box.ts";
import type { SqlRow } from "../database/session.ts";
import { leaseOf, leaseToken } from "../rows/lease-token.ts";
import { endpointRow } from "../rows/rows.ts";
import { BEGIN, type Transactions } from "../transactions/transactions.ts";

/** The version of an endpoint's row. Source: https://www.postgresql.org/docs/18/ddl-system-columns.html */
export const VERSION = "p.xmin::text || p.ctid::text";

/**
 * The columns that leasing changes, with their new values. The rest of a delivery never changes while it is pending.
 */
export const LEASED = "n, attempts, lease, next_attempt_at";
/** The delivery of a row that was leased, and its event. */
export const OF_LEASED = "JOIN deliveries d ON d.n = leased.n JOIN events e ON e.n = d.event";
/** The columns that a claim is made of, as `claimOf` reads them. */
export const CLAIMED = `
  d.n, d.id, d.kind, d.endpoint, leased.attempts, leased.lease, leased.next_attempt_at, d.created, e.id AS event_id, e.type, e.livemode,
  CASE WHEN d.variant IS NULL THEN e.body
    ELSE (SELECT v.body FROM event_variants v WHERE v.event = d.event AND v.variant = d.variant) END AS body`;

/** The most endpoints that are remembered. */
const ENDPOINTS_KEPT = 4_096;

const ENDPOINTS = `SELECT *, ${VERSION} AS version FROM endpoints p WHERE n = ANY($1::bigint[])`;

// They are due again at their old times.
const GIVE_BACK = `
  UPDATE pending q SET due_at = q.next_attempt_at, lease = q.lease + 1
  FROM unnest($1::bigint[], $2::integer[]) AS held (n, lease) WHERE q.n = held.n AND q.lease = held.lease`;

export interface ClaimsOfRowsOptions {
  transactions: Pick<Transactions, "ask">;
  box: SecretBox;
}

/** Makes the claims of leased rows. Make them one at a time. */
export class ClaimsOfRows {
  readonly #options: ClaimsOfRowsOptions;
  /** Endpoints by number. An endpoint is read again when its version has changed. */
  readonly #endpoints = new Map<number, { version: string; endpoint: EndpointRow }>();

  constructor(options: ClaimsOfRowsOptions) {
    this.#options = options;
  }

  /** The claims of rows that are leased, joined with their events and the versions of their endpoints. */
  async of(rows: readonly SqlRow[], leaseUntil: (row: SqlRow) => number): Promise<Claim[]> {
    const unknown = new Set<number>();
    for (const { endpoint, endpoint_version: version } of rows)
      if (this.#endpoints.get(endpoint as number)?.version !== version) unknown.add(endpoint as number);
    if (unknown.size > 0) {
      if (this.#endpoints.size + unknown.size > ENDPOINTS_KEPT) this.#endpoints.clear();
      for (const n of new Set(rows.map((row) => row.endpoint as number))) if (!this.#endpoints.has(n)) unknown.add(n);
      await this.#read([...unknown], rows);
    }
    return rows.flatMap((row) => {
      const known = this.#endpoints.get(row.endpoint as number);
      // Otherwise its account was erased meanwhile, with its deliveries.
      return known === undefined ? [] : [claimOf(row, known.endpoint, leaseUntil(row))];
    });
  }

  /** Ends the leases with these tokens: their deliveries are due as before. */
  async giveBack(tokens: readonly ClaimToken[]): Promise<void> {
    const leases = tokens.flatMap((token) => leaseOf(token) ?? []);
    const numbers = leases.map(({ delivery }) => delivery);
    await this.#options.transactions.ask(
      BEGIN.committed,
      GIVE_BACK,
      numbers,
      leases.map(({ lease }) => lease),
    );
  }

  /**
   * Reads endpoints, for rows that are leased. The rows are returned if this node cannot open an endpoint's secrets.
   */
  async #read(numbers: readonly number[], leased: readonly SqlRow[]): Promise<void> {
    const { transactions, box } = this.#options;
    const rows = await transactions.ask(BEGIN.looking, ENDPOINTS, numbers);
    try {
      for (const row of rows)
        this.#endpoints.set(row.n as number, { version: row.version as string, endpoint: Object.freeze(endpointRow(row, box)) });
    } catch (error) {
      await this.giveBack(leased.map(({ n, lease }) => leaseToken(n as number, lease as number)));
      throw error;
    }
  }
}

/** The claim of a leased row, joined with its event as `CLAIMED` says. */
export function claimOf(row: SqlRow, endpoint: EndpointRow, leaseUntil: number): Claim {
  return {
    deliveryId: row.id as string,
    kind: kindOf(row.kind),
    token: leaseToken(row.n as number, row.lease as number),
    leaseUntil,
    dueAt: row.next_attempt_at as number,
    created: row.created as number,
    attempt: (row.attempts as number) + 1,
    event: { id: row.event_id as string, type: row.type as string, livemode: row.livemode as boolean },
    endpoint: endpointOfClaim(endpoint),
    body: row.body as Uint8Array,
  };
}

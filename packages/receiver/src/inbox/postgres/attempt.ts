import type { PoolClient } from "pg";
import { inTime } from "../../system-clock.ts";
import { type Attempt, type Claim, InboxUnavailable, type Settlement } from "../inbox.ts";
import type { Tables } from "./schema.ts";
import { saysLost, settleAndCommit } from "./settle-work.ts";
import { available, checkIn, checkOut, type Database, IN_FAILED_TRANSACTION, isServerError, unanswered } from "./transaction.ts";
import { type TxClient, txClient } from "./tx-client.ts";

export interface AttemptParts extends Database {
  tables: Tables;
  /** Settles a claim whose handler never read its transaction. */
  settle(claim: Claim, settlement: Settlement): Promise<boolean>;
}

/**
 * A try of a handler. It takes a client of the pool only when the handler first reads `tx`. Handlers that do not use it
 * hold no client, and a try that holds one never waits for another.
 */
export function postgresAttempt({ pool, tables, answerMs, settle }: AttemptParts, claim: Claim): Attempt<PoolClient> {
  let opening: Promise<PoolClient> | null = null;
  let handedOut: TxClient | null = null;
  let over = false;
  const late = (): Error => unanswered(answerMs);

  function mayUse(): void {
    if (over) throw new Error("The handler has ended, or its time is over: its transaction has ended, too.");
  }

  /** From here on the work's row is locked, so no process can take it over until the transaction ends. */
  async function open(): Promise<PoolClient> {
    const client = await checkOut(pool, answerMs);
    const { number, handler, fence } = claim;
    try {
      const begun = await inTime(
        // One message to the server, since every handler's transaction begins with it.
        client.query(`BEGIN; SELECT 1 FROM ${tables.work}
          WHERE event = ${Number(number)} AND handler = ${client.escapeLiteral(handler)} AND fence = ${Number(fence)} AND state = 'pending' FOR UPDATE`),
        answerMs,
        late,
      );
      const results = begun as unknown as { rows: unknown[] }[];
      if ((results[1]?.rows.length ?? 0) > 0) return client;
    } catch (error) {
      checkIn(client, true);
      throw error;
    }
    checkIn(client, true);
    throw new InboxUnavailable("The claim was lost: another process has taken the work over.");
  }

  function transaction(): PoolClient {
    mayUse();
    if (handedOut === null) {
      opening = available(open);
      handedOut = txClient(pool, opening, mayUse);
    }
    return handedOut.client;
  }

  function endUse(): void {
    over = true;
    handedOut?.endListening();
  }

  /** Ends the transaction, even while a statement runs. */
  async function end(how: "ROLLBACK" | "thrown away"): Promise<void> {
    if (over) return;
    endUse();
    if (opening === null) return;
    const client = await opening.catch(() => null);
    if (client === null) return;
    if (how === "ROLLBACK") await rollBack(client);
    else checkIn(client, true);
  }

  async function rollBack(client: PoolClient): Promise<void> {
    const undone = await inTime(client.query("ROLLBACK"), answerMs, late).then(
      () => true,
      () => false,
    );
    checkIn(client, !undone);
  }

  async function commit(settlement: Settlement): Promise<boolean> {
    if (opening === null) {
      over = true;
      return settle(claim, settlement);
    }
    const client = await opening;
    // Statements that the handler left running must not run after the commit, on a client that others get.
    endUse();
    try {
      await inTime(client.query(settleAndCommit(client, tables, { claim, settlement })), answerMs, late);
    } catch (error) {
      if (!isServerError(error)) {
        // It is unknown whether it committed: the connection must not be used again.
        checkIn(client, true);
        throw error;
      }
      await rollBack(client);
      if (saysLost(error)) return false;
      throw error;
    }
    checkIn(client, false);
    return true;
  }

  return {
    contended: false,
    get untouched() {
      return opening === null;
    },
    get tx() {
      return transaction();
    },
    async note(key) {
      const { rows } = await available(() =>
        transaction().query<{ value: string }>(`SELECT value FROM ${tables.notes} WHERE key = $1`, [key]),
      );
      return rows[0]?.value ?? null;
    },
    async setNote(key, value) {
      await available(() =>
        value === null
          ? transaction().query(`DELETE FROM ${tables.notes} WHERE key = $1`, [key])
          : transaction().query(
              `INSERT INTO ${tables.notes} (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
              [key, value],
            ),
      );
    },
    async commit(settlement) {
      if (over) return false;
      try {
        return await available(() => commit(settlement));
      } catch (error) {
        if ((error as { code?: unknown }).code !== IN_FAILED_TRANSACTION) throw error;
        throw new Error(
          "A statement of the handler failed, and the handler went on: PostgreSQL keeps nothing of such a transaction. Let the error out, or use a savepoint.",
          { cause: error },
        );
      } finally {
        await end("ROLLBACK");
      }
    },
    rollback: () => end("ROLLBACK"),
    // A statement of the handler may be running: it must not finish on a connection that others use.
    abandon: () => end("thrown away"),
  };
}

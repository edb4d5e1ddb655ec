import type { Pool, PoolClient } from "pg";
import type { Attempt, Claim } from "../inbox.ts";
import { afterOpening } from "./after-opening.ts";
import type { Tables } from "./schema.ts";
import { settleWork } from "./settle-work.ts";
import { available, checkIn, checkOut, IN_FAILED_TRANSACTION } from "./transaction.ts";

/** Begins a try of a handler, on a client of its own. Null when the claim was lost. */
export async function beginAttempt(pool: Pool, tables: Tables, claim: Claim): Promise<Attempt<PoolClient> | null> {
  const { number, handler, fence } = claim;
  const client = await available(() => checkOut(pool));
  const held = `SELECT 1 FROM ${tables.work} WHERE event = $1 AND handler = $2 AND fence = $3 AND state = 'pending'`;
  try {
    const { rows } = await available(() => client.query(held, [number, handler, fence]));
    if (rows.length > 0) return attempt();
  } catch (error) {
    checkIn(client, true);
    throw error;
  }
  checkIn(client, false);
  return null;

  function attempt(): Attempt<PoolClient> {
    /** Whether the claim is still held; set once the transaction has begun. */
    let opening: Promise<boolean> | null = null;
    let over = false;

    let proxied: PoolClient | null = null;

    function transaction(): PoolClient {
      if (over) throw new Error("The handler's time is over: its transaction has ended.");
      if (proxied === null) {
        opening = open();
        // Whoever runs a statement, or ends the transaction, meets the error.
        opening.catch(() => undefined);
        proxied = afterOpening(client, opening);
      }
      return proxied;
    }

    /** From here on the work's row is locked, so nobody can take it over until the transaction ends. */
    async function open(): Promise<boolean> {
      await client.query("BEGIN");
      const { rows } = await client.query(`${held} FOR UPDATE`, [number, handler, fence]);
      return rows.length > 0;
    }

    async function undo(): Promise<void> {
      if (over) return;
      over = true;
      let broken = false;
      if (opening !== null) {
        broken = await client.query("ROLLBACK").then(
          () => false,
          () => true,
        );
      }
      checkIn(client, broken);
    }

    return {
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
          return await available(async () => {
            if (opening === null) return settleWork(client, tables, claim, settlement);
            if (!(await opening) || !(await settleWork(client, tables, claim, settlement))) return false;
            await client.query("COMMIT");
            over = true;
            checkIn(client, false);
            return true;
          });
        } catch (error) {
          if ((error as { code?: unknown }).code !== IN_FAILED_TRANSACTION) throw error;
          throw new Error(
            "A statement of the handler failed, and the handler went on: PostgreSQL keeps nothing of such a transaction. Let the error out, or use a savepoint.",
            { cause: error },
          );
        } finally {
          await undo();
        }
      },
      rollback: undo,
      async abandon() {
        if (over) return;
        over = true;
        // The handler may still hold it: from now on, what it does with it fails.
        checkIn(client, true);
      },
    };
  }
}

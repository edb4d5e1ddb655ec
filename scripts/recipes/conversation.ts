import { deepEqual, equal, ok } from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import Stripe from "stripe";
import { bodyOf, eventOf } from "../../packages/receiver/test/signed-webhook.ts";
import { CRON_SECRET } from "./recipe.ts";
import type { RecipeDatabase } from "./recipe-database.ts";

/** The secret that every recipe gets at its start, as `WHSEC_CONNECT`. */
export const SECRET = "whsec_recipe";

/** A recipe that runs, and the database that holds its tables and its inbox. */
export interface RunningRecipe {
  /** The URL at which it receives webhooks. */
  url: string;
  /** The URL that its platform's cron job calls, if no process keeps running; null if one does. */
  drainUrl: string | null;
  database: RecipeDatabase;
}

/** How long to wait for something that a recipe must do. The longest wait is the five seconds before a second try. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 50;

/**
 * What every recipe must show: a webhook has its effect once. The effect is undone when its handler fails, and when the
 * note that it is handled cannot be stored. Afterwards both exist. Throws an AssertionError when a recipe does not show
 * this.
 */
export async function converse(recipe: RunningRecipe): Promise<void> {
  const { rows } = recipe.database;
  await rows("INSERT INTO merchants (account) VALUES ('acct_known')");

  // The effect happens once even if a webhook is sent twice, and never for an unsigned one.
  const first = failedPayout("1", "acct_known");
  equal(await post(recipe, first), 200);
  await until(recipe, "the first payout's work is done", async () => (await workOf(recipe, "evt_1"))?.state === "done");
  equal(await post(recipe, first), 200);
  equal(await post(recipe, failedPayout("9", "acct_known"), "whsec_of_somebody_else"), 400);
  deepEqual(await effects(recipe), { payouts: ["po_1"], counted: { acct_known: 1 } });

  await writeDownTransactions(recipe.database);

  // The handler fails after its first write: none of it is kept, and the work waits for another try.
  equal(await post(recipe, failedPayout("2", "acct_new")), 200);
  await until(recipe, "the second payout waits for its merchant", async () => {
    const work = await workOf(recipe, "evt_2");
    return work?.state === "pending" && String(work.error).includes("not there yet");
  });
  deepEqual(await effects(recipe), { payouts: ["po_1"], counted: { acct_known: 1 } });
  await rows("INSERT INTO merchants (account) VALUES ('acct_new')");
  await until(recipe, "the second payout's work is done", async () => (await workOf(recipe, "evt_2"))?.state === "done");
  deepEqual(await effects(recipe), { payouts: ["po_1", "po_2"], counted: { acct_known: 1, acct_new: 1 } });

  // The handler succeeds, but that cannot be recorded: none of its writes are kept either.
  const allow = await refuseNotes(recipe.database);
  equal(await post(recipe, failedPayout("3", "acct_known")), 200);
  await until(recipe, "the third payout's note is refused", async () => {
    const work = await workOf(recipe, "evt_3");
    return work?.state === "pending" && String(work.error).includes("no note may be kept");
  });
  deepEqual(await effects(recipe), { payouts: ["po_1", "po_2"], counted: { acct_known: 1, acct_new: 1 } });
  await allow();
  await until(recipe, "the third payout's work is done", async () => (await workOf(recipe, "evt_3"))?.state === "done");
  deepEqual(await effects(recipe), { payouts: ["po_1", "po_2", "po_3"], counted: { acct_known: 2, acct_new: 1 } });

  await wereOneTransaction(recipe.database);
}

function failedPayout(number: string, account: string): Uint8Array<ArrayBuffer> {
  const object = { id: `po_${number}`, object: "payout", failure_code: "account_closed" };
  return bodyOf(eventOf("payout.failed", { id: `evt_${number}`, account, object }));
}

async function post({ url }: RunningRecipe, body: Uint8Array<ArrayBuffer>, secret: string = SECRET): Promise<number> {
  const payload = new TextDecoder().decode(body);
  const headers = { "content-type": "application/json", "stripe-signature": Stripe.webhooks.generateTestHeaderString({ payload, secret }) };
  const response = await fetch(url, { method: "POST", headers, body });
  await response.arrayBuffer();
  return response.status;
}

async function workOf({ database }: RunningRecipe, event: string): Promise<Record<string, unknown> | undefined> {
  const [work, ...more] = await database.rows(
    `SELECT w.state, w.error FROM carabiner_work w JOIN carabiner_events e ON e.number = w.event WHERE e.id = '${event}'`,
  );
  equal(more.length, 0);
  return work;
}

/** What the handler wrote and the database kept. */
async function effects({ database }: RunningRecipe): Promise<{ payouts: unknown[]; counted: Record<string, unknown> }> {
  const payouts = await database.rows("SELECT payout FROM failures ORDER BY payout");
  const merchants = await database.rows("SELECT account, failed_payouts FROM merchants ORDER BY account");
  return {
    payouts: payouts.map(({ payout }) => payout),
    counted: Object.fromEntries(merchants.map(({ account, failed_payouts }) => [account, failed_payouts])),
  };
}

/** Makes the database refuse every note that work is done. The returned function ends that. */
async function refuseNotes({ kind, rows }: RecipeDatabase): Promise<() => Promise<void>> {
  if (kind === "SQLite") {
    await rows(
      "CREATE TRIGGER refuse BEFORE UPDATE ON carabiner_work WHEN NEW.state = 'done' BEGIN SELECT RAISE(ABORT, 'no note may be kept'); END",
    );
    return async () => void (await rows("DROP TRIGGER refuse"));
  }
  await rows("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no note may be kept'; END $$");
  await rows("CREATE TRIGGER refuse BEFORE UPDATE ON carabiner_work FOR EACH ROW WHEN (NEW.state = 'done') EXECUTE FUNCTION refuse()");
  return async () => void (await rows("DROP TRIGGER refuse ON carabiner_work"));
}

/** From here on PostgreSQL records which transaction wrote each effect and each note. */
async function writeDownTransactions({ kind, rows }: RecipeDatabase): Promise<void> {
  if (kind !== "PostgreSQL") return;
  await rows("CREATE TABLE written (what text, payout text, transaction xid8)");
  for (const [what, payout] of [
    ["effect", "NEW.payout"],
    ["note", "(SELECT object_id FROM carabiner_events WHERE number = NEW.event)"],
  ])
    await rows(
      `CREATE FUNCTION write_down_${what}() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN INSERT INTO written VALUES ('${what}', ${payout}, pg_current_xact_id()); RETURN NULL; END $$`,
    );
  await rows("CREATE TRIGGER write_down AFTER INSERT ON failures FOR EACH ROW EXECUTE FUNCTION write_down_effect()");
  await rows(
    "CREATE TRIGGER write_down AFTER UPDATE ON carabiner_work FOR EACH ROW WHEN (NEW.state = 'done') EXECUTE FUNCTION write_down_note()",
  );
}

/** The effect and the note of each payout since then must be from one transaction. */
async function wereOneTransaction({ kind, rows }: RecipeDatabase): Promise<void> {
  if (kind !== "PostgreSQL") return;
  const written = await rows(
    `SELECT payout, array_agg(what ORDER BY what) AS what, count(DISTINCT transaction)::integer AS transactions
     FROM written GROUP BY payout ORDER BY payout`,
  );
  const together = { what: ["effect", "note"], transactions: 1 };
  deepEqual(written, [
    { payout: "po_2", ...together },
    { payout: "po_3", ...together },
  ]);
}

/** Waits until a condition is true, and runs the recipe's cron job meanwhile. */
async function until(recipe: RunningRecipe, what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (performance.now() > end) {
      const work = await recipe.database.rows("SELECT * FROM carabiner_work");
      ok(false, `not within ${PATIENCE_MS} ms: ${what}. The inbox has ${JSON.stringify(work, null, 2)}`);
    }
    await pause(PAUSE_MS);
    if (recipe.drainUrl === null) continue;
    const drained = await fetch(recipe.drainUrl, { headers: { authorization: `Bearer ${CRON_SECRET}` } });
    equal(drained.status, 200, await drained.text());
  }
}

import { createReceiver, Defer } from "@carabiner/receiver";
import { postgresInbox } from "@carabiner/receiver/postgres";
import pg from "pg";
import { kyselyIn } from "./kysely-in.ts";

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });

export const hooks = createReceiver({
  endpoints: { connect: { secret: process.env.WHSEC_CONNECT ?? "", connect: true } },
  livemode: false,
  inbox: postgresInbox(pool),
});

hooks.connect.on("payout.failed", async (event, { account, tx }) => {
  const db = kyselyIn(tx);
  const payout = event.data.object;
  await db
    .insertInto("failures")
    .values({ payout: payout.id, account, code: payout.failure_code ?? "unknown" })
    .execute();
  const { numUpdatedRows } = await db
    .updateTable("merchants")
    .set((row) => ({ failed_payouts: row("failed_payouts", "+", 1) }))
    .where("account", "=", account)
    .executeTakeFirst();
  // Undoes the insert, and tries again.
  if (numUpdatedRows === 0n) throw new Defer("the merchant's row is not there yet", "2s");
});

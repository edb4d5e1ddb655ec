import { createReceiver, Defer } from "@carabiner/receiver";
import { postgresInbox } from "@carabiner/receiver/postgres";
import { eq, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import pg from "pg";
import { failures, merchants } from "./tables.ts";

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });

export const hooks = createReceiver({
  endpoints: { connect: { secret: process.env.WHSEC_CONNECT ?? "", connect: true } },
  livemode: false,
  inbox: postgresInbox(pool),
});

hooks.connect.on("payout.failed", async (event, { account, tx }) => {
  // On the client of the inbox's transaction. Do not call db.transaction(): the transaction is open already.
  const db = drizzle(tx);
  const payout = event.data.object;
  await db.insert(failures).values({ payout: payout.id, account, code: payout.failure_code ?? "unknown" });
  const updated = await db
    .update(merchants)
    .set({ failedPayouts: sql`${merchants.failedPayouts} + 1` })
    .where(eq(merchants.account, account))
    .returning();
  // Undoes the insert, and tries again.
  if (updated.length === 0) throw new Defer("the merchant's row is not there yet", "2s");
});

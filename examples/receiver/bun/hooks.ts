import { createReceiver, Defer } from "@carabiner/receiver";
import { postgresInbox } from "@carabiner/receiver/postgres";
import pg from "pg";

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });

export const hooks = createReceiver({
  endpoints: { connect: { secret: process.env.WHSEC_CONNECT ?? "", connect: true } },
  livemode: false,
  inbox: postgresInbox(pool),
});

hooks.connect.on("payout.failed", async ({ data: { object: payout } }, { account, tx }) => {
  await tx.query("INSERT INTO failures (payout, account, code) VALUES ($1, $2, $3)", [
    payout.id,
    account,
    payout.failure_code ?? "unknown",
  ]);
  const { rowCount } = await tx.query("UPDATE merchants SET failed_payouts = failed_payouts + 1 WHERE account = $1", [account]);
  // Undoes the insert, and tries again.
  if (rowCount === 0) throw new Defer("the merchant's row is not there yet", "2s");
});

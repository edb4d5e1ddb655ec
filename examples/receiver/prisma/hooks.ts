import { createReceiver, Defer } from "@carabiner/receiver";
import { postgresInbox } from "@carabiner/receiver/postgres";
import pg from "pg";
import { prismaIn } from "./prisma-in.ts";

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });

export const hooks = createReceiver({
  endpoints: { connect: { secret: process.env.WHSEC_CONNECT ?? "", connect: true } },
  livemode: false,
  inbox: postgresInbox(pool),
});

hooks.connect.on("payout.failed", (event, { account, tx }) =>
  prismaIn(tx, async (db) => {
    const payout = event.data.object;
    const [, { count }] = await db.$transaction([
      db.failure.create({ data: { payout: payout.id, account, code: payout.failure_code ?? "unknown" } }),
      db.merchant.updateMany({ where: { account }, data: { failedPayouts: { increment: 1 } } }),
    ]);
    // Undoes the insert, and tries again.
    if (count === 0) throw new Defer("the merchant's row is not there yet", "2s");
  }),
);

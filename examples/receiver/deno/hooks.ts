import process from "node:process";
import { createReceiver, Defer } from "@carabiner/receiver";
import { sqliteInbox } from "@carabiner/receiver/sqlite";

export const hooks = createReceiver({
  endpoints: { connect: { secret: process.env.WHSEC_CONNECT ?? "", connect: true } },
  livemode: false,
  inbox: sqliteInbox(process.env.DATABASE ?? "app.db"),
});

hooks.connect.on("payout.failed", ({ data: { object: payout } }, { account, tx }) => {
  tx.prepare("INSERT INTO failures (payout, account, code) VALUES (?, ?, ?)").run(payout.id, account, payout.failure_code ?? "unknown");
  const { changes } = tx.prepare("UPDATE merchants SET failed_payouts = failed_payouts + 1 WHERE account = ?").run(account);
  // Undoes the insert, and tries again.
  if (changes === 0) throw new Defer("the merchant's row is not there yet", "2s");
});

import { createReceiver } from "@carabiner/receiver";
import { postgresInbox } from "@carabiner/receiver/postgres";
import type { Pool, PoolClient } from "pg";

/** The marketplace's own table, in the inbox's database: what it has told its merchants. */
export const TABLES =
  "CREATE TABLE IF NOT EXISTS notices (number bigserial PRIMARY KEY, account text NOT NULL, what text NOT NULL, detail text NOT NULL, event text NOT NULL)";

/** Everything a marketplace does about its merchants' accounts. Several processes may run it on one database. */
export function marketplace(pool: Pool, secret: string) {
  const hooks = createReceiver({
    endpoints: { connect: { secret, connect: true } },
    livemode: false,
    inbox: postgresInbox(pool),
    // A server whose clock is turned signs with its own time.
    limits: JSON.parse(process.env.RECEIVER_LIMITS ?? "{}"),
    onReport(report) {
      if (report.kind === "handled") console.log(report.outcome, report.handler, report.event.id);
    },
  });

  /** In the transaction of the inbox: with the note that the event is handled, or not at all. */
  const notice = (tx: PoolClient, ...row: [account: string, what: string, detail: string, event: string]) =>
    tx.query("INSERT INTO notices (account, what, detail, event) VALUES ($1, $2, $3, $4)", row);

  hooks
    .onDeauthorized(({ tx, account, at }) => notice(tx, account, "left", "", String(at)))
    .onRequirementsDue(({ tx, account, due, event }) => notice(tx, account, "requirements", due.join(" "), event.id))
    .onPersonNeedsAttention(({ tx, account, person, due, event }) => notice(tx, account, "person", `${person}: ${due.join(" ")}`, event.id))
    .onExternalAccountDisabled(({ tx, account, status, event }) => notice(tx, account, "bank account", status, event.id))
    .onPayoutFailed(({ tx, account, payout, failureCode, event }) =>
      notice(tx, account, "payout failed", `${payout.id} ${failureCode}`, event.id),
    )
    .onPayoutCured(({ tx, account, failedPayout, event }) => notice(tx, account, "payout cured", failedPayout, event.id));
  return hooks;
}

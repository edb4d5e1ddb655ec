import { DatabaseSync } from "node:sqlite";
import { createReceiver } from "@carabiner/receiver";
import { sqliteInbox } from "@carabiner/receiver/sqlite";

const file = process.env.DATABASE ?? "marketplace.db";

/** The marketplace's own table, in the inbox's file: what it has told its merchants. */
export const db = new DatabaseSync(file);
db.exec("CREATE TABLE IF NOT EXISTS notices (account TEXT NOT NULL, what TEXT NOT NULL, detail TEXT NOT NULL, event TEXT NOT NULL)");

/** Everything a marketplace does about its merchants' accounts. No process stays: a cron job drains what was left. */
export const hooks = createReceiver({
  endpoints: { connect: { secret: process.env.WHSEC_CONNECT ?? "", connect: true } },
  livemode: false,
  inbox: sqliteInbox(file),
  autoStart: false,
  // A server whose clock is turned signs with its own time.
  limits: JSON.parse(process.env.RECEIVER_LIMITS ?? "{}"),
  onReport(report) {
    if (report.kind === "handled") console.log(report.outcome, report.handler, report.event.id);
  },
});

/** In the transaction of the inbox: with the note that the event is handled, or not at all. */
const notice = (tx: DatabaseSync, account: string, what: string, detail: string, event: string): void => {
  tx.prepare("INSERT INTO notices (account, what, detail, event) VALUES (?, ?, ?, ?)").run(account, what, detail, event);
};

hooks
  .onDeauthorized(({ tx, account, at }) => notice(tx, account, "left", "", String(at)))
  .onRequirementsDue(({ tx, account, due, event }) => notice(tx, account, "requirements", due.join(" "), event.id))
  .onPersonNeedsAttention(({ tx, account, person, due, event }) => notice(tx, account, "person", `${person}: ${due.join(" ")}`, event.id))
  .onExternalAccountDisabled(({ tx, account, status, event }) => notice(tx, account, "bank account", status, event.id))
  .onPayoutFailed(({ tx, account, payout, failureCode, event }) =>
    notice(tx, account, "payout failed", `${payout.id} ${failureCode}`, event.id),
  )
  .onPayoutCured(({ tx, account, failedPayout, event }) => notice(tx, account, "payout cured", failedPayout, event.id));

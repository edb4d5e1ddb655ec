import { sqliteInbox } from "../../src/inbox/sqlite/sqlite-inbox.ts";
import { createReceiver } from "../../src/index.ts";
import { CONNECT_SECRET, eventOf, webhook } from "../signed-webhook.ts";

// Started with the path of a database: a handler holds its lock for good, three more events come and are answered, and
// nobody ends it properly.

/** What it tells its parent: the statuses of those three. */
export type Answered = number[];

if (import.meta.main) {
  const hooks = createReceiver({
    endpoints: { connect: { secret: CONNECT_SECRET, connect: true } },
    livemode: false,
    inbox: sqliteInbox(process.argv[2] ?? ""),
    log: false,
    autoStart: false,
  });
  const holding = Promise.withResolvers<void>();
  hooks.connect
    .on("payout.paid", { id: "holds" }, async (_event, { tx }) => {
      tx.exec("INSERT INTO effects VALUES ('never kept')");
      holding.resolve();
      await new Promise(() => setInterval(() => undefined, 60_000));
    })
    .on("payout.failed", () => undefined);
  const at = Date.now();
  void hooks.handle(webhook(eventOf("payout.paid", { id: "evt_holds" }), { at }));
  await holding.promise;
  const answers = await Promise.all(
    [0, 1, 2].map((n) => hooks.handle(webhook(eventOf("payout.failed", { id: `evt_${n}` }), { at: Date.now() }))),
  );
  process.send?.(answers.map(({ status }) => status) satisfies Answered);
}

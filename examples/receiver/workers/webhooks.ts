import { DurableObject } from "cloudflare:workers";
import { createReceiver, Defer } from "@carabiner/receiver";
import { durableObjectInbox } from "@carabiner/receiver/durable-object";

export interface Env {
  WEBHOOKS: DurableObjectNamespace<Webhooks>;
  WHSEC_CONNECT: string;
}

/** How soon what is left is looked at again. */
const AGAIN_MS = 5_000;

/** One object holds the inbox and the app's own tables. */
export class Webhooks extends DurableObject<Env> {
  readonly #hooks = receiver(this.ctx.storage, this.env.WHSEC_CONNECT);

  constructor(context: DurableObjectState, env: Env) {
    super(context, env);
    context.storage.sql.exec(`
      CREATE TABLE IF NOT EXISTS merchants (account TEXT PRIMARY KEY, failed_payouts INTEGER NOT NULL DEFAULT 0);
      CREATE TABLE IF NOT EXISTS failures (payout TEXT PRIMARY KEY, account TEXT NOT NULL, code TEXT NOT NULL)`);
  }

  override async fetch(request: Request): Promise<Response> {
    // Before anything is kept, so that nothing waits for the next webhook if the object is stopped.
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(Date.now() + AGAIN_MS);
    return this.#hooks.fetch(request, this.ctx);
  }

  /** Tries again what failed, and goes on as long as something waits. */
  override async alarm(): Promise<void> {
    await this.#hooks.drain({ budgetMs: 25_000 });
    const [waiting] = await this.#hooks.work({ state: "pending", limit: 1 });
    if (waiting !== undefined) await this.ctx.storage.setAlarm(Date.now() + AGAIN_MS);
  }
}

function receiver(storage: DurableObjectStorage, secret: string) {
  const hooks = createReceiver({
    endpoints: { connect: { secret, connect: true } },
    livemode: false,
    inbox: durableObjectInbox(storage),
  });
  hooks.connect.on("payout.failed", ({ data: { object: payout } }, { account, tx }) => {
    tx.write((sql) => {
      sql.exec("INSERT INTO failures (payout, account, code) VALUES (?, ?, ?)", payout.id, account, payout.failure_code ?? "unknown");
      const updated = sql.exec("UPDATE merchants SET failed_payouts = failed_payouts + 1 WHERE account = ? RETURNING account", account);
      // Undoes the insert, and tries again.
      if (updated.toArray().length === 0) throw new Defer("the merchant's row is not there yet", "2s");
    });
  });
  return hooks;
}

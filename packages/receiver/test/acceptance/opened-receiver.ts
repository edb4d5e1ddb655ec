import { afterEach, beforeEach } from "vitest";
import type { Answer } from "../../src/http-exchange.ts";
import type { Inbox } from "../../src/inbox/inbox.ts";
import type { InboxHarness } from "../../src/inbox-contract/inbox-harness.ts";
import { createReceiver, type Receiver, type ReceiverOptions, type Report, type StripeClient } from "../../src/index.ts";
import { CONNECT_SECRET, eventOf, PLATFORM_SECRET, webhook } from "../signed-webhook.ts";
import { type TurnedClock, turnedClock } from "../turned-clock.ts";

type Endpoints = { platform: { secret: string }; connect: { secret: string[]; connect: true } };
type Options<Tx> = Partial<Omit<ReceiverOptions<Endpoints, Tx, StripeClient>, "endpoints" | "inbox" | "clock">>;

/** A receiver on a fresh inbox for each test of the suite it is made in. */
export class OpenedReceiver<Tx> {
  inbox!: Inbox<Tx>;
  clock!: TurnedClock;
  reports!: Report[];
  readonly #harness: InboxHarness<Tx>;
  #opened: Receiver<Endpoints, Tx, StripeClient>[] = [];

  constructor(harness: InboxHarness<Tx>) {
    this.#harness = harness;
    beforeEach(async () => {
      this.inbox = await harness.open();
      this.clock = turnedClock();
      this.reports = [];
    });
    afterEach(async () => {
      await Promise.all(this.#opened.map((hooks) => hooks.stop()));
      this.#opened = [];
      await harness.close();
    });
  }

  receiver(options: Options<Tx> = {}, inbox: Inbox<Tx> = this.inbox): Receiver<Endpoints, Tx, StripeClient> {
    const hooks = createReceiver<Endpoints, Tx>({
      endpoints: { platform: { secret: PLATFORM_SECRET }, connect: { secret: [CONNECT_SECRET, "whsec_old"], connect: true } },
      livemode: false,
      log: false,
      // A worker in the background would interfere with what a test observes.
      autoStart: false,
      onReport: (report) => this.reports.push(report),
      ...options,
      inbox,
      clock: this.clock,
    });
    this.#opened.push(hooks);
    return hooks;
  }

  /** Sends an event, signed at the clock's time. Resolves to the status, once the work it set off has ended. */
  async send(
    hooks: { handle: (incoming: ReturnType<typeof webhook>) => Promise<Answer> },
    event: Record<string, unknown>,
    secret?: string,
  ): Promise<number> {
    const answer = await hooks.handle(webhook(event, { at: this.clock.now(), ...(secret === undefined ? {} : { secret }) }));
    await answer.settled;
    return answer.status;
  }

  /** An effect in the transaction; kept in `done` where the inbox has none. */
  effect(tx: Tx, name: string): Promise<void> {
    return this.#harness.effect(tx, name);
  }

  /** The outcomes that were reported, in order. */
  outcomes(): string[] {
    return this.reports.flatMap((report) => ("outcome" in report ? [report.outcome] : []));
  }

  /** The lines in the log. */
  said(): string {
    return this.reports
      .flatMap((report) => (report.kind !== "trouble" && "says" in report ? [report.says] : report.kind === "trouble" ? [report.says] : []))
      .join("\n");
  }
}

/** An event of an account, with `at` in whole seconds after the start. */
export function accountEvent(type: string, at: number, more: Parameters<typeof eventOf>[1] = {}): Record<string, unknown> {
  const created = 1_767_225_600 + at;
  return eventOf(type, { created, object: { id: "acct_1", object: "account", at }, ...more });
}

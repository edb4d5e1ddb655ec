import type Stripe from "stripe";
import type { Carabiner } from "../../../src/index.ts";
import { client } from "../../platform-of-its-own.ts";
import { cleanUp, start } from "../../server-of-its-own.ts";
import { startWebhookReceiver } from "../../webhook-receiver.ts";
import { bank, onMonday, type PayableAccount, type PayableOptions, payableAccount } from "../money/payable-account.ts";

/** An event as a receiver got it. */
export interface Told {
  /** Which of the receiver's endpoints. */
  at: string;
  type: string;
  account: string | undefined;
  livemode: boolean;
  previous: Stripe.Event.Data.PreviousAttributes | undefined;
  object: Record<string, unknown>;
  request: string | null;
}

/**
 * A platform and a connected account of it, on a Monday, and a real receiver with an endpoint of every scope and mode.
 */
export interface PayoutStory extends PayableAccount {
  server: Carabiner;
  stripe: Stripe;
  live: Stripe;
  /** The Unix second that Monday began with. */
  monday: number;
  /** What has come in since this was last asked, in the order it happened. */
  told(): Promise<Told[]>;
  /** The same in short: `type`, with the keys of what it was before. */
  heard(): Promise<string[]>;
  /** Turns the clock to a second after that Monday began. */
  until(days: number, hours?: number): Promise<void>;
}

export async function payoutStory(options: Omit<PayableOptions, "stripe"> = {}): Promise<PayoutStory> {
  const server = await start();
  const stripe = client(server, server.keys.test.secret);
  const live = client(server, server.keys.live.secret);
  const receiver = await startWebhookReceiver();
  cleanUp.push(() => receiver.close());
  const monday = await onMonday(server);
  const account = await payableAccount(server, { stripe, ...options });
  for (const [owner, mode] of [
    [stripe, "test"],
    [live, "live"],
  ] as const)
    for (const connect of [true, false])
      await owner.webhookEndpoints.create({
        url: receiver.url(`/${mode}/${connect ? "connect" : "own"}`),
        enabled_events: ["*"],
        connect,
      });
  let seen = new Set<unknown>();

  async function told(): Promise<Told[]> {
    await server.idle();
    const fresh = receiver.received.filter((webhook) => !seen.has(webhook));
    seen = new Set(receiver.received);
    return fresh
      .sort((one, other) => (one.event.id < other.event.id ? -1 : 1))
      .map(({ path, event }) => ({
        at: path,
        type: event.type,
        account: event.account,
        livemode: event.livemode,
        previous: event.data.previous_attributes,
        object: event.data.object as unknown as Record<string, unknown>,
        request: event.request?.id ?? null,
      }));
  }

  return {
    ...account,
    server,
    stripe,
    live,
    monday,
    told,
    heard: async () =>
      (await told()).map(({ type, previous }) => (previous === undefined ? type : `${type} (${Object.keys(previous).sort().join(", ")})`)),
    until: (days, hours = 0) => server.clock.advance({ to: monday + days * 24 * 3_600 + hours * 3_600 }),
  };
}

/** Another bank account in place of the first. */
export async function replaceBank({ stripe, id }: Pick<PayoutStory, "stripe" | "id">): Promise<string> {
  return (await stripe.accounts.createExternalAccount(id, { external_account: bank(), default_for_currency: true })).id;
}

import type Stripe from "stripe";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { type Carabiner, startCarabiner } from "../../src/index.ts";
import { type Platform, platformOfItsOwn } from "../platform-of-its-own.ts";
import { type ReceivedWebhook, startWebhookReceiver } from "../webhook-receiver.ts";

/** A webhook that came in, without what differs from run to run. */
export interface Told {
  /** Which of the platform's endpoints it came to. */
  at: "test account endpoint" | "test Connect endpoint" | "live account endpoint" | "live Connect endpoint";
  type: string;
  account: string | undefined;
  livemode: boolean;
  previous?: unknown;
}

/** A platform with an endpoint of each kind in each mode, and everything that they receive. */
export interface Stage {
  server: Carabiner;
  platform: Platform;
  /** The platform in test mode. */
  stripe: Stripe;
  /**
   * What came in since this was last asked, in the order it happened, each with a signature that its endpoint's secret
   * made.
   */
  told(): Promise<Told[]>;
  /** The events themselves, of the last `told()`. */
  events: Stripe.Event[];
  turn(seconds: number): Promise<void>;
  /** Calls a test helper. */
  force(path: string, params?: object, account?: string): Promise<Record<string, unknown>>;
}

/** A server for the tests of one file, and a separate platform for each test. */
export function stage(): Stage {
  let server: Carabiner;
  let platform: Platform;
  let receiver: Awaited<ReturnType<typeof startWebhookReceiver>>;
  const secrets = new Map<string, string>();
  let events: Stripe.Event[] = [];

  beforeAll(async () => {
    server = await startCarabiner();
    receiver = await startWebhookReceiver();
  });
  afterAll(async () => {
    await server.close();
    await receiver.close();
  });
  beforeEach(async () => {
    platform = await platformOfItsOwn(server);
    for (const mode of ["test", "live"] as const)
      for (const connect of [false, true]) {
        const path = `/${mode}/${connect ? "Connect" : "account"}/${platform.account}`;
        const made = await platform[mode].webhookEndpoints.create({ url: receiver.url(path), enabled_events: ["*"], connect });
        secrets.set(path, made.secret as string);
      }
    receiver.received.length = 0;
  });

  function verified({ path, body, headers, event }: ReceivedWebhook): Told {
    platform.test.webhooks.constructEvent(body, String(headers["stripe-signature"]), secrets.get(path) ?? "");
    const [, mode, kind] = path.split("/");
    const previous = event.data.previous_attributes;
    return {
      at: `${mode} ${kind} endpoint` as Told["at"],
      type: event.type,
      account: event.account,
      livemode: event.livemode,
      ...(previous === undefined ? {} : { previous }),
    };
  }

  return {
    get server() {
      return server;
    },
    get platform() {
      return platform;
    },
    get stripe() {
      return platform.test;
    },
    get events() {
      return events;
    },
    async told() {
      await server.idle();
      // Deliveries overtake each other; ids stand in the order in which things happened.
      const came = receiver.received.splice(0).sort((one, other) => (one.event.id < other.event.id ? -1 : 1));
      events = came.map(({ event }) => event);
      return came.map(verified);
    },
    turn: (seconds) => server.clock.advance({ seconds }),
    force: async (path, params = {}, account) =>
      (await platform.test.rawRequest(
        "POST",
        `/v1/test_helpers/${path}`,
        params as Record<string, unknown>,
        account === undefined ? {} : { stripeAccount: account },
      )) as unknown as Record<string, unknown>,
  };
}

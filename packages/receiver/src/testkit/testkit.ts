import { type EventType, isThin, type Matching, type ThinName } from "../event-pattern.ts";
import type { Answer } from "../http-exchange.ts";
import type { Attempt, Claim, Inbox } from "../inbox/inbox.ts";
import { type Internals, internalsOf } from "../internals.ts";
import type { Drained } from "../receiver.ts";
import type { Handled, Report } from "../report.ts";
import { type FixtureOptions, fixture, type ResourceOf } from "./fixture.ts";
import { signatureFor } from "./sign.ts";
import { type ThinFixture, type ThinFixtureOptions, thinFixture } from "./thin-fixture.ts";

export type { FixtureOptions, ResourceOf } from "./fixture.ts";
export type { ThinFixture, ThinFixtureOptions } from "./thin-fixture.ts";

/** The part of a receiver that the kit uses. */
export interface Tested {
  handle(incoming: Parameters<TestedHandle>[0]): Promise<Answer>;
  drain(options?: { budgetMs?: number }): Promise<Drained>;
}
type TestedHandle = (incoming: {
  method: string;
  url?: string;
  header(name: string): string | null;
  body: Uint8Array;
  shortLived: boolean;
}) => Promise<Answer>;

/** What to send: an event of `kit.event(…)`, or any other. */
export type Sendable = object;

export interface DeliverOptions {
  /** The receiving endpoint. Default: the one whose scope fits the event. */
  endpoint?: string;
  /** The secret to sign with, instead of the endpoint's own. */
  secret?: string;
  /** When it is signed, Unix milliseconds. Default: now. */
  at?: number;
  /** The URL, for endpoints whose secret depends on it. */
  url?: string;
  headers?: Readonly<Record<string, string>>;
}

/** The result of a delivery, including its handlers. */
export interface Delivered {
  status: number;
  body: string;
  /** Everything the receiver reported from the request until its work ended. */
  reports: Report[];
  /** The outcome of each handler. */
  handled: Handled[];
}

/** The result of a crash: the interrupted first delivery, the sender's second, and the recovered work. */
export interface Crashed {
  again: Delivered;
  handled: Handled[];
}

/** For tests of handlers, with any test runner. Nothing is sent over a network. */
export interface TestKit {
  /** A typed event with unique ids. Fields that its object lacks are undefined. */
  event<const Type extends EventType>(type: Type, options?: FixtureOptions<ResourceOf<Type>>): Matching<Type>;
  /**
   * A thin event, as it is sent. A handler fetches through the receiver's client, so pass one that returns what the
   * test needs.
   */
  event<const Type extends ThinName>(type: Type, options?: ThinFixtureOptions): ThinFixture<Type>;
  /** Signs an event and hands it to the receiver. Resolves when its handlers have ended. */
  deliver(event: Sendable, options?: DeliverOptions): Promise<Delivered>;
  /** The same event twice at the same time. */
  twiceAtOnce(event: Sendable, options?: DeliverOptions): Promise<[Delivered, Delivered]>;
  /** Sends events one after another, the last first. */
  reversed(events: readonly Sendable[], options?: DeliverOptions): Promise<Delivered[]>;
  /** Sends the event with a byte changed after it was signed. */
  tampered(event: Sendable, options?: DeliverOptions): Promise<Delivered>;
  /** Sends the event with a signature that is older than allowed. */
  stale(event: Sendable, options?: DeliverOptions): Promise<Delivered>;
  /** Sends the event signed with another secret. */
  signedWith(secret: string, event: Sendable, options?: DeliverOptions): Promise<Delivered>;
  /**
   * Simulates a crash: after the event is stored and before a handler runs (`insert and run`), or after the handler's
   * effect and before it commits with the note that it is done (`effect and ack`). Then the sender sends again, and
   * another process takes the work over. An effect made with `ctx.tx` exists once; one made outside of it exists twice.
   */
  crashBetween(what: "insert and run" | "effect and ack", event: Sendable, options?: DeliverOptions): Promise<Crashed>;
}

/** The age of a stale signature, beyond any tolerance: a day. */
const STALE_MS = 86_400_000;

/** Makes the kit for a receiver. Throws when another copy of the package made the receiver. */
export function testkit(hooks: Tested): TestKit {
  const found = internalsOf(hooks);
  if (found === undefined) {
    throw new Error(
      "testkit() needs what createReceiver() returned, from the same form of @carabiner/receiver: both by import, or both by require.",
    );
  }
  const internals: Internals = found;
  const { clock, endpoints, inbox } = internals;
  let numbers = 0;

  /** The endpoint whose scope fits an event. */
  function endpointFor(event: Sendable, given: string | undefined): string {
    if (given !== undefined) {
      if (!endpoints.names.includes(given))
        throw new Error(`There is no endpoint "${given}". The endpoints are ${endpoints.names.join(", ")}.`);
      return given;
    }
    const { account, context } = event as { account?: unknown; context?: unknown };
    const connect = typeof account === "string" || typeof context === "string";
    const name = endpoints.names.find((one) => endpoints.get(one).connect === connect);
    if (name === undefined) {
      throw new Error(
        `No endpoint is for events of ${connect ? "connected accounts" : "the platform itself"}: ${connect ? "leave out account" : 'give kit.event(type, { account: "acct_…" })'}, or name the endpoint.`,
      );
    }
    return name;
  }

  async function secretOf(endpoint: string, { url, headers = {} }: DeliverOptions): Promise<string> {
    const signing = await endpoints.signing({ url: url ?? null, header: (name) => headers[name] ?? null });
    const secret = signing.find(({ name }) => name === endpoint)?.secrets[0];
    if (secret === undefined) throw new Error(`bug: the endpoint "${endpoint}" has no secret`);
    return secret;
  }

  async function send(event: Sendable, options: DeliverOptions, change: (body: Uint8Array) => void = () => undefined): Promise<Delivered> {
    const body = bytesOf(event);
    const secret = options.secret ?? (await secretOf(endpointFor(event, options.endpoint), options));
    const signature = await signatureFor(secret, body, options.at ?? clock.now());
    change(body);
    const reports: Report[] = [];
    const stop = internals.listen((report) => reports.push(report));
    try {
      const {
        status,
        body: said,
        settled,
      } = await hooks.handle({
        method: "POST",
        header: (name) => (name === "stripe-signature" ? signature : (options.headers?.[name] ?? null)),
        body,
        // Nothing runs in the background in a test: retries wait for drain().
        shortLived: true,
        ...(options.url === undefined ? {} : { url: options.url }),
      });
      await settled;
      return { status, body: said, reports, handled: reports.filter((report) => report.kind === "handled") };
    } finally {
      stop();
    }
  }

  /** What others do afterwards: the sender sends again, and another process works. */
  async function recover(event: Sendable, options: DeliverOptions): Promise<Crashed> {
    const handled: Handled[] = [];
    const stop = internals.listen((report) => {
      if (report.kind === "handled") handled.push(report);
    });
    try {
      const again = await send(event, options);
      await hooks.drain();
      return { again, handled };
    } finally {
      stop();
    }
  }

  return {
    event(type: EventType | ThinName, options: object = {}) {
      const onlyConnect = endpoints.names.every((name) => endpoints.get(name).connect);
      const known = { livemode: internals.livemode === true, ...(onlyConnect ? { account: "acct_test" } : {}) };
      const now = clock.now();
      // The overloads pair each kind of type with its options and its event.
      return (
        isThin(type)
          ? thinFixture(type, ++numbers, { ...known, created: new Date(now).toISOString(), ...options })
          : fixture(type as EventType, ++numbers, { ...known, created: Math.floor(now / 1_000), ...options })
      ) as never;
    },
    deliver: (event, options = {}) => send(event, options),
    twiceAtOnce: (event, options = {}) => Promise.all([send(event, options), send(event, options)]),
    async reversed(events, options = {}) {
      const delivered: Delivered[] = [];
      for (const event of events.toReversed()) delivered.push(await send(event, options));
      return delivered;
    },
    tampered: (event, options = {}) =>
      send(event, options, (body) => {
        // Inside the text, so that it is probably still JSON.
        const at = Math.floor(body.length / 2);
        body[at] = (body[at] ?? 0) ^ 1;
      }),
    stale: (event, options = {}) => send(event, { ...options, at: (options.at ?? clock.now()) - STALE_MS }),
    signedWith: (secret, event, options = {}) => send(event, { ...options, secret }),
    async crashBetween(what, event, options = {}) {
      const restore = die(inbox, what);
      try {
        await send(event, options);
      } finally {
        await restore();
      }
      return recover(event, options);
    },
  };
}

/** The simulated end of the process, as the inbox sees it. */
class Died extends Error {
  override readonly name = "Died";
}

/** Makes every claim fail to commit, as if the process ended. The returned function stops that and frees the leases. */
function die(inbox: Inbox<unknown>, what: "insert and run" | "effect and ack"): () => Promise<void> {
  const held: Claim[] = [];
  const { begin, settle } = inbox;
  inbox.begin = async (claim) => {
    held.push(claim);
    if (what === "insert and run") throw new Died("the process ended before the handler ran");
    const attempt = await begin.call(inbox, claim);
    if (attempt === null) return null;
    return Object.create(attempt, {
      // Read it on the attempt itself: its transaction begins then.
      tx: { get: () => attempt.tx },
      commit: {
        async value(): Promise<boolean> {
          await attempt.abandon();
          throw new Died("the process ended before the effect was kept");
        },
      },
    }) as Attempt<unknown>;
  };
  // A process that has ended does not note failures either.
  inbox.settle = async () => {
    throw new Died("the process has ended");
  };
  return async () => {
    Object.assign(inbox, { begin, settle });
    await inbox.release(held);
  };
}

/** Pretty-printed, as the sender writes it. */
function bytesOf(event: Sendable): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(event, null, 2));
}

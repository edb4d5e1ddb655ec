import { type Fresh, optionsFor } from "./fetch-fresh.ts";
import type { AnyEvent, HandlerContext } from "./handler.ts";
import type { Turn } from "./registration.ts";
import type { RequestOptions, StripeClient } from "./stripe-client.ts";
import { type SentThinEvent, type ThinEvent, thinEvent } from "./thin-event.ts";

/** What a handler is called with. */
export interface Call<Event, Tx, Client> {
  event: Event;
  context: HandlerContext<Event, string | null, Tx, Client>;
}

/** The arguments of a turn's handler: the whole event, or the thin one with its methods to fetch more. */
export function callOf<Tx, Client extends StripeClient>(turn: Turn<Tx>, fresh: Fresh<Client>): Call<AnyEvent | ThinEvent, Tx, Client> {
  const body = turn.body as AnyEvent | SentThinEvent;
  if ("object" in body && body.object === "event") return { event: body, context: handlerContext(turn, fresh) };
  const sent = body as SentThinEvent;
  const { context } = sent;
  const event = thinEvent(sent, turn.event, fresh);
  return {
    event,
    // Calls about an account whose event has no context are made as the platform.
    context: new TurnContext<AnyEvent | ThinEvent, Tx, Client>(
      turn,
      fresh,
      typeof context === "string" ? { stripeContext: context } : {},
      () => event.fetchRelatedObject(),
    ),
  };
}

/** Makes the context of a handler of whole events. `fetched` is the whole event that was made from a thin one. */
export function handlerContext<Tx, Client extends StripeClient>(
  turn: Turn<Tx>,
  fresh: Fresh<Client>,
  fetched?: AnyEvent,
): HandlerContext<AnyEvent, string | null, Tx, Client> {
  const fetch = fetched === undefined ? null : () => fresh.object(turn.event, fetched);
  return new TurnContext<AnyEvent, Tx, Client>(turn, fresh, optionsFor(turn.event.account), fetch);
}

/**
 * `tx` is a getter, because reading it begins the transaction. Fields that most handlers do not need are getters, too:
 * each is made when it is read.
 */
class TurnContext<Event, Tx, Client extends StripeClient> implements HandlerContext<Event, string | null, Tx, Client> {
  readonly account: string | null;
  readonly livemode: boolean;
  readonly endpoint: string;
  readonly attempt: number;
  readonly receivedAt: number;
  readonly tied: boolean;
  readonly as: RequestOptions;
  readonly #turn: Turn<Tx>;
  readonly #fresh: Fresh<Client>;
  readonly #fetch: (() => Promise<unknown>) | null;

  /** `fetch` fetches what the event is about; null for the object of a whole event. */
  constructor(turn: Turn<Tx>, fresh: Fresh<Client>, as: RequestOptions, fetch: (() => Promise<unknown>) | null) {
    const { account, livemode, endpoint, receivedAt } = turn.event;
    this.account = account;
    this.livemode = livemode;
    this.endpoint = endpoint;
    this.attempt = turn.number;
    this.receivedAt = receivedAt;
    this.tied = turn.tied;
    this.as = as;
    this.#turn = turn;
    this.#fresh = fresh;
    this.#fetch = fetch;
  }

  get signal(): AbortSignal {
    return this.#turn.signal();
  }

  get tx(): Tx {
    return this.#turn.attempt.tx;
  }

  get stripe(): Client {
    return this.#fresh.client(this.livemode);
  }

  /** It does not use `this`, because handlers destructure their context. */
  get fresh(): HandlerContext<Event, string | null, Tx, Client>["fresh"] {
    const turn = this.#turn;
    const fetch = this.#fetch ?? (() => this.#fresh.object(turn.event, turn.body));
    return fetch as HandlerContext<Event, string | null, Tx, Client>["fresh"];
  }
}

import type { InboxEvent } from "./inbox/inbox.ts";
import type { ReadEvent } from "./verify/read-event.ts";

/** An event as it came in. It keeps its parsed body for the first handler that needs it. */
export class ArrivedEvent implements InboxEvent {
  readonly source: string;
  readonly livemode: boolean;
  readonly account: string | null;
  readonly id: string;
  readonly type: string;
  readonly objectId: string;
  readonly created: number;
  readonly rank: number;
  readonly endpoint: string;
  readonly apiVersion: string | null;
  readonly body: Uint8Array;
  readonly receivedAt: number;
  #parsed: unknown;

  /** `parsed`: the parsed body; null if it is not available. */
  constructor(read: ReadEvent, { source, endpoint, receivedAt }: Pick<InboxEvent, "source" | "endpoint" | "receivedAt">, parsed: unknown) {
    this.source = source;
    this.livemode = read.livemode;
    this.account = read.account;
    this.id = read.id;
    this.type = read.type;
    this.objectId = read.objectId;
    this.created = read.created;
    this.rank = read.rank;
    this.endpoint = endpoint;
    this.apiVersion = read.apiVersion;
    this.body = read.body;
    this.receivedAt = receivedAt;
    this.#parsed = parsed;
  }

  /** An event's parsed body: a new object each time, since a handler may change its own. */
  static bodyOf(event: InboxEvent): unknown {
    if (!(#parsed in event) || event.#parsed === null) return JSON.parse(new TextDecoder().decode(event.body)) as unknown;
    const parsed = event.#parsed;
    event.#parsed = null;
    return parsed;
  }
}

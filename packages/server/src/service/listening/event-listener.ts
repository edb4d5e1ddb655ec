import { LATEST_API_VERSION } from "@carabiner/protocol";
import type { WebSocket } from "ws";
import type { Clock } from "../../clock/clock.ts";
import { cancellation, decideSettlement, putOff } from "../../deliveries/decide-settlement.ts";
import type { Policies } from "../../deliveries/retry-policies.ts";
import { webhookHeaders } from "../../deliveries/webhook-headers.ts";
import type { Limits } from "../../limits.ts";
import type { Claim, Settlement } from "../../store/contract/delivery-store.ts";
import type { ListenSessionRow } from "../../store/contract/rows.ts";
import { type Store, StoreUnavailable } from "../../store/store.ts";
import type { Posted } from "../../transport/transport.ts";
import { eventFrame, type HeardEvent, postedOf, readClientFrame, readHeardEvent } from "./frames.ts";
import { type SentEvent, SentEvents } from "./sent-events.ts";
import type { Settlements } from "./settlements.ts";
import { Unanswered } from "./unanswered.ts";

/** Events claimed in one go, at most. */
const CLAIM = 64;

export interface EventListenerParts {
  store: Pick<Store, "listeners" | "read">;
  clock: Clock;
  limits: Limits;
  policies: Policies;
  settlements: Settlements;
  /** The secrets an event is signed with beside the session's own. */
  moreSecrets(claim: Claim, heard: HeardEvent): Promise<Claim["endpoint"]["secrets"]>;
  onTrouble(error: StoreUnavailable): void;
  onBug(error: unknown): void;
}

/**
 * Sends the events of one session over its socket, and makes what the client says of them the outcomes of attempts. It outlives
 * its sockets: the client opens another every minute, and what it acknowledged before is still answered there.
 */
export class EventListener {
  readonly #parts: EventListenerParts;
  readonly #endpointId: string;
  readonly #sent = new SentEvents();
  readonly #unanswered: Unanswered;
  /** With so much room more is claimed: one by one a claim would cost more than what it brings. */
  readonly #refillFrom: number;
  #socket: WebSocket | null = null;
  /** Events claimed in one go now: fewer while they are large, so that what is claimed fits where it waits to be read. */
  #atOnce = CLAIM;
  #pumping = false;
  #again = false;
  /** When something more is to be claimed, by the server's clock. */
  #nextDueAt: number | null = 0;

  constructor(parts: EventListenerParts, session: Pick<ListenSessionRow, "forwards">, endpointId: string) {
    this.#parts = parts;
    this.#endpointId = endpointId;
    this.#unanswered = new Unanswered(session.forwards);
    const { listenUnacknowledged, listenAnswersAwaited } = parts.limits;
    this.#refillFrom = Math.min(CLAIM, Math.ceil(Math.min(listenUnacknowledged, listenAnswersAwaited) / 2));
  }

  /** Goes on over this socket. */
  attach(socket: WebSocket): void {
    this.#socket = socket;
    this.wake();
  }

  /** The socket is gone: what was not acknowledged is due again. */
  detach(socket: WebSocket): void {
    if (this.#socket !== socket) return;
    this.#socket = null;
    for (const sent of this.#sent.allUnacknowledged()) this.#giveBack(sent);
  }

  /** The session ends here, or the server does: what was not answered is due again. */
  close(): void {
    this.#socket = null;
    for (const sent of [...this.#sent.allUnacknowledged(), ...this.#sent.allAwaited()]) this.#giveBack(sent);
  }

  /** A frame came. Returns false for one that no client sends. */
  hear(text: string): boolean {
    const frame = readClientFrame(text);
    if (frame === null) return false;
    if (frame.kind === "other") return true;
    const now = this.#parts.clock.wallNow();
    if (frame.kind === "acknowledged") {
      const sent = this.#sent.acknowledge(frame.conversation, now);
      if (sent !== null && this.#unanswered.endsWithAcknowledgement(sent)) this.#end(sent, taken(sent, now, NOT_FORWARDED));
      else if (sent !== null) this.wake();
      return true;
    }
    // Of several that one event is forwarded to the first to answer decides.
    const sent = this.#sent.find(frame.conversation);
    if (sent === undefined) return true;
    this.#unanswered.answered(sent);
    this.#end(sent, { posted: postedOf(frame, now - sent.sentAt, this.#parts.limits.responseKeptBytes) });
    return true;
  }

  /** Looks what is late. Returns false when the client does not acknowledge: its socket is of no use. */
  tick(): boolean {
    const { clock, limits } = this.#parts;
    const now = clock.wallNow();
    for (const sent of this.#sent.awaitedSince(now - limits.listenAnswerMs)) {
      if (this.#unanswered.wasDropped(sent)) this.#end(sent, taken(sent, now, DROPPED));
      else this.#end(sent, { posted: this.#lateFault(now - sent.sentAt) });
    }
    if (this.#nextDueAt !== null && this.#nextDueAt <= clock.now()) this.wake();
    const first = this.#sent.firstUnacknowledged();
    return first === undefined || now - first.sentAt < limits.listenAckMs;
  }

  /** Sends what is owed, as far as there is room. */
  wake(): void {
    this.#again = true;
    if (!this.#pumping) void this.#pump().catch(this.#parts.onBug);
  }

  async #pump(): Promise<void> {
    const { store, clock, limits, onTrouble } = this.#parts;
    this.#pumping = true;
    try {
      while (this.#again) {
        this.#again = false;
        for (let room = this.#room(); room >= this.#refillFrom; room = this.#room()) {
          const limit = Math.min(room, this.#atOnce);
          const asked = { endpointId: this.#endpointId, now: clock.now(), leaseMs: limits.leaseMs, limit };
          const { claims, nextDueAt } = await store.listeners.claim(asked);
          this.#nextDueAt = nextDueAt;
          const bytes = claims.reduce((sum, { body }) => sum + body.length, 0);
          const fitting = Math.floor((claims.length * limits.listenBufferBytes) / bytes);
          this.#atOnce = bytes > limits.listenBufferBytes ? Math.max(1, fitting) : Math.min(CLAIM, this.#atOnce * 2);
          for (const claim of claims) {
            if (this.#room() > 0) await this.#send(claim);
            else this.#putBack(claim);
          }
          if (claims.length < limit) break;
        }
      }
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      // The next tick asks again.
      this.#nextDueAt = 0;
      onTrouble(error);
    } finally {
      this.#pumping = false;
    }
  }

  /** How many events may be sent now. None while the client reads slowly: what it has not read stays in the store. */
  #room(): number {
    const { limits } = this.#parts;
    const socket = this.#socket;
    if (socket === null || socket.readyState !== socket.OPEN || socket.bufferedAmount >= limits.listenBufferBytes) return 0;
    return Math.min(limits.listenUnacknowledged - this.#sent.unacknowledged, limits.listenAnswersAwaited - this.#sent.awaited);
  }

  async #send(claim: Claim): Promise<void> {
    const { clock, moreSecrets } = this.#parts;
    const ending = cancellation(claim);
    if (ending !== null) {
      this.#settle(ending);
      return;
    }
    const payload = Buffer.from(claim.body).toString();
    const heard = readHeardEvent(payload);
    const more = await moreSecrets(claim, heard);
    const socket = this.#socket;
    if (socket === null || socket.readyState !== socket.OPEN) {
      this.#putBack(claim);
      return;
    }
    const [at, sentAt] = [clock.now(), clock.wallNow()];
    const signed = { ...claim, endpoint: { ...claim.endpoint, secrets: [...claim.endpoint.secrets, ...more] } };
    const requestHeaders = webhookHeaders(signed, at, sentAt);
    const latestHeaders =
      heard.latest === payload ? requestHeaders : webhookHeaders({ ...signed, body: Buffer.from(heard.latest) }, at, sentAt);
    const conversation = `wc_${claim.deliveryId.slice(claim.deliveryId.indexOf("_") + 1)}${claim.attempt}`;
    const conversations = [`${conversation}d`, `${conversation}l`] as const;
    this.#sent.add({
      claim,
      at,
      sentAt,
      requestHeaders,
      connected: heard.account !== null,
      conversations,
      unacknowledged: new Set(conversations),
      acknowledgedAt: null,
    });
    const drained = () => this.#drained();
    socket.send(eventFrame({ version: null, payload, headers: requestHeaders, conversation: conversations[0] }, this.#endpointId));
    const latest = { version: LATEST_API_VERSION, payload: heard.latest, headers: latestHeaders, conversation: conversations[1] };
    socket.send(eventFrame(latest, this.#endpointId), drained);
  }

  /** There is no room for it after all: it is due again at once. */
  #putBack(claim: Claim): void {
    this.#nextDueAt = 0;
    this.#settle(putOff(claim));
  }

  /** A frame has left: there may be room again. */
  #drained(): void {
    if (!this.#pumping && this.#nextDueAt !== null && this.#nextDueAt <= this.#parts.clock.now()) this.wake();
  }

  #lateFault(durationMs: number): Posted {
    if (this.#socket === null)
      return { kind: "fault", code: "connection_reset", reason: "The listener was gone before it had told of an answer.", durationMs };
    return {
      kind: "fault",
      code: "timeout",
      reason: "The listener took the event, and told of no answer: the local server refused the connection, or took too long.",
      durationMs,
    };
  }

  #giveBack(sent: SentEvent): void {
    this.#sent.remove(sent);
    this.#settle(putOff(sent.claim));
  }

  /** An attempt has ended. */
  #end(sent: SentEvent, ended: { posted: Posted } | { taken: Settlement }): void {
    const { clock, policies } = this.#parts;
    this.#sent.remove(sent);
    const { claim, at, requestHeaders } = sent;
    const policy = claim.event.livemode ? policies.live : policies.test;
    const settlement =
      "taken" in ended
        ? ended.taken
        : decideSettlement({ claim, at, requestHeaders, posted: ended.posted, waitMs: null }, policy, clock.now());
    this.#settle(settlement);
  }

  #settle(settlement: Settlement): void {
    const { settlements, onBug } = this.#parts;
    settlements
      .add(settlement)
      .then(() => this.wake())
      .catch(onBug);
  }
}

const NOT_FORWARDED = "The listener took the event. It forwards none.";
const DROPPED = "The listener took the event. It forwards none of this type, by what it has answered.";

/** The settlement of an event that was taken, and needed no answer. */
function taken({ claim, at, sentAt, requestHeaders }: SentEvent, now: number, reason: string): { taken: Settlement } {
  return {
    taken: {
      deliveryId: claim.deliveryId,
      endpointId: claim.endpoint.id,
      token: claim.token,
      attempt: {
        deliveryId: claim.deliveryId,
        number: claim.attempt,
        at,
        durationMs: Math.round(now - sentAt),
        outcome: "succeeded",
        status: null,
        reason,
        retryAfterMs: null,
        requestHeaders,
        responseHeaders: {},
        responseBody: "",
      },
      next: { state: "succeeded" },
    },
  };
}

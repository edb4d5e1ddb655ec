import { isThinName, LATEST_API_VERSION } from "@carabiner/protocol";
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
import { eventFrame, type HeardEvent, postedOf, readClientFrame, readHeardEvent, thinFrame } from "./frames.ts";
import { type SentEvent, SentEvents } from "./sent-events.ts";
import type { Settlements } from "./settlements.ts";
import { Unanswered } from "./unanswered.ts";

/** The most events claimed at once. */
const CLAIM = 64;

export interface EventListenerParts {
  store: Pick<Store, "listeners" | "read">;
  clock: Clock;
  limits: Limits;
  policies: Policies;
  settlements: Settlements;
  /** The secrets an event is signed with in addition to the session's own. */
  moreSecrets(claim: Claim, heard: HeardEvent): Promise<Claim["endpoint"]["secrets"]>;
  onTrouble(error: StoreUnavailable): void;
  onBug(error: unknown): void;
}

/**
 * Sends the events of one session over its socket, and turns the client's replies into outcomes of attempts. It
 * outlives its sockets: the client opens a new one every minute and then answers what it acknowledged on the old one.
 */
export class EventListener {
  readonly #parts: EventListenerParts;
  readonly #endpointId: string;
  readonly #sent = new SentEvents();
  /** Separate for whole events and thin ones, because a client that takes both forwards them to different receivers. */
  readonly #unanswered: { whole: Unanswered; thin: Unanswered };
  /** Claims more when there is this much room. Claiming one by one would cost too much. */
  readonly #refillFrom: number;
  #socket: WebSocket | null = null;
  /**
   * How many events are claimed at once at present: fewer while they are large, so that the claimed events fit in the
   * room for unread bytes.
   */
  #atOnce = CLAIM;
  #pumping = false;
  #again = false;
  /** When to claim more, by the server's clock. */
  #nextDueAt: number | null = 0;

  constructor(parts: EventListenerParts, session: Pick<ListenSessionRow, "forwards">, endpointId: string) {
    this.#parts = parts;
    this.#endpointId = endpointId;
    const { thin = session.forwards } = session.forwards;
    this.#unanswered = { whole: new Unanswered(session.forwards), thin: new Unanswered(thin) };
    const { listenUnacknowledged, listenAnswersAwaited } = parts.limits;
    this.#refillFrom = Math.min(CLAIM, Math.ceil(Math.min(listenUnacknowledged, listenAnswersAwaited) / 2));
  }

  /** Continues on this socket. */
  attach(socket: WebSocket): void {
    this.#socket = socket;
    this.wake();
  }

  /** The socket is gone. Unacknowledged events are due again. */
  detach(socket: WebSocket): void {
    if (this.#socket !== socket) return;
    this.#socket = null;
    for (const sent of this.#sent.allUnacknowledged()) this.#giveBack(sent);
  }

  /** The session or the server ends. Unanswered events are due again. */
  close(): void {
    this.#socket = null;
    for (const sent of [...this.#sent.allUnacknowledged(), ...this.#sent.allAwaited()]) this.#giveBack(sent);
  }

  /** Handles a frame. Returns false for one that no client sends. */
  hear(text: string): boolean {
    const frame = readClientFrame(text);
    if (frame === null) return false;
    if (frame.kind === "other") return true;
    const now = this.#parts.clock.wallNow();
    if (frame.kind === "acknowledged") {
      const sent = this.#sent.acknowledge(frame.conversation, now);
      if (sent !== null && this.#unansweredLike(sent).endsWithAcknowledgement(sent)) this.#end(sent, taken(sent, now, NOT_FORWARDED));
      else if (sent !== null) this.wake();
      return true;
    }
    // When the client forwards an event to several places, the first answer decides.
    const sent = this.#sent.find(frame.conversation);
    if (sent === undefined) return true;
    this.#unansweredLike(sent).answered(sent);
    this.#end(sent, { posted: postedOf(frame, now - sent.sentAt, this.#parts.limits.responseKeptBytes) });
    return true;
  }

  /** Checks for timeouts. Returns false when the client does not acknowledge: its socket is then useless. */
  tick(): boolean {
    const { clock, limits } = this.#parts;
    const now = clock.wallNow();
    for (const sent of this.#sent.awaitedSince(now - limits.listenAnswerMs)) {
      if (this.#unansweredLike(sent).wasDropped(sent)) this.#end(sent, taken(sent, now, DROPPED));
      else this.#end(sent, { posted: this.#lateFault(now - sent.sentAt) });
    }
    if (this.#nextDueAt !== null && this.#nextDueAt <= clock.now()) this.wake();
    const first = this.#sent.firstUnacknowledged();
    return first === undefined || now - first.sentAt < limits.listenAckMs;
  }

  /** Sends pending events, as far as there is room. */
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
      // The next tick tries again.
      this.#nextDueAt = 0;
      onTrouble(error);
    } finally {
      this.#pumping = false;
    }
  }

  /** How many events may be sent now. 0 while the client reads slowly: the rest stays in the store. */
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
    const conversation = `${claim.deliveryId.slice(claim.deliveryId.indexOf("_") + 1)}${claim.attempt}`;
    const thin = isThinName(claim.event.type);
    const conversations = thin ? ([`ed_${conversation}`] as const) : ([`wc_${conversation}d`, `wc_${conversation}l`] as const);
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
    if (conversations.length === 1) {
      socket.send(thinFrame({ payload, headers: requestHeaders, conversation: conversations[0] }), drained);
      return;
    }
    socket.send(eventFrame({ version: null, payload, headers: requestHeaders, conversation: conversations[0] }, this.#endpointId));
    const latest = { version: LATEST_API_VERSION, payload: heard.latest, headers: latestHeaders, conversation: conversations[1] };
    socket.send(eventFrame(latest, this.#endpointId), drained);
  }

  /** There is no room for it after all: it is due again at once. */
  #putBack(claim: Claim): void {
    this.#nextDueAt = 0;
    this.#settle(putOff(claim));
  }

  /** A frame was sent, so there may be room again. */
  #drained(): void {
    if (!this.#pumping && this.#nextDueAt !== null && this.#nextDueAt <= this.#parts.clock.now()) this.wake();
  }

  #unansweredLike({ claim }: SentEvent): Unanswered {
    return this.#unanswered[isThinName(claim.event.type) ? "thin" : "whole"];
  }

  #lateFault(durationMs: number): Posted {
    if (this.#socket === null)
      return { kind: "fault", code: "connection_reset", reason: "The listener disconnected before it reported an answer.", durationMs };
    return {
      kind: "fault",
      code: "timeout",
      reason: "The listener accepted the event but reported no answer: the local server refused the connection, or took too long.",
      durationMs,
    };
  }

  #giveBack(sent: SentEvent): void {
    this.#sent.remove(sent);
    this.#settle(putOff(sent.claim));
  }

  /** Ends an attempt with its outcome. */
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

/** The settlement of an event that was acknowledged but never answered. */
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
        phases: null,
        requestHeaders,
        responseHeaders: {},
        responseBody: "",
      },
      next: { state: "succeeded" },
    },
  };
}

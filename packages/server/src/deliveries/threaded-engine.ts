import { once } from "node:events";
import type { Worker } from "node:worker_threads";
import type { Limits } from "../limits.ts";
import type { Claim, ClaimToken, DeliveryStore, HotLane, Settlement } from "../store/contract/delivery-store.ts";
import { StoreUnavailable } from "../store/store.ts";
import type { EgressOptions } from "../transport/transport.ts";
import { Capacity, capacityLimits } from "./capacity.ts";
import { checkLease, type Engine, type Unexpected } from "./engine.ts";
import {
  type EngineCommand,
  type EngineThreadData,
  type FromEngine,
  packClaims,
  type ToEngine,
  unpackSettlements,
} from "./engine-messages.ts";
import { PendingCalls } from "./pending-calls.ts";
import type { RetryPolicyName } from "./retry-policies.ts";

export interface ThreadedEngineOptions {
  store: DeliveryStore;
  /** Starts the thread that runs `engine-thread.ts`. */
  startThread(data: EngineThreadData): Worker;
  limits: Limits;
  /** How requests leave this machine, and where they may go. */
  egress: EgressOptions;
  /** The name of the retry policy. */
  retryPolicy: RetryPolicyName;
  /** The file in which the thread records what is under way; null when nothing outlives the process. */
  underWayFile: string | null;
  /** Receives errors that the engine cannot repair but survives: an unavailable store. */
  onTrouble(error: StoreUnavailable): void;
  /** Receives a bug. Must end the process, or fail the test. */
  onBug(error: unknown): void;
  /** Receives the cause of a failed attempt when it concerns the operator of the server. */
  onUnexpected?(unexpected: Unexpected): void;
}

/**
 * An engine in its own thread, with the machine's clock: it signs and sends while this thread answers the API and
 * writes to the store, which stays here. Deliveries and their outcomes pass between the threads in batches. The thread
 * starts with the first command and ends with `stop`. Throws when a lease could end before the attempt that it covers.
 */
export function createThreadedEngine({
  store,
  startThread,
  limits,
  egress,
  retryPolicy,
  underWayFile,
  onTrouble,
  onBug,
  onUnexpected,
}: ThreadedEngineOptions): Engine {
  checkLease(limits.leaseMs, limits.attemptDeadlineMs);
  const calls = new PendingCalls();
  /**
   * What the thread holds, and what is on its way there. It is counted here, because this thread gives out the room.
   */
  const capacity = new Capacity(capacityLimits(limits));
  /** The bytes of each body, by the token of its claim. */
  const bytesOf = new Map<ClaimToken, number>();
  let worker: Worker | null = null;
  /** While suspects are sent, nothing else is: newly published deliveries wait in the store. */
  let rounds = 0;
  let stopping: Promise<void> | null = null;

  const lane: HotLane = {
    reserve(endpoint, now, bytes) {
      return stopping === null && rounds === 0 && capacity.reserve(endpoint, bytes) ? { leaseUntil: now + limits.leaseMs } : null;
    },
    accept(claims) {
      for (const { token, body } of claims) bytesOf.set(token, body.length);
      tell({ kind: "accept", claims: packClaims(claims) });
    },
    release: (endpointId, count, bytes) => void capacity.free(endpointId, count, bytes),
    due: (at) => tell({ kind: "due", at }),
    changed: (endpointId) => tell({ kind: "changed", endpointId }),
  };

  function tell(message: ToEngine): void {
    worker?.postMessage(message, "claims" in message ? [message.claims.bodies.buffer] : []);
  }

  function begin(): void {
    if (worker !== null) return;
    worker = startThread({ limits, egress, retryPolicy, underWayFile });
    worker.on("error", onBug);
    worker.on("message", (message: FromEngine) => void hear(message).catch(onBug));
    store.attach(lane);
  }

  async function hear(message: FromEngine): Promise<void> {
    switch (message.kind) {
      case "done":
        calls.answered(message.call, message.value);
        return;
      case "restrained":
        capacity.restrain(message.endpointId, message.most);
        return;
      case "trouble":
        onTrouble(new StoreUnavailable(message.message));
        return;
      case "unexpected":
        onUnexpected?.(message.unexpected);
        return;
      case "claimDue":
        await answering(message.call, async () => {
          const claims = await store.claimDue(message.request);
          return { kind: "claimed", call: message.call, claims: packClaims(held(claims)) };
        });
        return;
      case "nextSuspect":
        await answering(message.call, async () => {
          const claim = await store.nextSuspect(message.request);
          return { kind: "claimed", call: message.call, claims: packClaims(held(claim === null ? [] : [claim])) };
        });
        return;
      case "releaseSuspects":
        await answering(message.call, async () => ({ kind: "stored", call: message.call, value: await store.releaseSuspects() }));
        return;
      case "settle":
        await answering(message.call, async () => {
          const settlements = unpackSettlements(message.settlements);
          const value = await store.settle(settlements, message.checks);
          for (const settlement of settlements) letGo(settlement);
          return { kind: "stored", call: message.call, value };
        });
        return;
      case "nextDueAt":
        await answering(message.call, async () => ({ kind: "stored", call: message.call, value: await store.nextDueAt(message.except) }));
        return;
    }
  }

  /** Counts what is passed to the thread. */
  function held(claims: Claim[]): Claim[] {
    for (const { endpoint, token, body } of claims) {
      bytesOf.set(token, body.length);
      capacity.add(endpoint, body.length);
    }
    return claims;
  }

  async function answering(call: number, work: () => Promise<ToEngine>): Promise<void> {
    try {
      tell(await work());
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      tell({ kind: "unavailable", call, message: error.message });
    }
  }

  function letGo({ endpointId, token }: Settlement): void {
    const bytes = bytesOf.get(token);
    if (bytes === undefined) throw new Error(`A delivery to ${endpointId} was settled that was not held.`);
    bytesOf.delete(token);
    capacity.free(endpointId, 1, bytes);
  }

  function command<Value>(what: EngineCommand): Promise<Value> {
    begin();
    return calls.make<Value>((call) => tell({ kind: "command", call, command: what }));
  }

  async function stop(ending: Worker): Promise<void> {
    const ended = once(ending, "exit");
    await command("stop");
    await ended;
    store.attach(null);
  }

  async function sendSuspects(endsInARow: number): Promise<void> {
    begin();
    rounds++;
    await calls.make((call) => tell({ kind: "sendSuspects", call, endsInARow }));
    rounds--;
  }

  return {
    sendSuspects,
    leaveAlone(endpoints) {
      begin();
      tell({ kind: "leaveAlone", endpoints });
    },
    start: () => void command("start").catch(onBug),
    pause: () => command("pause"),
    runOnce: () => command("runOnce"),
    idle: () => command("idle"),
    stop() {
      if (worker === null) return Promise.resolve();
      stopping ??= stop(worker);
      return stopping;
    },
  };
}

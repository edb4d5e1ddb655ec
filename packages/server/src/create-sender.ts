import type { Clock } from "./clock/clock.ts";
import { createEngine, type Engine, type Unexpected } from "./deliveries/engine.ts";
import { type RetryPolicyName, retryPolicies } from "./deliveries/retry-policies.ts";
import { createThreadedEngine } from "./deliveries/threaded-engine.ts";
import type { Limits } from "./limits.ts";
import { startThread } from "./start-thread.ts";
import type { DeliveryStore } from "./store/contract/delivery-store.ts";
import type { StoreUnavailable } from "./store/store.ts";
import { createHttpTransport } from "./transport/http-transport.ts";
import type { EgressOptions } from "./transport/transport.ts";

/** Sends deliveries. */
export interface Sender {
  engine: Engine;
  /** Stops the engine, then closes its connections. */
  close(): Promise<void>;
}

export interface SenderOptions {
  store: DeliveryStore;
  limits: Limits;
  egress: EgressOptions;
  retryPolicy: RetryPolicyName;
  onTrouble(error: StoreUnavailable): void;
  onBug(error: unknown): void;
  onUnexpected(unexpected: Unexpected): void;
}

/**
 * A sender in a worker thread, on the machine's clock. It records what is under way in `underWayFile`, unless that is
 * null.
 */
export function createThreadSender(options: SenderOptions & { underWayFile: string | null }): Sender {
  const engine = createThreadedEngine({ ...options, startThread: (data) => startThread("engine-thread", data) });
  return { engine, close: () => engine.stop() };
}

/**
 * A sender in this thread, on any clock. `leasesHold` says whether a lease taken at a given time is certain to still
 * belong to this server. Without it, every lease counts as held.
 */
export function createLocalSender({
  egress,
  retryPolicy,
  ...options
}: SenderOptions & { clock: Clock; leasesHold?: (leasedAt: number) => boolean }): Sender {
  const { limits } = options;
  const transport = createHttpTransport({ limits, ...egress });
  const engine = createEngine({ ...options, transport, policies: retryPolicies(retryPolicy, limits.attemptDeadlineMs) });
  return {
    engine,
    async close() {
      await engine.stop();
      await transport.close();
    },
  };
}

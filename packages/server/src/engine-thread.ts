import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { createSystemClock } from "./clock/system-clock.ts";
import { createEngine } from "./deliveries/engine.ts";
import { type EngineThreadData, type FromEngine, packSettlements, type ToEngine, unpackClaims } from "./deliveries/engine-messages.ts";
import { PendingCalls } from "./deliveries/pending-calls.ts";
import { retryPolicies } from "./deliveries/retry-policies.ts";
import type { Claim, DeliveryStore, HotLane } from "./store/contract/delivery-store.ts";
import { UnderWayFile } from "./store/sqlite/deliveries/under-way-file.ts";
import { StoreUnavailable } from "./store/store.ts";
import { createHttpTransport } from "./transport/http-transport.ts";

/**
 * The engine and its connections, in a separate thread. `deliveries/threaded-engine.ts` starts it and keeps the store.
 */
const port = parentPort as MessagePort;
const { limits, egress, retryPolicy, underWayFile } = workerData as EngineThreadData;
const underWay = underWayFile === null ? null : new UnderWayFile(underWayFile);
const calls = new PendingCalls();
let lane: HotLane | null = null;

const say = (message: FromEngine) => port.postMessage(message);

const store: DeliveryStore = {
  claimDue: (request) => calls.make<Claim[]>((call) => say({ kind: "claimDue", call, request })),
  settle: (settlements, checks) => calls.make((call) => say({ kind: "settle", call, settlements: packSettlements(settlements), checks })),
  noteUnderWay(begun, settled) {
    underWay?.note(begun as readonly number[], settled as readonly number[]);
    return null;
  },
  nextSuspect: async (request) => (await calls.make<Claim[]>((call) => say({ kind: "nextSuspect", call, request })))[0] ?? null,
  releaseSuspects: () => calls.make((call) => say({ kind: "releaseSuspects", call })),
  nextDueAt: (except) => calls.make((call) => say({ kind: "nextDueAt", call, except })),
  attach(to) {
    lane = to;
  },
};
const transport = createHttpTransport({ limits, ...egress });
const engine = createEngine({
  store,
  clock: createSystemClock(),
  transport,
  policies: retryPolicies(retryPolicy, limits.attemptDeadlineMs),
  limits,
  onRestrained: (endpointId, most) => say({ kind: "restrained", endpointId, most }),
  onTrouble: ({ message }) => say({ kind: "trouble", message }),
  onUnexpected: (unexpected) => say({ kind: "unexpected", unexpected: { ...unexpected, error: plainError(unexpected.error) } }),
  // An error that this thread does not catch ends the main thread too.
  onBug: (error) =>
    setImmediate(() => {
      throw error;
    }),
});

const COMMANDS = {
  start: () => engine.start(),
  pause: () => engine.pause(),
  runOnce: () => engine.runOnce(),
  idle: () => engine.idle(),
  async stop() {
    await engine.stop();
    await transport.close();
    underWay?.close();
  },
};

port.on("message", (message: ToEngine) => {
  switch (message.kind) {
    case "command":
      void obey(message.call, message.command);
      break;
    case "sendSuspects":
      void engine.sendSuspects(message.endsInARow).then(() => say({ kind: "done", call: message.call, value: null }));
      break;
    case "leaveAlone":
      engine.leaveAlone(message.endpoints);
      break;
    case "accept":
      engine.take(unpackClaims(message.claims));
      break;
    case "due":
      lane?.due(message.at);
      break;
    case "changed":
      lane?.changed(message.endpointId);
      break;
    case "claimed":
      calls.answered(message.call, unpackClaims(message.claims));
      break;
    case "stored":
      calls.answered(message.call, message.value);
      break;
    case "unavailable":
      calls.failed(message.call, new StoreUnavailable(message.message));
      break;
  }
});

async function obey(call: number, command: keyof typeof COMMANDS): Promise<void> {
  const value = (await COMMANDS[command]()) ?? null;
  say({ kind: "done", call, value });
  if (command === "stop") port.close();
}

/** A copy of an error that can be passed between threads. Takes any thrown value. */
function plainError(error: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  const plain = new Error(error.message);
  plain.stack = error.stack ?? plain.message;
  return "code" in error ? Object.assign(plain, { code: String(error.code) }) : plain;
}

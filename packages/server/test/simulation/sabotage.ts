import type { SharedClock } from "../../src/clock/clock.ts";
import { type Claim, ENDPOINT_NOTICE_TASK, type Settlement } from "../../src/store/contract/delivery-store.ts";
import type { Transaction } from "../../src/store/contract/transaction.ts";
import type { Store } from "../../src/store/store.ts";
import type { OutgoingRequest, Transport } from "../../src/transport/transport.ts";
import type { Checker } from "./checker.ts";
import type { Life } from "./life.ts";
import type { Rule } from "./rules.ts";
import type { SeededRandom } from "./seeded-random.ts";

/** What a sabotage may reach. */
export interface Scene {
  /** The database itself, past the node's own view of it. */
  raw: Store;
  checker: Checker;
  random: SeededRandom;
}

/** A bug put in on purpose, between a node and the world: proof that the checker would find one like it. */
export interface Sabotage {
  /** The rules that may catch it. */
  caughtBy: readonly Rule[];
  clock?(clock: SharedClock, life: Life): SharedClock;
  store?(store: Store, scene: Scene): Store;
  transport?(transport: Transport, scene: Scene): Transport;
}

const SOMETIMES = 0.05;

/** Changes what an engine settles. */
const settling = (caughtBy: readonly Rule[], change: (settlement: Settlement, scene: Scene) => Settlement): Sabotage => ({
  caughtBy,
  store: (store, scene) => ({
    ...store,
    settle: (settlements, checks) =>
      store.settle(
        settlements.map((one) => change(one, scene)),
        checks,
      ),
  }),
});

/** Changes what is claimed. */
const claiming = (caughtBy: readonly Rule[], change: (claim: Claim) => Claim): Sabotage => ({
  caughtBy,
  store: (store) => ({ ...store, claimDue: async (request) => (await store.claimDue(request)).map(change) }),
});

/** Changes what is sent. */
const sending = (
  caughtBy: readonly Rule[],
  post: (transport: Transport, request: OutgoingRequest, scene: Scene) => ReturnType<Transport["post"]>,
): Sabotage => ({
  caughtBy,
  transport: (transport, scene) => ({ ...transport, post: (request) => post(transport, request, scene) }),
});

/** Changes what happens in transactions. */
function changing(store: Store, change: (tx: Transaction) => Partial<Transaction>): Store {
  return {
    ...store,
    transaction: (work) =>
      store.transaction((tx) => {
        const changed = change(tx);
        return work(new Proxy(tx, { get: (target, name) => Reflect.get(changed, name) ?? bound(target, name) }));
      }),
  };
}

export const SABOTAGES = {
  "a settlement counts without its lease": settling(["fencing", "I5"], (one, { checker }) => ({
    ...one,
    token: checker.deliveries.get(one.deliveryId)?.lastToken ?? one.token,
  })),
  "a settlement is lost after it was told": {
    caughtBy: ["I5"],
    store: (store, { random }) => ({
      ...store,
      settle: async (settlements, checks) => (random.chance(SOMETIMES) ? { refused: [] } : store.settle(settlements, checks)),
    }),
  },
  "an event is acknowledged before its commit": {
    caughtBy: ["I1"],
    store: (store) => ({
      ...store,
      transaction: <T>(work: (tx: Transaction) => Promise<T>) =>
        new Promise<T>((resolve, reject) => {
          store
            .transaction(async (tx) => {
              const answer = await work(tx);
              resolve(answer);
              return answer;
            })
            .catch(reject);
        }),
    }),
  },
  "a delivery is not written": {
    caughtBy: ["I1"],
    store: (store, { random }) =>
      changing(store, (tx) => ({
        insertDeliveries: (deliveries) => tx.insertDeliveries(random.chance(SOMETIMES) ? deliveries.slice(1) : deliveries),
      })),
  },
  "a task stays where it was": {
    caughtBy: ["tasks"],
    store: (store, { random }) =>
      changing(store, (tx) => ({
        async takeDueTasks(now, limit) {
          const taken = await tx.takeDueTasks(now, limit);
          for (const task of taken) if (random.chance(0.5)) await tx.scheduleTask(task);
          return taken;
        },
      })),
  },
  "a task is forgotten": {
    caughtBy: ["tasks"],
    store: (store) => changing(store, (tx) => ({ takeDueTasks: async (now, limit) => (await tx.takeDueTasks(now, limit)).slice(1) })),
  },
  "a retry is forgotten": settling(["I8"], (one, { random }) =>
    one.next.state === "pending" && one.attempt !== null && random.chance(SOMETIMES)
      ? { ...one, next: { state: "pending", dueAt: one.next.dueAt + 10 ** 12 } }
      : one,
  ),
  "a retry comes early": settling(["I7"], (one) =>
    one.next.state === "pending" && one.attempt !== null
      ? { ...one, next: { state: "pending", dueAt: Math.floor((one.attempt.at + one.next.dueAt) / 2) } }
      : one,
  ),
  "a delivery is given up early": settling(["I1"], (one, { random }) =>
    one.next.state === "pending" && one.attempt !== null && random.chance(SOMETIMES) ? { ...one, next: { state: "exhausted" } } : one,
  ),
  "an attempt gets the wrong number": settling(["I5"], (one) =>
    one.attempt?.number === 2 ? { ...one, attempt: { ...one.attempt, number: 3 } } : one,
  ),
  "a claim takes what is leased": {
    caughtBy: ["lease", "I7"],
    store: (store) => ({ ...store, claimDue: (request) => store.claimDue({ ...request, now: request.now + request.leaseMs }) }),
  },
  "a node that starts ends the leases of the others": {
    caughtBy: ["lease"],
    store: (store, { raw }) => ({ ...store, releaseLeases: (now) => raw.releaseLeases(now) }),
  },
  "nobody ends the leases of those who are gone": {
    caughtBy: ["gone"],
    store: (store) => ({ ...store, beat: (now) => store.beat(now, 0) }),
  },
  "a node takes the others for gone too early": {
    caughtBy: ["lease", "I3", "I6"],
    store: (store) => ({ ...store, beat: (now) => store.beat(now, now) }),
  },
  "a disabled endpoint is sent to": claiming(["I7"], (claim) => ({
    ...claim,
    endpoint: { ...claim.endpoint, status: "enabled", deleted: false },
  })),
  "a lease is held to be longer than it is": claiming(["lease", "I6"], (claim) => ({ ...claim, leaseUntil: claim.leaseUntil + 600_000 })),
  "a node goes by its machine's clock": {
    caughtBy: ["lease", "I7", "health"],
    clock: (clock, { machine }) => ({ ...clock, now: machine.now }),
  },
  "a delivery goes where nobody sent it": claiming(["I2"], (claim) => ({
    ...claim,
    endpoint: { ...claim.endpoint, url: `${claim.endpoint.url}_and_further` },
  })),
  "a success does not clear an endpoint's failures": {
    caughtBy: ["health"],
    store: (store) => ({
      ...store,
      settle: async (settlements, checks) => {
        const succeeded = new Set(
          settlements.filter(({ attempt }) => attempt?.outcome === "succeeded").map(({ endpointId }) => endpointId),
        );
        const before = await store.read((reads) => Promise.all([...succeeded].map((id) => reads.endpoint(id))));
        const settled = await store.settle(settlements, checks);
        await store.transaction(async (tx) => {
          for (const row of before) {
            const now = row === null || row.firstFailureAt === null ? null : await tx.endpoint(row.id);
            if (now !== null) await tx.updateEndpoint({ ...now, firstFailureAt: row?.firstFailureAt ?? null });
          }
        });
        return settled;
      },
    }),
  },
  "an owner is not told how an endpoint is": {
    caughtBy: ["health"],
    store: (store) =>
      changing(store, (tx) => ({
        takeDueTasks: async (now, limit) => (await tx.takeDueTasks(now, limit)).filter(({ kind }) => kind !== ENDPOINT_NOTICE_TASK),
      })),
  },
  "a request is sent twice": sending(["I3"], (transport, request, { random }) => {
    if (random.chance(SOMETIMES)) void transport.post(request);
    return transport.post(request);
  }),
  "a retry has other bytes": sending(["I4"], (transport, request, { random }) =>
    transport.post(random.chance(SOMETIMES) ? { ...request, body: Buffer.concat([request.body, Buffer.from(" ")]) } : request),
  ),
  "a signature is kept for later": {
    caughtBy: ["I4"],
    transport(transport) {
      const kept = new Map<string, OutgoingRequest["headers"]>();
      return {
        ...transport,
        post(request) {
          const name = request.url + Buffer.from(request.body).toString();
          kept.set(name, kept.get(name) ?? request.headers);
          return transport.post({ ...request, headers: kept.get(name) ?? request.headers });
        },
      };
    },
  },
  "every answer is taken for a success": sending(["I6"], async (transport, request) => {
    const posted = await transport.post(request);
    return posted.kind === "answer" ? { ...posted, status: 200 } : posted;
  }),
} satisfies Record<string, Sabotage>;

function bound(target: object, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name, target);
  return typeof value === "function" ? value.bind(target) : value;
}

import Stripe from "stripe";
import { JITTER, LAST_ATTEMPT_MS, LIVE_DELAYS_MS, TEST_DELAYS_MS } from "../../src/deliveries/policy.ts";
import type { Limits } from "../../src/limits.ts";
import type { Claim, ClaimToken, EndpointChange, EndpointCondition, Settlement } from "../../src/store/contract/delivery-store.ts";
import type { DeliveryState } from "../../src/store/contract/rows.ts";
import type { OutgoingRequest } from "../../src/transport/transport.ts";
import type { Agenda } from "./agenda.ts";
import type { Figures } from "./figures.ts";
import type { Life } from "./life.ts";
import { SECRET } from "./population.ts";
import { Breach, type Rule } from "./rules.ts";

/**
 * How far a node's clock may be off, to either side: by half of what asking for the time takes, and what it drifts
 * until that is next known.
 */
export const CLOCK_ERROR_MS = 250;

/** A lease as it was given out. */
interface Grant {
  life: Life;
  at: number;
  token: ClaimToken;
  leaseUntil: number;
  /** It was ended before its time. */
  released: boolean;
  attempt: number;
  /** Whether the endpoint could be sent to when it was read for this claim. */
  sendable: boolean;
}

/** One POST. */
export interface Post {
  endpointId: string;
  delivery: Delivery;
  life: Life;
  attempt: number;
  at: number;
}

/** What the checker knows of a delivery: what it must be by all that was committed. */
export interface Delivery {
  id: string;
  name: string;
  livemode: boolean;
  state: DeliveryState;
  attempts: number;
  dueAt: number;
  created: number;
  grant: Grant | null;
  /** The token of the last lease, also when that has ended; null before the first. */
  lastToken: ClaimToken | null;
  /** Those of all. */
  tokens: Set<ClaimToken>;
  /** Tokens that settlements were accepted with. */
  settled: Set<ClaimToken>;
  body: Uint8Array | null;
  posts: Post[];
  /** When an attempt of it was last accepted by its receiver; null while it never was. */
  acceptedAt: number | null;
  endedAt: number | null;
}

/**
 * Follows everything as it happens, knows by the rules what may happen next, and remembers the first thing that broke
 * one. It trusts no node: it looks at what was committed and at what goes over the network.
 */
export interface Checker {
  /** These leases were given to a node, durably. */
  granted(life: Life, claims: readonly Claim[]): void;
  /**
   * The leases of these deliveries were ended before their time: of a node that is gone, or of the only node's earlier
   * life.
   */
  released(deliveryIds: readonly string[] | "all"): void;
  /** A server works, and looks who else does. */
  born(life: Life): void;
  /** It is killed, or over with something left undone. */
  died(life: Life): void;
  /** A settlement was carried out in the database. */
  settled(life: Life, settlements: readonly Settlement[], refused: readonly string[], checked: readonly EndpointCondition[]): void;
  /** A node believes that this settlement is kept. */
  told(life: Life, settlement: Settlement): void;
  /** A node begins a POST. */
  posted(life: Life, request: OutgoingRequest): Post;
  /** It reached its receiver, who keeps the event or does not. */
  arrived(post: Post, keeps: boolean): void;
  /** Something broke a rule; only the first is kept. */
  breach(rule: Rule, what: string): void;
  readonly broken: Breach | null;
  readonly deliveries: ReadonlyMap<string, Delivery>;
  /** The type of event and the endpoint of each change of health that an owner must be notified of. */
  readonly announced: readonly string[];
}

type CheckedLimits = Pick<Limits, "endpointFailingMs" | "nodeBeatMs" | "nodeGoneMs">;

export function createChecker(agenda: Agenda, figures: Figures, limits: CheckedLimits): Checker {
  const deliveries = new Map<string, Delivery>();
  /** By event and endpoint, as a receiver sees them. */
  const byName = new Map<string, Delivery>();
  /** When a success was last settled, by endpoint. */
  const successAt = new Map<string, number>();
  /** The last notice to an endpoint's owner. */
  const toldOf = new Map<string, EndpointChange["kind"]>();
  const announced: string[] = [];
  /** Servers that work. */
  const living = new Set<Life>();
  let broken: Breach | null = null;

  function breach(rule: Rule, what: string): void {
    broken ??= new Breach(rule, `${what} (at ${new Date(agenda.now()).toISOString()})`);
  }

  function known(claim: Claim): Delivery {
    let delivery = deliveries.get(claim.deliveryId);
    if (delivery === undefined) {
      delivery = {
        id: claim.deliveryId,
        name: `${claim.event.id} to ${claim.endpoint.id}`,
        livemode: claim.event.livemode,
        state: "pending",
        attempts: 0,
        dueAt: claim.dueAt,
        created: claim.created,
        grant: null,
        lastToken: null,
        tokens: new Set(),
        settled: new Set(),
        body: null,
        posts: [],
        acceptedAt: null,
        endedAt: null,
      };
      deliveries.set(claim.deliveryId, delivery);
      byName.set(delivery.name, delivery);
    }
    return delivery;
  }

  /** The earliest time the next attempt may be due, by the policy. */
  function earliest(delivery: Delivery, failedAt: number): number {
    const delay = (delivery.livemode ? LIVE_DELAYS_MS : TEST_DELAYS_MS)[delivery.attempts - 1] ?? Number.POSITIVE_INFINITY;
    return failedAt + delay * (1 - JITTER);
  }

  return {
    granted(life, claims) {
      for (const claim of claims) {
        const delivery = known(claim);
        const { name, grant } = delivery;
        const early = claim.dueAt - agenda.now() - CLOCK_ERROR_MS;
        if (delivery.state !== "pending") breach("I6", `${name} was claimed by ${life.name} after it was ${delivery.state}`);
        if (delivery.tokens.has(claim.token)) breach("fencing", `${name} was given a token that it had before`);
        if (claim.attempt !== delivery.attempts + 1) breach("I5", `attempt ${claim.attempt} of ${name} follows ${delivery.attempts}`);
        if (claim.dueAt !== delivery.dueAt) breach("I7", `${name} is due at ${delivery.dueAt}, and was claimed as due at ${claim.dueAt}`);
        if (early > 0) breach("I7", `${name} was claimed ${early} ms before it was due`);
        if (grant !== null && grant.leaseUntil > agenda.now() + CLOCK_ERROR_MS)
          breach("lease", `${name} was claimed by ${life.name} while it was leased to ${grant.life.name}`);
        delivery.lastToken = claim.token;
        delivery.tokens.add(claim.token);
        delivery.grant = {
          life,
          at: agenda.now(),
          token: claim.token,
          leaseUntil: claim.leaseUntil,
          released: false,
          attempt: claim.attempt,
          sendable: claim.endpoint.status === "enabled" && !claim.endpoint.deleted,
        };
      }
    },
    released(deliveryIds) {
      for (const delivery of deliveries.values())
        if (delivery.grant !== null && (deliveryIds === "all" || deliveryIds.includes(delivery.id))) {
          delivery.grant.leaseUntil = Math.min(delivery.grant.leaseUntil, agenda.now());
          delivery.grant.released = true;
        }
    },
    born(life) {
      living.add(life);
    },
    died(life) {
      living.delete(life);
      const diedAt = agenda.now();
      const others = [...living].filter(({ node }) => node !== life.node);
      // A node that was kept from looking starts to count again.
      const knownMs = limits.nodeGoneMs + 3 * limits.nodeBeatMs;
      agenda.after(knownMs, () => {
        const witness = others.find((other) => other.state === "running" && !other.wasTroubled(diedAt, agenda.now()));
        if (witness === undefined) return;
        for (const { name, grant } of deliveries.values())
          if (grant?.life === life && grant.leaseUntil > agenda.now())
            breach("gone", `${name} is still leased to ${life.name}, dead for ${knownMs} ms, and ${witness.name} could know that`);
      });
    },
    settled(life, settlements, refused, checked) {
      // An id for each refusal: a batch may hold a stale settlement of a delivery beside a good one.
      const refusals = new Map<string, number>();
      /** When what an endpoint's settlements go by was read. */
      const readAt = new Map<string, number>();
      for (const id of refused) refusals.set(id, (refusals.get(id) ?? 0) + 1);
      for (const { deliveryId, endpointId, token, attempt, next } of settlements) {
        const delivery = deliveries.get(deliveryId);
        if (delivery === undefined) {
          breach("I2", `${life.name} settled ${deliveryId}, which nobody was given`);
          continue;
        }
        const { name, grant } = delivery;
        const rightful = grant !== null && grant.token === token && !grant.released && grant.life === life && delivery.state === "pending";
        const refusalsLeft = refusals.get(deliveryId) ?? 0;
        if (!rightful && refusalsLeft > 0) {
          // Said again because the first answer was lost, or another's by now.
          if (delivery.settled.has(token)) figures.settledAgain++;
          else figures.fenced++;
          refusals.set(deliveryId, refusalsLeft - 1);
          continue;
        }
        if (!rightful) breach("fencing", `${life.name} settled ${name} (${delivery.state}) by a lease that was not its own any more`);
        delivery.grant = null;
        delivery.settled.add(token);
        readAt.set(endpointId, Math.min(grant?.at ?? 0, readAt.get(endpointId) ?? Number.POSITIVE_INFINITY));
        if (attempt !== null) {
          if (attempt.number !== ++delivery.attempts)
            breach("I5", `attempt ${attempt.number} of ${name} was settled as number ${delivery.attempts}`);
          if (!delivery.posts.some((post) => post.attempt === attempt.number && post.life === life))
            breach("I5", `${life.name} settled an attempt of ${name} that it did not make`);
        }
        if (next.state === "pending") {
          if (
            attempt === null
              ? next.dueAt !== delivery.dueAt
              : next.dueAt < Math.min(earliest(delivery, attempt.at), delivery.created + LAST_ATTEMPT_MS)
          )
            breach("I7", `${name} is to be tried again too early`);
          delivery.dueAt = next.dueAt;
        } else {
          delivery.state = next.state;
          delivery.endedAt = agenda.now();
          figures[next.state]++;
          // As the store counts it: an endpoint fails since the beginning of an attempt, not since its end.
          if (next.state === "succeeded" && attempt !== null) successAt.set(endpointId, attempt.at);
          if (next.state === "succeeded" && delivery.acceptedAt === null) breach("I6", `${name} succeeded, and its receiver never said so`);
          if (next.state === "cancelled" && grant?.sendable === true) breach("I1", `${name} was cancelled, and its endpoint was enabled`);
        }
      }
      for (const [id, left] of refusals) if (left > 0) breach("fencing", `${life.name} was refused its own lease of ${id}`);
      for (const { endpointId, changes } of checked) {
        const read = readAt.get(endpointId);
        for (const { kind } of changes) {
          figures.endpointsTold++;
          if (read === undefined) breach("health", `${endpointId} is ${kind} by attempts of ${life.name} that were all refused`);
          if (kind !== "disabled" && kind === (toldOf.get(endpointId) ?? "recovered"))
            breach("health", `${endpointId} is told to be ${kind} twice`);
          toldOf.set(endpointId, kind);
          announced.push(`carabiner.webhook_endpoint.${kind} ${endpointId}`);
        }
        if (read === undefined || !changes.some(({ kind }) => kind === "disabled")) continue;
        figures.disabledAsFailing++;
        const succeeded = successAt.get(endpointId) ?? 0;
        // A success that another node settled since the claim was read need not be known.
        if (succeeded > agenda.now() - limits.endpointFailingMs && succeeded < read)
          breach("health", `${endpointId} is disabled by ${life.name} as failing, and had a success ${agenda.now() - succeeded} ms ago`);
      }
    },
    told(life, { deliveryId, token }) {
      if (deliveries.get(deliveryId)?.settled.has(token) !== true)
        breach("I5", `${life.name} believes that ${deliveryId} is settled, and nothing of it was kept`);
    },
    posted(life, request) {
      const { id } = JSON.parse(Buffer.from(request.body).toString()) as { id: string };
      const endpointId = new URL(request.url).pathname.slice(1);
      const delivery = byName.get(`${id} to ${endpointId}`);
      if (delivery === undefined) {
        breach("I2", `${life.name} sends ${id} to ${endpointId}, which nobody was given`);
        throw broken;
      }
      const { name, grant } = delivery;
      figures.posts++;
      const post: Post = { endpointId, delivery, life, attempt: grant?.attempt ?? 0, at: agenda.now() };
      if (delivery.state !== "pending") breach("I6", `${life.name} sends ${name} after it was ${delivery.state}`);
      if (grant === null || grant.life !== life || grant.leaseUntil < agenda.now() - CLOCK_ERROR_MS)
        breach("lease", `${life.name} sends ${name} without a lease`);
      else if (!grant.sendable) breach("I7", `${life.name} sends ${name} to an endpoint it knows to be disabled`);
      if (agenda.now() + CLOCK_ERROR_MS < delivery.dueAt) breach("I7", `${life.name} sends ${name} before it is due`);
      for (const earlier of delivery.posts) {
        if (earlier.attempt !== post.attempt) continue;
        figures.repeated++;
        if (!earlier.life.wasTroubled(earlier.at, agenda.now()))
          breach("I3", `${name} is sent again by ${life.name}, and nothing had kept ${earlier.life.name} from settling it`);
        break;
      }
      delivery.posts.push(post);
      checkBytes(delivery, request);
      return post;
    },
    arrived({ delivery }, keeps) {
      if (delivery.state === "succeeded") figures.late++;
      if (keeps) delivery.acceptedAt = agenda.now();
    },
    breach,
    get broken() {
      return broken;
    },
    deliveries,
    announced,
  };

  function checkBytes(delivery: Delivery, { body, headers }: OutgoingRequest): void {
    if (delivery.body !== null && Buffer.compare(delivery.body, body) !== 0) breach("I4", `${delivery.name}: other bytes than before`);
    delivery.body = body;
    const header = headers["stripe-signature"] ?? "";
    const signedAt = Number(/^t=(\d+)/.exec(header)?.[1]);
    if (Math.abs(signedAt * 1_000 + 500 - agenda.now()) > 500 + CLOCK_ERROR_MS)
      breach("I4", `${delivery.name}: signed at another time than now`);
    try {
      Stripe.webhooks.signature?.verifyHeader(Buffer.from(body), header, SECRET, 0, undefined, signedAt * 1_000);
    } catch (error) {
      breach("I4", `${delivery.name}: ${(error as Error).message}`);
    }
  }
}

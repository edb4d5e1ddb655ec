import type { IncomingMessage } from "node:http";
import type { FastifyReply } from "fastify";
import { keyOf } from "../api/authenticate.ts";
import type { ClientAddresses } from "../api/client-address.ts";
import { RateLimited, type RateLimits } from "../api/rate-limits.ts";
import type { Clock } from "../clock/clock.ts";
import { PROBES } from "./probes.ts";
import { type ServerRequest, single, UNPROVED } from "./request-state.ts";

/** Counts requests by address and by key, and refuses those over the limit. */
export interface RequestAdmission {
  /** The refusal when the request's address is over its limit; null otherwise. Probes are not counted. */
  refusalFor(request: ServerRequest): Error | null;
  /** The same for a request that asks for another protocol. */
  refusalForUpgrade(request: IncomingMessage): RateLimited | null;
  /** The hook that counts a request's key before the body is read; undefined when keys are not counted. */
  keyHook: ((request: ServerRequest, reply: FastifyReply, done: (refusal?: Error) => void) => void) | undefined;
  /** Notes that a request's key is valid: it no longer counts among its address's unknown keys. */
  proveKey(request: ServerRequest): void;
}

export function createAdmission(rates: RateLimits, clients: ClientAddresses, clock: Clock): RequestAdmission {
  /** Counts the key of a request. A missing key is refused later, with its own error. */
  function countKey(request: ServerRequest): void {
    const { authorization } = request.headers;
    if (authorization === undefined) return;
    let key: string;
    try {
      key = keyOf(authorization);
    } catch {
      return;
    }
    if (rates.admitKey(key, clientAddress(clients, request), clock.wallNow())) request[UNPROVED] = key;
  }

  const countAddress = (request: Sender): RateLimited | null =>
    refusalOf(() => rates.admitAddress(clientAddress(clients, request), clock.wallNow()));

  return {
    refusalFor(request) {
      if (!rates.counts.addresses || PROBES.has(request.routeOptions.url ?? "")) return null;
      return countAddress(request);
    },
    refusalForUpgrade: (request) => (rates.counts.addresses ? countAddress(request) : null),
    keyHook: rates.counts.keys ? (request, _reply, done) => done(refusalOf(() => countKey(request)) ?? undefined) : undefined,
    proveKey(request) {
      const { [UNPROVED]: key } = request;
      if (key !== undefined) rates.proveKey(key, clientAddress(clients, request), clock.wallNow());
    },
  };
}

/** The parts of a request that give its address. */
type Sender = Pick<IncomingMessage, "headers" | "socket">;

/** The address that a request came from; null when its connection is closed. */
export function clientAddress(clients: ClientAddresses, { headers, socket }: Sender): string | null {
  return clients.of(socket.remoteAddress, single(headers["x-forwarded-for"]));
}

/** The refusal that `count` throws; null when it throws nothing. */
function refusalOf(count: () => void): RateLimited | null {
  try {
    count();
    return null;
  } catch (refusal) {
    if (refusal instanceof RateLimited) return refusal;
    throw refusal;
  }
}

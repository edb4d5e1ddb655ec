import { ownHeaders, WEBHOOK_HEADERS } from "@carabiner/protocol";
import type { Limits } from "../limits.ts";
import type { ClaimRequest } from "../store/contract/claim-request.ts";
import type { Claim, ClaimToken, EndpointCheck, HeldEndpoint, Settlement } from "../store/contract/delivery-store.ts";
import type { AttemptPhases, AttemptRow } from "../store/contract/rows.ts";
import type { EgressOptions } from "../transport/transport.ts";
import type { Unexpected } from "./engine.ts";
import type { RetryPolicyName } from "./retry-policies.ts";

/** The data that an engine in its own thread starts with. */
export interface EngineThreadData {
  limits: Limits;
  /** How requests leave this machine, and where they may go. */
  egress: EgressOptions;
  /** The name of the retry policy. */
  retryPolicy: RetryPolicyName;
  /** The file in which it records what is under way; null when nothing outlives the process. */
  underWayFile: string | null;
}

/** Commands to the engine in the thread. It answers each once it is done. */
export type EngineCommand = "start" | "pause" | "runOnce" | "idle" | "stop";

/** Messages to the engine's thread. */
export type ToEngine =
  | { kind: "command"; call: number; command: EngineCommand }
  | { kind: "sendSuspects"; call: number; endsInARow: number }
  | { kind: "leaveAlone"; endpoints: readonly HeldEndpoint[] }
  | { kind: "accept"; claims: PackedClaims }
  | { kind: "due"; at: number }
  | { kind: "changed"; endpointId: string }
  | { kind: "claimed"; call: number; claims: PackedClaims }
  | { kind: "stored"; call: number; value: unknown }
  | { kind: "unavailable"; call: number; message: string };

/** Messages from the engine's thread. */
export type FromEngine =
  | { kind: "done"; call: number; value: number | null }
  | { kind: "claimDue"; call: number; request: ClaimRequest }
  | { kind: "settle"; call: number; settlements: PackedSettlements; checks: readonly EndpointCheck[] }
  | { kind: "nextDueAt"; call: number; except: ReadonlySet<string> | undefined }
  | { kind: "nextSuspect"; call: number; request: Pick<ClaimRequest, "now" | "leaseMs"> }
  | { kind: "releaseSuspects"; call: number }
  /** How many deliveries of an endpoint are worth passing on; null for as many as fit. */
  | { kind: "restrained"; endpointId: string; most: number | null }
  | { kind: "trouble"; message: string }
  | { kind: "unexpected"; unexpected: Unexpected };

/**
 * Claims with their bodies one after another in one buffer, which is handed over without a copy. The rest is JSON,
 * which takes half the time of the structured clone that objects would need. Each claim is a list, because the names of
 * its fields are longer than most values. Claims of one endpoint share its data, which is sent once.
 */
export interface PackedClaims {
  /** In `CarriedClaims`. */
  json: string;
  bodies: Uint8Array<ArrayBuffer>;
}

interface CarriedClaims {
  endpoints: Claim["endpoint"][];
  claims: CarriedClaim[];
}

/** A position in place of each endpoint, a length in place of each body. */
type CarriedClaim = [
  deliveryId: string,
  kind: Claim["kind"],
  token: ClaimToken,
  leaseUntil: number,
  dueAt: number,
  created: number,
  attempt: number,
  eventId: string,
  eventType: string,
  livemode: boolean,
  endpoint: number,
  body: number,
  traceparent?: string,
];

export function packClaims(claims: readonly Claim[]): PackedClaims {
  let bytes = 0;
  for (const { body } of claims) bytes += body.length;
  const bodies = new Uint8Array(bytes);
  const positions = new Map<Claim["endpoint"], number>();
  const endpoints: Claim["endpoint"][] = [];
  let at = 0;
  const carried = claims.map(
    ({ deliveryId, kind, token, leaseUntil, dueAt, created, attempt, event, endpoint, body, traceparent }): CarriedClaim => {
      bodies.set(body, at);
      at += body.length;
      let position = positions.get(endpoint);
      if (position === undefined) {
        position = endpoints.push(endpoint) - 1;
        positions.set(endpoint, position);
      }
      const { id, type, livemode } = event;
      const list: CarriedClaim = [deliveryId, kind, token, leaseUntil, dueAt, created, attempt, id, type, livemode, position, body.length];
      if (traceparent !== undefined) list.push(traceparent);
      return list;
    },
  );
  return { json: JSON.stringify({ endpoints, claims: carried } satisfies CarriedClaims), bodies };
}

/** Copies each body out: a claim that waits long must not keep the bodies of all that came with it in memory. */
export function unpackClaims({ json, bodies }: PackedClaims): Claim[] {
  const { endpoints, claims } = JSON.parse(json) as CarriedClaims;
  let at = 0;
  return claims.map((list) => {
    const [deliveryId, kind, token, leaseUntil, dueAt, created, attempt, id, type, livemode, endpoint, length, traceparent] = list;
    const body = Buffer.from(bodies.subarray(at, at + length));
    at += length;
    const event = { id, type, livemode };
    const whose = endpoints[endpoint] as Claim["endpoint"];
    const claim = { deliveryId, kind, token, leaseUntil, dueAt, created, attempt, event, endpoint: whose, body };
    return traceparent === undefined ? claim : { ...claim, traceparent };
  });
}

/**
 * Settlements as JSON, with attempts as lists: the names of their fields are longer than most values. They omit the
 * request headers that every attempt has, and the delivery's id, which the settlement has. Attempts that share an
 * answer's headers share them on the other side as well.
 */
export interface PackedSettlements {
  /** In `CarriedSettlements`. */
  json: string;
}

interface CarriedSettlements {
  /** Headers of answers; an attempt refers to its headers by their position here. */
  headers: Readonly<Record<string, string>>[];
  settlements: CarriedSettlement[];
}

type CarriedSettlement = [
  deliveryId: string,
  endpointId: string,
  token: ClaimToken,
  next: "succeeded" | "exhausted" | "cancelled" | number,
  firstAttemptAfterMs: number | null,
  attempt: CarriedAttempt | null,
];

type CarriedAttempt = [
  number: number,
  at: number,
  durationMs: number,
  outcome: string,
  status: number | null,
  reason: string,
  retryAfterMs: number | null,
  phases: CarriedPhases | null,
  ownHeaders: Record<string, string>,
  responseHeaders: number,
  responseBody: string,
];

type CarriedPhases = [reused: boolean, dnsMs: number | null, connectMs: number | null, tlsMs: number | null, firstByteMs: number | null];

export function packSettlements(settlements: readonly Settlement[]): PackedSettlements {
  const positions = new Map<AttemptRow["responseHeaders"], number>();
  const carried = settlements.map(
    ({ deliveryId, endpointId, token, next, firstAttemptAfterMs, attempt }): CarriedSettlement => [
      deliveryId,
      endpointId,
      token,
      next.state === "pending" ? next.dueAt : next.state,
      firstAttemptAfterMs ?? null,
      attempt === null ? null : carriedAttempt(attempt, positions),
    ],
  );
  return { json: JSON.stringify({ headers: [...positions.keys()], settlements: carried } satisfies CarriedSettlements) };
}

function carriedAttempt(attempt: AttemptRow, positions: Map<AttemptRow["responseHeaders"], number>): CarriedAttempt {
  const { phases, requestHeaders, responseHeaders } = attempt;
  let position = positions.get(responseHeaders);
  if (position === undefined) {
    position = positions.size;
    positions.set(responseHeaders, position);
  }
  return [
    attempt.number,
    attempt.at,
    attempt.durationMs,
    attempt.outcome,
    attempt.status,
    attempt.reason,
    attempt.retryAfterMs,
    phases === null ? null : [phases.reused, phases.dnsMs, phases.connectMs, phases.tlsMs, phases.firstByteMs],
    ownHeaders(requestHeaders, WEBHOOK_HEADERS) ?? requestHeaders,
    position,
    attempt.responseBody,
  ];
}

export function unpackSettlements({ json }: PackedSettlements): Settlement[] {
  const { headers, settlements } = JSON.parse(json) as CarriedSettlements;
  return settlements.map(
    ([deliveryId, endpointId, token, next, firstAttemptAfterMs, attempt]): Settlement => ({
      deliveryId,
      endpointId,
      token,
      attempt: attempt === null ? null : attemptOf(deliveryId, attempt, headers),
      next: typeof next === "number" ? { state: "pending", dueAt: next } : { state: next },
      ...(firstAttemptAfterMs === null ? {} : { firstAttemptAfterMs }),
    }),
  );
}

function attemptOf(deliveryId: string, carried: CarriedAttempt, headers: CarriedSettlements["headers"]): AttemptRow {
  const [number, at, durationMs, outcome, status, reason, retryAfterMs, phases, own, responseHeaders, responseBody] = carried;
  return {
    deliveryId,
    number,
    at,
    durationMs,
    outcome,
    status,
    reason,
    retryAfterMs,
    phases: phases === null ? null : phasesOf(phases),
    requestHeaders: { ...WEBHOOK_HEADERS, ...own },
    responseHeaders: headers[responseHeaders] as AttemptRow["responseHeaders"],
    responseBody,
  };
}

function phasesOf([reused, dnsMs, connectMs, tlsMs, firstByteMs]: CarriedPhases): AttemptPhases {
  return { reused, dnsMs, connectMs, tlsMs, firstByteMs };
}

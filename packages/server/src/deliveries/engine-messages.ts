import { ownHeaders, WEBHOOK_HEADERS } from "@carabiner/protocol";
import type { Limits } from "../limits.ts";
import type { ClaimRequest } from "../store/contract/claim-request.ts";
import type { Claim, EndpointCheck, Settlement } from "../store/contract/delivery-store.ts";
import type { EgressOptions } from "../transport/transport.ts";
import type { Unexpected } from "./engine.ts";
import type { RetryPolicyName } from "./retry-policies.ts";

/** What an engine in its own thread is started with. */
export interface EngineThreadData {
  limits: Limits;
  /** How requests leave this machine, and where they may go. */
  egress: EgressOptions;
  /** The name of the retry policy. */
  retryPolicy: RetryPolicyName;
  /** The file in which it notes what is under way; null when nothing outlives the process. */
  underWayFile: string | null;
}

/** Commands to the engine in the thread. It answers each once it is done. */
export type EngineCommand = "start" | "pause" | "runOnce" | "idle" | "stop";

/** To the engine's thread. */
export type ToEngine =
  | { kind: "command"; call: number; command: EngineCommand }
  | { kind: "sendSuspects"; call: number; endsInARow: number }
  | { kind: "accept"; claims: PackedClaims }
  | { kind: "due"; at: number }
  | { kind: "changed"; endpointId: string }
  | { kind: "claimed"; call: number; claims: PackedClaims }
  | { kind: "stored"; call: number; value: unknown }
  | { kind: "unavailable"; call: number; message: string };

/** From the engine's thread. */
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
 * Claims with their bodies one after another in one buffer, which is handed over without a copy. The rest as JSON: that
 * takes half the time of the structured clone that objects go through (2.6 µs for a claim and its settlement, not 4.7).
 */
export interface PackedClaims {
  /** In place of each body its length. */
  json: string;
  bodies: Uint8Array<ArrayBuffer>;
}

export function packClaims(claims: readonly Claim[]): PackedClaims {
  let bytes = 0;
  for (const { body } of claims) bytes += body.length;
  const bodies = new Uint8Array(bytes);
  let at = 0;
  for (const { body } of claims) {
    bodies.set(body, at);
    at += body.length;
  }
  return { json: JSON.stringify(claims.map((claim) => ({ ...claim, body: claim.body.length }))), bodies };
}

/** Copies each body out: a claim that waits long must not keep the bodies of all that came with it. */
export function unpackClaims({ json, bodies }: PackedClaims): Claim[] {
  let at = 0;
  return (JSON.parse(json) as (Omit<Claim, "body"> & { body: number })[]).map((claim) => {
    const body = Buffer.from(bodies.subarray(at, at + claim.body));
    at += claim.body;
    return { ...claim, body };
  });
}

/** Settlements as JSON; the request headers that every attempt has are left out. */
export interface PackedSettlements {
  json: string;
}

export function packSettlements(settlements: readonly Settlement[]): PackedSettlements {
  return {
    json: JSON.stringify(
      settlements.map((settlement) => {
        const { attempt } = settlement;
        return attempt === null
          ? settlement
          : {
              ...settlement,
              attempt: { ...attempt, requestHeaders: ownHeaders(attempt.requestHeaders, WEBHOOK_HEADERS) ?? attempt.requestHeaders },
            };
      }),
    ),
  };
}

export function unpackSettlements({ json }: PackedSettlements): Settlement[] {
  const settlements = JSON.parse(json) as Settlement[];
  for (const { attempt } of settlements) if (attempt !== null) attempt.requestHeaders = { ...WEBHOOK_HEADERS, ...attempt.requestHeaders };
  return settlements;
}

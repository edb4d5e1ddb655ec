import type { Limits } from "../limits.ts";
import type { Claim, ClaimRequest, EndpointHealth, Settlement } from "../store/store.ts";

/** What an engine in a thread of its own is started with. */
export interface EngineThreadData {
  limits: Limits;
  /** Allow endpoints on private addresses and this machine. */
  allowLocal: boolean;
}

/** What the engine in the thread can be told to do; each is answered once it is done. */
export type EngineCommand = "start" | "pause" | "runOnce" | "idle" | "stop";

/** To the engine's thread. */
export type ToEngine =
  | { kind: "command"; call: number; command: EngineCommand }
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
  | { kind: "settle"; call: number; settlements: readonly Settlement[]; health: readonly EndpointHealth[] }
  | { kind: "nextDueAt"; call: number }
  | { kind: "trouble"; message: string };

/** Claims with their bodies one after another in one buffer: handed from thread to thread without a copy of it. */
export interface PackedClaims {
  /** In place of each body its length. */
  claims: (Omit<Claim, "body"> & { body: number })[];
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
  return { claims: claims.map((claim) => ({ ...claim, body: claim.body.length })), bodies };
}

/** Each body is copied out: a claim that waits for long must not keep the bodies of all that came with it. */
export function unpackClaims({ claims, bodies }: PackedClaims): Claim[] {
  let at = 0;
  return claims.map((claim) => {
    const body = Buffer.from(bodies.subarray(at, at + claim.body));
    at += claim.body;
    return { ...claim, body };
  });
}

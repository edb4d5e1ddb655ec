import type { Claim } from "../store/store.ts";
import { Room, type RoomLimits } from "./room.ts";

/** How much may be held and under way. */
export interface FairQueueLimits extends RoomLimits {
  inFlight: number;
  inFlightPerEndpoint: number;
}

/** Taken entries at the front of a list before it may be cut, which happens once they are half of it: what is copied was taken before. */
const COMPACT_FROM = 16;

/** What waits and runs for one endpoint. */
interface Line {
  endpointId: string;
  /** Those taken leave a hole: an endpoint that always has more would keep the bodies of all that it had. */
  waiting: (Claim | undefined)[];
  /** Where in `waiting` the next one is: taken from the front without moving the rest. */
  head: number;
  inFlight: number;
  /** Whether it stands in the round. */
  inRound: boolean;
}

/**
 * Claims in memory, handed out endpoint by endpoint in turn. An endpoint with many claims or slow answers uses up
 * its own share and no more. No time, no I/O.
 */
export interface FairQueue {
  /** Claims that may still be taken in. */
  room(): number;
  /** Endpoints that have enough, in number or in bytes: no more claims for them now. */
  busy(): ReadonlySet<string>;
  /** Keeps a place for a claim to come, with a body of so many bytes; false when there is none. */
  reserve(endpointId: string, bytes: number): boolean;
  unreserve(endpointId: string, count: number, bytes: number): void;
  /** Takes a claim in. `reserved`: a place was kept for it. */
  add(claim: Claim, reserved: boolean): void;
  /** The next claim to send, now in flight; undefined when none may start. */
  take(): Claim | undefined;
  /** Its attempt ended: another may start. It is held until settled; its body is not. */
  ended(claim: Claim): void;
  /** It is settled, or given back: its place is free. */
  settled(endpointId: string): void;
  /** Takes out everything that has not started, of one endpoint or of all; the places stay held until settled. */
  drain(endpointId?: string): Claim[];
  readonly held: number;
  readonly inFlight: number;
}

export function createFairQueue(limits: FairQueueLimits): FairQueue {
  const lines = new Map<string, Line>();
  /** In number: waiting, in flight, ended but not settled, and reserved. In bytes: the bodies of those not yet ended. */
  const room = new Room(limits);
  let round: Line[] = [];
  let roundHead = 0;
  let inFlight = 0;

  function lineOf(endpointId: string): Line {
    let line = lines.get(endpointId);
    if (line === undefined) {
      line = { endpointId, waiting: [], head: 0, inFlight: 0, inRound: false };
      lines.set(endpointId, line);
    }
    return line;
  }

  function hold(endpointId: string, change: number, bytes: number): void {
    if (room.change(endpointId, change, bytes) === 0) lines.delete(endpointId);
  }

  function join(line: Line): void {
    if (line.inRound || line.head === line.waiting.length || line.inFlight >= limits.inFlightPerEndpoint) return;
    line.inRound = true;
    round.push(line);
  }

  return {
    room: () => room.left,
    busy: () => room.busy,
    reserve: (endpointId, bytes) => room.reserve(endpointId, bytes),
    unreserve: (endpointId, count, bytes) => hold(endpointId, -count, -bytes),
    add(claim, reserved) {
      const line = lineOf(claim.endpoint.id);
      line.waiting.push(claim);
      if (!reserved) room.change(line.endpointId, 1, claim.body.length);
      join(line);
    },
    take() {
      if (inFlight >= limits.inFlight || roundHead === round.length) return undefined;
      const line = round[roundHead++] as Line;
      if (isToCut(roundHead, round.length)) {
        round = round.slice(roundHead);
        roundHead = 0;
      }
      line.inRound = false;
      const claim = line.waiting[line.head] as Claim;
      line.waiting[line.head++] = undefined;
      if (isToCut(line.head, line.waiting.length)) {
        line.waiting = line.waiting.slice(line.head);
        line.head = 0;
      }
      line.inFlight++;
      inFlight++;
      join(line);
      return claim;
    },
    ended({ endpoint, body }) {
      const line = lineOf(endpoint.id);
      line.inFlight--;
      inFlight--;
      room.change(endpoint.id, 0, -body.length);
      join(line);
    },
    settled: (endpointId) => hold(endpointId, -1, 0),
    drain(endpointId) {
      const unsent: Claim[] = [];
      for (const line of lines.values()) {
        if (endpointId !== undefined && line.endpointId !== endpointId) continue;
        for (let at = line.head; at < line.waiting.length; at++) {
          const claim = line.waiting[at] as Claim;
          unsent.push(claim);
          room.change(line.endpointId, 0, -claim.body.length);
        }
        line.waiting = [];
        line.head = 0;
        line.inRound = false;
      }
      round = round.slice(roundHead).filter((line) => line.inRound);
      roundHead = 0;
      return unsent;
    },
    get held() {
      return room.held;
    },
    get inFlight() {
      return inFlight;
    },
  };
}

function isToCut(head: number, length: number): boolean {
  return head === length || (head >= COMPACT_FROM && head * 2 >= length);
}

import type { Server } from "node:http";
import { Socket } from "node:net";
import { addressGroup, type ClientAddresses } from "../api/client-address.ts";
import type { Clock } from "../clock/clock.ts";
import type { Limits } from "../limits.ts";
import { createCrowd, type Work } from "./crowd.ts";
import type { Log } from "./request-log.ts";

interface Parts {
  limits: Limits;
  clients: ClientAddresses;
  clock: Clock;
  log: Log;
}

/** The address that all connections of a Unix socket count under. */
const UNIX_SOCKET = "unix";

/** The connections of a server, which may listen on several addresses at once. */
export interface Connections {
  /**
   * Applies the rules to new connections of `server`. Call it before it listens. `local`: on a Unix socket, which has
   * no client addresses.
   */
  watch(server: Server, local: boolean): void;
  /** Requests of the TCP connection `below` come through `secured`. */
  carries(secured: Socket, below: Socket): void;
  /**
   * A request has arrived. The server works on it until its answer is written. Null for a connection that is not
   * watched.
   */
  begin(socket: Socket): Work | null;
  /** An answer waits for the client to read it, within a time limit. */
  waitForTaking(socket: Socket): void;
}

/**
 * Admits connections by the rules of `crowd.ts` before anything is read from them. A refused or evicted connection is
 * closed without an answer. The log says how many, at most once in `limits.crowdToldMs`.
 */
export function watchConnections({ limits, clients, clock, log }: Parts): Connections {
  const crowd = createCrowd<Socket>({
    connections: limits.apiConnections,
    perAddress: limits.apiConnectionsPerAddress,
    reserved: limits.apiConnectionsReserved,
  });
  /** The TCP connections below TLS. */
  const below = new WeakMap<Socket, Socket>();
  const counted = { refused: 0, evicted: 0 };
  let toldAt = Number.NEGATIVE_INFINITY;

  function count(what: keyof typeof counted, address: string): void {
    counted[what]++;
    const now = clock.wallNow();
    // A clock that was set back must not silence the line.
    if (now >= toldAt && now - toldAt < limits.crowdToldMs) return;
    log.warn({ code: "connections.crowded", ...counted, address }, "too many connections; some were closed");
    toldAt = now;
    counted.refused = 0;
    counted.evicted = 0;
  }

  function arrive(socket: Socket, local: boolean): void {
    const remoteAddress = local ? UNIX_SOCKET : socket.remoteAddress;
    if (remoteAddress === undefined) {
      socket.destroy();
      return;
    }
    const { admitted, evicted } = crowd.admit(
      socket,
      local ? remoteAddress : addressGroup(remoteAddress),
      !local && clients.isProxy(remoteAddress),
    );
    if (evicted !== null) {
      count("evicted", evicted.remoteAddress ?? "");
      evicted.destroy();
    }
    if (admitted) socket.once("close", () => crowd.leave(socket));
    else {
      count("refused", remoteAddress);
      socket.destroy();
    }
  }

  return {
    carries: (secured, socket) => void below.set(secured, socket),
    begin: (socket) => crowd.begin(below.get(socket) ?? socket),
    waitForTaking(socket) {
      // Node sets another timeout after the answer. The sockets of Fastify's `inject` have none.
      if (socket instanceof Socket) socket.setTimeout(limits.answerTimeoutMs);
    },
    // Added before Node's own listener, which makes a parser for the socket.
    watch: (server, local) => void server.prependListener("connection", (socket: Socket) => arrive(socket, local)),
  };
}

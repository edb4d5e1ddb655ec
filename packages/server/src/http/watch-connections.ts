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

/** What all connections of a Unix socket have for an address. */
const UNIX_SOCKET = "unix";

/** The connections of a server, which may listen on several addresses at once. */
export interface Connections {
  /** Lets no connection of `server` in but by the rules. To be called before it listens. `local`: on a Unix socket, where nobody has an address. */
  watch(server: Server, local: boolean): void;
  /** A request has arrived whole: the server works on it until its answer is written. Null for a connection that is not watched. */
  begin(socket: Socket): Work | null;
  /** An answer waits to be taken: it has to be in time. */
  waitForTaking(socket: Socket): void;
}

/**
 * Lets connections in by the rules of `crowd.ts`, before anything is read of them. One that is not let in, or has to go for
 * another, is closed without an answer; the log tells how many, once in `limits.crowdToldMs` at most.
 */
export function watchConnections({ limits, clients, clock, log }: Parts): Connections {
  const crowd = createCrowd<Socket>({
    connections: limits.apiConnections,
    perAddress: limits.apiConnectionsPerAddress,
    reserved: limits.apiConnectionsReserved,
  });
  const counted = { refused: 0, evicted: 0 };
  let toldAt = Number.NEGATIVE_INFINITY;

  function count(what: keyof typeof counted, address: string): void {
    counted[what]++;
    const now = clock.wallNow();
    // A clock that was put back does not silence it.
    if (now >= toldAt && now - toldAt < limits.crowdToldMs) return;
    log.warn({ ...counted, address }, "too many connections; some were closed");
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
    begin: crowd.begin,
    waitForTaking(socket) {
      // Node sets another time when the answer is out. What Fastify's `inject` has for a socket knows none.
      if (socket instanceof Socket) socket.setTimeout(limits.answerTimeoutMs);
    },
    // Before Node's own listener, which makes a parser for the socket.
    watch: (server, local) => void server.prependListener("connection", (socket: Socket) => arrive(socket, local)),
  };
}

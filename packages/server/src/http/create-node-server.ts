import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { ApiError } from "@carabiner/protocol";
import type { Limits } from "../limits.ts";
import { connectionError, refuseConnection } from "./refuse-connection.ts";
import type { Connections } from "./watch-connections.ts";

export interface NodeServerOptions {
  limits: Limits;
  connections: Connections;
  newRequestId(): string;
  /** Whether it listens on a Unix socket. */
  local: boolean;
  /** Takes what asks for another protocol; null answers all of that as the requests that they are as well. */
  upgrades: Upgrades | null;
  /** The refusal of a request for another protocol whose address has asked too much; null otherwise. */
  refusalForUpgrade(request: IncomingMessage): ApiError | null;
  /** Told of bytes that never became a request and were refused. */
  onRefused(refusal: ApiError, requestId: string): void;
}

/** Whoever takes connections over from HTTP. */
export interface Upgrades {
  isFor(request: IncomingMessage): boolean;
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** Node's server below Fastify, with the limits on what a client may take its time for. Fastify makes one for each address it listens on. */
export function createNodeServer(
  handler: RequestListener,
  { limits, connections, newRequestId, local, upgrades, refusalForUpgrade, onRefused }: NodeServerOptions,
): Server {
  const headTimeoutMs = Math.min(limits.requestHeadTimeoutMs, limits.requestTimeoutMs);
  const server = createServer(
    {
      maxHeaderSize: limits.requestHeaderBytes,
      // Node counts from the start of a connection, and again from the first byte of each further request.
      headersTimeout: headTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      // How often Node looks for requests that take too long.
      connectionsCheckingInterval: Math.ceil(headTimeoutMs / 4),
      keepAliveTimeout: limits.keepAliveMs,
      // All others are answered as if they did not ask.
      shouldUpgradeCallback: (request) => upgrades?.isFor(request) === true,
    },
    handler,
  );
  if (upgrades !== null)
    server.on("upgrade", (request, socket, head) => {
      // What another protocol has taken over works until it ends: it does not wait for its client to ask.
      const work = socket instanceof Socket ? connections.begin(socket) : null;
      socket.once("close", () => work?.done());
      // Before Node 24.9 nobody asks `isFor`.
      if (!upgrades.isFor(request)) {
        socket.destroy();
        return;
      }
      const refusal = refusalForUpgrade(request);
      if (refusal === null) upgrades.accept(request, socket, head);
      else refuse(socket, refusal);
    });
  function refuse(socket: Duplex, refusal: ApiError): void {
    const requestId = newRequestId();
    // Whoever is at the other end may be gone at any time.
    socket.on("error", () => socket.destroy());
    refuseConnection(socket, refusal, requestId);
    onRefused(refusal, requestId);
  }

  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => {
    if (error.code === "ECONNRESET" || socket.destroyed) return;
    // Nothing was asked: browsers open connections that they may need, and a crowd does so in numbers.
    if (error.code === "ERR_HTTP_REQUEST_TIMEOUT" && socket.bytesRead === 0) {
      socket.destroy();
      return;
    }
    const requestId = newRequestId();
    const refusal = connectionError(error.code, limits);
    refuseConnection(socket, refusal, requestId);
    onRefused(refusal, requestId);
  });
  connections.watch(server, local);
  return server;
}

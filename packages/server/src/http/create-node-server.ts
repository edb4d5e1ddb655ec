import type { IncomingMessage, RequestListener, Server, ServerOptions } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type ApiError, apiError } from "@carabiner/protocol";
import type { Limits } from "../limits.ts";
import type { WatchedCertificate } from "./certificate.ts";
import { inTurn } from "./in-turn.ts";
import { connectionError, refuseConnection } from "./refuse-connection.ts";
import { createSecuredServer } from "./secured-server.ts";
import type { Connections } from "./watch-connections.ts";

const { createServer } = process.getBuiltinModule("node:http");

export interface NodeServerOptions {
  limits: Limits;
  connections: Connections;
  newRequestId(): string;
  /** Whether it listens on a Unix socket. */
  local: boolean;
  /** The certificate to speak TLS with; null for plain HTTP. */
  certificate: WatchedCertificate | null;
  /** Takes over requests for another protocol; null answers them as ordinary requests. */
  upgrades: Upgrades | null;
  /** The refusal of a request for another protocol from an address that is over its limit; null otherwise. */
  refusalForUpgrade(request: IncomingMessage): ApiError | null;
  /** Called when bytes that never became a request are refused. */
  onRefused(refusal: ApiError, requestId: string): void;
}

/** Codes of a handshake that failed. */
const TLS_ERROR = /^(?:ERR_SSL_|ERR_TLS_|EPROTO$)/;

/** Takes connections over from HTTP. */
export interface Upgrades {
  isFor(request: IncomingMessage): boolean;
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/**
 * Node's server below Fastify, with the limits on slow clients. Fastify makes one for each address that it listens on.
 */
export function createNodeServer(
  handler: RequestListener,
  { limits, connections, newRequestId, local, certificate, upgrades, refusalForUpgrade, onRefused }: NodeServerOptions,
): Server {
  const headTimeoutMs = Math.min(limits.requestHeadTimeoutMs, limits.requestTimeoutMs);
  const options: ServerOptions = {
    maxHeaderSize: limits.requestHeaderBytes,
    // Node counts from the start of a connection, then from the first byte of each further request.
    headersTimeout: headTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    // How often Node looks for requests that are too slow.
    connectionsCheckingInterval: Math.ceil(headTimeoutMs / 4),
    keepAliveTimeout: limits.keepAliveMs,
    // All others are answered like requests without an upgrade.
    shouldUpgradeCallback: (request) => upgrades?.isFor(request) === true,
  };
  const { listener, onceAnswered } = inTurn(handler, limits.requestsPipelined, (socket) => {
    // There is no room for a refusal behind the answer under way.
    socket.destroy();
    onRefused(apiError("request_malformed", { reason: `more than ${limits.requestsPipelined} wait on its connection` }), newRequestId());
  });
  const server: Server =
    certificate === null ? createServer(options, listener) : createSecuredServer(options, listener, certificate, connections.carries);
  if (upgrades !== null)
    server.on("upgrade", (request, socket, head) => {
      // A connection that another protocol has taken over counts as working until it ends.
      const work = socket instanceof Socket ? connections.begin(socket) : null;
      socket.once("close", () => work?.done());
      // Node before 24.9 does not call `isFor`.
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
    // The client may go away at any time.
    socket.on("error", () => socket.destroy());
    refuseConnection(socket, refusal, requestId);
    onRefused(refusal, requestId);
  }

  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => {
    if (error.code === "ECONNRESET" || socket.destroyed) return;
    // Without TLS there is no way to answer.
    if (certificate !== null && TLS_ERROR.test(error.code ?? "")) {
      socket.destroy();
      return;
    }
    // The client sent nothing. Browsers open connections before they need them, and a crowd opens many.
    if (error.code === "ERR_HTTP_REQUEST_TIMEOUT" && socket.bytesRead === 0) {
      socket.destroy();
      return;
    }
    // Requests before it have been made: a refusal in the place of their answers would deny that.
    onceAnswered(socket, () => {
      const requestId = newRequestId();
      const refusal = connectionError(error.code, limits);
      refuseConnection(socket, refusal, requestId);
      onRefused(refusal, requestId);
    });
  });
  connections.watch(server, local);
  return server;
}

import type { RequestListener, ServerOptions } from "node:http";
import { createServer, type Server } from "node:https";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { WatchedCertificate } from "./certificate.ts";

/**
 * An HTTPS server. On each new connection it checks whether its certificate has changed, so that it uses a renewed one
 * without a restart. `onSecured` is called with each TLS socket and the TCP socket below it.
 */
export function createSecuredServer(
  options: ServerOptions,
  handler: RequestListener,
  certificate: WatchedCertificate,
  onSecured: (secured: TLSSocket, below: Socket) => void,
): Server {
  let used = certificate.current();
  const server = createServer({ ...options, ...used, minVersion: "TLSv1.2" }, handler);
  /** TCP sockets by the client's address and port, which no two open connections share. */
  const below = new Map<string, Socket>();
  server.prependListener("connection", (socket: Socket) => {
    const current = certificate.current();
    if (current !== used) server.setSecureContext({ ...current, minVersion: "TLSv1.2" });
    used = current;
    const place = placeOf(socket);
    below.set(place, socket);
    socket.once("close", () => {
      if (below.get(place) === socket) below.delete(place);
    });
  });
  server.prependListener("secureConnection", (secured: TLSSocket) => {
    const socket = below.get(placeOf(secured));
    if (socket !== undefined) onSecured(secured, socket);
  });
  return server;
}

function placeOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { rmSync, statSync } from "node:fs";
import type { RequestListener, Server } from "node:http";
import type { FastifyInstance } from "fastify";

/** The error codes for an address that the machine does not have, such as an IPv6 address where IPv6 is off. */
const NO_SUCH_ADDRESS: ReadonlySet<string> = new Set(["EADDRNOTAVAIL", "EAFNOSUPPORT", "ENETUNREACH"]);

/**
 * Makes a server listen, for `localhost` on all of its addresses. `nodeServer` makes the servers for the other
 * addresses; all of them close together. Returns the port. Rejects when it cannot listen on one of them, because
 * another program would then answer there.
 */
export async function listen(
  app: FastifyInstance,
  nodeServer: (handler: RequestListener) => Server,
  host: string,
  port: number,
): Promise<number> {
  await app.listen({ host, port });
  const bound = app.server.address();
  if (bound === null || typeof bound === "string") throw new Error("the server listens on no port");
  const others = host === "localhost" ? await lookup(host, { all: true }) : [];
  for (const { address } of others) {
    if (address === bound.address) continue;
    const server = nodeServer((request, response) => void app.server.emit("request", request, response));
    app.server.once("close", () => server.close());
    try {
      await once(server.listen(bound.port, address), "listening");
    } catch (error) {
      server.close();
      // A machine may have the name without the address. A port that the system chose may be in use at the other
      // addresses.
      const { code = "" } = error as NodeJS.ErrnoException;
      if (!NO_SUCH_ADDRESS.has(code) && !(code === "EADDRINUSE" && port === 0)) throw error;
    }
  }
  return bound.port;
}

/** Only the owner may connect to the Unix socket. */
const OWNER_ALONE = 0o600;

/**
 * Makes a server also listen on a Unix socket that only this user may open. Replaces a socket file that an earlier
 * process left. Closing the returned server removes the file. Rejects when it cannot listen on the path.
 */
export async function listenLocally(app: FastifyInstance, nodeServer: (handler: RequestListener) => Server, path: string): Promise<Server> {
  if (statSync(path, { throwIfNoEntry: false })?.isSocket() === true) rmSync(path);
  const server = nodeServer((request, response) => void app.server.emit("request", request, response));
  const listening = once(server, "listening");
  // The file is created with these permissions, so it is never open to others.
  const before = process.umask(0o777 & ~OWNER_ALONE);
  try {
    server.listen(path);
  } finally {
    process.umask(before);
  }
  await listening;
  return server;
}

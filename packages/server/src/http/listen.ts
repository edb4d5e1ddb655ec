import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { rmSync, statSync } from "node:fs";
import type { RequestListener, Server } from "node:http";
import type { FastifyInstance } from "fastify";

/**
 * Has a server listen, for `localhost` on all of its addresses: `nodeServer` makes what listens on the others, and all of
 * them close together. Returns the port. Rejects when the first address cannot be listened on.
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
    // A machine may have the name without the address.
    await once(server.listen(bound.port, address), "listening").catch(() => server.close());
  }
  return bound.port;
}

/** What may be done with a Unix socket: its owner may speak to it. */
const OWNER_ALONE = 0o600;

/**
 * Has a server listen on a Unix socket as well, which this user alone may open. The file of one that an earlier process left
 * is replaced; it goes when the server that is returned closes. Rejects when the path cannot be listened on.
 */
export async function listenLocally(app: FastifyInstance, nodeServer: (handler: RequestListener) => Server, path: string): Promise<Server> {
  if (statSync(path, { throwIfNoEntry: false })?.isSocket() === true) rmSync(path);
  const server = nodeServer((request, response) => void app.server.emit("request", request, response));
  const listening = once(server, "listening");
  // The file is made at once, by nobody's leave but the owner's.
  const before = process.umask(0o777 & ~OWNER_ALONE);
  try {
    server.listen(path);
  } finally {
    process.umask(before);
  }
  await listening;
  return server;
}

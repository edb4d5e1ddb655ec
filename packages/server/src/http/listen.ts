import { lookup } from "node:dns/promises";
import { once } from "node:events";
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

import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { existsSync, rmSync, statSync } from "node:fs";
import type { RequestListener, Server } from "node:http";
import { dirname } from "node:path";
import type { FastifyInstance } from "fastify";
import { fileFault } from "../file-fault.ts";
import { socketFault } from "./listen-on-socket.ts";

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

/** A server cannot listen on a Unix socket. */
class UnusableSocket extends Error {
  override readonly name = "UnusableSocket";
}

/**
 * Makes a server also listen on a Unix socket that only this user may open. Replaces a socket file that an earlier
 * process left. Closing the returned server removes the file. Rejects with `UnusableSocket` when it cannot listen on
 * the path.
 */
export async function listenLocally(app: FastifyInstance, nodeServer: (handler: RequestListener) => Server, path: string): Promise<Server> {
  const fault = socketFault(path);
  if (fault !== null) throw new UnusableSocket(unusable(path, fault));
  // Missing folders are reported as if they were forbidden.
  if (!existsSync(dirname(path))) throw new UnusableSocket(unusable(path, `there is no folder ${dirname(path)} that this user can see`));
  try {
    return await listenAt(app, nodeServer, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    throw new UnusableSocket(unusable(path, fileFault(error)), { cause: error });
  }
}

const unusable = (path: string, why: string): string => `The socket ${path} cannot be used: ${why}.`;

async function listenAt(app: FastifyInstance, nodeServer: (handler: RequestListener) => Server, path: string): Promise<Server> {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isSocket() === true) rmSync(path);
  else if (found !== undefined) throw new UnusableSocket(unusable(path, "there is something else by this name"));
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

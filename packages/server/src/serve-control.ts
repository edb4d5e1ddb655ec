import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import type { OperatorOptions } from "./api/run-operator-call.ts";
import { operatorCalls } from "./console/operator-calls.ts";
import { createControlServer } from "./http/control-server.ts";
import { listenOnSocket, socketFault } from "./http/listen-on-socket.ts";
import { addOperatorRoutes, type OperatorRoutesOptions } from "./http/operator-routes.ts";
import { makeBackup } from "./make-backup.ts";

/** The parts that the operator's calls work with. */
export type ControlParts = Omit<OperatorOptions, "backUp"> & { by: string; log: Logger; mark: string | null };

/** The operator's calls on these parts, not yet listening anywhere. */
export function controlServer({
  store,
  clock,
  ids,
  limits,
  keysFrom,
  by,
  log,
  mark,
}: ControlParts): ReturnType<typeof createControlServer> {
  const parts = { store, clock, ids, limits, keysFrom, by, log, mark };
  return createControlServer({ ...parts, calls: operatorCalls, backUp: (file) => makeBackup(store, file) });
}

/** Adds the operator's calls to the API's server, for operators with a key. */
export function addOperatorApi(app: FastifyInstance, parts: Omit<OperatorRoutesOptions, "calls" | "backUp">): void {
  addOperatorRoutes(app, { ...parts, calls: operatorCalls, backUp: (file) => makeBackup(parts.store, file) });
}

/**
 * Serves the operator's calls on a socket that only its owner can use. When it cannot make the socket, the log says why
 * and the server runs without it. Returns a function that closes it.
 */
export async function serveControl(socket: string | undefined, parts: ControlParts): Promise<() => Promise<void>> {
  if (socket === undefined) return async () => undefined;
  const app = controlServer(parts);
  const fault = socketFault(socket) ?? (await listenOnSocket(app, socket));
  if (fault !== null)
    parts.log.warn(
      { code: "control_socket.missing", socket },
      `no control socket: ${fault}; commands such as "platforms create" and "backup" need this server stopped`,
    );
  // Closing the server that listens on the socket removes it.
  return () => app.close();
}

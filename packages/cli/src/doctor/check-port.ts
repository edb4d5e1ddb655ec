import { once } from "node:events";
import { createServer } from "node:net";
import { askLivez } from "./ask-livez.ts";
import { type Finding, fine } from "./finding.ts";

/**
 * The servers that run on this data, by their marks in `/livez`; null for a server of an earlier version, which has no
 * mark.
 */
export type RunningServers = readonly (string | null)[];

/**
 * Whether a server could listen on a port. The port may be in use by a server that runs on this data; other programs
 * are in the way. `flags`: the flags that set the port and its host.
 */
export async function checkPort(
  { host, port }: { host: string; port: number },
  running: RunningServers,
  [check, flags]: readonly [check: string, flags: readonly [port: string, host: string]] = ["port", ["--port", "--host"]],
): Promise<Finding> {
  const place = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const server = createServer();
  try {
    server.listen({ host, port, exclusive: true });
    await once(server, "listening");
    return fine(check, `${place} is free`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    if (code === "EADDRINUSE") return taken(check, { host, port, place }, running, flags);
    const advice =
      code === "EACCES"
        ? `Ports below 1024 need special rights. Take another with ${flags[0]}.`
        : `Take another with ${flags.join(" or ")}.`;
    return { check, status: "failed", found: `${place} cannot be used: ${code}`, advice };
  } finally {
    server.close();
  }
}

/** Whether the program that has a port is a server on this data. */
async function taken(
  check: string,
  { host, port, place }: { host: string; port: number; place: string },
  running: RunningServers,
  flags: readonly string[],
): Promise<Finding> {
  const found = await askLivez({ host: REACHED_AT.get(host) ?? host, port });
  if (found !== null && found.mark !== null && running.includes(found.mark)) return fine(check, `a server on this data uses ${place}`);
  const advice = `Take another with ${flags.join(" or ")}.`;
  // A server without a mark may be the one that runs on this data.
  if (found !== null && found.mark === null && running.length > 0)
    return {
      check,
      status: "warning",
      found: `${place} is in use by a server of an earlier version, which may be the one that runs on this data`,
      advice: `If it is another, take another port with ${flags.join(" or ")}.`,
    };
  const who = found === null ? "another program" : "another Carabiner server";
  return { check, status: "failed", found: `${place} is in use by ${who}`, advice };
}

/** Where a server that listens on every address is reached. */
const REACHED_AT: ReadonlyMap<string, string> = new Map([
  ["0.0.0.0", "127.0.0.1"],
  ["::", "::1"],
]);

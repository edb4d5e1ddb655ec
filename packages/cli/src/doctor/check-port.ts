import { once } from "node:events";
import { createServer } from "node:net";
import { type Finding, fine } from "./finding.ts";

/**
 * Whether a server could listen on a port. `running`: a server runs on this data and on this machine, and
 * may be what uses it. `flags`: the flags that set the port and its host.
 */
export async function checkPort(
  { host, port }: { host: string; port: number },
  running: boolean,
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
    if (code === "EADDRINUSE" && running) return fine(check, `${place} is in use, and a server runs on this data`);
    const found = code === "EADDRINUSE" ? `${place} is in use` : `${place} cannot be used: ${code}`;
    const advice =
      code === "EACCES"
        ? `Ports below 1024 need special rights. Take another with ${flags[0]}.`
        : `Take another with ${flags.join(" or ")}.`;
    return { check, status: "failed", found, advice };
  } finally {
    server.close();
  }
}

import { once } from "node:events";
import { createServer } from "node:net";
import { type Finding, fine } from "./finding.ts";

/**
 * Whether a server could listen on a port. `running`: a server runs on this data, and may be what uses it.
 */
export async function checkPort(host: string, port: number, running: boolean): Promise<Finding> {
  const place = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const server = createServer();
  try {
    server.listen({ host, port, exclusive: true });
    await once(server, "listening");
    return fine("port", `${place} is free`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    if (code === "EADDRINUSE" && running) return fine("port", `${place} is in use, and a server runs on this data`);
    const found = code === "EADDRINUSE" ? `${place} is in use` : `${place} cannot be used: ${code}`;
    const advice =
      code === "EACCES" ? "Ports below 1024 need special rights. Take another with --port." : "Take another with --port or --host.";
    return { check: "port", status: "failed", found, advice };
  } finally {
    server.close();
  }
}

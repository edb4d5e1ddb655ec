import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Limits } from "../limits.ts";
import { alive } from "./probes.ts";

const { createServer } = process.getBuiltinModule("node:http");

export interface MetricsServerOptions {
  host: string;
  port: number;
  limits: Pick<Limits, "requestHeaderBytes" | "requestHeadTimeoutMs" | "metricsConnections">;
  /** This server's mark, which `/livez` shows. */
  mark: string;
  /** The metrics as they are now. */
  text(): Promise<string>;
  contentType: string;
  /** Called when making the metrics fails, which is a bug. */
  onBug(error: unknown): void;
}

/**
 * Serves `GET /metrics` on a separate address that only Prometheus needs to reach, because metrics reveal what tenants
 * do and require no key. Rejects when it cannot listen on the address.
 */
export async function startMetricsServer({ host, port, limits, mark, text, contentType, onBug }: MetricsServerOptions) {
  const server = createServer(
    { maxHeaderSize: limits.requestHeaderBytes, headersTimeout: limits.requestHeadTimeoutMs, requestTimeout: limits.requestHeadTimeoutMs },
    (request, response) => {
      const path = request.url?.split("?", 1)[0];
      if (path === "/livez" && request.method === "GET")
        end(response.setHeader("content-type", "application/json"), 200, JSON.stringify(alive(mark)));
      else if (path !== "/metrics") end(response, 404, "The metrics are at /metrics.\n");
      else if (request.method !== "GET" && request.method !== "HEAD") end(response.setHeader("allow", "GET, HEAD"), 405, "Use GET.\n");
      else
        text().then(
          (body) => end(response.setHeader("content-type", contentType), 200, body),
          (error: unknown) => {
            end(response, 500, "The metrics cannot be told.\n");
            onBug(error);
          },
        );
    },
  );
  server.maxConnections = limits.metricsConnections;
  await once(server.listen(port, host), "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function end(response: ServerResponse, status: number, body: string): void {
  if (!response.hasHeader("content-type")) response.setHeader("content-type", "text/plain; charset=utf-8");
  response.writeHead(status).end(body);
}

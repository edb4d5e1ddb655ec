import type { FastifyContextConfig } from "fastify";
import { type CallRoute, FOUND, type ServerRequest } from "./request-state.ts";
import type { FoundRoute, RouteTable } from "./route-table.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** The calls below a wildcard. */
    calls?: RouteTable<CallRoute>;
  }
}

/** The call that a request makes, looked up once; null when it makes none. */
export function callOf(request: ServerRequest): FoundRoute<CallRoute> | null {
  request[FOUND] ??= callsOf(request)?.find(request.method, request.url) ?? null;
  return request[FOUND];
}

/** The pattern of the route that a request matched, `/v1/accounts/:account`; undefined when it matched none. */
export function routeOf(request: ServerRequest): string | undefined {
  const found = callOf(request);
  if (found !== null) return found.route.path;
  return callsOf(request) === undefined ? request.routeOptions.url : undefined;
}

/** The table behind the wildcard that a request matched. */
function callsOf({ routeOptions }: ServerRequest): RouteTable<CallRoute> | undefined {
  // Fastify could not route a request without a configuration.
  const config: FastifyContextConfig | undefined = routeOptions.config;
  return config?.calls;
}

import Fastify, { type FastifyInstance, type HTTPMethods } from "fastify";
import { expect, test } from "vitest";
import { createRouteTable } from "./route-table.ts";

interface Route {
  method: HTTPMethods;
  path: string;
}

const ROUTES: readonly Route[] = [
  { method: "GET", path: "/v1/accounts" },
  { method: "POST", path: "/v1/accounts" },
  { method: "GET", path: "/v1/accounts/search" },
  { method: "GET", path: "/v1/accounts/:account" },
  { method: "POST", path: "/v1/accounts/:account/reject" },
  { method: "GET", path: "/v1/accounts/:account/persons/:person" },
  { method: "DELETE", path: "/v1/accounts/:account/persons/:id" },
  { method: "GET", path: "/v1/account_links" },
  // A word and a name lead to different routes further down.
  { method: "GET", path: "/v1/things/new/parts" },
  { method: "GET", path: "/v1/things/:thing/parts/:part" },
];

/** What Fastify's own router finds. */
function ownRouter(): FastifyInstance {
  const app = Fastify({ exposeHeadRoutes: false });
  for (const { method, path } of ROUTES) app.route({ method, url: path, handler: async ({ params }) => ({ path, named: params }) });
  return app;
}

/** The same routes in a table, behind a wildcard of Fastify's. */
function behindWildcard(): FastifyInstance {
  const app = Fastify({ exposeHeadRoutes: false });
  const table = createRouteTable<Route>();
  for (const route of ROUTES) table.add(route);
  app.route({
    method: ["GET", "POST", "DELETE"],
    url: "/v1/*",
    async handler({ method, url }, reply) {
      const found = table.find(method, url);
      return found === null ? reply.callNotFound() : { path: found.route.path, named: found.named };
    },
  });
  return app;
}

const PIECES = [
  "accounts",
  "search",
  "persons",
  "things",
  "new",
  "parts",
  "reject",
  "acct_1",
  "",
  "%61ccounts",
  "a%2Fb",
  "%25",
  "%2",
  "%E4%B8%AD",
];
const ENDS = ["", "/", "?limit=1", "?a=/b%zz", "#there", "/?x", ";a", "%3F", "%00"];
const BEGINNINGS = ["/v1/", "/%76%31/", "/v2/", "http://host:80/v1/", "//v1/"];

/** Half of these are those of routes, the others have up to five pieces. They are the same each time. */
function urls(): string[] {
  let state = 1;
  const one = (from: readonly string[]): string => {
    state = (state * 48_271) % 2_147_483_647;
    return from[state % from.length] as string;
  };
  return Array.from({ length: 600 }, (_, n) => {
    const ofRoute = one(ROUTES.map(({ path }) => path)).replace(/:\w+/g, () => one(PIECES));
    if (n % 2 === 0) return ofRoute + (n % 6 === 0 ? one(ENDS) : "");
    return one(BEGINNINGS) + Array.from({ length: 1 + (n % 5) }, () => one(PIECES)).join("/") + one(ENDS);
  });
}

test("finds what Fastify's router finds, with the same values", async () => {
  const [own, ours] = [ownRouter(), behindWildcard()];
  const found = new Set<string>();
  for (const [n, url] of urls().entries()) {
    const method = (["GET", "POST", "DELETE", "PUT"] as const)[n % 17 === 0 ? 3 : n % 3] as "GET";
    const expected = await own.inject({ method, url });
    const got = await ours.inject({ method, url });
    expect({ method, url, status: got.statusCode, body: got.statusCode === 200 ? got.json() : null }).toEqual({
      ...{ method, url, status: expected.statusCode },
      body: expected.statusCode === 200 ? expected.json() : null,
    });
    found.add(expected.statusCode === 200 ? expected.json().path : expected.statusCode);
  }
  // All routes, unknown and invalid URLs.
  expect(found.size).toBe(new Set(ROUTES.map(({ path }) => path)).size + 2);
});

test("a second route with one method and path is refused", () => {
  const table = createRouteTable<Route>();
  for (const route of ROUTES) table.add(route);
  expect(() => table.add({ method: "DELETE", path: "/v1/accounts/:account/persons/:person" })).toThrow(
    "there are two routes for DELETE /v1/accounts/:account/persons/:person",
  );
});

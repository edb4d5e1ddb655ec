import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import pg from "pg";
import { eachStore } from "../each-store.ts";
import type { Row, RowContext, RowResult } from "../row.ts";
import { type Kind, type Node, World } from "../world.ts";

/** A word that does not occur anywhere by chance. */
const word = (name: string): string => `canary${name}${"z".repeat(12)}`;

/** Secrets in any part of a request; none of them may turn up anywhere. */
const PLANTED: readonly { name: string; plant(ask: Ask): Promise<unknown> }[] = [
  {
    name: "endpointurl",
    plant: (ask) =>
      ask("POST", "/v1/webhook_endpoints", { url: `http://127.0.0.1:1/?token=${word("endpointurl")}`, "enabled_events[]": "*" }),
  },
  { name: "wrongkey", plant: (ask) => ask("GET", "/v1/customers", {}, { authorization: `Bearer sk_test_${word("wrongkey")}` }) },
  { name: "query", plant: (ask) => ask("GET", `/v1/customers?${word("query")}=1`) },
  { name: "path", plant: (ask) => ask("GET", `/v1/${word("path")}`) },
  { name: "pagelink", plant: (ask) => ask("GET", `/setup/${word("pagelink")}`) },
  { name: "pagelinkcase", plant: (ask) => ask("GET", `/SETUP/${word("pagelinkcase")}`) },
  { name: "pagelinkmethod", plant: (ask) => ask("DELETE", `/setup/${word("pagelinkmethod")}`) },
  { name: "cookie", plant: (ask) => ask("GET", "/setup/none", {}, { cookie: `carabiner_page=${word("cookie")}` }) },
  { name: "form", plant: (ask) => ask("POST", "/v1/customers", { [word("form")]: "1" }) },
  { name: "code", plant: (ask) => ask("POST", "/oauth/token", { grant_type: "authorization_code", code: `ac_${word("code")}` }) },
];
type Ask = (method: string, path: string, form?: Record<string, string>, headers?: Record<string, string>) => Promise<unknown>;

/**
 * Secrets are given and created in every way, and searched for in the store's files, in every table, and in the log.
 */
export const canaries: Row = {
  number: 27,
  name: "secrets at rest and in the log",
  run: (context) => eachStore(context, (kind) => plant(kind, context)),
};

async function plant(kind: Kind, context: RowContext): Promise<RowResult> {
  const world = await World.create(kind, context);
  const logFile = `${world.arrivalsFile}.log`;
  try {
    const node = await world.startNode({ log: "debug" }, ["bash", "-c", `exec "$@" >>"${logFile}" 2>&1`, "logged"]);
    const ask: Ask = (method, path, form, headers) => world.call(node, method, path, form, headers).catch(() => undefined);
    for (const { plant: one } of PLANTED) await one(ask);
    const made = await madeHere(world, node);
    const secrets = new Map([...PLANTED.map(({ name }) => [name, word(name)] as const), ...Object.entries(made)]);
    await world.settled(node).catch(() => undefined);
    // The files in the state at a power failure, including the log of changes.
    await world.endNode(node, "SIGKILL");

    const places = await placesOf(world, kind, logFile);
    const breaches: string[] = [];
    for (const [place, content] of places)
      for (const [name, secret] of secrets) if (content.includes(secret)) breaches.push(`${name} is in ${place}`);
    const log = places.get("the log");
    if (log === undefined || log.length === 0) breaches.push("nothing was logged: this shows nothing");
    return { breaches, figures: { secrets: secrets.size, placesScanned: places.size } };
  } finally {
    await world.close();
  }
}

/** Secrets that the server made, by kind. */
async function madeHere(world: World, node: Node): Promise<Record<string, string>> {
  const endpoint = await world.call<{ id: string; secret: string }>(
    node,
    "POST",
    "/v1/webhook_endpoints",
    { url: "http://127.0.0.1:1/hook", "enabled_events[]": "payout.paid" },
    { "idempotency-key": "with-a-secret" },
  );
  const rolled = await world.call<{ secret: string }>(node, "POST", `/console/webhook_endpoints/${endpoint.body.id}/roll_secret`, {
    expire_after: "3600",
  });
  return {
    "an API key": (world.headers.authorization ?? "").replace("Bearer ", ""),
    "a signing secret": endpoint.body.secret,
    "a rolled signing secret": rolled.body.secret,
  };
}

/** Everything that the server left behind: the store's files or tables, and the log. */
async function placesOf(world: World, kind: Kind, logFile: string): Promise<Map<string, Buffer>> {
  const places = new Map<string, Buffer>([["the log", readFileSync(logFile)]]);
  if (kind === "sqlite") {
    const folder = dirname(world.arrivalsFile);
    for (const name of readdirSync(folder)) if (name.startsWith("carabiner.db")) places.set(name, readFileSync(join(folder, name)));
    return places;
  }
  if (!("url" in world.location)) throw new Error("a world on PostgreSQL has a URL");
  const database = new pg.Client({ connectionString: world.location.url });
  await database.connect();
  try {
    const { rows } = await database.query<{ name: string }>(
      "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
    );
    for (const { name } of rows) places.set(`table ${name}`, await contentOf(database, name));
  } finally {
    await database.end();
  }
  return places;
}

/** Every row as text, with the bytes of its binary columns as characters. */
async function contentOf(database: pg.Client, table: string): Promise<Buffer> {
  const { rows } = await database.query({ text: `SELECT * FROM ${table}`, rowMode: "array" });
  const values = (rows as unknown[][]).flat();
  return Buffer.concat(values.map((value) => (Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value) ?? ""))));
}

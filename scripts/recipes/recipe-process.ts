import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { delimiter, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { ROOT } from "../house/repository-files.ts";

/** How long a recipe may take until it listens. */
const START_MS = 90_000;
const PAUSE_MS = 100;

/** A program of a recipe, started in its folder. */
export class RecipeProcess {
  readonly #child: ChildProcess;
  #output = "";

  /** The recipe's own commands come first, then this repository's: its Node.js, Bun and Deno. */
  constructor(folder: string, command: readonly string[], environment: Readonly<Record<string, string>>) {
    const [name = "", ...given] = command;
    const path = [join(folder, "node_modules/.bin"), join(ROOT, "node_modules/.bin"), process.env.PATH].join(delimiter);
    this.#child = spawn(name, given, {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
      // npm starts other processes, and all of them end together.
      detached: true,
      env: { ...process.env, ...environment, PATH: path, NODE_ENV: "production" },
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream?.on("data", (chunk) => (this.#output += chunk));
    this.#child.on("error", (error) => (this.#output += String(error)));
  }

  /** What it has printed. */
  get output(): string {
    return this.#output;
  }

  get #ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined;
  }

  /** Waits for its end. Throws an error with its output if it failed. */
  async finish(): Promise<void> {
    if (!this.#ended) await once(this.#child, "close");
    if (this.#child.exitCode !== 0) throw new Error(`${this.#child.spawnargs.join(" ")} failed:\n${this.#output}`);
  }

  /** Waits until it accepts connections. */
  async listens(port: number): Promise<void> {
    const end = performance.now() + START_MS;
    while (!(await takesConnections(port))) {
      if (this.#ended || performance.now() > end) throw new Error(`it does not listen:\n${this.#output}`);
      await pause(PAUSE_MS);
    }
  }

  /** Ends it and the processes that it has started. */
  async stop(): Promise<void> {
    if (this.#ended || this.#child.pid === undefined) return;
    const closed = once(this.#child, "close");
    process.kill(-this.#child.pid, "SIGKILL");
    await closed;
  }
}

/** A free port. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** What a marketplace told a merchant. */
export interface Notice {
  account: string;
  what: string;
  detail: string;
  event: string;
}

/** A marketplace in a process of its own, which can be killed and started again. */
export class MarketplaceProgram {
  readonly url: string;
  readonly #port: number;
  readonly #folder: string;
  readonly #database: string;
  #secret = "";
  #process: ChildProcess | null = null;
  readonly #waiting = new Map<string, () => void>();
  /** Lines in which handlers ended. */
  readonly lines: string[] = [];

  private constructor(folder: string, database: string, port: number) {
    this.#folder = folder;
    this.#database = database;
    this.#port = port;
    this.url = `http://127.0.0.1:${port}`;
  }

  /** At a port of its own, which it keeps over restarts. */
  static async at(folder: string, database: string): Promise<MarketplaceProgram> {
    const free = createServer().listen(0, "127.0.0.1");
    await once(free, "listening");
    const { port } = free.address() as AddressInfo;
    free.close();
    await once(free, "close");
    return new MarketplaceProgram(folder, database, port);
  }

  async start(secret: string = this.#secret): Promise<void> {
    this.#secret = secret;
    const child = spawn(process.execPath, [join(import.meta.dirname, this.#folder, "main.ts")], {
      stdio: ["ignore", "pipe", "inherit"],
      env: {
        ...process.env,
        PORT: String(this.#port),
        DATABASE: this.#database,
        WHSEC_CONNECT: secret,
        // The sender's clock is turned by weeks, and the leases of a process that was killed run out soon.
        RECEIVER_LIMITS: JSON.stringify({ toleranceSeconds: 31_536_000, handlerTimeoutMs: 2_000, leaseMarginMs: 200, pollMs: 100 }),
      },
    });
    this.#process = child;
    const listening = Promise.withResolvers<void>();
    child.once("exit", () => listening.reject(new Error(`${this.#folder} ended before it listened`)));
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (line === "listening") listening.resolve();
      else this.lines.push(line);
      for (const [words, heard] of this.#waiting) if (line.includes(words)) heard();
    });
    await listening.promise;
  }

  /** Resolves when a line has these words. */
  says(words: string): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.set(words, () => {
        this.#waiting.delete(words);
        resolve();
      });
    });
  }

  /** As if the power went. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
  }

  notices(): Promise<Notice[]> {
    return this.#get("/notices") as Promise<Notice[]>;
  }

  /** Resolves when nothing waits in its inbox. */
  async settled(): Promise<void> {
    for (;;) {
      const { work } = (await this.#get("/health")) as { work: { pending: number } };
      if (work.pending === 0) return;
    }
  }

  async #get(path: string): Promise<unknown> {
    return (await fetch(this.url + path)).json();
  }
}

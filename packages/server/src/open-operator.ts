import { randomBytes } from "node:crypto";
import { createIdSource } from "@carabiner/protocol";
import pino from "pino";
import { createSystemClock } from "./clock/system-clock.ts";
import { DEFAULT_LIMITS, type Limits } from "./limits.ts";
import { keysFor, locationOf, type SecretKeys, type StoreLocation } from "./secret-keys.ts";
import { controlServer } from "./serve-control.ts";
import { claimPurpose } from "./service/store-purpose.ts";
import { openStore } from "./store/open-store.ts";
import type { KeySource } from "./store/secret-box.ts";

/** The operator's calls on a store. */
export interface Operator {
  /** Makes a call as over the control socket; `body` is sent as JSON. Returns the status and the body of the answer. */
  ask(method: "GET" | "POST", path: string, body?: object): Promise<{ status: number; body: string }>;
  close(): Promise<void>;
}

/**
 * Opens an SQLite file that no server is using, or a PostgreSQL database, which servers may be using, for the
 * operator's calls. Throws `StoreUnavailable` when the file is in use, `UnusableKeys` or `UnfitDatabase` when the keys
 * are wrong, and a plain error when a `dev` server created the store.
 */
export async function openOperator(options: {
  store: Exclude<StoreLocation, "memory">;
  /** As `startCarabiner` takes them. */
  secretKeys?: SecretKeys;
  /** Limits that differ from the defaults; use those of the servers. */
  limits?: Partial<Limits>;
  /** Called with the path of the key file that was made with a new database. */
  onKeyFile?(path: string): void;
}): Promise<Operator> {
  const machine = createSystemClock();
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const keys = keysFor(options.store, options.secretKeys, { dev: false, onMade: (path) => options.onKeyFile?.(path) }) as KeySource;
  const store = await openStore({ location: locationOf(options.store), now: machine.now(), keys, limits });
  try {
    await store.transaction((tx) => claimPurpose(tx, "serve"));
    // The servers of a shared database use its time.
    const ahead = ((await store.sharedTime()) ?? machine.now()) - machine.now();
    const app = controlServer({
      store,
      clock: { now: () => machine.now() + ahead },
      ids: createIdSource(randomBytes),
      limits,
      keysFrom: keys.from,
      by: "operator, command",
      log: pino({ level: "silent" }),
    });
    return {
      async ask(method, path, body) {
        const answer = await app.inject({ method, url: path, ...(body === undefined ? {} : { payload: body }) });
        return { status: answer.statusCode, body: answer.body };
      },
      async close() {
        await app.close();
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

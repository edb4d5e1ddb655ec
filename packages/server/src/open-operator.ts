import { randomBytes } from "node:crypto";
import { createIdSource } from "@carabiner/protocol";
import pino from "pino";
import { createSystemClock } from "./clock/system-clock.ts";
import { openWithKeys, type StoreWithKeys } from "./open-with-keys.ts";
import { controlServer } from "./serve-control.ts";
import { claimPurpose } from "./service/store-purpose.ts";

/** The operator's calls on a store. */
export interface Operator {
  /**
   * Makes a call as if over the control socket; `body` is sent as JSON. Returns the status and the body of the answer.
   */
  ask(method: "GET" | "POST", path: string, body?: object): Promise<{ status: number; body: string }>;
  close(): Promise<void>;
}

/**
 * Opens an SQLite file that no server is using, or a PostgreSQL database, which servers may be using, for the
 * operator's calls. Throws `StoreUnavailable` when the file is in use, `UnusableFile` when it may not be used,
 * `UnusableKeys` or `UnfitDatabase` when the keys are wrong, and a plain error when a `dev` server created the store.
 */
export async function openOperator(options: StoreWithKeys): Promise<Operator> {
  const machine = createSystemClock();
  const { store, keys, limits } = await openWithKeys(options);
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
      mark: null,
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

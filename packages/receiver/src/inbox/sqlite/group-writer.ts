import type { DatabaseSync } from "node:sqlite";
import { available, write } from "./writer.ts";

/** Runs `work` on the database and resolves once it is on disk. `keep` says of its result whether it is kept; what it throws undoes it, and it alone. */
export type Change = <T>(work: () => T, keep?: (result: T) => boolean) => Promise<T>;

interface Waiting {
  /** Runs it, and returns what tells its caller once the whole is on disk. */
  run(): () => void;
  fail(error: unknown): void;
}

/** How many changes go into one commit, so that what waits for it, and others who write, have their turn. */
const GROUP = 500;

/** Changes that arrive together are committed together: a commit waits for the disk, however much is in it. `released` is that of `write`. */
export function groupWriter(db: DatabaseSync, released: () => Promise<void> | null): Change {
  let waiting: Waiting[] = [];
  let flushing = false;
  const save = db.prepare("SAVEPOINT one");
  const keepOne = db.prepare("RELEASE one");
  const undoOne = db.prepare("ROLLBACK TO one");

  async function flush(): Promise<void> {
    flushing = true;
    // What arrives in the same turn of the event loop joins.
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      let group: Waiting[] = [];
      try {
        const told = await write(db, released, () => {
          // Only now, with the lock in hand: who came while it was waited for is in too.
          group = waiting.slice(0, GROUP);
          waiting = waiting.slice(GROUP);
          return group.map((one) => one.run());
        });
        for (const tell of told) tell();
        // Those who were told may have more to write: it joins.
        if (waiting.length < told.length) await new Promise((resolve) => setImmediate(resolve));
      } catch (error) {
        const failed = group.length > 0 ? group : waiting;
        if (failed === waiting) waiting = [];
        for (const one of failed) one.fail(error);
      }
    }
    flushing = false;
  }

  return (work, keep = () => true) =>
    new Promise((resolve, reject) => {
      waiting.push({
        fail: reject,
        run() {
          save.run();
          try {
            const result = available(work);
            if (!keep(result)) undoOne.run();
            keepOne.run();
            return () => resolve(result);
          } catch (error) {
            // A full disk may have ended the whole transaction: then it fails for everybody.
            undoOne.run();
            keepOne.run();
            return () => reject(error);
          }
        },
      });
      if (!flushing) void flush();
    });
}

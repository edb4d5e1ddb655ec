import { available, type WritingConnection, write } from "./writer.ts";

/**
 * Runs `work` on the database and resolves once it is on disk. `keep` decides from its result whether to keep it. If it
 * throws, only its own changes are rolled back.
 */
export type Change = <T>(work: () => T, keep?: (result: T) => boolean) => Promise<T>;

interface Waiting {
  /** Runs it, and returns the function that informs its caller once everything is on disk. */
  run(): () => void;
  fail(error: unknown): void;
}

/** The most changes in one commit, so that callers and other writers get their turn. */
const GROUP = 500;

/**
 * Commits changes that arrive together in one commit: a commit waits for the disk, whatever its size. `released` is
 * that of `write`.
 */
export function groupWriter(connection: WritingConnection, released: () => Promise<void> | null): Change {
  const { db } = connection;
  let waiting: Waiting[] = [];
  let flushing = false;
  const save = db.prepare("SAVEPOINT one");
  const keepOne = db.prepare("RELEASE one");
  const undoOne = db.prepare("ROLLBACK TO one");

  async function flush(): Promise<void> {
    flushing = true;
    // Changes from the same turn of the event loop join.
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      let group: Waiting[] = [];
      try {
        const told = await write(connection, released, () => {
          // The queue is read only now, with the lock held, so it includes arrivals during the wait for the lock.
          group = waiting.slice(0, GROUP);
          waiting = waiting.slice(GROUP);
          return group.map((one) => one.run());
        });
        for (const tell of told) tell();
        // Callers that were notified may have more to write, which joins the group.
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
            // A full disk may have ended the whole transaction: then every change fails.
            if (!db.isTransaction) throw error;
            undoOne.run();
            keepOne.run();
            return () => reject(error);
          }
        },
      });
      if (!flushing) void flush();
    });
}

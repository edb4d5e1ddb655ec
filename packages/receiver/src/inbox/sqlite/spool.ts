import type { DatabaseSync } from "node:sqlite";
import type { Arrival } from "../inbox.ts";
import { FileInPlace } from "./file-in-place.ts";
import { available, openConnection } from "./writer.ts";

/**
 * A file beside the inbox's own, for arrivals while a handler or another process holds SQLite's one write lock. An
 * arrival is on disk before it is answered. It enters the inbox when the lock is free, even after a crash.
 */
export interface Spool {
  /** Keeps an arrival on disk. Returns its number. Throws `InboxUnavailable`. */
  keep(arrival: Arrival): number;
  remove(number: number): void;
  /** What processes that ended left behind, the oldest first. */
  left(): { number: number; arrival: Arrival }[];
  close(): void;
}

export function createSpool(file: string): Spool {
  let opened: DatabaseSync | null = null;
  const inPlace = new FileInPlace(file);

  function open(): DatabaseSync {
    if (opened === null) {
      const db = openConnection(file);
      // Its lock is never held for long.
      db.exec(
        `CREATE TABLE IF NOT EXISTS spooled (number INTEGER PRIMARY KEY AUTOINCREMENT, arrival TEXT NOT NULL, body BLOB NOT NULL) STRICT`,
      );
      inPlace.remember();
      opened = db;
    }
    return opened;
  }

  return {
    keep(arrival) {
      return available(() => {
        const { body, ...event } = arrival.event;
        const db = open();
        inPlace.mustBe();
        const { lastInsertRowid } = db
          .prepare("INSERT INTO spooled (arrival, body) VALUES (?, ?)")
          // A process that finds it later has no lease on it.
          .run(JSON.stringify({ ...arrival, event, lease: null }), body);
        return Number(lastInsertRowid);
      });
    },
    remove(number) {
      available(() => open().prepare("DELETE FROM spooled WHERE number = ?").run(number));
    },
    left() {
      return available(() =>
        open()
          .prepare("SELECT number, arrival, body FROM spooled ORDER BY number")
          .all()
          .map(({ number, arrival, body }) => {
            const { event, ...rest } = JSON.parse(String(arrival)) as Arrival;
            return { number: Number(number), arrival: { ...rest, event: { ...event, body: body as Uint8Array } } };
          }),
      );
    },
    close() {
      opened?.close();
      opened = null;
    },
  };
}

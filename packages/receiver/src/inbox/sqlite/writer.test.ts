import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { InboxUnavailable } from "../inbox.ts";
import { FileInPlace } from "./file-in-place.ts";
import { available, beginIfFree, openConnection, write } from "./writer.ts";

let folder = "";
let path = "";
let db: DatabaseSync;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "carabiner-writer-"));
  path = join(folder, "a.db");
  db = openConnection(path);
});
afterEach(() => {
  db.close();
  rmSync(folder, { recursive: true });
});

/** As Deno throws it where `exec` fails: the text, without SQLite's code. */
const withoutCode = (message: string): Error => Object.assign(new Error(message), { code: "ERR_SQLITE_ERROR" });

/** The same database, whose `exec` fails as that of Deno does. */
const likeDeno = (): DatabaseSync =>
  new Proxy(db, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      if (name !== "exec") return value.bind(target) as unknown;
      return (statement: string) => {
        try {
          target.exec(statement);
        } catch (error) {
          throw withoutCode((error as Error).message);
        }
      };
    },
  });

test("where an error has no code, its text tells that the lock is taken", async () => {
  const connection = { db: likeDeno(), inPlace: new FileInPlace(path) };
  const other = new DatabaseSync(path);
  other.exec("BEGIN IMMEDIATE");
  expect(beginIfFree(connection)).toBe(false);
  const asked = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const written = write(
    connection,
    () => {
      asked.resolve();
      return released.promise;
    },
    () => "written",
  );
  await asked.promise;
  other.exec("COMMIT");
  other.close();
  released.resolve();
  expect(await written).toBe("written");
});

test.each(["unable to open database file: /nowhere/x.db", "database or disk is full", "disk I/O error"])(
  "and that the database is away: %s",
  (message) => {
    const fails = (error: Error) => () =>
      available(() => {
        throw error;
      });
    expect(fails(withoutCode(message))).toThrow(InboxUnavailable);
    // An error from other code, and an error of the statement.
    expect(fails(new Error(message))).not.toThrow(InboxUnavailable);
    expect(fails(withoutCode('near "SELEC": syntax error'))).not.toThrow(InboxUnavailable);
  },
);

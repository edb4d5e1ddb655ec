import { expect, test } from "vitest";
import { START } from "../../../../test/store/store-fixture.ts";
import { SqliteConnection } from "../database/connection.ts";
import { MEMORY, openDatabase } from "../database/open-database.ts";
import { migrate } from "../schema/migrate.ts";
import { keepConstantHeaders } from "./constant-headers.ts";

test("constant headers are stored once, and others separately", () => {
  const database = openDatabase(MEMORY);
  migrate(database, START);
  const connection = new SqliteConnection(database);
  const first = keepConstantHeaders(connection, { accept: "*/*" });
  expect(keepConstantHeaders(connection, { accept: "*/*" }).n).toBe(first.n);
  const second = keepConstantHeaders(connection, { accept: "text/plain" });
  expect(connection.all("SELECT n, headers FROM constant_headers ORDER BY n")).toEqual([
    { n: first.n, headers: '{"accept":"*/*"}' },
    { n: second.n, headers: '{"accept":"text/plain"}' },
  ]);
  expect(first.ownHeaders({ accept: "*/*", signature: "s" })).toEqual({ signature: "s" });
  expect(first.ownHeaders({ accept: "text/plain", signature: "s" })).toBeNull();
  expect(first.ownHeaders({ signature: "s" })).toBeNull();
  connection.close();
});

import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../../../../scripts/test-database.ts";
import { arrayLiteral } from "./array-literal.ts";
import { ClientSession } from "./session.ts";

let database: TestDatabase;
let pool: pg.Pool;
let client: pg.PoolClient;
let session: ClientSession;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 1 });
  client = await pool.connect();
  session = new ClientSession(client);
});
afterAll(async () => {
  client.release();
  await pool.end();
  await database.drop();
});

/**
 * Every character of one unit but those of surrogate pairs, alone and beside others, and what an array could take for
 * its own.
 */
const TEXTS = [
  ...Array.from({ length: 0xd7ff }, (_, unit) => String.fromCharCode(unit + 1)).flatMap((one) => [one, `a${one}"${one}\\`]),
  "",
  "NULL",
  "null",
  "{}",
  ",",
  " ",
  "\\n",
  "\\\\n",
  "\\u0041",
  "😀",
  "e\u0301",
  '{"a":"b\\nc","d":["\\u0000"]}',
];

test("PostgreSQL reads the texts that were given", async () => {
  const plain = TEXTS.filter((text) => arrayLiteral([text]) !== null);
  // Also those that pg has to write: with others in one list.
  for (const texts of [plain, TEXTS]) expect(await session.get("SELECT $1::text[] AS texts", texts)).toEqual({ texts });
  expect(plain.length).toBeGreaterThan(TEXTS.length - 200);
});

test("a list with an odd character is left to pg", () => {
  for (const odd of ["\n", "\t", "\u0001", "\ud800"]) expect(arrayLiteral(["plain", odd])).toBeNull();
});

test("numbers, truth values, bytes and nulls arrive unchanged", async () => {
  const bytes = [Buffer.from([0, 1, 255]), null, Buffer.from('\\"')];
  const numbers = [0, -1, null, Number.MAX_SAFE_INTEGER, 1.5];
  expect(
    await session.get(
      "SELECT $1::float8[] AS numbers, $2::boolean[] AS truths, $3::text[] AS nulls, $4::bytea[] AS bytes, $5::integer[] AS none",
      numbers,
      [true, false, null],
      [null, null],
      bytes,
      [],
    ),
  ).toEqual({ numbers, truths: [true, false, null], nulls: [null, null], bytes, none: [] });
});

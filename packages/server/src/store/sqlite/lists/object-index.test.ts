import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { migrate } from "../schema/migrate.ts";
import { MIGRATIONS } from "../schema/migrations.ts";
import { objectIndex } from "./object-index.ts";

const OWNER = { accountId: "acct_1", livemode: false } as const;

test.each([
  ["price", { lookup_key: "gold" }],
  ["price", { product: "prod_1", deleted: false }],
  ["price", { active: true, id: "chosen" }],
  ["product", { id: "chosen", deleted: false }],
  ["coupon", { id: "HALF" }],
  ["promotion_code", { by_code: "half", active: true }],
  ["payment_intent", { customer: "cus_1", status: "succeeded" }],
  ["payment_method_domain", { domain_name: "example.com" }],
])("a %s with %j is searched by a field, in the order of ids", (object, where) => {
  const database = new DatabaseSync(":memory:");
  try {
    migrate(database, 0, MIGRATIONS);
    const { name, searched, field } = objectIndex({ ...OWNER, object, where });
    expect(Object.keys(where)).toContain(field);
    const sql = `SELECT * FROM objects INDEXED BY ${name} WHERE ${searched.map(([condition]) => condition).join(" AND ")} ORDER BY id DESC`;
    const plan = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...searched.flatMap(([, ...values]) => values));
    expect(plan.map(({ detail }) => detail)).toEqual([
      `SEARCH objects USING INDEX ${name} (account_id=? AND livemode=? AND object=? AND <expr>=?)`,
    ]);
  } finally {
    database.close();
  }
});

test("others are searched by their kind or their parent", () => {
  expect(objectIndex({ ...OWNER, object: "customer", where: { id: "cus_1" } })).toMatchObject({ name: "objects_listed", field: null });
  expect(objectIndex({ ...OWNER, object: "price", parent: "p", where: { lookup_key: "gold" } })).toMatchObject({
    name: "objects_of_parent",
    field: null,
  });
});

test("no insertion makes a table of its own, as a condition of an index on more than two values would", () => {
  const database = new DatabaseSync(":memory:");
  try {
    migrate(database, 0, MIGRATIONS);
    const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'").all();
    const making = tables.filter(({ name }) => {
      const columns = database.prepare(`SELECT name FROM pragma_table_info('${name}')`).all();
      const sql = `EXPLAIN INSERT INTO ${name} VALUES (${columns.map(() => "?").join(", ")})`;
      return database
        .prepare(sql)
        .all()
        .some(({ opcode }) => opcode === "OpenEphemeral");
    });
    expect(tables.length).toBeGreaterThan(10);
    expect(making).toEqual([]);
  } finally {
    database.close();
  }
});

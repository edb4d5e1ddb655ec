import { expect, test } from "vitest";
import { createTestDatabase } from "../test-database.ts";

test("fails, after it has had a database", async () => {
  const { drop } = await createTestDatabase();
  await drop();
  expect("this").toBe("that");
});

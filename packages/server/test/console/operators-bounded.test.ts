import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openOperator } from "../../src/index.ts";

test("a server has at most operatorsPerServer operators whose keys are valid", async () => {
  const folder = mkdtempSync(join(tmpdir(), "carabiner-operators-"));
  const operator = await openOperator({ store: { file: join(folder, "carabiner.db") }, limits: { operatorsPerServer: 2 } });
  const add = async (name: string) => {
    const { status, body } = await operator.ask("POST", "/operator/operators", { name });
    return { code: status, ...(JSON.parse(body) as { id?: string; error?: { message: string } }) };
  };
  try {
    const { id } = await add("nora");
    expect((await add("rita")).code).toBe(200);
    expect(await add("conny")).toMatchObject({ code: 400, error: { message: expect.stringContaining("2") } });
    await operator.ask("POST", `/operator/operators/${id}/revoke`);
    expect((await add("conny")).code).toBe(200);
  } finally {
    await operator.close();
    rmSync(folder, { recursive: true });
  }
});

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type BillOfMaterials, billOf, billOfMaterials } from "./bill-of-materials.ts";
import { ROOT } from "./house/repository-files.ts";

test("the server's names itself, what it depends on, and no tool of the workspace", async () => {
  const bill = await billOfMaterials(ROOT, "server");
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, "packages/server/package.json"), "utf8")) as { dependencies: object };
  const names = bill.components.map((component) => component["bom-ref"].replace(/@[^@]+$/, ""));
  expect(bill.metadata.component).toMatchObject({ name: "@carabiner/server" });
  expect(names).toEqual(expect.arrayContaining([...Object.keys(dependencies), "pg-protocol", "ajv"]));
  for (const tool of ["vitest", "stripe", "typescript"]) expect(names).not.toContain(tool);
  // Every package that something depends on is in it.
  const refs = new Set([bill.metadata.component, ...bill.components].map((component) => component["bom-ref"]));
  expect(bill.dependencies.flatMap(({ dependsOn = [] }) => dependsOn).filter((ref) => !refs.has(ref))).toEqual([]);
  expect(JSON.stringify(bill)).not.toMatch(/timestamp|serialNumber/);
  // The schema wants URLs, and a reader the name under which a package is published.
  const urls = bill.components.flatMap(({ externalReferences = [] }) => externalReferences.map(({ url }) => url));
  expect(urls.filter((url) => /^[^/:]*@/.test(url))).toEqual([]);
  expect(bill.components.map(({ name }) => name)).toContain("@carabiner/protocol");
  expect(JSON.stringify(bill)).not.toContain("package:private");
});

test("one that the workspace's bill lacks is no bill", () => {
  const component = { "bom-ref": "a@1.0.0", type: "library", name: "a", version: "1.0.0" };
  const workspace: BillOfMaterials = { bomFormat: "CycloneDX", metadata: { component }, components: [component], dependencies: [] };
  expect(billOf(workspace, { name: "a", version: "1.0.0" }, []).components).toEqual([]);
  expect(() => billOf(workspace, { name: "a", version: "1.0.0" }, ["b@2.0.0"])).toThrow("lacks b@2.0.0");
});

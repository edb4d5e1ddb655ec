import { expect, test } from "vitest";
import { clockProcedures } from "../../src/console/clock.ts";
import { consoleResources } from "../../src/console/console-resources.ts";
import { platforms } from "../../src/console/platforms.ts";
import { startCarabiner } from "../../src/index.ts";
import { resources } from "../../src/resources/resources.ts";

interface Parameter {
  name: string;
  in: string;
  required: boolean;
  schema: object;
}

interface Described {
  openapi: string;
  paths: Record<
    string,
    Record<string, { operationId: string; parameters: Parameter[]; requestBody?: { content: Record<string, { schema: object }> } }>
  >;
}

test("a server describes each of its calls, with the parameters that it takes, and no other", async () => {
  const server = await startCarabiner();
  try {
    const answer = await fetch(`${server.url}/openapi.json`);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, expect.stringMatching(/^application\/json/)]);
    const { openapi, paths } = (await answer.json()) as Described;
    expect(openapi).toBe("3.1.0");
    const described = Object.entries(paths).flatMap(([path, calls]) => Object.keys(calls).map((method) => `${method} ${path}`));
    const calls = [...[...resources, ...consoleResources, platforms].flatMap(({ operations }) => operations), ...clockProcedures(null)];
    const named = calls.map(({ method, path }) => `${method.toLowerCase()} ${path.replaceAll(/:(\w+)/g, "{$1}")}`);
    expect(described).toEqual(expect.arrayContaining(named));
    expect(described.filter((call) => !named.includes(call) && !call.includes("/stripecli/"))).toEqual([]);
    const ids = Object.values(paths).flatMap((of) => Object.values(of).map(({ operationId }) => operationId));
    expect(new Set(ids).size).toBe(ids.length);

    const list = paths["/v1/accounts"]?.get?.parameters ?? [];
    expect(list.find(({ name }) => name === "limit")).toMatchObject({
      in: "query",
      required: false,
      schema: { type: "integer", maximum: 100 },
    });
    expect(paths["/v1/accounts/{account}"]?.get?.parameters[0]).toEqual({
      name: "account",
      in: "path",
      required: true,
      schema: { type: "string" },
    });
    const create = paths["/v1/payouts"]?.post?.requestBody?.content["application/x-www-form-urlencoded"];
    expect(create?.schema).toMatchObject({
      type: "object",
      properties: { amount: { type: "integer" }, currency: { type: "string" }, metadata: { additionalProperties: { type: "string" } } },
      required: expect.arrayContaining(["amount", "currency"]),
      additionalProperties: false,
    });
    expect(Object.keys(paths["/v2/core/accounts"]?.post?.requestBody?.content ?? {})).toEqual(["application/json"]);
    expect(paths["/v1/files"]?.post?.requestBody?.content["multipart/form-data"]?.schema).toMatchObject({
      properties: { file: { format: "binary" }, purpose: { type: "string" } },
    });
  } finally {
    await server.close();
  }
});

import type { FastifyInstance } from "fastify";
import type { TSchema } from "typebox";
import { isV2 } from "../api/api-generation.ts";
import type { Limits } from "../limits.ts";
import type { Operation, Procedure } from "../operations/operation.ts";
import { packageVersion } from "../operations/package-version.ts";
import type { Described, Most } from "../operations/parameters.ts";
import type { JsonObject } from "../store/contract/rows.ts";

/** A call, as it is described. */
type DescribedCall = Pick<Operation, "method" | "path" | "params" | "upload"> | Pick<Procedure, "method" | "path" | "params">;

/** Adds `GET /openapi.json`: all calls with their parameters, from the schemas that requests are checked against. */
export function addDescription(app: FastifyInstance, calls: readonly DescribedCall[], limits: Limits): void {
  let known: string | null = null;
  app.get("/openapi.json", async (_, reply) => {
    known ??= JSON.stringify(describeApi(calls, limits));
    return reply.header("content-type", "application/json").send(known);
  });
}

/** The calls as an OpenAPI document. It does not describe answers: the official packages have their types. */
function describeApi(calls: readonly DescribedCall[], limits: Limits): JsonObject {
  const paths: Record<string, JsonObject> = {};
  for (const call of calls) {
    const path = call.path.replaceAll(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [call.method.toLowerCase()]: callIn(call, path, limits) };
  }
  return {
    openapi: "3.1.0",
    info: { title: "Carabiner", version: packageVersion() },
    servers: [{ url: "/" }],
    security: [{ key: [] }, { user: [] }],
    paths,
    components: {
      securitySchemes: { key: { type: "http", scheme: "bearer" }, user: { type: "http", scheme: "basic" } },
      schemas: { Error: { type: "object", properties: { error: { type: "object" } }, required: ["error"] } },
    },
  };
}

function callIn(call: DescribedCall, path: string, limits: Limits): JsonObject {
  const properties = Object.entries(call.params.properties as Record<string, TSchema>);
  const required: readonly string[] = call.params.required ?? [];
  const schema = (given: TSchema): JsonObject => schemaIn(given, limits);
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const inQuery =
    call.method === "POST"
      ? []
      : properties.map(([name, given]) => ({
          name,
          in: "query",
          required: required.includes(name),
          ...(isNested(given) ? { style: "deepObject", explode: true } : {}),
          schema: schema(given),
        }));
  const body = schema(call.params);
  const upload = "upload" in call ? call.upload : undefined;
  return {
    operationId: `${call.method.toLowerCase()}${path.replaceAll(/\W+/g, "_").replace(/_$/, "")}`,
    parameters: [...inPath, ...inQuery],
    ...(call.method === "POST" ? { requestBody: { content: contentOf(path, body, properties, upload) } } : {}),
    responses: {
      "200": { description: "It was done." },
      default: {
        description: "It was refused, or failed.",
        content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
      },
    },
  };
}

function contentOf(
  path: string,
  body: JsonObject,
  properties: readonly (readonly [name: string, given: TSchema])[],
  upload: string | undefined,
): JsonObject {
  if (upload !== undefined)
    return {
      "multipart/form-data": {
        schema: { ...body, properties: { ...(body.properties as JsonObject), [upload]: { type: "string", format: "binary" } } },
      },
    };
  if (isV2(path)) return { "application/json": { schema: body } };
  const nested = properties.filter(([, given]) => isNested(given)).map(([name]) => [name, { style: "deepObject", explode: true }]);
  return { "application/x-www-form-urlencoded": { schema: body, encoding: Object.fromEntries(nested) as JsonObject } };
}

const ruleOf = (given: TSchema): Described["rule"] => (given as TSchema & Described).rule;

const isNested = (given: TSchema): boolean => ["either", "hash", "list", "metadata"].includes(ruleOf(given).kind);

/** A parameter as JSON Schema. A parameter that can be unset also accepts an empty text. */
function schemaIn(given: TSchema, limits: Limits): JsonObject {
  const rule = ruleOf(given);
  const unset = "clearable" in rule && rule.clearable;
  const described = valueIn(given, rule, limits);
  return unset && described.type !== "string" ? { anyOf: [described, { type: "string", enum: [""] }] } : described;
}

function valueIn(given: TSchema, rule: Described["rule"], limits: Limits): JsonObject {
  const most = (max: Most): number => (typeof max === "number" ? max : (limits[max] as number));
  switch (rule.kind) {
    case "text":
      return { type: "string", ...(rule.maxChars === null ? {} : { maxLength: rule.maxChars }) };
    case "choice":
      return { type: "string", enum: rule.clearable ? [...rule.values, ""] : [...rule.values] };
    case "integer":
      return { type: "integer", minimum: rule.min, maximum: most(rule.max) };
    case "decimal":
      return { type: "number" };
    case "boolean":
      return { type: "boolean" };
    case "list":
      return { type: "array", items: schemaIn(rule.item, limits), ...(rule.maxItems === null ? {} : { maxItems: most(rule.maxItems) }) };
    case "metadata":
      return { type: "object", additionalProperties: { type: "string" } };
    case "either":
      return { anyOf: [schemaIn(rule.text, limits), schemaIn(rule.hash, limits)] };
    case "json":
      return {};
    case "hash": {
      const { properties, required } = given as TSchema & { properties: Record<string, TSchema>; required?: string[] };
      return {
        type: "object",
        properties: Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, schemaIn(one, limits)])) as JsonObject,
        ...(required === undefined ? {} : { required }),
        additionalProperties: false,
      };
    }
  }
}

import type { FastifyServerOptions } from "fastify";

/**
 * Fastify without compilers of JSON schemas, which it would otherwise load at each start. No route has a schema,
 * because `api/decode-params.ts` reads the parameters. A route with a schema is refused.
 */
export const NO_SCHEMAS: NonNullable<FastifyServerOptions["schemaController"]> = {
  compilersFactory: { buildValidator: refuse, buildSerializer: refuse },
};

function refuse(): never {
  throw new Error("a route has a schema, for which there is no compiler");
}

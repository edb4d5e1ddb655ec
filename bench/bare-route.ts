import { parse } from "node:querystring";
import Fastify from "fastify";

/** The least that an API can do: parse a form, answer JSON. */
const fastify = Fastify();
fastify.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "string" }, (_request, body, done) =>
  done(null, parse(body as string)),
);
fastify.post("/v1/customers", (request, reply) => {
  reply.send({ id: "cus_1", object: "customer", ...(request.body as object) });
});
await fastify.listen({ port: 0, host: "127.0.0.1" });
process.on("disconnect", () => process.exit());
process.send?.({ url: `http://127.0.0.1:${(fastify.server.address() as { port: number }).port}` });

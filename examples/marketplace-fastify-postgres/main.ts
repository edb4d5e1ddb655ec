import { fastifyHooks } from "@carabiner/receiver/fastify";
import createFastify from "fastify";
import pg from "pg";
import { marketplace, TABLES } from "./hooks.ts";

// Start it with: DATABASE=postgres://… WHSEC_CONNECT=whsec_… PORT=4242 node main.ts
const pool = new pg.Pool({ connectionString: process.env.DATABASE });
await pool.query(TABLES);

const hooks = marketplace(pool, process.env.WHSEC_CONNECT ?? "");
const fastify = createFastify();
await fastify.register(fastifyHooks(hooks), { url: "/stripe" });
fastify.get("/health", () => hooks.depth());
fastify.get("/notices", async () => (await pool.query("SELECT account, what, detail, event FROM notices ORDER BY number")).rows);

await hooks.start();
await fastify.listen({ host: "127.0.0.1", port: Number(process.env.PORT ?? 4242) });
console.log("listening");

import process from "node:process";
import { hooks } from "./hooks.ts";

await hooks.start();
Deno.serve({ port: Number(process.env.PORT ?? 4242), hostname: "127.0.0.1" }, (request) =>
  new URL(request.url).pathname === "/stripe" ? hooks.fetch(request) : new Response(null, { status: 404 }),
);

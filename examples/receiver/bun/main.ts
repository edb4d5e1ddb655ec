import { hooks } from "./hooks.ts";

await hooks.start();
Bun.serve({ port: Number(process.env.PORT ?? 4242), hostname: "127.0.0.1", routes: { "/stripe": (request) => hooks.fetch(request) } });

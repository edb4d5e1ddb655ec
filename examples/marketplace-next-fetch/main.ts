import { createServer } from "node:http";
import { Readable } from "node:stream";
import { GET } from "./cron-route.ts";
import { db } from "./hooks.ts";
import { POST } from "./webhook-route.ts";

// Stands for `next start`: it calls the routes as Next.js does, with a Request and a Response of the web.
const routes: Readonly<Record<string, (request: Request) => Response | Promise<Response>>> = {
  "POST /stripe": (request) => POST(request, { params: Promise.resolve({}) }),
  "GET /health": () => GET(),
  "GET /notices": () => Response.json(db.prepare("SELECT * FROM notices ORDER BY rowid").all()),
};

createServer(async (incoming, outgoing) => {
  const { method = "GET", url = "/" } = incoming;
  const body = method === "GET" ? {} : { body: Readable.toWeb(incoming) as ReadableStream<Uint8Array>, duplex: "half" as const };
  const headers = Object.entries(incoming.headersDistinct).flatMap(([name, values]) =>
    (values ?? []).map((value): [string, string] => [name, value]),
  );
  const route = routes[`${method} ${url}`];
  const response =
    (await route?.(new Request(`http://127.0.0.1${url}`, { method, headers, ...body }))) ?? new Response(null, { status: 404 });
  outgoing.writeHead(response.status, Object.fromEntries(response.headers)).end(await response.text());
}).listen(Number(process.env.PORT ?? 4242), "127.0.0.1", () => console.log("listening"));

import type { Answer, Incoming, UnreadBody } from "../http-exchange.ts";
import { joined } from "./read-stream.ts";

const REMEDY =
  "Pass the request on before anything calls json(), text() or arrayBuffer() on it: in Hono hooks.fetch(c.req.raw) before c.req.json(), in a Next.js route export const POST = hooks.fetch, elsewhere before any body middleware; or give each a copy: hooks.fetch(request.clone()).";

/**
 * For servers that use `Request` and `Response`. A second or later argument with `waitUntil` prevents the platform from
 * stopping too early.
 */
export function fetchAdapter(
  handle: (incoming: Incoming) => Promise<Answer>,
): (request: Request, ...context: unknown[]) => Promise<Response> {
  return async (request, ...context) => {
    const { status, headers, body, settled } = await handle({
      method: request.method,
      url: request.url,
      header: (name) => request.headers.get(name),
      body: (limitBytes) => readBody(request, limitBytes),
      shortLived: context.some(canWait),
    });
    for (const one of context) if (canWait(one)) one.waitUntil(settled);
    return new Response(body, { status, headers });
  };
}

async function readBody(request: Request, limitBytes: number): Promise<Uint8Array | UnreadBody> {
  if (request.bodyUsed || request.body?.locked === true) return { kind: "consumed", left: undefined, remedy: REMEDY };
  if (Number(request.headers.get("content-length")) > limitBytes) return { kind: "too_large" };
  if (request.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of request.body) {
      length += chunk.length;
      if (length > limitBytes) return { kind: "too_large" };
      chunks.push(chunk);
    }
  } catch {
    return { kind: "cut_short" };
  }
  return joined(chunks);
}

function canWait(context: unknown): context is { waitUntil(promise: Promise<unknown>): void } {
  return typeof context === "object" && context !== null && "waitUntil" in context && typeof context.waitUntil === "function";
}

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Answer, Incoming, UnreadBody } from "../conversation.ts";

const REMEDY =
  'Register the webhook route above app.use(express.json()), or give it app.post(path, express.raw({ type: "*/*" }), hooks.node); in a Next.js page export const config = { api: { bodyParser: false } }.';

/** What body parsers and platforms leave on a request. */
interface ParsedRequest extends IncomingMessage {
  body?: unknown;
  /** The bytes, where a platform keeps them beside what it parsed. */
  rawBody?: unknown;
}

/** For `node:http`, Express and what is built like them. */
export function nodeAdapter(
  handle: (incoming: Incoming) => Promise<Answer>,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const { status, headers, body } = await handle({
      method: request.method ?? "GET",
      ...(request.url === undefined ? {} : { url: request.url }),
      header(name) {
        const value = request.headers[name];
        return Array.isArray(value) ? value.join(",") : value;
      },
      body: (limitBytes) => readBody(request, limitBytes),
    });
    // What was not read stays unread: the connection cannot be used again.
    response.writeHead(status, request.complete ? headers : { ...headers, connection: "close" });
    response.end(body);
  };
}

async function readBody(request: ParsedRequest, limitBytes: number): Promise<Uint8Array | UnreadBody> {
  if (request.rawBody instanceof Uint8Array) return request.rawBody;
  if (request.body instanceof Uint8Array) return request.body;
  if (request.body !== undefined || request.readableEnded || request.readableDidRead) {
    return { kind: "consumed", left: request.body, remedy: REMEDY };
  }
  if (Number(request.headers["content-length"]) > limitBytes) return { kind: "too_large" };
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const take = (chunk: Buffer): void => {
      length += chunk.length;
      if (length > limitBytes) {
        request.off("data", take);
        request.pause();
        resolve({ kind: "too_large" });
        return;
      }
      chunks.push(chunk);
    };
    request.on("data", take);
    request.once("end", () => resolve(Buffer.concat(chunks, length)));
    // The caller has gone; nothing that is answered reaches it, and a body that is cut short fails verification.
    request.once("close", () => resolve(Buffer.concat(chunks)));
    request.once("error", () => resolve(Buffer.concat(chunks)));
  });
}

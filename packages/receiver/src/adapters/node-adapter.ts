import type { IncomingMessage, ServerResponse } from "node:http";
import type { Answer, Incoming, UnreadBody } from "../http-exchange.ts";
import { isPending, type Soon } from "../soon.ts";
import { readStream } from "./read-stream.ts";

const EXPRESS =
  "Move app.post(path, hooks.node) above app.use(express.json()), or keep the bytes: app.use(express.json({ verify: (req, _res, bytes) => { req.rawBody = bytes; } })).";
const NEXT_PAGES = "Add this line to the page of the API route: export const config = { api: { bodyParser: false } };";
const OTHERS =
  "Pass the request to hooks.node before any body parser: in Koa above app.use(bodyParser()); in NestJS with NestFactory.create(module, { rawBody: true }); in Fastify register fastifyHooks of @carabiner/receiver/fastify.";

/** What body parsers and platforms leave on a request. */
interface ParsedRequest extends IncomingMessage {
  body?: unknown;
  /** The bytes, if a platform keeps them together with the parsed body. */
  rawBody?: unknown;
}

/** For `node:http`, Express and similar servers. */
export function nodeAdapter(
  handle: (incoming: Incoming) => Soon<Answer>,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const answer = handle(new IncomingRequest(request));
    const { status, headers, body } = isPending(answer) ? await answer : answer;
    // With a length, the answer is a single write; without one it would be sent in chunks.
    headers["content-length"] = String(Buffer.byteLength(body));
    // Unread data remains: the connection cannot be used again.
    if (!request.complete) headers.connection = "close";
    response.writeHead(status, headers);
    response.end(body);
  };
}

class IncomingRequest implements Incoming {
  readonly method: string;
  readonly url?: string;
  readonly #request: IncomingMessage;

  constructor(request: IncomingMessage) {
    this.method = request.method ?? "GET";
    if (request.url !== undefined) this.url = addressOf(request, request.url);
    this.#request = request;
  }

  header(name: string): string | undefined {
    const value = this.#request.headers[name];
    return Array.isArray(value) ? value.join(",") : value;
  }

  body(limitBytes: number): Soon<Uint8Array | UnreadBody> {
    return readBody(this.#request, limitBytes);
  }
}

/** Express removes its mount path from `url`, and keeps the whole URL in `originalUrl`. */
function addressOf(request: IncomingMessage, url: string): string {
  return "originalUrl" in request && typeof request.originalUrl === "string" ? request.originalUrl : url;
}

function readBody(request: ParsedRequest, limitBytes: number): Soon<Uint8Array | UnreadBody> {
  const { rawBody, body } = request;
  if (rawBody instanceof Uint8Array) return rawBody;
  if (body instanceof Uint8Array) return body;
  if (typeof rawBody === "string") return { kind: "consumed", left: rawBody, remedy: remedyFor(request) };
  const read = request.readableEnded || request.readableDidRead;
  // Express 4 leaves an empty object when it parsed nothing.
  if (read || (body !== undefined && !isEmpty(body))) return { kind: "consumed", left: body, remedy: remedyFor(request) };
  return readStream(request, limitBytes, request.headers["content-length"]);
}

/** Which line to change, according to the marks that frameworks leave on requests. */
function remedyFor(request: ParsedRequest): string {
  if ("baseUrl" in request && "app" in request) return EXPRESS;
  return "query" in request && "cookies" in request ? NEXT_PAGES : OTHERS;
}

function isEmpty(body: unknown): boolean {
  return typeof body === "object" && body !== null && Object.keys(body).length === 0;
}

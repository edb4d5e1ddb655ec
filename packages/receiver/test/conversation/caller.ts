import { Buffer } from "node:buffer";
import { request } from "node:http";

/** A request as a sender makes it. */
export interface Sent {
  method: string;
  headers: Record<string, string>;
  /** Sent at once; several pieces go out chunked, without a content-length. */
  body: readonly Uint8Array[];
}

/** What came back. Names of headers are in lower case. */
export interface Heard {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Something that answers requests. */
export interface Served {
  call(sent: Sent): Promise<Heard>;
  /** It answers only when the handlers have ended. */
  waitsForWork?: true;
  close(): Promise<void>;
}

/** Calls a server on the loopback address, and gets its answer even if it does not read the whole request. */
export function callOverHttp(port: number, path: string, { method, headers, body }: Sent): Promise<Heard> {
  const [whole] = body;
  const sized = body.length === 1 && whole !== undefined ? { "content-length": String(whole.length) } : {};
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: "127.0.0.1", port, path, method, headers: { ...headers, ...sized } }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.once("error", reject);
      response.once("end", () => {
        outgoing.destroy();
        const entries = Object.entries(response.headers).map(([name, value]) => [name, String(value)] as const);
        resolve({
          status: response.statusCode ?? 0,
          headers: Object.fromEntries(entries),
          body: Buffer.concat(chunks).toString("utf8"),
        });
      });
    });
    outgoing.once("error", reject);
    for (const piece of body) outgoing.write(piece);
    outgoing.end();
  });
}

/** Gives a request to a function of the web's own kind. */
export async function callOverFetch(
  fetch: (request: Request) => Response | Promise<Response>,
  { method, headers, body }: Sent,
): Promise<Heard> {
  const pieces = [...body];
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = pieces.shift();
      if (piece === undefined) controller.close();
      else controller.enqueue(piece);
    },
  });
  const [whole] = body;
  const init = {
    method,
    headers: body.length === 1 && whole !== undefined ? { ...headers, "content-length": String(whole.length) } : headers,
    ...(body.length === 0 ? {} : { body: stream, duplex: "half" as const }),
  };
  const response = await fetch(new Request("http://127.0.0.1/webhooks/stripe", init));
  return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
}

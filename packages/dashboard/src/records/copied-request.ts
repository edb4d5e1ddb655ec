/** A request as it was sent to an endpoint. */
export interface SentRequest {
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** Headers that the client sets by itself. */
const OF_THE_CLIENT = new Set(["connection", "content-length", "host"]);

/** The request as a command of curl that can be pasted into a shell. */
export function asCurl({ url, headers, body }: SentRequest): string {
  const named = Object.entries(headers).filter(([name]) => !OF_THE_CLIENT.has(name.toLowerCase()));
  return ["curl", quoted(url), ...named.map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`), `--data-raw ${quoted(body)}`].join(
    " \\\n  ",
  );
}

/** A test that sends the event to a handler, signed anew, as the receiver's own suite can run it. */
export function asTest({ url, body }: SentRequest, type: string): string {
  return `import assert from "node:assert/strict";
import { test } from "node:test";
import Stripe from "stripe";

test(${JSON.stringify(`${type} is taken`)}, async () => {
  const payload = ${JSON.stringify(body)};
  const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret: process.env.WEBHOOK_SECRET ?? "" });
  const answer = await fetch(${JSON.stringify(url)}, {
    method: "POST",
    headers: { "content-type": "application/json", "stripe-signature": signature },
    body: payload,
  });
  assert.equal(answer.status, 200);
});
`;
}

/** A handler that verifies the event and does something for its type. */
export function asHandler(type: string, connected: boolean): string {
  return `import { createServer } from "node:http";
import Stripe from "stripe";

createServer(async (request, response) => {
  const body = Buffer.concat(await Array.fromAsync(request));
  let event;
  try {
    event = Stripe.webhooks.constructEvent(body, request.headers["stripe-signature"] ?? "", process.env.WEBHOOK_SECRET ?? "");
  } catch {
    response.writeHead(400).end();
    return;
  }
  if (event.type === ${JSON.stringify(type)}) {
    console.log(${connected ? "event.account, " : ""}event.data.object);
  }
  response.writeHead(200).end();
}).listen(4242);
`;
}

/** A text in single quotes, as a shell takes it unchanged. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** A request as it was sent to an endpoint. */
export interface SentRequest {
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** Headers that the client sets itself. */
const OF_THE_CLIENT = new Set(["connection", "content-length", "host"]);

/**
 * The most characters of a body that a shell can pass to a program as one argument: Linux allows 128 KiB, and a
 * character has up to 3 bytes.
 */
const ARGUMENT_CHARS = 40_000;

/**
 * The request as a curl command that can be pasted into a shell. It sends the same bytes, so that the signature is
 * valid.
 */
export function asCurl({ url, headers, body }: SentRequest): string {
  const named = Object.entries(headers).filter(([name]) => !OF_THE_CLIENT.has(name.toLowerCase()));
  const isLong = body.length > ARGUMENT_CHARS;
  const parts = [
    isLong ? `printf %s ${quoted(body)} | curl` : "curl",
    quoted(url),
    ...named.map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    isLong ? "--data-binary @-" : `--data-raw ${quoted(body)}`,
  ];
  return parts.join(" \\\n  ");
}

/** A test that sends the event to a handler, newly signed, in the form that the receiver's own test suite can run. */
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
  assert.ok(answer.ok, \`The handler answered \${answer.status}.\`);
});
`;
}

/** A handler that verifies the event of a body and does something for its type. */
export function asHandler(type: string, body: string): string {
  const sent = JSON.parse(body) as { object?: unknown; account?: unknown };
  const isThin = sent.object === "v2.core.event";
  const verify = `${isThin ? "stripe.parseEventNotification" : "Stripe.webhooks.constructEvent"}(body, signature, process.env.WEBHOOK_SECRET ?? "")`;
  const what = isThin
    ? "event.context, event.related_object"
    : sent.account === undefined
      ? "event.data.object"
      : "event.account, event.data.object";
  return `import { createServer } from "node:http";
import Stripe from "stripe";
${isThin ? '\nconst stripe = new Stripe(process.env.STRIPE_API_KEY ?? "sk_test_none");\n' : ""}
createServer(async (request, response) => {
  const body = Buffer.concat(await Array.fromAsync(request));
  const signature = request.headers["stripe-signature"] ?? "";
  let event;
  try {
    event = ${verify};
  } catch {
    response.writeHead(400).end();
    return;
  }
  if (event.type === ${JSON.stringify(type)}) {
    console.log(${what});
  }
  response.writeHead(200).end();
}).listen(4242);
`;
}

/** A text in single quotes, as a shell takes it unchanged. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import type Stripe from "stripe";

/** One POST, as it came. */
export interface ReceivedWebhook {
  /** Where: the endpoint's name in the test. */
  path: string;
  /** The bytes, as text. */
  body: string;
  event: Stripe.Event;
  headers: IncomingHttpHeaders;
}

/** A receiver that keeps what it gets. `answer` says with which status it answers; null leaves the sender waiting. */
export async function startWebhookReceiver(answer: (webhook: ReceivedWebhook) => number | null = () => 200) {
  const received: ReceivedWebhook[] = [];
  let waiting = 0;
  const server = createServer((request, response) => {
    waiting++;
    response.on("close", () => waiting--);
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString();
      const webhook = { path: request.url ?? "", body, event: JSON.parse(body) as Stripe.Event, headers: request.headers };
      received.push(webhook);
      const status = answer(webhook);
      if (status !== null) response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    received,
    /** The address of the endpoint of that name. */
    url: (path: string) => `http://127.0.0.1:${port}${path}`,
    /** How many senders wait for an answer. */
    waiting: () => waiting,
    /** What came to it. */
    at: (path: string) => received.filter((webhook) => webhook.path === path),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

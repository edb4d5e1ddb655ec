import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import Stripe from "stripe";

/** A webhook that came in. */
export interface Arrival {
  path: string;
  /** What this receiver answered. */
  status: number;
  event: Stripe.Event;
}

/** A program that takes webhooks, as its author would write it; and the strings to pull. */
export interface Receiver {
  url: string;
  /** Takes webhooks at `path`, signed with `secret`. */
  expect(path: string, secret: string): void;
  /** Answers the next `times` webhooks at `path` with 500. */
  breakDown(path: string, times: number): void;
  /** Everything that came in since the last call. */
  arrivals(): Arrival[];
  close(): Promise<void>;
}

/** Starts a receiver on any free port of this machine. */
export async function startReceiver(): Promise<Receiver> {
  const secrets = new Map<string, string>();
  const failures = new Map<string, number>();
  let arrived: Arrival[] = [];

  const server = createServer(async (request, response) => {
    const path = request.url ?? "/";
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const signature = String(request.headers["stripe-signature"]);
    let event: Stripe.Event;
    try {
      // The signature covers the bytes as they came: verify before parsing.
      event = Stripe.webhooks.constructEvent(Buffer.concat(chunks), signature, secrets.get(path) ?? "");
    } catch (error) {
      response.writeHead(400).end(String(error));
      return;
    }
    const broken = failures.get(path) ?? 0;
    if (broken > 0) failures.set(path, broken - 1);
    const status = broken > 0 ? 500 : 200;
    arrived.push({ path, status, event });
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    expect: (path, secret) => secrets.set(path, secret),
    breakDown: (path, times) => failures.set(path, times),
    arrivals() {
      const since = arrived;
      arrived = [];
      return since;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

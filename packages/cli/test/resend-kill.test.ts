import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Stripe from "stripe";
import { afterEach, expect, test } from "vitest";
import { type ServerProcess, startDevProcess } from "./dev-process.ts";

const EVENTS = 120;
/** Each step of the job makes so many, a second apart: it is killed after the first. */
const RATE = 40;

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

test("a resend job continues after its server was killed, and has made each delivery once", async () => {
  const directory = mkdtempSync(join(tmpdir(), "carabiner-resend-"));
  cleanUp.push(() => rmSync(directory, { recursive: true }));
  const receiver = await startReceiver();
  cleanUp.push(receiver.close);
  let server = await startDevProcess({ args: ["--data", directory] });
  cleanUp.push(() => server.end("SIGKILL"));
  const call = async <Answer>(method: "GET" | "POST", path: string, params?: object): Promise<Answer> =>
    (await sdk(server).rawRequest(method, path, params as Record<string, unknown> | undefined)) as unknown as Answer;

  const { id } = await sdk(server).webhookEndpoints.create({ url: receiver.url, enabled_events: ["payout.paid"] });
  await sdk(server).webhookEndpoints.update(id, { disabled: true });
  const events = Array.from({ length: EVENTS }, (_, n) => ({
    id: `evt_resend_${n}`,
    type: "payout.paid",
    data: { object: { id: "po_1", object: "payout" } },
  }));
  await call("POST", "/v1/events", { events });
  await sdk(server).webhookEndpoints.update(id, { disabled: false });

  const begun = await call<{ id: string }>("POST", "/console/resend_jobs", { since: 0, rate: RATE });
  await receiver.until(1);
  expect((await server.end("SIGKILL")).signal).toBe("SIGKILL");
  server = await startDevProcess({ args: ["--data", directory] });
  expect(await call("GET", `/console/resend_jobs/${begun.id}`)).toMatchObject({ status: "running" });
  await receiver.until(EVENTS);

  const resent: string[] = [];
  for (let after = ""; ; ) {
    const path = `/console/deliveries?limit=100${after}`;
    const page = await call<{ data: { id: string; event: string; kind: string }[]; has_more: boolean }>("GET", path);
    resent.push(...page.data.filter(({ kind }) => kind === "resent").map(({ event }) => event));
    if (!page.has_more) break;
    after = `&starting_after=${page.data.at(-1)?.id}`;
  }
  expect(resent.length).toBe(EVENTS);
  expect(new Set(resent).size).toBe(EVENTS);
  expect(await call("GET", `/console/resend_jobs/${begun.id}`)).toMatchObject({ resent: EVENTS, looked_at: EVENTS });
  // Only attempts that were in flight may come twice.
  expect(receiver.requests()).toBeLessThanOrEqual(EVENTS + RATE);
}, 60_000);

function sdk(server: ServerProcess): Stripe {
  return new Stripe(server.keys.test.secret, { host: "127.0.0.1", port: server.port, protocol: "http", telemetry: false });
}

/** Answers 200, and knows which events have come. */
async function startReceiver() {
  const arrived = new Set<string>();
  let requests = 0;
  let check: () => void = () => undefined;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      requests++;
      arrived.add((JSON.parse(Buffer.concat(chunks).toString()) as { id: string }).id);
      response.end();
      check();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    requests: () => requests,
    /** Resolves when so many events have come. */
    until: (count: number) =>
      new Promise<void>((resolve) => {
        check = () => {
          if (arrived.size >= count) resolve();
        };
        check();
      }),
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

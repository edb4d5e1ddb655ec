import { afterAll, beforeAll, expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../../src/limits.ts";
import { createHttpTransport } from "../../src/transport/http-transport.ts";
import type { Transport } from "../../src/transport/transport.ts";
import { NAMED_ANSWERS } from "./hostile-answers.ts";
import { type HostileReceiver, startHostileReceiver } from "./hostile-receiver.ts";

let receiver: HostileReceiver;
let transport: Transport;
beforeAll(async () => {
  receiver = await startHostileReceiver();
  transport = createHttpTransport({ limits: DEFAULT_LIMITS, allowLocal: true });
});
afterAll(async () => {
  await transport.close();
  await receiver.allClosed();
  await receiver.close();
});

test.each(Object.entries(NAMED_ANSWERS))("%s ends the attempt that got it, and nothing else", async (_, text) => {
  for (const end of ["stay", "end", "reset"] as const) {
    const { path } = receiver.expect({ pieces: text === "" ? [] : [Buffer.from(text, "latin1")], finally: end });
    const url = `http://127.0.0.1:${receiver.port}${path}`;
    const posted = await transport.post({ url, headers: {}, body: Buffer.from('{"id":"evt_1"}'), deadlineMs: 200 });
    const outcome = posted.kind === "answer" ? "answer" : posted.code;
    expect(["answer", "connection_reset", "headers_too_large", "invalid_response", "timeout"]).toContain(outcome);
    if (posted.kind === "answer") expect(posted.status).toBeGreaterThanOrEqual(200);
    else expect(posted.cause).toBeUndefined();
  }
});

test.each(["status 000", "status 001", "status 099 with a body", "101 without upgrade", "101 with upgrade"])(
  "%s is not a valid answer",
  async (name) => {
    const answer = { pieces: [Buffer.from(NAMED_ANSWERS[name] ?? "", "latin1")], finally: "stay" as const };
    const url = `http://127.0.0.1:${receiver.port}${receiver.expect(answer).path}`;
    const posted = await transport.post({ url, headers: {}, body: Buffer.from("{}"), deadlineMs: 20_000 });
    expect(posted).toMatchObject({ kind: "fault", code: "invalid_response" });
  },
);

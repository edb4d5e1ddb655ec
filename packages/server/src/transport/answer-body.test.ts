import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { DEFAULT_LIMITS } from "../limits.ts";
import { createHttpTransport } from "./http-transport.ts";
import type { AnswerHead, OutgoingRequest, Posted, Transport } from "./transport.ts";

let ends: (() => unknown)[] = [];
afterEach(async () => {
  const all = ends.reverse();
  ends = [];
  for (const end of all) await end();
});

/** A receiver that answers once the end of a request, `{}`, has arrived. Resolves with its URL. */
async function receiver(answer: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("data", (data) => {
      if (data.toString("latin1").endsWith("{}")) answer(socket);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  ends.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
}

function transport(): Transport {
  const made = createHttpTransport({ limits: DEFAULT_LIMITS, allowLocal: true });
  ends.push(() => made.close());
  return made;
}

const request = (url: string, more: Partial<OutgoingRequest>): OutgoingRequest => ({
  url,
  headers: { "content-type": "application/json" },
  body: Buffer.from("{}"),
  deadlineMs: 60_000,
  ...more,
});

function answerOf(posted: Posted) {
  if (posted.kind !== "answer") throw new Error(`${posted.code}: ${posted.reason}`);
  return posted;
}

/** Asks for `bodyMs` more, and records what it gets. */
function hearing(bodyMs: number) {
  const heads: AnswerHead[] = [];
  const onHead = (head: AnswerHead) => {
    heads.push(head);
    return bodyMs;
  };
  return { heads, onHead };
}

describe("a head whose body comes later", () => {
  it("is told of at once, and the body is kept when it comes in time", async () => {
    const { heads, onHead } = hearing(60_000);
    let end: () => void = () => undefined;
    const url = await receiver((socket) => {
      socket.write("HTTP/1.1 201 Created\r\nx-a: b\r\ncontent-length: 4\r\n\r\nha");
      end = () => socket.write("lf");
    });
    const posted = transport().post(request(url, { onHead }));
    await expect.poll(() => heads).toHaveLength(1);
    expect(heads).toMatchObject([{ kind: "answer", status: 201, headers: { "x-a": "b" } }]);
    end();
    expect(answerOf(await posted)).toMatchObject({ status: 201, body: "half", truncated: false });
    expect(heads).toHaveLength(1);
  });

  it("gets no more time for it than it is given, nor than there is until the deadline", async () => {
    for (const [bodyMs, deadlineMs] of [
      [30, 60_000],
      // The head has to come before the deadline, on a busy machine too.
      [60_000, 1_000],
    ] as const) {
      const { heads, onHead } = hearing(bodyMs);
      const url = await receiver((socket) => {
        const drip = setInterval(() => socket.write("1\r\nz\r\n"), 5);
        socket.on("close", () => clearInterval(drip));
        socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
      });
      const answer = answerOf(await transport().post(request(url, { onHead, deadlineMs })));
      expect(answer).toMatchObject({ status: 200, truncated: true, body: expect.stringMatching(/^z*$/) });
      expect(heads).toHaveLength(1);
    }
  });

  it("is cut off at once when it gets none, and its connection with it", async () => {
    const { onHead } = hearing(0);
    const closed: Promise<unknown>[] = [];
    const url = await receiver((socket) => {
      closed.push(once(socket, "close"));
      socket.write("HTTP/1.1 500 Oh\r\ncontent-length: 9\r\n\r\nnot ");
    });
    expect(answerOf(await transport().post(request(url, { onHead })))).toMatchObject({ status: 500, body: "not ", truncated: true });
    await Promise.all(closed);
  });

  it("is not told of when the body came along with it, nor when there is no answer", async () => {
    const { heads, onHead } = hearing(0);
    const url = await receiver((socket) => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"));
    const made = transport();
    for (let n = 0; n < 5; n++) expect(answerOf(await made.post(request(url, { onHead }))).body).toBe("ok");
    const away = await receiver((socket) => socket.destroy());
    expect(await made.post(request(away, { onHead }))).toMatchObject({ kind: "fault", code: "connection_reset" });
    expect(heads).toEqual([]);
  });
});

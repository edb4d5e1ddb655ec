import { createServer, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { inTurn } from "./in-turn.ts";

const REQUEST = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
const cleanUp: (() => void)[] = [];
afterEach(() => {
  for (const step of cleanUp.splice(0)) step();
});

/** A server that holds its answers back until `next` is called, and a client of it. */
async function opened(waiting: number) {
  const begun: ServerResponse[] = [];
  let wake = (): void => undefined;
  let refused = 0;
  const { listener, onceAnswered } = inTurn(
    (_request, response) => {
      begun.push(response);
      wake();
    },
    waiting,
    (socket) => {
      refused++;
      socket.destroy();
    },
  );
  const server = createServer(listener);
  server.on("clientError", (_error, socket) => onceAnswered(socket as Socket, () => socket.end("refused.")));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const client: Socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  let said = "";
  client.on("data", (chunk) => (said += chunk)).on("error", () => undefined);
  const closed = new Promise<void>((resolve) => client.once("close", () => resolve()));
  cleanUp.push(() => {
    client.destroy();
    server.closeAllConnections();
    server.close();
  });
  return {
    client,
    closed,
    begun,
    refused: () => refused,
    said: () => said,
    /** Resolves once so many have begun. */
    async until(count: number): Promise<void> {
      while (begun.length < count) await new Promise<void>((resolve) => (wake = resolve));
    },
  };
}

test("requests that arrive together begin one after another, each after the answer before", async () => {
  const { client, begun, until, said, closed } = await opened(4);
  client.write(REQUEST.repeat(4));
  for (let count = 1; count <= 4; count++) {
    await until(count);
    // What has arrived is parsed in this turn of the event loop, and the next ones.
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(begun).toHaveLength(count);
    begun[count - 1]?.setHeader("connection", count === 4 ? "close" : "keep-alive").end(`answer ${count}.`);
  }
  await closed;
  expect(said().match(/answer \d\./g)).toEqual(["answer 1.", "answer 2.", "answer 3.", "answer 4."]);
});

test("an answer that the client does not read holds back the next request", async () => {
  const { client, begun, until } = await opened(4);
  client.pause();
  client.write(REQUEST.repeat(2));
  await until(1);
  // More than the network buffers for a client that does not read.
  begun[0]?.end("x".repeat(64 * 1_048_576));
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(begun).toHaveLength(1);
  client.resume();
  await until(2);
});

test("a connection on which more wait is closed, and nothing that waits on it begins", async () => {
  const { client, begun, closed, refused } = await opened(4);
  client.write(REQUEST.repeat(400));
  await closed;
  expect([begun.length, refused()]).toEqual([1, 1]);
  begun[0]?.end("late");
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(begun).toHaveLength(1);
});

test.each([
  ["after one", REQUEST, 1],
  ["after three", REQUEST.repeat(3), 3],
  ["in the body of the one that waits", `${REQUEST}POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nwh`, 1],
])("what cannot be read %s is refused once those before it are answered", async (_, before, count) => {
  const { client, begun, until, said, closed } = await opened(4);
  client.write(`${before}NONSENSE\r\n\r\n`);
  await until(1);
  // Each further piece fails as well.
  client.write("NONSENSE\r\n\r\n");
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(said()).toBe("");
  for (let answer = 1; answer <= count; answer++) {
    await until(answer);
    begun[answer - 1]?.end(`answer ${answer}.`);
  }
  await closed;
  const answers = Array.from({ length: count }, (_unused, index) => `answer ${index + 1}.`);
  expect(said().match(/answer \d\.|refused\./g)).toEqual([...answers, "refused."]);
});

test("what cannot be read is refused at once where nothing waits for an answer", async () => {
  const { client, begun, until, said, closed } = await opened(4);
  client.write(REQUEST);
  await until(1);
  begun[0]?.end("answer 1.");
  while (!said().includes("answer 1.")) await new Promise((resolve) => client.once("data", resolve));
  client.write("NONSENSE\r\n\r\n");
  await closed;
  expect(said()).toMatch(/answer 1\.refused\.$/);
});

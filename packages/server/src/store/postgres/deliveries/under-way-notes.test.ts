import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { leaseToken } from "../rows/lease-token.ts";
import { UnderWayNotes } from "./under-way-notes.ts";

/** A database that answers as it is told to. Source: https://www.postgresql.org/docs/18/protocol-flow.html */

const [ONE, TWO, THREE] = [leaseToken(1, 1), leaseToken(2, 1), leaseToken(3, 1)];

let server: Server;
let notes: UnderWayNotes;
/** The statements that came, by their names. */
let came: string[];
/** The SQLSTATE that a statement fails with; null for those that do not. May take its time. */
let failing: (statement: string) => string | null | Promise<string | null>;
const sockets = new Set<Socket>();

beforeEach(async () => {
  came = [];
  failing = () => null;
  server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `postgres://somebody@127.0.0.1:${(server.address() as AddressInfo).port}/any`;
  notes = new UnderWayNotes({ url, node: "this", connectMs: 10_000, answerMs: 10_000, endMs: 1_000 });
});
afterEach(async () => {
  await notes.close();
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  await new Promise((resolve) => server.close(resolve));
});

function message(type: string, body: Buffer | string = ""): Buffer {
  const bytes = Buffer.from(body);
  const head = Buffer.alloc(5);
  head.write(type, 0);
  head.writeInt32BE(bytes.length + 4, 1);
  return Buffer.concat([head, bytes]);
}

function serve(socket: Socket): void {
  let rest = Buffer.alloc(0);
  let started = false;
  let statement = "";
  let parsed = false;
  socket.on("data", (bytes: Buffer) => {
    rest = Buffer.concat([rest, bytes]);
    while (rest.length >= 5) {
      // The first message alone has no type.
      const type = started ? String.fromCharCode(rest[0] as number) : "";
      const from = started ? 1 : 0;
      const past = from + rest.readInt32BE(from);
      if (rest.length < past) return;
      const texts = rest
        .subarray(from + 4, past)
        .toString("latin1")
        .split("\0");
      rest = rest.subarray(past);
      if (!started) {
        started = true;
        socket.write(Buffer.concat([message("R", Buffer.alloc(4)), message("Z", "I")]));
      } else if (type === "P") parsed = true;
      else if (type === "B") statement = texts[1] ?? "";
      else if (type === "S") {
        void answer(socket, statement, parsed);
        parsed = false;
      }
    }
  });
}

async function answer(socket: Socket, statement: string, parsed: boolean): Promise<void> {
  came.push(statement);
  const code = await failing(statement);
  const done = [...(parsed ? [message("1")] : []), message("2"), message("C", "DELETE 1\0")];
  const failed = [message("E", `SERROR\0VERROR\0C${code}\0Mas this test wants it\0\0`)];
  socket.write(Buffer.concat([...(code === null ? done : failed), message("Z", "I")]));
}

/** How noting one more ends: "noted", or the SQLSTATE of its failure. */
const noting = (token: string) =>
  (notes.begin([token]) as Promise<void>).then(
    () => "noted",
    (error: { code?: string }) => error.code ?? String(error),
  );

/** Makes a row be written again, with one delivery less. */
async function reduce(): Promise<void> {
  notes.written(notes.next(), [ONE, TWO]);
  expect(notes.begin([ONE])).toBeNull();
  notes.giveUpUnbegun([ONE, TWO]);
}

/** Makes a finished row be deleted separately. */
async function forget(): Promise<void> {
  await notes.begin([ONE]);
  notes.settled([ONE]);
}

const ALONE = [
  { statement: "forget", cause: forget },
  { statement: "reduce", cause: reduce },
];

test.each(ALONE)(
  "a $statement that fails because of a bug is reported to the next caller that begins attempts, and at the end",
  async ({ statement, cause }) => {
    failing = (name) => (name === statement ? "42703" : null);
    await cause();
    await expect.poll(() => noting(THREE)).toBe("42703");
    await expect(notes.close()).rejects.toMatchObject({ code: "42703" });
    notes = new UnderWayNotes({ url: "postgres://nowhere", node: "other", connectMs: 1, answerMs: 1, endMs: 1 });
  },
);

test.each(ALONE.flatMap((alone) => ["53100", "40P01"].map((code) => ({ ...alone, code }))))(
  "a $statement that fails with $code may wait, and what begins is noted",
  async ({ statement, cause, code }) => {
    failing = (name) => (name === statement ? code : null);
    await cause();
    await expect.poll(() => came).toContain(statement);
    expect(await noting(THREE)).toBe("noted");
  },
);

test("what begins while a finished row cannot be deleted is noted after that, and does not wait for more to begin", async () => {
  const held = Promise.withResolvers<void>();
  failing = async (name) => {
    if (name !== "forget") return null;
    await held.promise;
    return "53100";
  };
  await forget();
  await expect.poll(() => came).toContain("forget");
  const begun = noting(TWO);
  held.resolve();
  expect(await begun).toBe("noted");
});

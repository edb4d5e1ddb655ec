import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hostileAnswer, NAMED_ANSWERS } from "../../../test/hostile-answers/hostile-answers.ts";
import { type LastHead, type ReadProblem, ResponseReader } from "./response-reader.ts";

const LIMITS = { headBytes: 16_384, interimAnswers: 16, overheadBytes: 65_536 };

interface Reading {
  status: number;
  headers: Record<string, string>;
  body: string;
  problem: ReadProblem | null;
  complete: boolean;
  reusable: boolean;
}

/** Reads pieces as a connection does: it stops at a problem. `end`: the connection is closed after them. */
function read(pieces: readonly Buffer[], { end = false, limits = LIMITS, last = { read: null } as LastHead } = {}): Reading {
  const reading: Reading = { status: 0, headers: {}, body: "", problem: null, complete: false, reusable: false };
  const listener = {
    onHead(status: number, headers: Readonly<Record<string, string>>) {
      expect(reading.status, "the head is told once").toBe(0);
      reading.status = status;
      reading.headers = { ...headers };
    },
    onData(data: Buffer) {
      expect(data.length).toBeGreaterThan(0);
      reading.body += data.toString("latin1");
    },
  };
  const reader = new ResponseReader(limits, listener, last);
  for (const piece of pieces) {
    reading.problem = reader.read(piece);
    if (reading.problem !== null) break;
  }
  reading.complete = reading.problem === null && (end ? reader.end() : reader.complete);
  reading.reusable = reading.problem === null && reader.reusable;
  return reading;
}

const bytes = (text: string) => Buffer.from(text, "latin1");
const whole = (text: string, options?: Parameters<typeof read>[1]) => read([bytes(text)], options);
const byByte = (of: Buffer) => Array.from({ length: of.length }, (_, at) => of.subarray(at, at + 1));

describe("an answer", () => {
  it("is read the same, whatever the connection's last answer was", () => {
    const texts = [...Object.values(NAMED_ANSWERS), "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", "HTTP/1.1 204\r\n\r\n"].map(bytes);
    const alone = texts.map((text) => read([text]));
    for (const first of texts)
      for (const [at, second] of texts.entries()) {
        const last: LastHead = { read: null };
        read([first], { last });
        expect(read([second], { last })).toEqual(alone[at]);
      }
  });

  it("is its head and its body", () => {
    expect(whole("HTTP/1.1 200 OK\r\nX-One:\t a \r\nx-one: b\r\nContent-Length: 2\r\n\r\nok")).toEqual({
      status: 200,
      headers: { "x-one": "a, b", "content-length": "2" },
      body: "ok",
      problem: null,
      complete: true,
      reusable: true,
    });
  });

  it.each([
    ["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2 ;a=b\r\nok\r\n3\r\nay!\r\n0\r\nx: y\r\n\r\n", "okay!"],
    ["HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n0A\r\n0123456789\r\n000\r\n\r\n", "0123456789"],
    ["HTTP/1.0 200 OK\r\nconnection: Keep-Alive\r\ncontent-length: 2\r\n\r\nok", "ok"],
    ["HTTP/1.1 204\r\n\r\n", ""],
    ["HTTP/1.1 500 \r\ncontent-length: 0\r\n\r\n", ""],
    ["HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", "ok"],
  ])("%j is complete, and its connection can be used again", (text, body) => {
    expect(whole(text)).toMatchObject({ body, problem: null, complete: true, reusable: true });
  });

  it.each([
    ["has no end but the connection's", "HTTP/1.1 200 OK\r\n\r\nok", "ok"],
    ["has another last coding", "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\nok", "ok"],
    ["is the last on its connection", "HTTP/1.1 200 OK\r\nconnection: x, Close\r\ncontent-length: 2\r\n\r\nok", "ok"],
    ["is of HTTP/1.0", "HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok", "ok"],
    ["is of HTTP/1.0, in chunks", "HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", ""],
    ["has something after it", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok\r\n", "ok"],
    ["announces a body that it must not have", "HTTP/1.1 204 No Content\r\ncontent-length: 2\r\n\r\n", ""],
    ["announces chunks that it must not have", "HTTP/1.1 304 Not Modified\r\ntransfer-encoding: chunked\r\n\r\n", ""],
  ])("that %s is complete, but its connection cannot be used again", (_, text, body) => {
    expect(whole(text, { end: true })).toMatchObject({ body, problem: null, complete: true, reusable: false });
  });

  it("is not complete before its end", () => {
    for (const text of [
      "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nok",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n",
      "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n",
      "HTTP/1.1 100 Continue\r\n\r\n",
      "",
    ])
      expect(whole(text, { end: true })).toMatchObject({ problem: null, complete: false, reusable: false });
  });
});

describe("what is no answer", () => {
  it("is found out by its first line", () => {
    for (const text of ["SSH-2.0", "h", "\r\n", "HTTP/2", "HTTP/1.1 000 X\r\n", "HTTP/1.1 20\r\nx: y", "HTTP/1.1 200 OK\nx: y"])
      expect(whole(text).problem, text).toBe("invalid");
    for (const text of ["", "HTT", "HTTP/1.", "HTTP/1.1 200 O", "HTTP/1.1 200 OK\r", "HTTP/1.1 200 OK\r\nx"])
      expect(whole(text).problem, text).toBeNull();
  });

  it.each([
    ["a head beyond the limit", "HTTP/1.1 200 OK\r\nx: yyy\r\n\r\n", "head_too_large"],
    ["a head beyond the limit that has not ended", `HTTP/1.1 200 OK\r\n${"x".repeat(40)}`, "head_too_large"],
    ["more interim answers than allowed", "HTTP/1.1 102\r\n\r\n".repeat(3), "interim_without_end"],
    ["another protocol", "HTTP/1.1 101\r\n\r\n", "upgrade"],
  ])("%s", (_, text, problem) => {
    const limits = { headBytes: 24, interimAnswers: 2, overheadBytes: 10 };
    expect(whole(text, { limits }).problem).toBe(problem);
    expect(read(byByte(bytes(text)), { limits }).problem).toBe(problem);
  });

  it("is what its chunks have beside data, beyond the limit", () => {
    const limits = { ...LIMITS, overheadBytes: 10 };
    const head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    expect(whole(`${head}2\r\nok\r\n0\r\n\r\n`, { limits }).problem).toBeNull();
    expect(whole(`${head}2;ab\r\nok\r\n0\r\n\r\n`, { limits }).problem).toBe("invalid");
  });
});

describe("an answer reads the same however it is split:", () => {
  it.each(Object.entries(NAMED_ANSWERS))("%s", (_, text) => {
    const at = bytes(text);
    const once = read([at]);
    if (at.length < 2_000) for (let cut = 1; cut < at.length; cut++) expectSame(once, read([at.subarray(0, cut), at.subarray(cut)]));
    expectSame(once, read(byByte(at)));
  });

  it("any that is made up", () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat()), (numbers) => {
        const below = (bound: number) => (numbers.next().value as number) % bound;
        const at = Buffer.concat(hostileAnswer(below).pieces);
        const once = read([at]);
        expectSame(once, read(byByte(at)));
        const cut = below(at.length + 1);
        expectSame(once, read([at.subarray(0, cut), at.subarray(cut)].filter((piece) => piece.length > 0)));
      }),
      { numRuns: 1_000 },
    );
  });

  function expectSame(once: Reading, split: Reading): void {
    // What has arrived may decide which of two problems is found first, but not whether there is one.
    expect({ ...split, problem: split.problem !== null }).toEqual({ ...once, problem: once.problem !== null });
  }
});

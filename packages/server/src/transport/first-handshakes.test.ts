import { expect, test } from "vitest";
import { FirstHandshakes } from "./first-handshakes.ts";

const ORIGIN = "https://hooks.example";
const coded = (code: string) => Object.assign(new Error(code), { code });

/** Handshakes that end when they are told to. */
function started() {
  const time = { now: 0, worked: 0 };
  const handshakes = new FirstHandshakes(
    { tlsRefusalCostlyMs: 50, tlsRefusalKeptMs: 60_000 },
    { now: () => time.now, worked: () => time.worked },
  );
  const begun: PromiseWithResolvers<string>[] = [];
  const ends: string[] = [];
  const isOver = { now: false };
  function begin(name: string, origin = ORIGIN) {
    const handshake = () => {
      const made = Promise.withResolvers<string>();
      begun.push(made);
      return made.promise;
    };
    const told = (error: Error) => void ends.push(`${name} ${error.message}`);
    handshakes.run(origin, () => isOver.now, handshake).then((made) => void ends.push(`${name} ${made}`), told);
  }
  /** Ends the newest, and returns what has ended since. */
  async function end(made: string | Error) {
    const newest = begun.at(-1);
    if (made instanceof Error) newest?.reject(made);
    else newest?.resolve(made);
    await new Promise((resolve) => setImmediate(resolve));
    return ends.splice(0);
  }
  return { begin, begun, end, isOver, time };
}

test("there is one with an origin until one has succeeded, and then as many as are asked for", async () => {
  const { begin, begun, end } = started();
  for (const name of ["a", "b", "c"]) begin(name);
  expect(begun).toHaveLength(1);
  expect(await end("made")).toEqual(["a made"]);
  expect(begun).toHaveLength(3);
  begin("d");
  expect(begun).toHaveLength(4);
});

test("what waits for one that TLS refuses ends like it", async () => {
  const { begin, begun, end } = started();
  for (const name of ["a", "b", "c"]) begin(name);
  expect(await end(coded("CERT_HAS_EXPIRED"))).toEqual(["a CERT_HAS_EXPIRED", "b CERT_HAS_EXPIRED", "c CERT_HAS_EXPIRED"]);
  expect(begun).toHaveLength(1);
  begin("later");
  expect(begun).toHaveLength(2);
});

test("what waits for one whose connection breaks makes its own, one after another", async () => {
  const { begin, begun, end } = started();
  for (const name of ["a", "b", "c"]) begin(name);
  expect(await end(coded("ECONNRESET"))).toEqual(["a ECONNRESET"]);
  expect(begun).toHaveLength(2);
  expect(await end("made")).toEqual(["b made"]);
  expect(begun).toHaveLength(3);
});

test("three that are refused in a row after others succeeded make it one at a time again", async () => {
  const { begin, begun, end } = started();
  begin("a");
  await end("made");
  const ended = [coded("CERT_HAS_EXPIRED"), coded("ECONNRESET"), coded("CERT_HAS_EXPIRED"), "made", coded("CERT_HAS_EXPIRED")];
  for (const made of [...ended, coded("CERT_HAS_EXPIRED")]) {
    begin("b");
    await end(made);
  }
  begin("c");
  begin("d");
  expect(begun).toHaveLength(9);
  await end(coded("CERT_HAS_EXPIRED"));
  begin("e");
  begin("f");
  expect(begun).toHaveLength(10);
});

test("an origin does not hold up others", () => {
  const { begin, begun } = started();
  begin("a");
  begin("b");
  begin("elsewhere", "https://other.example");
  expect(begun).toHaveLength(2);
});

test("what was given up while it waited makes none", async () => {
  const { begin, begun, end, isOver } = started();
  begin("a");
  begin("b");
  isOver.now = true;
  expect(await end("made")).toEqual(["a made", "b It was given up."]);
  expect(begun).toHaveLength(1);
});

test("a refusal that took the thread long is kept for fifty times as long", async () => {
  const { begin, begun, end, time } = started();
  begin("a");
  time.worked = 100;
  await end(coded("CERT_UNTRUSTED"));
  time.now = 4_999;
  begin("b");
  expect([await end("nothing"), begun.length]).toEqual([["b CERT_UNTRUSTED"], 1]);
  begin("elsewhere", "https://other.example");
  expect(begun).toHaveLength(2);
  time.now = 5_000;
  begin("c");
  expect(begun).toHaveLength(3);
});

test("a refusal is kept for a minute at most", async () => {
  const { begin, begun, end, time } = started();
  begin("a");
  time.worked = 7_000;
  await end(coded("CERT_UNTRUSTED"));
  time.now = 60_000;
  begin("b");
  expect(begun).toHaveLength(2);
});

test("a refusal that took no time, and a connection that broke, are not kept", async () => {
  for (const [worked, code] of [
    [49, "CERT_UNTRUSTED"],
    [1_000, "ECONNRESET"],
  ] as const) {
    const { begin, begun, end, time } = started();
    begin("a");
    time.worked = worked;
    await end(coded(code));
    begin("b");
    expect(begun, code).toHaveLength(2);
  }
});

import { expect, test } from "vitest";
import { startFailure } from "./start-failure.ts";

const START = { command: "dev", host: "127.0.0.1", port: 12111, database: "/data/carabiner.db" };
const coded = (code: string): Error => Object.assign(new Error(code), { code });

test.each([
  ["EADDRINUSE", "Port 12111 of 127.0.0.1 is in use.", "carabiner dev --port 12112"],
  ["EACCES", "Not allowed to listen on port 12111", "below 1024"],
  ["EADDRNOTAVAIL", "This machine has no address 127.0.0.1", "--host"],
  ["ERR_SQLITE_ERROR", "Cannot use the database /data/carabiner.db", "--data"],
])("the message about %s says what to do", (code, message, advice) => {
  const failure = startFailure(coded(code), START);
  expect(failure?.message).toContain(message);
  expect(failure?.advice).toContain(advice);
});

test("another port than the API's is named with its own flag", () => {
  const at = (where: object) => startFailure(Object.assign(coded("EADDRINUSE"), where), START);
  expect(at({ address: "127.0.0.1", port: 12111 })?.message).toBe("Port 12111 of 127.0.0.1 is in use.");
  expect(at({ address: "127.0.0.1", port: 9464 })).toMatchObject({
    message: "Port 9464 of 127.0.0.1, for the metrics, is in use.",
    advice: "Give another with --metrics-port or --metrics-host.",
  });
});

test("an unavailable address for the metrics is reported with its own flag, also with port 0", () => {
  const at = (code: string, where: object) => startFailure(Object.assign(coded(code), where), { ...START, port: 0 });
  const metrics = { advice: expect.stringContaining("--metrics-host") };
  expect(at("EADDRNOTAVAIL", { address: "203.0.113.9" })).toMatchObject({ message: expect.stringContaining("203.0.113.9"), ...metrics });
  expect(at("ENOTFOUND", { hostname: "nope.invalid" })).toMatchObject({ message: expect.stringContaining("nope.invalid"), ...metrics });
  expect(at("ENOTFOUND", { hostname: START.host })?.advice).toContain("--host");
});

test("a socket that cannot be created is reported with its flag", () => {
  const error = Object.assign(new Error("The socket /run/x.sock cannot be used: there is something else by this name."), {
    name: "UnusableSocket",
  });
  expect(startFailure(error, START)).toMatchObject({ message: error.message, advice: "Give another with --unix-socket." });
  expect(startFailure(coded("ENOENT"), START)).toBeNull();
});

test("limits that contradict each other are reported with the flag", () => {
  const error = Object.assign(new Error("1 is less than three times nodeBeatMs, which is 2000."), {
    name: "InvalidLimit",
    limit: "nodeGoneMs",
  });
  expect(startFailure(error, START)?.message).toBe("--limit nodeGoneMs: 1 is less than three times nodeBeatMs, which is 2000.");
});

test("the message about a database made for something else says what to do", () => {
  const error = Object.assign(new Error("it was made for development"), { name: "WrongStorePurpose" });
  expect(startFailure(error, START)?.message).toBe("Cannot use the database /data/carabiner.db: it was made for development.");
});

test("a database is named once, with one advice", () => {
  const at = "/data/carabiner.db";
  const busy = Object.assign(new Error(`The database ${at} is in use by another process.`), { name: "StoreUnavailable" });
  expect(startFailure(busy, START)).toMatchObject({
    message: `The database ${at} is in use by another process.`,
    advice: "Stop the server that uses it, or give another directory with --data.",
  });
  const other = Object.assign(new Error("Nothing can be stored: the disk is full."), { name: "StoreUnavailable" });
  expect(startFailure(other, START)?.message).toBe(`Cannot use the database ${at}: Nothing can be stored: the disk is full.`);
});

test.each([START.database, "postgres://db/carabiner"])(
  "the message about keys that do not fit %s points to the documentation of keys",
  (database) => {
    const unfit = (more: object) => Object.assign(new Error("It cannot be."), { name: "UnfitDatabase" }, more);
    expect(startFailure(unfit({ keysDiffer: true }), { ...START, database })?.advice).toContain("docs/secrets.md");
    expect(startFailure(unfit({}), { ...START, database })?.advice ?? "").not.toContain("docs/secrets.md");
  },
);

test("anything else is a bug", () => {
  expect(startFailure(new TypeError("x is not a function"), START)).toBeNull();
  expect(startFailure(coded("ERR_SQLITE_ERROR"), { ...START, database: null })).toBeNull();
});

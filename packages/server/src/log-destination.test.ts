import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DEFAULT_LIMITS } from "./limits.ts";
import { createLogDestination } from "./log-destination.ts";

let directory: string;
let file: string;
let fd: number;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "carabiner-log-"));
  file = join(directory, "log");
  writeFileSync(file, "");
  fd = openSync(file, "a");
});
afterEach(() => {
  vi.useRealTimers();
  closeSync(fd);
  rmSync(directory, { recursive: true });
});

const text = (): string => readFileSync(file, "utf8");

type Done = (error: NodeJS.ErrnoException | null, written: number) => void;

/** Writes that end when the test says so: all of it, some bytes, or an error. */
function heldWrites() {
  const held: (() => (end: number | string) => void)[] = [];
  return {
    write(fd: number, data: Buffer, done: Done): void {
      held.push(() => (end) => {
        if (typeof end === "string") done(Object.assign(new Error(end), { code: end }), 0);
        else done(null, writeSync(fd, data.subarray(0, end)));
      });
    },
    end(how: number | string = 1_000): void {
      held.shift()?.()(how);
    },
    under: () => held.length,
  };
}

test("lines are written in order, one write at a time, and what comes meanwhile together", () => {
  const writes = heldWrites();
  const log = createLogDestination(fd, DEFAULT_LIMITS, writes.write);
  for (const line of ["one\n", "two\n", "three\n"]) log.write(line);
  expect(writes.under()).toBe(1);
  writes.end(2);
  writes.end();
  writes.end();
  expect([text(), writes.under()]).toEqual(["one\ntwo\nthree\n", 0]);
});

test("as many characters wait as its limit says", () => {
  const writes = heldWrites();
  const log = createLogDestination(fd, { logWaitingChars: 10 }, writes.write);
  for (const line of ["under way\n", "waits\n", "lost\n", "too\n"]) log.write(line);
  writes.end();
  writes.end();
  expect([text(), writes.under()]).toEqual(["under way\nwaits\ntoo\n", 0]);
});

test("lines that cannot be written are lost, and those after them begin a line", () => {
  const writes = heldWrites();
  const log = createLogDestination(fd, DEFAULT_LIMITS, writes.write);
  log.write("one\n");
  writes.end(2);
  log.write("two\n");
  writes.end("ENOSPC");
  writes.end("ENOSPC");
  log.write("three\n");
  writes.end();
  expect(text()).toBe("on\nthree\n");
});

test("a reader that accepts no more for now gets the same lines later", () => {
  vi.useFakeTimers();
  const writes = heldWrites();
  const log = createLogDestination(fd, DEFAULT_LIMITS, writes.write);
  log.write("one\n");
  writes.end("EAGAIN");
  expect(writes.under()).toBe(0);
  vi.runAllTimers();
  writes.end();
  expect(text()).toBe("one\n");
});

test("what a reader does not take is bounded", () => {
  const writes = heldWrites();
  const log = createLogDestination(fd, DEFAULT_LIMITS, writes.write);
  const line = `${"x".repeat(1_048_575)}\n`;
  for (let n = 0; n < 20; n++) log.write(line);
  log.flushSync();
  // One is under way.
  expect(text().length).toBe(16 * 1_048_576);
});

test("what waits is written before the process ends, where it can be", () => {
  const writes = heldWrites();
  const log = createLogDestination(fd, DEFAULT_LIMITS, writes.write);
  log.write("one\n");
  log.write("two\n");
  log.flushSync();
  expect(text()).toBe("two\n");

  const readable = openSync(file, "r");
  try {
    const nowhere = createLogDestination(readable, DEFAULT_LIMITS, heldWrites().write);
    nowhere.write("three\n");
    nowhere.write("four\n");
    nowhere.flushSync();
  } finally {
    closeSync(readable);
  }
  expect(text()).toBe("two\n");
});

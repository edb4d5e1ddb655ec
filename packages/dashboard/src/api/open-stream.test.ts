import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openStream } from "./open-stream.ts";

/** A browser's `EventSource`, whose connection the test has in its hand. */
class FakeSource extends EventTarget {
  static readonly CLOSED = 2;
  static all: FakeSource[] = [];
  readyState = 0;
  onerror: (() => void) | null = null;

  constructor() {
    super();
    FakeSource.all.push(this);
  }

  close(): void {
    this.readyState = FakeSource.CLOSED;
  }

  say(type: string, data: object = {}): void {
    this.readyState = 1;
    this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(data) }));
  }

  fail(readyState: 0 | 2): void {
    this.readyState = readyState;
    this.onerror?.();
  }
}

const HELLO = { heartbeat_ms: 15_000 };

let told: string[];
let close: () => void;
const last = (): FakeSource => FakeSource.all.at(-1) as FakeSource;
const opened = (): number => FakeSource.all.length;
beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("EventSource", FakeSource);
  FakeSource.all = [];
  told = [];
  close = openStream("/console/stream", {
    changed: (changes) => void told.push(JSON.stringify(changes.endpoints ?? [])),
    connected: (is) => void told.push(is ? "open" : "broken"),
    ended: () => void told.push("ended"),
  });
});
afterEach(() => {
  close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a stream that goes silent is opened again", () => {
  last().say("hello", HELLO);
  vi.advanceTimersByTime(34_000);
  expect([opened(), told]).toEqual([1, ["open", "[]"]]);
  vi.advanceTimersByTime(2_000);
  expect(opened()).toBe(2);
  expect(FakeSource.all[0]?.readyState).toBe(FakeSource.CLOSED);
  expect(told.at(-1)).toBe("broken");
  last().say("hello", HELLO);
  last().say("changes", { endpoints: ["we_1"] });
  expect(told.slice(-3)).toEqual(["open", "[]", '["we_1"]']);
});

test("a stream that sends anything stays open", () => {
  last().say("hello", HELLO);
  for (let minute = 0; minute < 20; minute++) {
    vi.advanceTimersByTime(30_000);
    last().say(minute % 2 === 0 ? "alive" : "changes");
  }
  expect(opened()).toBe(1);
});

test("a stream of a server that does not say how long it may be silent stays", () => {
  last().say("hello");
  vi.advanceTimersByTime(3_600_000);
  expect(opened()).toBe(1);
});

test("a stream that does not begin is opened again, even if the browser reconnects on its own", () => {
  vi.advanceTimersByTime(20_000);
  expect(opened()).toBe(2);
  last().say("hello", HELLO);
  last().fail(0);
  vi.advanceTimersByTime(19_000);
  expect(opened()).toBe(2);
  vi.advanceTimersByTime(1_000);
  expect(opened()).toBe(3);
});

test("after an answer that is not a stream, the stream is requested again after five seconds", () => {
  last().fail(2);
  vi.advanceTimersByTime(4_000);
  expect(opened()).toBe(1);
  vi.advanceTimersByTime(1_000);
  expect(opened()).toBe(2);
});

test("a stream that has ended, or is closed, stays so", () => {
  last().say("hello", HELLO);
  last().say("ended");
  vi.advanceTimersByTime(3_600_000);
  expect([opened(), told.at(-1)]).toEqual([1, "ended"]);
  close();
  vi.advanceTimersByTime(3_600_000);
  expect(opened()).toBe(1);
});

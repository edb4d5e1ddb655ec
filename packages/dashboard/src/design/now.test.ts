import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { realNow, serverNow, tellServerDate, tellServerTime } from "./now.ts";

const NOON = Date.parse("2026-03-01T12:00:00Z");
/** What this machine's clock says when the server's says noon. */
const wrongBy = (ms: number): number => NOON + ms;
const dateAt = (ms: number): string => new Date(ms).toUTCString();

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  // A clock that is right again.
  tellServerDate(dateAt(Date.now()), Date.now(), Date.now());
  tellServerTime({ now: Math.floor(Date.now() / 1_000), frozen: false });
  vi.useRealTimers();
});

test.each([-3_600_000, 45_000, 86_400_000])("a machine whose clock is wrong by %i ms shows the server's time", (ms) => {
  vi.setSystemTime(wrongBy(ms));
  tellServerDate(dateAt(NOON), Date.now() - 100, Date.now());
  expect(Math.abs(serverNow() - NOON)).toBeLessThan(2_000);
  // What comes later, and late, does not make it jump.
  const before = serverNow();
  vi.setSystemTime(wrongBy(ms) + 10_000);
  tellServerDate(dateAt(NOON + 3_000), wrongBy(ms) + 1_000, Date.now());
  expect(serverNow()).toBe(before + 10_000);
});

test("a correct clock is not changed, however late answers come", () => {
  vi.setSystemTime(NOON);
  tellServerDate(dateAt(NOON - 9_000), NOON - 10_000, NOON);
  tellServerDate(dateAt(NOON - 1), NOON - 400, NOON);
  tellServerDate("no date", NOON, NOON);
  tellServerDate(null, NOON, NOON);
  expect(serverNow()).toBe(NOON);
});

test("a machine whose clock is set right is believed again", () => {
  vi.setSystemTime(wrongBy(3_600_000));
  tellServerDate(dateAt(NOON), Date.now(), Date.now());
  vi.setSystemTime(NOON + 5_000);
  tellServerDate(dateAt(NOON + 5_000), NOON + 4_900, NOON + 5_000);
  expect(serverNow()).toBe(NOON + 5_000);
});

test("a turned clock is ahead of the real time, also where this machine's clock is wrong", () => {
  vi.setSystemTime(wrongBy(-7_200_000));
  tellServerDate(dateAt(NOON), Date.now(), Date.now());
  tellServerTime({ now: NOON / 1_000 + 86_400, frozen: false });
  expect(Math.round((serverNow() - realNow()) / 10_000)).toBe(8_640);
  tellServerTime({ now: NOON / 1_000, frozen: false });
  expect(serverNow()).toBe(realNow());
});

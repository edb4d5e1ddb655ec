import { describe, expect, it } from "vitest";
import { arrivesAt, returnedAt, submittedAt } from "./payout-timing.ts";

const time = (at: number): string => new Date(at).toISOString();
const MONDAY = Date.parse("2026-11-02T10:00:00Z");
const FRIDAY = Date.parse("2026-11-06T23:30:00Z");

describe("a standard payout", () => {
  it("is submitted after an hour, and arrives at the start of the second business day", () => {
    expect(time(submittedAt("standard", MONDAY))).toBe("2026-11-02T11:00:00.000Z");
    expect(time(arrivesAt("standard", "US", MONDAY))).toBe("2026-11-04T00:00:00.000Z");
    expect(time(arrivesAt("standard", "US", FRIDAY))).toBe("2026-11-10T00:00:00.000Z");
    expect(time(arrivesAt("standard", "SA", FRIDAY))).toBe("2026-11-09T00:00:00.000Z");
  });

  it("that the bank sends back comes on the next business day", () => {
    expect(time(returnedAt("US", MONDAY))).toBe("2026-11-03T00:00:00.000Z");
    expect(time(returnedAt("US", FRIDAY))).toBe("2026-11-09T00:00:00.000Z");
  });
});

describe("an instant payout", () => {
  it("is submitted after a minute, and arrives half an hour after it was made, on any day", () => {
    expect(time(submittedAt("instant", FRIDAY))).toBe("2026-11-06T23:31:00.000Z");
    expect(time(arrivesAt("instant", "US", FRIDAY))).toBe("2026-11-07T00:00:00.000Z");
  });
});

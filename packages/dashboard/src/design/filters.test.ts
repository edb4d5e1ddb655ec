import { expect, test } from "vitest";
import { fieldOfTime, timeOfField, timeSeconds, wrongTimes } from "./filters.ts";

test("a time in the address is read, and nothing else is", () => {
  expect(timeSeconds("2026-12-01T04:00Z")).toBe(Date.UTC(2026, 11, 1, 4) / 1_000);
  for (const wrong of [undefined, "", "yesterday", "2026-12-01T04:00", "2026-13-01T04:00Z", "1764561600"])
    expect(timeSeconds(wrong)).toBeUndefined();
});

test("a field shows a time in the reader's zone, and gives the same back", () => {
  const time = "2026-07-01T04:00Z";
  const [hour, minute] = fieldOfTime(time).slice(11).split(":").map(Number);
  expect([hour, minute]).toEqual([new Date(time).getHours(), new Date(time).getMinutes()]);
  expect(timeOfField(fieldOfTime(time))).toBe(time);
  expect([fieldOfTime(""), fieldOfTime("soon"), timeOfField("")]).toEqual(["", "", ""]);
});

test("what is wrong with a range of times is said by the filter's name", () => {
  expect(wrongTimes({})).toBeNull();
  expect(wrongTimes({ from: "2026-12-01T04:00Z", until: "2026-12-01T04:00Z" })).toBeNull();
  expect(wrongTimes({ until: "soon" })?.message).toContain("The filter until takes one such as");
  expect(wrongTimes({ from: "2026-12-01T04:01Z", until: "2026-12-01T04:00Z" })?.message).toContain("nothing can be in between");
});

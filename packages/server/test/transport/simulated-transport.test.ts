import { describe, expect, it } from "vitest";
import type { Posted } from "../../src/transport/transport.ts";
import { createSimulatedClock } from "../clock/simulated-clock.ts";
import { createSimulatedTransport } from "./simulated-transport.ts";

const answer = (durationMs: number): Posted => ({ kind: "answer", status: 200, headers: {}, body: "", truncated: false, durationMs });
const request = (deadlineMs: number) => ({ url: "https://hooks.example/", headers: {}, body: new Uint8Array(), deadlineMs });

describe("the simulated transport", () => {
  it("answers when the time of the answer has come", async () => {
    const clock = createSimulatedClock(0);
    const transport = createSimulatedTransport({ clock, random: () => 0.25, respond: (_, random) => answer(random() * 400) });
    const ended: number[] = [];
    const post = transport.post(request(1_000)).then((posted) => {
      ended.push(clock.now());
      return posted;
    });
    await clock.runTo(99);
    expect(ended).toEqual([]);
    await clock.runTo(100);
    expect(ended).toEqual([100]);
    expect(await post).toEqual(answer(100));
  });

  it("keeps the deadline", async () => {
    const clock = createSimulatedClock(0);
    const transport = createSimulatedTransport({ clock, random: () => 0, respond: () => answer(Number.POSITIVE_INFINITY) });
    const post = transport.post(request(1_000));
    expect(clock.nextWakeAt()).toBe(1_000);
    await clock.runTo(1_000);
    expect(await post).toMatchObject({ kind: "fault", code: "timeout", durationMs: 1_000 });
  });

  it("tells of a head whose body takes longer, and leaves the body when its time is over", async () => {
    const clock = createSimulatedClock(0);
    const transport = createSimulatedTransport({ clock, random: () => 0, respond: () => ({ ...answer(100), bodyMs: 500 }) });
    const heads: number[] = [];
    const onHead = (givenMs: number) => () => {
      heads.push(clock.now());
      return givenMs;
    };
    const posts = [600, 200, 0].map((givenMs) => transport.post({ ...request(1_000), onHead: onHead(givenMs) }));
    const hasty = transport.post(request(300));
    await clock.runTo(1_000);
    expect(heads).toEqual([100, 100, 100]);
    expect(await Promise.all(posts)).toMatchObject([
      { truncated: false, durationMs: 600 },
      { truncated: true, durationMs: 300 },
      { truncated: true, durationMs: 100 },
    ]);
    expect(await hasty).toMatchObject({ kind: "answer", truncated: true, durationMs: 300 });
  });

  it("ends what is under way when it is closed", async () => {
    const transport = createSimulatedTransport({ clock: createSimulatedClock(0), random: () => 0, respond: () => answer(10) });
    const post = transport.post(request(1_000));
    await transport.close();
    expect(await post).toMatchObject({ kind: "fault", code: "interrupted" });
  });
});

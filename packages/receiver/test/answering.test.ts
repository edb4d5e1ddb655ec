import { afterEach, expect, test } from "vitest";
import { createReceiver } from "../src/create-receiver.ts";
import type { Inbox } from "../src/inbox/inbox.ts";
import { sqliteHarness } from "./inbox-harnesses.ts";
import { CONNECT_SECRET, eventOf, START, webhook } from "./signed-webhook.ts";
import { turnedClock } from "./turned-clock.ts";

// When a request is answered whose handlers have run, while the note of it is still on its way to the disk.

const harness = sqliteHarness();
afterEach(() => harness.close());

/** The same inbox, whose notes of success wait until they may. */
function slowToNote<Tx>(inbox: Inbox<Tx>, may: Promise<void>): Inbox<Tx> {
  return {
    ...inbox,
    async begin(claim, holding) {
      const attempt = await inbox.begin(claim, holding);
      if (attempt === null) return null;
      const commit: typeof attempt.commit = async (settlement) => {
        await may;
        return attempt.commit(settlement);
      };
      return Object.create(attempt, { commit: { value: commit } }) as typeof attempt;
    },
  };
}

async function receiving(start: boolean, shortLived = false) {
  const noted = Promise.withResolvers<void>();
  const clock = turnedClock(START);
  const hooks = createReceiver({
    endpoints: { connect: { secret: CONNECT_SECRET, connect: true } },
    livemode: false,
    inbox: slowToNote(await harness.open(), noted.promise),
    clock,
    autoStart: false,
    log: false,
  });
  const returned = Promise.withResolvers<void>();
  hooks.connect.on("payout.paid", () => returned.resolve());
  if (start) await hooks.start();
  const answers: number[] = [];
  const answer = hooks.handle({ ...webhook(eventOf("payout.paid"), { at: START }), shortLived }).then((given) => {
    answers.push(given.status);
    return given;
  });
  await returned.promise;
  return { hooks, answer, answers, noted };
}

test("a started receiver answers when handlers have returned; that it is done is noted afterwards", async () => {
  const { hooks, answer, noted } = await receiving(true);
  const { status, settled } = await answer;
  expect([status, (await hooks.depth()).work.pending]).toEqual([200, 1]);
  noted.resolve();
  await settled;
  expect((await hooks.depth({ settled: true })).work).toMatchObject({ pending: 0, done: 1 });
  await hooks.stop();
});

test.each([
  ["that was not started", false, false],
  ["of a platform that may stop after the answer", true, true],
])("a receiver %s answers when it is noted", async (_which, start, shortLived) => {
  const { hooks, answer, answers, noted } = await receiving(start, shortLived);
  for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setImmediate(resolve));
  expect(answers).toEqual([]);
  noted.resolve();
  await answer;
  expect([answers, (await hooks.depth({ settled: true })).work.done]).toEqual([[200], 1]);
  await hooks.stop();
});

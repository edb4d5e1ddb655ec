import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Inbox } from "../../src/inbox/inbox.ts";
import type { InboxHarness } from "../../src/inbox-contract/inbox-harness.ts";
import { postgresHarness, sqliteHarness } from "../inbox-harnesses.ts";
import { bodyOf, CONNECT_SECRET, eventOf, signatureOf } from "../signed-webhook.ts";
import type { ProgramMessage, ProgramOptions, ProgramOrder } from "./receiver-program.ts";

vi.setConfig({ hookTimeout: 60_000, testTimeout: 60_000 });

const AHEAD_MS = 200_000;

/** A receiver in a separate process. */
interface Program {
  /** Posts an event, signed at its clock's time. Null when it died before it answered. */
  post(event: Record<string, unknown>): Promise<number | null>;
  outcomes: string[];
  /** Tells it something, and resolves to what it answers: the number of tries of a drain. */
  drain(): Promise<number>;
  goOn(): void;
  /** Resolves once its handler has an event. */
  handling: Promise<string>;
  /** Called after each report. */
  onReport: () => void;
  ended: Promise<NodeJS.Signals | null>;
}

/** Resolves once the programs together have reported an outcome so many times. */
function untilReported(programs: readonly Program[], outcome: string, times: number): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (programs.flatMap(({ outcomes }) => outcomes).filter((one) => one === outcome).length >= times) resolve();
    };
    for (const program of programs) program.onReport = look;
    look();
  });
}

function suite<Tx>(
  harness: InboxHarness<Tx>,
  place: () => Pick<ProgramOptions, "kind" | "location" | "schema">,
  { machines }: { machines: boolean },
): void {
  const children: ChildProcess[] = [];
  let inbox: Inbox<Tx>;
  beforeEach(async () => {
    inbox = await harness.open();
  });
  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await gone;
    }
    await harness.close();
  });

  async function start(given: Partial<ProgramOptions> = {}): Promise<Program> {
    const options: ProgramOptions = {
      diesAt: "nowhere",
      aheadMs: 0,
      skewMs: 0,
      works: false,
      waits: false,
      ...place(),
      ...given,
    };
    const child = fork(join(import.meta.dirname, "receiver-program.ts"), [JSON.stringify(options)], { execArgv: [] });
    children.push(child);
    const ended = new Promise<NodeJS.Signals | null>((resolve) => child.once("exit", (_code, signal) => resolve(signal)));
    const outcomes: string[] = [];
    let program: Program | null = null;
    const handling = Promise.withResolvers<string>();
    let drained = Promise.withResolvers<number>();
    const port = await new Promise<number>((resolve, reject) => {
      child.once("exit", (code, signal) => reject(new Error(`the receiver ended with ${code ?? signal} before it listened`)));
      child.on("message", (message: ProgramMessage) => {
        if ("port" in message) resolve(message.port);
        else if ("handling" in message) handling.resolve(message.handling);
        else if ("drained" in message) drained.resolve(message.drained);
        else outcomes.push(message.outcome);
        program?.onReport();
      });
    });
    program = {
      outcomes,
      handling: handling.promise,
      drain() {
        drained = Promise.withResolvers();
        child.send("drain" satisfies ProgramOrder);
        return drained.promise;
      },
      goOn: () => child.send("go on" satisfies ProgramOrder),
      onReport: () => undefined,
      ended,
      async post(event) {
        const body = bodyOf(event);
        const signature = signatureOf(body, { secret: CONNECT_SECRET, at: Date.now() + options.aheadMs + options.skewMs });
        try {
          return (await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body, headers: { "stripe-signature": signature } })).status;
        } catch (error) {
          if ((await ended) === "SIGKILL") return null;
          throw error;
        }
      },
    };
    return program;
  }
  const effects = async (): Promise<string[]> => (harness.effects === null ? [] : harness.effects());

  test("two processes get the same events at the same time: each has one effect", async () => {
    const programs = await Promise.all([start({ works: true }), start({ works: true })]);
    const ids = Array.from({ length: 6 }, (_, n) => `evt_both_${n}`);
    const statuses = await Promise.all(
      ids.flatMap((id) => {
        const event = eventOf("payout.paid", { id, object: { id: `po_${id}`, object: "payout" } });
        return [...programs, ...programs].map((program) => program.post(event));
      }),
    );
    expect(new Set(statuses)).toEqual(new Set([200]));
    await untilReported(programs, "done", ids.length);
    expect((await effects()).sort()).toEqual(ids);
    expect((await inbox.depth({ settled: true })).work).toMatchObject({ pending: 0, done: ids.length });
  });

  if (machines) {
    test.each([600_000, -600_000])("two machines whose clocks differ by %i ms do not handle the same event", async (skewMs) => {
      const [one, other] = await Promise.all([start({ waits: true }), start({ skewMs, waits: true })]);
      const answered = one.post(eventOf("payout.paid", { id: "evt_one" }));
      expect(await one.handling).toBe("evt_one");
      expect(await other.drain()).toBe(0);
      one.goOn();
      expect(await answered).toBe(200);
      // And the other way round.
      const answeredByOther = other.post(eventOf("payout.paid", { id: "evt_other" }));
      expect(await other.handling).toBe("evt_other");
      expect(await one.drain()).toBe(0);
      other.goOn();
      expect(await answeredByOther).toBe(200);
      await untilReported([one, other], "done", 2);
      expect((await effects()).sort()).toEqual(["evt_one", "evt_other"]);
    });
  }

  for (const diesAt of ["stored", "before commit", "after commit"] as const) {
    test(`a process that dies (${diesAt}) loses nothing and repeats nothing: another takes over`, async () => {
      const event = eventOf("payout.paid", { id: "evt_once" });
      const dying = await start({ diesAt });
      expect(await dying.post(event)).toBeNull();
      expect(await dying.ended).toBe("SIGKILL");
      expect(await effects()).toEqual(diesAt === "after commit" ? ["evt_once"] : []);

      // For it, the lease of the dead one has run out; and the sender, which got no answer, sends again.
      const other = await start({ aheadMs: AHEAD_MS, works: true });
      expect(await other.post(event)).toBe(200);
      await untilReported([other], "duplicate", 1);
      if (diesAt !== "after commit") await untilReported([other], "done", 1);
      expect(await effects()).toEqual(["evt_once"]);
      expect((await inbox.depth({ settled: true })).work).toMatchObject({ done: 1, pending: 0 });
      expect((await inbox.work({ limit: 1 }))[0]?.attempts).toBe(diesAt === "after commit" ? 1 : 2);
    });
  }
}

describe("SQLite", () => {
  const harness = sqliteHarness();
  suite(harness, () => ({ kind: "sqlite", location: harness.file(), schema: "" }), { machines: false });
});
describe("PostgreSQL", () => {
  const harness = postgresHarness();
  afterAll(() => harness.drop());
  suite(harness, () => ({ kind: "postgres", location: harness.url(), schema: harness.schema() }), { machines: true });
});

import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../../src/limits.ts";
import { REFUSAL_STATUS } from "../../src/receive.ts";
import type { RefusalReason } from "../../src/report.ts";
import { eventOf } from "../signed-webhook.ts";
import type { Heard, Served } from "./caller.ts";
import { ROWS, sceneOf, sent } from "./rows.ts";
import { SERVERS } from "./servers.ts";

const open: Served[] = [];
afterEach(async () => {
  for (const served of open.splice(0)) await served.close();
});

const GENERIC: Readonly<Record<number, string>> = {
  400: '{"error":"The request could not be verified."}',
  405: '{"error":"Only POST is allowed."}',
  413: '{"error":"The body is too large."}',
  500: '{"error":"The request could not be handled."}',
  503: '{"error":"The event cannot be stored at the moment."}',
};

/** What the rows cannot show: something on the receiver's side has to spoil the body. `raw-body-traps.test.ts` does. */
const TRAPS: readonly RefusalReason[] = ["body_consumed", "body_cut_short"];

test("every reason to refuse a webhook has a row", () => {
  const told = new Set([...ROWS.flatMap((row) => row.told), ...TRAPS]);
  expect(Object.keys(REFUSAL_STATUS).filter((reason) => !told.has(reason))).toEqual([]);
  const traps = readFileSync(new URL("raw-body-traps.test.ts", import.meta.url), "utf8");
  for (const reason of TRAPS) expect(traps).toContain(`expect(scene.told).toEqual(["${reason}"])`);
});

test("every adapter that the package exports has a server here, and a line in the README", () => {
  const { exports } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    exports: Record<string, string>;
  };
  const [servers, readme] = ["servers.ts", "../../README.md"].map((path) => readFileSync(new URL(path, import.meta.url), "utf8"));
  const adapters = Object.entries(exports).filter(([, file]) => file.startsWith("./src/adapters/"));
  expect(adapters.length).toBeGreaterThan(0);
  expect(adapters.filter(([, file]) => !servers?.includes(`from "../.${file}"`))).toEqual([]);
  expect(adapters.filter(([subpath]) => !readme?.includes(`@carabiner/receiver${subpath.slice(1)}`))).toEqual([]);
});

describe.each(Object.entries(SERVERS))("over %s", (_name, serve) => {
  test.each(ROWS)("$says: $status", async (row) => {
    const scene = sceneOf(row);
    const served = await serve(scene.hooks);
    open.push(served);
    const answers: Heard[] = [];
    for (const one of row.sends()) answers.push(await served.call(one));
    const last = answers.at(-1);
    expect(answers.slice(0, -1).map(({ status }) => status)).toEqual(answers.slice(0, -1).map(() => 200));
    expect(last).toMatchObject({
      status: row.status,
      headers: { "content-type": "application/json; charset=utf-8", "cache-control": "no-store", ...row.headers },
      body: GENERIC[row.status] ?? '{"received":true}',
    });
    expect(scene.told).toEqual(row.told);
    expect((await scene.hooks.depth()).work.pending).toBe(row.pending ?? 0);
  });

  test("still at work when the budget is over: 200, and the work continues", async () => {
    let release = (): void => undefined;
    const began = Promise.withResolvers<void>();
    const scene = sceneOf({
      says: "slow",
      sends: () => [],
      status: 200,
      told: [],
      handlers({ hooks }) {
        hooks.connect.on("account.updated", async () => {
          began.resolve();
          await new Promise<void>((resolve) => {
            release = resolve;
          });
        });
      },
    });
    const served = await serve(scene.hooks);
    open.push(served);
    const call = served.call(sent(eventOf("account.updated")));
    await began.promise;
    expect(scene.told).toEqual(["stored"]);
    await scene.clock.turn(DEFAULT_LIMITS.budgetMs);
    if (served.waitsForWork === true) release();
    expect((await call).status).toBe(200);
    release();
    await scene.hooks.idle();
    expect(scene.told).toEqual(["stored", "done"]);
  });
});

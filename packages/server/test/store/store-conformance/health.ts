import { expect, test } from "vitest";
import type { Claim, EndpointChange, Settlement } from "../../../src/store/contract/delivery-store.ts";
import type { EndpointRow, ObjectRow, TaskRow } from "../../../src/store/contract/rows.ts";
import { endpointNotice } from "../../../src/store/endpoint-notice.ts";
import { attemptOf, START, settlementOf } from "../store-fixture.ts";
import type { StoreHarness } from "../store-harness.ts";
import { claimRequest, OpenedStore, OWNER } from "./opened-store.ts";

const RULES = { warningMs: 300, failingMs: 900 };

/** How endpoints are, by their attempts, and that each change of which an owner is told is written down once. */
export function healthConformance(harness: StoreHarness): void {
  const on = new OpenedStore(harness);
  const load = ({ id }: EndpointRow) => on.store.read((reads) => reads.endpoint(id));
  const failuresOf = async ({ id }: EndpointRow) => (await on.store.read((reads) => reads.endpointFailures([id]))).get(id) ?? null;
  const check = (...endpoints: EndpointRow[]) => endpoints.map(({ id }) => ({ endpointId: id, ...RULES }));
  const tasks = () => on.store.read((reads) => reads.tasks(OWNER));
  const kindsOf = (changes: readonly EndpointChange[] = []) => changes.map(({ kind }) => kind);

  /** Claims one delivery of an endpoint for each outcome, and settles them together: `[at, outcome]`. */
  async function attempts(endpoint: EndpointRow, ...outcomes: [at: number, outcome: string][]) {
    await on.make.owe(on.store, endpoint, outcomes.length);
    const claims = await on.store.claimDue(claimRequest({ limit: outcomes.length }));
    const settlements = claims.map((claim, n) => settled(claim, ...(outcomes[n] as [number, string])));
    return (await on.store.settle(settlements, check(endpoint))).checked?.[0];
  }

  function settled(claim: Claim, at: number, outcome: string): Settlement {
    const status = outcome === "succeeded" ? 200 : 503;
    const next = { state: outcome === "succeeded" ? ("succeeded" as const) : ("exhausted" as const) };
    return { ...settlementOf(claim, next, at), attempt: attemptOf(claim, at, { outcome, status, reason: "ünwell" }) };
  }

  test("failures are counted from the first one on, and a success ends them", async () => {
    const endpoint = await on.oneEndpoint();
    expect(await attempts(endpoint, [START, "status"], [START + 1, "timeout"])).toEqual({
      endpointId: endpoint.id,
      troubled: true,
      changes: [],
      turn: { to: "failing", firstFailureAt: START, accountId: endpoint.accountId, livemode: endpoint.livemode },
    });
    expect(await load(endpoint)).toEqual({ ...endpoint, firstFailureAt: START });
    expect(await failuresOf(endpoint)).toEqual({
      count: 2,
      last: { at: START + 1, outcome: "timeout", status: 503, reason: "ünwell" },
      held: null,
    });
    expect(await attempts(endpoint, [START + 2, "status"])).toMatchObject({ troubled: true, turn: null });
    expect(await failuresOf(endpoint)).toMatchObject({ count: 3, last: { at: START + 2 } });
    expect(await attempts(endpoint, [START + 3, "succeeded"])).toMatchObject({
      troubled: false,
      changes: [],
      turn: { to: "healthy", firstFailureAt: START },
    });
    expect(await load(endpoint)).toEqual(endpoint);
    expect(await failuresOf(endpoint)).toBeNull();
    expect(await tasks()).toEqual([]);
    await attempts(endpoint, [START + 4, "status"]);
    expect(await failuresOf(endpoint)).toMatchObject({ count: 1 });
  });

  test("that an endpoint is left alone is kept with its failures, and ends when its owner changes it", async () => {
    const endpoint = await on.oneEndpoint();
    await on.make.owe(on.store, endpoint, 3);
    const [one, other, last] = (await on.store.claimDue(claimRequest())) as [Claim, Claim, Claim];
    const held = { until: START + 60_000, by: "retry_after" as const };
    const settle = (claim: Claim, given: object) =>
      on.store.settle([settled(claim, START, "status")], [{ endpointId: endpoint.id, ...RULES, ...given }]);
    await settle(one, { held });
    expect(await failuresOf(endpoint)).toMatchObject({ count: 1, held });
    await on.store.transaction((tx) => tx.updateEndpoint({ ...endpoint, firstFailureAt: START, description: "mended" }));
    expect(await failuresOf(endpoint)).toMatchObject({ count: 1, held: null });
    await settle(other, { held: { ...held, by: "breaker" } });
    expect(await failuresOf(endpoint)).toMatchObject({ count: 2, held: { by: "breaker" } });
    await settle(last, {});
    expect(await failuresOf(endpoint)).toMatchObject({ count: 3, held: null });
  });

  test("endpoints that are left alone are listed, the longest first, while they fail and are neither paused nor disabled", async () => {
    const named = async (until: number | null) => {
      const endpoint = await on.oneEndpoint();
      await on.make.owe(on.store, endpoint, 1);
      const [claim] = (await on.store.claimDue(claimRequest())) as [Claim];
      const held = until === null ? null : { until, by: "retry_after" as const };
      await on.store.settle([settled(claim, START, "status")], [{ endpointId: endpoint.id, ...RULES, held }]);
      return { endpoint: { ...endpoint, firstFailureAt: START }, listed: { id: endpoint.id, accountId: endpoint.accountId, held } };
    };
    const list = (now: number, limit = 10) => on.store.read((reads) => reads.heldEndpoints(now, limit));
    const [soon, late, paused] = [await named(START + 10), await named(START + 30), await named(START + 20)];
    await named(null);
    expect(await list(START + 9)).toEqual([late.listed, paused.listed, soon.listed]);
    expect(await list(START + 10)).toEqual([late.listed, paused.listed]);
    expect(await list(START, 1)).toEqual([late.listed]);
    await on.store.transaction((tx) => tx.updateEndpoint({ ...paused.endpoint, pausedAt: START }));
    expect(await list(START)).toEqual([late.listed, soon.listed]);
    await on.store.transaction((tx) => tx.updateEndpoint({ ...late.endpoint, status: "disabled", disabledReason: "owner" }));
    expect(await list(START)).toEqual([soon.listed]);
  });

  test("endpoints that are not to be checked stay as they are, and nothing is said of them", async () => {
    const endpoint = await on.oneEndpoint();
    await on.make.owe(on.store, endpoint, 1);
    const [claim] = (await on.store.claimDue(claimRequest())) as [Claim];
    expect(await on.store.settle([settled(claim, START, "status")], [])).toEqual({ refused: [] });
    expect(await load(endpoint)).toEqual(endpoint);
  });

  test("a success ends failures that were not known when it was claimed", async () => {
    const endpoint = await on.oneEndpoint();
    const well = await on.oneEndpoint();
    await on.make.owe(on.store, endpoint, 4);
    await on.make.owe(on.store, well, 1);
    const claims = await on.store.claimDue(claimRequest());
    const [failed, succeeded, again, more] = claims.filter(({ endpoint: { id } }) => id === endpoint.id) as [Claim, Claim, Claim, Claim];
    const other = claims.find(({ endpoint: { id } }) => id === well.id) as Claim;
    await on.store.settle([settled(failed, START, "status")], check(endpoint));
    const healthy = [{ endpointId: endpoint.id, troubled: false, changes: [], turn: { to: "healthy", firstFailureAt: START } }];
    expect(await on.store.settle([settled(succeeded, START + 1, "succeeded")], [])).toMatchObject({ refused: [], checked: healthy });
    expect(await load(endpoint)).toEqual(endpoint);
    expect(await failuresOf(endpoint)).toBeNull();
    await on.store.settle([settled(again, START + RULES.failingMs, "status")], check(endpoint));
    expect(await load(endpoint)).toMatchObject({ status: "enabled", firstFailureAt: START + RULES.failingMs });
    // Together with one that is checked.
    const beside = [settled(more, START + RULES.failingMs + 1, "succeeded"), settled(other, START, "succeeded")];
    const { checked } = await on.store.settle(beside, check(well));
    expect(checked?.map(({ endpointId }) => endpointId).sort()).toEqual([endpoint.id, well.id].sort());
    expect(await load(endpoint)).toEqual(endpoint);
  });

  test("a warning, being disabled, and a recovery leave each a notice and a task for it", async () => {
    const endpoint = await on.oneEndpoint();
    await attempts(endpoint, [START, "status"]);
    const warned = await attempts(endpoint, [START + RULES.warningMs, "status"]);
    expect(kindsOf(warned?.changes)).toEqual(["failing"]);
    expect(kindsOf((await attempts(endpoint, [START + RULES.warningMs + 1, "status"]))?.changes)).toEqual([]);
    const recovered = await attempts(endpoint, [START + RULES.warningMs + 2, "succeeded"]);
    expect(recovered).toMatchObject({ troubled: false, changes: [{ kind: "recovered", firstFailureAt: START, failures: { count: 3 } }] });
    await attempts(endpoint, [START + 1_000, "status"]);
    const disabled = await attempts(endpoint, [START + 1_000 + RULES.failingMs, "status"]);
    expect(kindsOf(disabled?.changes)).toEqual(["disabled"]);
    expect(await load(endpoint)).toMatchObject({
      status: "disabled",
      disabledReason: "failing",
      toldOf: "disabled",
      firstFailureAt: START + 1_000,
    });

    const changes = [...(warned?.changes ?? []), ...(recovered?.changes ?? []), ...(disabled?.changes ?? [])];
    expect(changes.map(({ accountId, livemode }) => [accountId, livemode])).toEqual(changes.map(() => [OWNER.accountId, OWNER.livemode]));
    const planned = await tasks();
    expect(planned).toEqual(changes.map((change) => endpointNotice(change).task));
    const notices: (ObjectRow | null)[] = [];
    for (const { subject } of planned) notices.push(await on.store.read((reads) => reads.object(subject)));
    expect(notices).toEqual(changes.map((change) => endpointNotice(change).notice));
    expect(notices.map((notice) => notice?.data)).toEqual(changes);
    expect(await on.store.nextTaskAt()).toBe(START + RULES.warningMs);
  });

  test("the task runner is notified of a notice, and the engine of a disabled endpoint", async () => {
    const endpoint = await on.oneEndpoint();
    await attempts(endpoint, [START, "status"]);
    const due: number[] = [];
    const changed: string[] = [];
    on.store.onTask((at) => due.push(at));
    on.store.attach({
      reserve: () => null,
      accept: () => undefined,
      release: () => undefined,
      due: () => undefined,
      changed: (id) => changed.push(id),
    });
    await attempts(endpoint, [START + RULES.warningMs, "status"]);
    expect([due, changed]).toEqual([[START + RULES.warningMs], []]);
    await attempts(endpoint, [START + RULES.failingMs, "status"]);
    expect([due, changed]).toEqual([[START + RULES.warningMs, START + RULES.failingMs], [endpoint.id]]);
  });

  test("what attempts say of a disabled or deleted endpoint counts no more", async () => {
    const [off, gone] = (await on.make.endpoints(on.store, 2)) as [EndpointRow, EndpointRow];
    const rows: EndpointRow[] = [
      { ...off, status: "disabled", disabledReason: "owner" },
      { ...gone, deleted: true },
    ];
    for (const row of rows) {
      await on.write((tx) => tx.updateEndpoint(row));
      expect(await attempts(row, [START, "status"], [START + RULES.failingMs, "status"])).toMatchObject({ changes: [] });
      expect(await load(row)).toEqual(row);
    }
    expect(await tasks()).toEqual([]);
  });

  test("attempts that are refused say nothing of their endpoint, and those beside them do", async () => {
    const endpoint = await on.oneEndpoint();
    await on.make.owe(on.store, endpoint, 2);
    const [one, two] = (await on.store.claimDue(claimRequest())) as [Claim, Claim];
    const lost = { ...settled(one, START, "status"), token: 7 };
    expect((await on.store.settle([lost], check(endpoint))).checked).toEqual([
      { endpointId: endpoint.id, troubled: false, changes: [], turn: null },
    ]);
    expect(await load(endpoint)).toEqual(endpoint);
    await on.store.settle([lost, settled(two, START + 5, "status")], check(endpoint));
    expect(await load(endpoint)).toEqual({ ...endpoint, firstFailureAt: START + 5 });
    expect(await failuresOf(endpoint)).toMatchObject({ count: 1 });
  });

  test("of settlements that come at once, one disables the endpoint, and none forgets what another counted", async () => {
    const endpoint = await on.oneEndpoint({ firstFailureAt: START - RULES.failingMs });
    await on.make.owe(on.store, endpoint, 8);
    const claims = await on.store.claimDue(claimRequest());
    const found = await Promise.all(claims.map((claim, n) => on.store.settle([settled(claim, START + n, "status")], check(endpoint))));
    expect(found.flatMap(({ checked = [] }) => checked.flatMap(({ changes }) => kindsOf(changes)))).toEqual(["disabled"]);
    expect(await tasks()).toHaveLength(1);

    const failing = await on.oneEndpoint();
    await on.make.owe(on.store, failing, 8);
    const more = await on.store.claimDue(claimRequest());
    await Promise.all(more.map((claim, n) => on.store.settle([settled(claim, START + n, "status")], check(failing))));
    expect(await failuresOf(failing)).toMatchObject({ count: 8 });
  });

  test("a notice is taken with its task, once", async () => {
    const endpoint = await on.oneEndpoint({ firstFailureAt: START - RULES.warningMs });
    await attempts(endpoint, [START, "status"]);
    const take = () => on.store.transaction((tx) => tx.takeDueTasks(START, 10));
    const [task] = (await take()) as [TaskRow];
    await on.write((tx) => tx.deleteObject(task.subject));
    expect(await take()).toEqual([]);
    expect(await on.store.read((reads) => reads.object(task.subject))).toBeNull();
  });
}

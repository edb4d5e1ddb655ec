import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type Stripe from "stripe";
import { startChild } from "../../bench/child.ts";
import { deliveries } from "../../packages/server/src/console/deliveries.ts";
import { keys } from "../../packages/server/src/console/keys.ts";
import { webhookEndpointControls } from "../../packages/server/src/console/webhook-endpoints.ts";
import type { Operation } from "../../packages/server/src/operations/operation.ts";
import { resources } from "../../packages/server/src/resources/resources.ts";
import { client, ownKeys, platformOfItsOwn } from "../../packages/server/test/platform-of-its-own.ts";
import type { payableAccount } from "../../packages/server/test/resources/money/payable-account.ts";
import { namesSomebodys, oneOfEach } from "../../packages/server/test/resources/one-of-each.ts";
import { eachStore } from "../each-store.ts";
import type { NodeHello, NodeStart } from "../node-process.ts";
import { NODE_PROGRAM } from "../node-program.ts";
import type { Row, RowContext, RowResult, Scale } from "../row.ts";
import { createDatabase, type Kind } from "../world.ts";

/** Every call that names an object in its path; a new call is included automatically. */
const NAMED: readonly Operation[] = [...resources, deliveries, webhookEndpointControls, keys]
  .flatMap(({ operations }) => operations)
  .filter(({ path }) => namesSomebodys(path));
/** The calls among these that the quick form tests. */
const QUICK_SHARE = 5;

/** Further parameters that calls need, so that only the id is wrong. */
const NEEDED: Readonly<Record<string, string>> = {
  "/reject": "reason=other",
  "/requirements": "requirement=business_profile.mcc",
  "/threshold": "crosses=charge_block",
  "/verification": "outcome=verified",
  "/retry": "for_stripecli=true",
  "POST /v1/accounts/:account/external_accounts": "external_account=btok_us",
};

/** A caller who tries to reach another's objects. */
interface Stranger {
  who: string;
  key: string;
  headers?: Record<string, string>;
}

/**
 * Every key and every way to act for another, on every call that names an object: another's object answers like one
 * that does not exist.
 */
export const tenantIsolation: Row = {
  number: 26,
  name: "tenants and each other's objects",
  run: (context) => eachStore(context, (kind) => tryStrangers(kind, context)),
};

async function tryStrangers(kind: Kind, context: RowContext): Promise<RowResult> {
  const directory = mkdtempSync(join(tmpdir(), "carabiner-tenants-"));
  const database = kind === "sqlite" ? null : await createDatabase(context.postgres.url);
  const start: NodeStart = { mode: "dev", store: database === null ? { file: join(directory, "carabiner.db") } : { url: database.url } };
  const { child, hello } = await startChild<NodeHello>(NODE_PROGRAM, [JSON.stringify(start)]);
  try {
    const owner = await platformOfItsOwn(hello);
    const ids = await oneOfEach({ clock: clockOf(hello) }, owner);
    const strangers = await strangersTo(hello, owner);
    const before = await everything(owner.test);
    const breaches: string[] = [];
    let cells = 0;
    for (const operation of chosen(context.scale)) {
      const place = /:(\w+)/.exec(operation.path)?.[1] ?? "";
      const id = ids[place];
      const name = `${operation.method} ${operation.path}`;
      if (id === undefined) {
        breaches.push(`${name}: there is no ${place} to try it with`);
        continue;
      }
      const unknownId = `${id.slice(0, -4)}zzzz`;
      for (const stranger of strangers) {
        const foreign = await ask(hello, operation, id, stranger);
        const unknown = await ask(hello, operation, unknownId, stranger);
        cells++;
        if (foreign.status !== unknown.status || foreign.text.replaceAll(id, "ID") !== unknown.text.replaceAll(unknownId, "ID"))
          breaches.push(
            `${name}: ${stranger.who} is told ${foreign.status} of what is another's, and ${unknown.status} of what is not there`,
          );
        if (foreign.status < 400 || foreign.status >= 500) breaches.push(`${name}: ${stranger.who} is answered ${foreign.status}`);
      }
    }
    if (JSON.stringify(await everything(owner.test)) !== JSON.stringify(before)) breaches.push("something of the owner's has changed");
    return { breaches, figures: { cells, calls: chosen(context.scale).length, strangers: strangers.length } };
  } finally {
    await child.stop();
    rmSync(directory, { recursive: true, force: true });
    await database?.drop();
  }
}

const chosen = (scale: Scale): readonly Operation[] => (scale === "full" ? NAMED : NAMED.filter((_, at) => at % QUICK_SHARE === 0));

async function strangersTo(server: NodeHello, owner: Awaited<ReturnType<typeof platformOfItsOwn>>): Promise<Stranger[]> {
  const other = await platformOfItsOwn(server);
  const { id: theirs } = await other.test.accounts.create({ type: "standard" });
  const { id: sibling } = await owner.test.accounts.create({ type: "standard" });
  return [
    { who: "another platform", key: other.keys.test.secret },
    { who: "another platform, live", key: other.keys.live.secret },
    { who: "another platform for its account", key: other.keys.test.secret, headers: { "stripe-account": theirs } },
    { who: "another account of the same platform", key: (await ownKeys(owner.test, sibling)).test.secret },
    { who: "the default platform", key: server.keys.test.secret },
  ];
}

async function ask({ url }: NodeHello, { method, path }: Operation, id: string, { key, headers }: Stranger) {
  const needed = Object.entries(NEEDED).find(([ending]) => `${method} ${path}`.endsWith(ending))?.[1];
  const answer = await fetch(url + path.replace(/:\w+/, id) + (needed === undefined ? "" : `?${needed}`), {
    method,
    headers: { authorization: `Bearer ${key}`, ...headers },
  });
  return { status: answer.status, text: await answer.text() };
}

/** What the owner sees of its own object. */
async function everything(stripe: Stripe): Promise<unknown> {
  return [
    (await stripe.accounts.list()).data,
    (await stripe.customers.list()).data,
    (await stripe.webhookEndpoints.list()).data,
    (await stripe.payouts.list()).data,
    (await stripe.balanceTransactions.list()).data,
    (await stripe.events.list()).data.map(({ id }) => id),
  ];
}

/** The clock of a node in another process. Only turning it is needed here. */
function clockOf(server: NodeHello): Parameters<typeof payableAccount>[0]["clock"] {
  const stripe = client(server, server.keys.test.secret);
  const turn = async (action: string, form: Record<string, unknown> = {}): Promise<void> => {
    await stripe.rawRequest("POST", `/v1/test_helpers/clock/${action}`, form);
  };
  return {
    now: () => Date.now(),
    advance: (by) => turn("advance", by),
    freeze: () => turn("freeze"),
    release: () => turn("release"),
  };
}

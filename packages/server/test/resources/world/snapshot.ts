import type { Carabiner } from "../../../src/index.ts";

/** An object as the API answers it. */
export type Shown = Readonly<Record<string, unknown>> & { readonly object: string };

/** An event as the API answers it, as far as it tells of a change. */
export interface ToldEvent {
  id: string;
  type: string;
  account?: string;
  livemode: boolean;
  request: { id: string | null; idempotency_key: string | null } | null;
  data: { object: Shown & { id?: string }; previous_attributes?: Readonly<Record<string, unknown>> };
}

/** Everything an account shows of itself at one moment, by what each thing is called. */
export type Snapshot = ReadonlyMap<string, Shown>;

/** Lists of an account's own, with a path that acts for it. Those below the account are listed by the platform. */
const BELOW_ACCOUNT = ["persons", "external_accounts", "capabilities"] as const;
const OF_ACCOUNT = [
  "payouts",
  "charges",
  "payment_intents",
  "refunds",
  "transfers",
  "topups",
  "application_fees",
  "disputes",
  "setup_intents",
  "customers",
  "products",
  "prices",
  "plans",
  "coupons",
  "promotion_codes",
  "tax_rates",
  "checkout/sessions",
] as const;

/** What a snapshot calls an object: its id, where no other object has it too. */
export function nameOf({ object, id, account }: Shown): string {
  if (object === "balance_settings") return object;
  if (object === "capability") return `${String(account)}/${String(id)}`;
  return object === "plan" ? `plan:${String(id)}` : String(id);
}

/** A caller of the API with one key, without the SDK's own fields in what it gets. */
export function caller(server: Pick<Carabiner, "url">, key: string) {
  return async function call(method: string, path: string, params?: object, account?: string) {
    const response = await fetch(server.url + path, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(account === undefined ? {} : { "stripe-account": account }),
        ...(params === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(params === undefined ? {} : { body: JSON.stringify(params) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
}

export type Caller = ReturnType<typeof caller>;

/** All rows of a list, newest first. */
export async function all(call: Caller, path: string, account?: string): Promise<Shown[]> {
  const rows: Shown[] = [];
  for (let more = true; more; ) {
    const last = rows.at(-1)?.id;
    const query = `limit=100${last === undefined ? "" : `&starting_after=${String(last)}`}`;
    const { status, body } = await call("GET", `${path}${path.includes("?") ? "&" : "?"}${query}`, undefined, account);
    if (status !== 200) throw new Error(`GET ${path} answered ${status}: ${JSON.stringify(body)}`);
    rows.push(...(body.data as Shown[]));
    more = body.has_more === true;
  }
  return rows;
}

/** What only the platform that made a Standard account sees of it stays out of its events, which others get too. */
function asItsEventsShow(account: Shown): Shown {
  if (account.type !== "standard") return account;
  const { external_accounts: _, company: __, individual: ___, ...shown } = account;
  return shown as Shown;
}

/**
 * What an account shows: of itself to its platform, and of all that is its own. `platform`: the account is the caller's
 * own.
 */
export async function snapshotOf(call: Caller, account: string, platform: boolean): Promise<Snapshot> {
  const shown = new Map<string, Shown>();
  const keep = (object: Shown) => {
    shown.set(nameOf(object), object);
  };
  if (!platform) {
    const { body } = await call("GET", `/v1/accounts/${account}`);
    keep(asItsEventsShow(body as Shown));
    for (const list of BELOW_ACCOUNT) {
      const rows =
        list === "capabilities"
          ? (((await call("GET", `/v1/accounts/${account}/capabilities`)).body.data as Shown[]) ?? [])
          : await all(call, `/v1/accounts/${account}/${list}`);
      for (const row of rows) keep(row);
    }
  }
  const acting = platform ? undefined : account;
  keep((await call("GET", "/v1/balance_settings", undefined, acting)).body as Shown);
  for (const list of OF_ACCOUNT) for (const row of await all(call, `/v1/${list}`, acting)) keep(row);
  // What was never attached has no events; of what is, sources have events of their own kind.
  for (const row of await all(call, "/v1/payment_methods", acting)) if (!String(row.id).startsWith("card_")) keep(row);
  for (const { id } of [...shown.values()].filter(({ object }) => object === "customer"))
    for (const row of await all(call, `/v1/customers/${String(id)}/sources`, acting)) keep(row);
  return shown;
}

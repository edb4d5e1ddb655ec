import { isDeepStrictEqual } from "node:util";
import type Stripe from "stripe";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Carabiner, startCarabiner } from "../../../src/index.ts";
import { ACCOUNT_CASES, type AccountAnswer, type AccountCase } from "./account-cases.ts";

let server: Carabiner;
beforeAll(async () => {
  server = await startCarabiner({ defaultMcc: "5734" });
});
afterAll(() => server.close());

/** How many of what was compared was the same. */
const score = new Map<string, { same: number; of: number }>();
afterAll(() => {
  const lines = [...score].map(([what, { same, of }]) => `${what} ${same}/${of}`);
  process.stdout.write(`accounts as recorded: ${lines.join(", ")}\n`);
});

function count(what: string, same: boolean): void {
  const known = score.get(what) ?? { same: 0, of: 0 };
  score.set(what, { same: known.same + (same ? 1 : 0), of: known.of + 1 });
}

test.each(ACCOUNT_CASES.map((one) => [one.name, one] as const))("%s", async (_, { version, params, answer }: AccountCase) => {
  const response = await fetch(`${server.url}/v1/accounts`, {
    method: "POST",
    headers: { authorization: `Bearer ${server.keys.test.secret}`, "stripe-version": version },
    body: new URLSearchParams(params),
  });
  const body = (await response.json()) as Stripe.Account & { error?: { code?: string; param?: string } };
  const { seen, wanted } =
    "code" in answer
      ? { seen: { status: response.status, code: body.error?.code ?? null, param: body.error?.param }, wanted: { ...answer } }
      : { seen: { status: response.status, ...seenOf(body, answer) }, wanted: { status: 200, ...wantedOf(answer) } };
  const shown: Record<string, unknown> = seen;
  for (const [what, value] of Object.entries(wanted)) count(what, isDeepStrictEqual(shown[what], value));
  expect(seen).toEqual(wanted);
});

function wantedOf(answer: AccountAnswer) {
  const sorted = (fields: readonly string[]) => [...fields].sort();
  const due = sorted(answer.currently_due);
  return { ...answer, currently_due: due, past_due: sorted(answer.past_due ?? due), eventually_due: sorted(answer.eventually_due ?? due) };
}

function seenOf(account: Stripe.Account, { bank, phone }: AccountAnswer) {
  const { requirements } = account;
  const shown = account.external_accounts?.data[0] as Stripe.BankAccount | undefined;
  return {
    capabilities: { ...account.capabilities },
    currently_due: requirements?.currently_due,
    eventually_due: requirements?.eventually_due,
    past_due: requirements?.past_due,
    disabled_reason: requirements?.disabled_reason,
    charges_enabled: account.charges_enabled,
    payouts_enabled: account.payouts_enabled,
    details_submitted: account.details_submitted,
    delay_days: account.settings?.payouts?.schedule.delay_days,
    ...(bank === undefined ? {} : { bank: { routing_number: shown?.routing_number, last4: shown?.last4 } }),
    ...(phone === undefined ? {} : { phone: account.individual?.phone }),
  };
}

import { type ReactNode, useState } from "react";
import type { Account, Balance, Page, Payout } from "../api/answers.ts";
import { useClient } from "../api/client-context.ts";
import { pathTo } from "../api/path-to.ts";
import { useAct, useAnswer } from "../api/queries.ts";
import { useReadOnly } from "../api/read-only.tsx";
import { Dialog } from "../design/dialog.tsx";
import { ChoiceField } from "../design/form-fields.tsx";
import { Id } from "../design/id.tsx";
import { Part } from "../design/panes.tsx";
import { State, type Tone } from "../design/state.tsx";
import { Time } from "../design/time.tsx";
import { money } from "./money.ts";

/** An account's balance, and its latest payouts with their steps. */
export function AccountMoney({ account }: { account: Account }): ReactNode {
  const balance = useAnswer<Balance>("money", "/v1/balance", {}, { account: account.id }).data;
  const payouts = useAnswer<Page<Payout>>("money", "/v1/payouts", { limit: 10 }, { account: account.id }).data;
  return (
    <>
      {balance !== undefined && (
        <Part title="Balance">
          <dl className="figures">
            {balance.available.map(({ amount, currency }) => (
              <Amount key={`a${currency}`} name="Available" amount={amount} currency={currency} />
            ))}
            {balance.pending.map(({ amount, currency }) => (
              <Amount key={`p${currency}`} name="Pending" amount={amount} currency={currency} />
            ))}
          </dl>
        </Part>
      )}
      {payouts !== undefined && (
        <Part title="Payouts">
          {payouts.data.length === 0 ? (
            <p className="soft">None yet.</p>
          ) : (
            <ul className="lines">
              {payouts.data.map((payout) => (
                <PayoutLine key={payout.id} payout={payout} account={account.id} />
              ))}
            </ul>
          )}
        </Part>
      )}
    </>
  );
}

function Amount({ name, amount, currency }: { name: string; amount: number; currency: string }): ReactNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd className={amount < 0 ? "bad" : ""}>{money(amount, currency)}</dd>
    </div>
  );
}

const PAYOUT_TONES: Readonly<Record<string, Tone>> = {
  paid: "good",
  failed: "bad",
  canceled: "quiet",
  pending: "waiting",
  in_transit: "waiting",
};

function PayoutLine({ payout, account }: { payout: Payout; account: string }): ReactNode {
  const { mode } = useClient();
  const readOnly = useReadOnly();
  const [failing, setFailing] = useState(false);
  const payPath = pathTo`/v1/test_helpers/payouts/${payout.id}/pay`;
  const pay = useAct<void, Payout>(
    (client) => client.post(payPath, {}, { account }),
    ["money", "accounts", "events", "deliveries", "clock"],
    { done: () => ({ text: "The payout is paid.", href: `/events?account=${account}` }), failsAloud: true },
  );
  const open = payout.status === "pending" || payout.status === "in_transit";
  return (
    <li className="line">
      <span>
        <strong className="figure">{money(payout.amount, payout.currency)}</strong>{" "}
        <span className="soft">
          {payout.automatic ? "automatic" : "manual"}, {payout.method}, arrives <Time at={payout.arrival_date} />
        </span>
      </span>
      <State tone={PAYOUT_TONES[payout.status] ?? "quiet"}>{payout.status.replaceAll("_", " ")}</State>
      <span className="line-end">
        {mode === "test" && !readOnly && (open || payout.status === "paid") && (
          <button type="button" className="bare" onClick={() => setFailing(true)}>
            Fail…
          </button>
        )}
        {mode === "test" && !readOnly && open && (
          <button type="button" className="bare" title={`POST ${payPath}`} disabled={pay.isPending} onClick={() => pay.mutate()}>
            Pay now
          </button>
        )}
        <Id id={payout.id} copy />
      </span>
      {payout.failure_code !== null && (
        <span className="why">
          <code>{payout.failure_code}</code> <bdi>{payout.failure_message}</bdi>
        </span>
      )}
      {failing && <FailDialog payout={payout} account={account} onClose={() => setFailing(false)} />}
    </li>
  );
}

/** Ways for a payout to fail that handlers must distinguish. The API accepts more. */
const FAILURES = [
  "could_not_process",
  "account_closed",
  "account_frozen",
  "bank_account_restricted",
  "debit_not_authorized",
  "insufficient_funds",
  "invalid_account_number",
  "no_account",
] as const;

function FailDialog({ payout, account, onClose }: { payout: Payout; account: string; onClose(): void }): ReactNode {
  const fail = useAct<FormData, Payout>(
    (client, form) =>
      client.post(
        pathTo`/v1/test_helpers/payouts/${payout.id}/fail`,
        { failure_code: String(form.get("code")), at: String(form.get("at")) },
        { account },
      ),
    ["money", "accounts", "events", "deliveries"],
    { done: () => ({ text: "The payout fails as asked.", href: `/events?account=${account}` }) },
  );
  const act = (form: FormData): void => fail.mutate(form, { onSuccess: onClose });
  return (
    <Dialog title="Fail this payout" act="Fail it" danger busy={fail.isPending} error={fail.error} onClose={onClose} onAct={act}>
      <p>
        {money(payout.amount, payout.currency)} come back to the balance, and payout.failed is sent. POST /v1/test_helpers/payouts/…/fail
        does the same.
      </p>
      <ChoiceField name="code" label="Failure code" choices={FAILURES.map((code) => [code, code] as const)} />
      <ChoiceField
        name="at"
        label="When"
        value={payout.status === "paid" ? "after_paid" : "now"}
        choices={[
          ["now", "at once"],
          ["after_paid", "after it was paid, on the next business day"],
        ]}
      />
    </Dialog>
  );
}

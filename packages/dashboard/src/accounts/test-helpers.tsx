import { type ReactNode, useState } from "react";
import type { Account } from "../api/answers.ts";
import type { Parameters } from "../api/form.ts";
import { pathTo } from "../api/path-to.ts";
import { useAct } from "../api/queries.ts";
import { Dialog } from "../design/dialog.tsx";
import { ChoiceField, TextField } from "../design/form-fields.tsx";
import { serverNow } from "../design/now.ts";

/** One of the documented test helpers for an account. */
interface Helper {
  /** The end of its path. */
  name: string;
  button: string;
  title: string;
  act: string;
  says: string;
  done: string;
  danger?: boolean;
  fields?: ReactNode;
  parameters(form: FormData): Parameters;
}

const given = (form: FormData, name: string): string => String(form.get(name) ?? "");

/** The possible results of a review of the account, whatever its state. */
const REVIEWS: readonly Helper[] = [
  {
    name: "threshold",
    button: "Cross a threshold…",
    title: "Cross a threshold of charges",
    act: "Cross it",
    says: "What is asked for only above an amount of charges becomes due now.",
    done: "The account is across the threshold.",
    fields: (
      <ChoiceField
        name="crosses"
        label="Which"
        choices={[
          ["next_requirements", "requirements become due"],
          ["charge_block", "requirements become past due, and payments are blocked"],
          ["payout_block", "requirements become past due, and payouts are blocked"],
        ]}
      />
    ),
    parameters: (form) => ({ crosses: given(form, "crosses") }),
  },
  {
    name: "pause",
    button: "Stop or resume…",
    title: "Stop or resume payments and payouts",
    act: "Apply",
    says: "The server's side stops what is chosen, as after a review of the account, and account.updated is sent.",
    done: "The choice applies.",
    fields: ["payments", "payouts"].map((name) => (
      <ChoiceField
        key={name}
        name={name}
        label={name === "payments" ? "Payments" : "Payouts"}
        choices={[
          ["", "leave as they are"],
          ["true", "stop"],
          ["false", "resume"],
        ]}
      />
    )),
    parameters: (form) => ({ payments: given(form, "payments") || undefined, payouts: given(form, "payouts") || undefined }),
  },
];

/** The helpers, in the order of an account's life cycle. */
export function helpersFor({ requirements }: Account): readonly Helper[] {
  const known = [...new Set([...(requirements?.eventually_due ?? []), ...(requirements?.currently_due ?? [])])];
  return [
    {
      name: "complete_onboarding",
      button: "Complete onboarding…",
      title: "Complete the onboarding",
      act: "Complete",
      says: "The account gets test values for everything that is due, as if its user had filled in the form.",
      done: "The onboarding is complete.",
      fields: (
        <ChoiceField
          name="verification"
          label="Verification"
          choices={[
            ["immediate", "passes at once"],
            ["delayed", "takes its usual time"],
          ]}
        />
      ),
      parameters: (form) => ({ verification: given(form, "verification") }),
    },
    {
      name: "requirements",
      button: "Make due…",
      title: "Make a requirement due",
      act: "Make it due",
      says: "The account has to submit it again, and account.updated is sent.",
      done: "The requirement is due.",
      fields: (
        <>
          <TextField
            name="requirement"
            label="Requirement"
            value={known[0] ?? "individual.verification.document"}
            hint="As requirements name it: individual.verification.document, company.tax_id."
            required
          />
          <ChoiceField
            name="due"
            label="Past due"
            choices={[
              ["now", "now"],
              ["7", "in a week"],
              ["14", "in two weeks"],
            ]}
          />
        </>
      ),
      parameters: (form) => ({
        requirement: given(form, "requirement"),
        due_at: given(form, "due") === "now" ? undefined : dueIn(Number(given(form, "due"))),
      }),
    },
    {
      name: "verification",
      button: "Verify…",
      title: "Decide the verification",
      act: "Decide",
      says: "Ends what is being verified, or asks for a document.",
      done: "The verification is decided.",
      fields: (
        <ChoiceField
          name="outcome"
          label="Outcome"
          choices={[
            ["verified", "verified"],
            ["failed", "failed"],
          ]}
        />
      ),
      parameters: (form) => ({ outcome: given(form, "outcome") }),
    },
    ...REVIEWS,
    {
      name: "deauthorize",
      button: "Disconnect…",
      title: "Disconnect the account",
      act: "Disconnect",
      says: "The account's user takes the connection away, as in their Dashboard. Your platform can no longer act for it, and account.application.deauthorized is sent.",
      done: "The account is disconnected.",
      danger: true,
      parameters: () => ({}),
    },
  ];
}

const DAY_S = 86_400;

function dueIn(days: number): number {
  return Math.floor(serverNow() / 1_000) + days * DAY_S;
}

/** Buttons that call the test helpers. Each first says what it does. */
export function TestHelpers({ account }: { account: Account }): ReactNode {
  const [asked, setAsked] = useState<Helper | null>(null);
  return (
    <>
      {helpersFor(account).map((helper) => (
        <button key={helper.name} type="button" className="quiet" onClick={() => setAsked(helper)}>
          {helper.button}
        </button>
      ))}
      {asked !== null && <HelperDialog account={account} helper={asked} onClose={() => setAsked(null)} />}
    </>
  );
}

function HelperDialog({ account, helper, onClose }: { account: Account; helper: Helper; onClose(): void }): ReactNode {
  const path = pathTo`/v1/test_helpers/accounts/${account.id}/${helper.name}`;
  const help = useAct<Parameters, unknown>(
    (client, parameters) => client.post(path, parameters),
    ["accounts", "money", "events", "deliveries", "clock"],
    { done: () => ({ text: helper.done, href: `/events?account=${account.id}` }) },
  );
  const act = (form: FormData): void => help.mutate(helper.parameters(form), { onSuccess: onClose });
  return (
    <Dialog
      title={helper.title}
      act={helper.act}
      danger={helper.danger === true}
      busy={help.isPending}
      error={help.error}
      onClose={onClose}
      onAct={act}
    >
      <p>{helper.says}</p>
      {helper.fields}
      <p className="soft">
        The call is <code>POST {`/v1/test_helpers/accounts/…/${helper.name}`}</code>.
      </p>
    </Dialog>
  );
}

import type { ReactNode } from "react";
import type { Account, ExternalAccount, Page, Person } from "../api/answers.ts";
import { pathTo } from "../api/path-to.ts";
import { useAnswer } from "../api/queries.ts";
import { Id } from "../design/id.tsx";
import { Part } from "../design/panes.tsx";
import { State, type Tone } from "../design/state.tsx";

/** Who is behind an account, and where it is paid out to. */
export function AccountPeople({ account }: { account: Account }): ReactNode {
  const people = useAnswer<Page<Person>>("accounts", pathTo`/v1/accounts/${account.id}/persons`, { limit: 100 }).data;
  const externals = useAnswer<Page<ExternalAccount>>("accounts", pathTo`/v1/accounts/${account.id}/external_accounts`, { limit: 100 }).data;
  return (
    <>
      {people !== undefined && (
        <Part title="People">
          {people.data.length === 0 ? (
            <p className="soft">None is known yet.</p>
          ) : (
            <ul className="lines">
              {people.data.map((person) => (
                <PersonLine key={person.id} person={person} />
              ))}
            </ul>
          )}
        </Part>
      )}
      {externals !== undefined && (
        <Part title="Bank accounts and cards">
          {externals.data.length === 0 ? (
            <p className="soft">None: it cannot be paid out.</p>
          ) : (
            <ul className="lines">
              {externals.data.map((external) => (
                <ExternalLine key={external.id} external={external} />
              ))}
            </ul>
          )}
        </Part>
      )}
    </>
  );
}

const VERIFIED: Readonly<Record<string, Tone>> = { verified: "good", pending: "waiting", unverified: "quiet" };

function PersonLine({ person }: { person: Person }): ReactNode {
  const name = [person.first_name, person.last_name].filter((part) => part != null && part !== "").join(" ");
  const roles = (["representative", "owner", "director", "executive", "legal_guardian", "authorizer"] as const).filter(
    (role) => person.relationship?.[role] === true,
  );
  const status = person.verification?.status ?? "unverified";
  const due = [...(person.requirements?.past_due ?? []), ...(person.requirements?.currently_due ?? [])];
  return (
    <li className="line">
      <span>
        <bdi>{name === "" ? "Without a name" : name}</bdi> <span className="soft">{roles.join(", ").replaceAll("_", " ")}</span>
      </span>
      <State tone={VERIFIED[status] ?? "quiet"}>{status}</State>
      <Id id={person.id} copy />
      {due.length > 0 && (
        <span className="why">
          due: <code>{[...new Set(due)].join(", ")}</code>
        </span>
      )}
    </li>
  );
}

function ExternalLine({ external }: { external: ExternalAccount }): ReactNode {
  const isBank = external.object === "bank_account";
  const status = isBank ? external.status : "";
  return (
    <li className="line">
      <span>
        <bdi>{isBank ? (external.bank_name ?? "Bank account") : external.brand}</bdi> <span className="soft">•••• {external.last4}</span>{" "}
        <span className="soft">
          {external.currency?.toUpperCase()}
          {external.default_for_currency === true ? ", default" : ""}
        </span>
      </span>
      {status === "" ? <span /> : <State tone={status === "errored" || status === "verification_failed" ? "bad" : "quiet"}>{status}</State>}
      <Id id={external.id} copy />
    </li>
  );
}

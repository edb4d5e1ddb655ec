import { Fragment, type ReactNode } from "react";
import { Link } from "wouter";
import type { Account, Capability, Page, PlatformEvent } from "../api/answers.ts";
import { useClient } from "../api/client-context.ts";
import { accountName } from "../api/names.ts";
import { pathTo } from "../api/path-to.ts";
import { useAnswer } from "../api/queries.ts";
import { Acts } from "../api/read-only.tsx";
import { Id } from "../design/id.tsx";
import { Json } from "../design/json.tsx";
import { Failed, Loading } from "../design/notice.tsx";
import { Detail, Facts, Part } from "../design/panes.tsx";
import { Badge, State, type Tone } from "../design/state.tsx";
import { NothingIn, Table } from "../design/table.tsx";
import { RowTime, Time } from "../design/time.tsx";
import { AccountConfigurations } from "./account-configurations.tsx";
import { AccountConnections } from "./account-connections.tsx";
import { AccountDeliveries } from "./account-deliveries.tsx";
import { AccountMoney } from "./account-money.tsx";
import { AccountPeople } from "./account-people.tsx";
import { disabledReasonInWords, dueOf, requirementLines } from "./due.ts";
import { TestHelpers } from "./test-helpers.tsx";

/** A connected account: what is due and why, what it may do, who is behind it, and its money. */
export function AccountRecord({ id, back }: { id: string; back: string }): ReactNode {
  const { mode } = useClient();
  const { data: account, error, refetch } = useAnswer<Account>("accounts", pathTo`/v1/accounts/${id}`);
  if (account === undefined)
    return (
      <Detail back={back} title={<code>{id}</code>}>
        {error === null ? <Loading /> : <Failed error={error} retry={() => void refetch()} />}
      </Detail>
    );
  const { tone, words } = dueOf(account);
  return (
    <Detail
      back={back}
      title={<bdi>{accountName(account) ?? account.id}</bdi>}
      state={<State tone={tone}>{words}</State>}
      actions={
        mode === "test" ? (
          <Acts>
            <TestHelpers account={account} />
          </Acts>
        ) : undefined
      }
    >
      <Disabled account={account} />
      <Facts
        facts={[
          ["Account", <Id key="id" id={account.id} whole copy link={false} />],
          ["Kind", <KindOf key="kind" account={account} />],
          ["E-mail", account.email == null ? null : <bdi key="email">{account.email}</bdi>],
          ["Created", account.created === undefined ? null : <Time key="created" at={account.created} exact />],
          ["Payments", <Enabled key="charges" on={account.charges_enabled} />],
          ["Payouts", <Enabled key="payouts" on={account.payouts_enabled} />],
        ]}
      />
      <Requirements account={account} />
      <Capabilities id={id} />
      <AccountConfigurations id={id} />
      <AccountPeople account={account} />
      <AccountMoney account={account} />
      <AccountConnections id={id} />
      <AccountDeliveries id={id} />
      <AccountEvents id={id} />
      <Part title="The object">
        <details>
          <summary>As the API shows it</summary>
          <Json value={account} label="the account" />
        </details>
      </Part>
    </Detail>
  );
}

function KindOf({ account: { type, country, business_type: business, controller } }: { account: Account }): ReactNode {
  return (
    <>
      <Badge>{type}</Badge> {country}
      {business == null ? "" : `, ${business.replaceAll("_", " ")}`}
      {controller?.requirement_collection === "application" && <span className="soft">, the platform collects what is due</span>}
    </>
  );
}

function Enabled({ on }: { on: boolean }): ReactNode {
  return <State tone={on ? "good" : "bad"}>{on ? "on" : "off"}</State>;
}

function Disabled({ account }: { account: Account }): ReactNode {
  const reason = disabledReasonInWords(account.requirements?.disabled_reason);
  if (reason === null || (account.charges_enabled && account.payouts_enabled)) return null;
  const off = [account.charges_enabled ? [] : ["payments"], account.payouts_enabled ? [] : ["payouts"]].flat();
  return (
    <div className="diagnosis bad">
      <p>
        <strong>{off.join(" and ").replace(/^p/, "P")} are off:</strong> {reason}.
      </p>
    </div>
  );
}

const REQUIREMENT_COLUMNS = ["What", "Standing", "By"].map((name) => ({ name }));

function Requirements({ account }: { account: Account }): ReactNode {
  const lines = requirementLines(account);
  return (
    <Part title="Requirements">
      {lines.length === 0 ? (
        <p className="soft">Nothing is asked for.</p>
      ) : (
        <Table
          stacks
          columns={REQUIREMENT_COLUMNS}
          rows={lines.map(({ name, tone, standing, by, why }) => ({
            key: name,
            cells: [
              <Fragment key="name">
                <code>{name}</code>
                {why !== null && (
                  <p className="bad">
                    <bdi>{why}</bdi>
                  </p>
                )}
              </Fragment>,
              <State key="standing" tone={tone}>
                {standing}
              </State>,
              by === null ? <NothingIn key="by" /> : <Time key="by" at={by} exact />,
            ],
          }))}
        />
      )}
    </Part>
  );
}

const CAPABILITY_TONES: Readonly<Record<string, Tone>> = { active: "good", pending: "waiting", inactive: "bad", unrequested: "quiet" };

function Capabilities({ id }: { id: string }): ReactNode {
  const { data } = useAnswer<Page<Capability>>("accounts", pathTo`/v1/accounts/${id}/capabilities`);
  if (data === undefined) return null;
  const asked = data.data.filter(({ requested, status }) => requested || status !== "unrequested");
  return (
    <Part title="Capabilities">
      {asked.length === 0 ? (
        <p className="soft">None is requested.</p>
      ) : (
        <ul className="lines">
          {asked.map((capability) => (
            <li key={capability.id} className="line two">
              <code>{capability.id}</code>
              <State tone={CAPABILITY_TONES[capability.status] ?? "quiet"}>{capability.status}</State>
              {capability.requirements?.disabled_reason != null && (
                <span className="why">{disabledReasonInWords(capability.requirements.disabled_reason)}</span>
              )}
            </li>
          ))}
        </ul>
      )}
    </Part>
  );
}

function AccountEvents({ id }: { id: string }): ReactNode {
  const { data } = useAnswer<Page<PlatformEvent>>("events", "/console/events", { account: id, limit: 8 });
  if (data === undefined) return null;
  return (
    <Part title="Latest events" aside={<Link href={`/events?account=${id}`}>all as a list</Link>}>
      {data.data.length === 0 ? (
        <p className="soft">None.</p>
      ) : (
        <ul className="lines">
          {data.data.map((event) => (
            <li key={event.id}>
              <Link href={`/events/${event.id}`} className="line two">
                <bdi>{event.type}</bdi>
                <RowTime at={event.created} />
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Part>
  );
}

import type { ReactNode } from "react";
import type { Account } from "../api/answers.ts";
import { CONNECT_ACCOUNT, useFirstCall } from "../api/first-call.ts";
import { accountName } from "../api/names.ts";
import { useFeed } from "../api/use-feed.ts";
import { Counted } from "../design/counted.tsx";
import { FilterBar } from "../design/filter-bar.tsx";
import { useFilters, withSearch } from "../design/filters.ts";
import { shortId } from "../design/id-words.ts";
import { ListPane } from "../design/list-pane.tsx";
import { Empty } from "../design/notice.tsx";
import { Panes } from "../design/panes.tsx";
import { State } from "../design/state.tsx";
import { Time } from "../design/time.tsx";
import { AccountRecord } from "./account-record.tsx";
import { disabledReasonInWords, dueOf } from "./due.ts";

const NO_PARAMETERS = {};

/** What is counted among the displayed accounts. */
const KINDS = [
  ["due", "with something due"],
  ["disabled", "with something disabled"],
] as const;

/** Connected accounts, with what is due. */
export function AccountsPage({ open }: { open: string | undefined }): ReactNode {
  const first = useFirstCall();
  const [filters, setFilters] = useFilters();
  const feed = useFeed<Account, Account>({
    path: "/v1/accounts",
    parameters: NO_PARAMETERS,
    topic: "accounts",
    rowsOf: (account) => (shows(account, filters.show) ? [account] : []),
    shown: filters.show,
  });
  const search = new URLSearchParams(filters).toString();
  const list = (
    <>
      <FilterBar
        filters={[
          {
            name: "show",
            label: "All accounts",
            choices: [
              ["due", "Something is due"],
              ["disabled", "Something is disabled"],
            ],
          },
        ]}
        values={filters}
        onChange={setFilters}
      >
        {feed.slots.length > 0 && (
          <Counted
            shown={`${feed.slots.length}${feed.hasMore ? "+" : ""} shown`}
            kinds={KINDS.map(([show, word]) => ({
              count: filters.show === undefined ? feed.slots.filter(({ row }) => row != null && shows(row, show)).length : 0,
              word,
              filter: ["show", show],
            }))}
          />
        )}
      </FilterBar>
      <ListPane<Account>
        label="Connected accounts"
        layout="account-row"
        feed={feed}
        hrefOf={({ id }) => withSearch(`/accounts/${id}`, search)}
        isOpen={({ id }) => id === open}
        detailShown={open !== undefined}
        head={
          <>
            <span>Account</span>
            <span>Type</span>
            <span>Payments</span>
            <span>Payouts</span>
            <span>Due</span>
          </>
        }
        cells={(account) => <AccountCells account={account} />}
        empty={
          search === "" ? (
            <Empty title="No connected account" {...first(...CONNECT_ACCOUNT)}>
              <p>
                Accounts that connect to your platform are listed here, with what they have to submit and by when. Create one with the API,
                or:
              </p>
            </Empty>
          ) : (
            <Empty title="No account is like this">
              <p>Take the filter away to see all.</p>
            </Empty>
          )
        }
      />
    </>
  );
  return (
    <Panes
      title="Accounts"
      list={list}
      detail={open === undefined ? null : <AccountRecord key={open} id={open} back={withSearch("/accounts", search)} />}
    />
  );
}

function shows(account: Account, which: string | undefined): boolean {
  if (which === "due") return dueOf(account).words !== "nothing due";
  return which !== "disabled" || !account.charges_enabled || !account.payouts_enabled;
}

function AccountCells({ account }: { account: Account }): ReactNode {
  const { tone, words, by } = dueOf(account);
  const name = accountName(account);
  const why = account.requirements?.disabled_reason;
  // The number of past due requirements is always shown.
  const reason = why === "requirements.past_due" ? null : disabledReasonInWords(why);
  return (
    <>
      <span className="account" title={name === null ? account.id : `${name} · ${account.id}`}>
        {name !== null && <bdi className="type">{name}</bdi>} <code className="soft">{shortId(account.id)}</code>
      </span>
      <span className="kind soft">
        {account.type} · {account.country}
      </span>
      <OnOff on={account.charges_enabled} what="payments" />
      <OnOff on={account.payouts_enabled} what="payouts" />
      <span className="due">
        <State tone={tone}>{words}</State>
        {by !== null && (
          <span className="soft">
            {" "}
            <Time at={by} within />
          </span>
        )}
        {reason !== null && tone !== "good" && <span className="soft reason"> · {reason}</span>}
      </span>
    </>
  );
}

function OnOff({ on, what }: { on: boolean; what: string }): ReactNode {
  return (
    <span className={`on-off ${what}`}>
      <State tone={on ? "good" : "bad"} title={`${what} ${on ? "on" : "off"}`}>
        <span className="on-off-what">{what} </span>
        {on ? "on" : "off"}
      </State>
    </span>
  );
}

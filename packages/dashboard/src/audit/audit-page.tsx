import type { ReactNode } from "react";
import type { AuditEntry } from "../api/answers.ts";
import type { Parameters } from "../api/form.ts";
import { one, useFeed } from "../api/use-feed.ts";
import { type Filter, FilterBar } from "../design/filter-bar.tsx";
import { type Filters, SINCE, sinceSeconds, timeSeconds, useFilters, withSearch, wrongSince, wrongTimes } from "../design/filters.ts";
import { shortPath } from "../design/id-words.ts";
import { ListPane } from "../design/list-pane.tsx";
import { Empty } from "../design/notice.tsx";
import { serverNow } from "../design/now.ts";
import { Panes } from "../design/panes.tsx";
import { RowTime } from "../design/time.tsx";
import { AccountCell } from "../records/delivery-cells.tsx";
import { AuditRecord } from "./audit-record.tsx";
import { askedOf, doneBy } from "./audit-words.ts";

const FILTERS: readonly Filter[] = [
  {
    name: "act",
    label: "Act",
    suggestions: [
      "account.erased",
      "backup.created",
      "endpoint.*",
      "key.*",
      "key.revoked",
      "key.rolled",
      "operator.*",
      "operator.requested",
      "platform.*",
    ],
  },
  { name: "by", label: "Done by" },
  { name: "account", label: "Account" },
  { name: "subject", label: "Done to" },
  { name: "since", label: "Any time", choices: SINCE.map(([value, label]) => [value, label] as const) },
  { name: "from", label: "From", time: true },
  { name: "until", label: "Until", time: true },
];

/** Acts on platforms, keys, operators, endpoints and backups, newest first. */
export function AuditPage({ open }: { open: string | undefined }): ReactNode {
  const [filters, setFilters] = useFilters();
  const feed = useFeed({
    path: "/console/audit",
    parameters: auditParameters(filters),
    topic: "audit",
    rowsOf: one<AuditEntry>,
    wrong: wrongSince(filters.since) ?? wrongTimes(filters),
  });
  const search = new URLSearchParams(filters).toString();
  const list = (
    <>
      <FilterBar filters={FILTERS} values={filters} onChange={setFilters}>
        <span className="soft">of the whole server</span>
      </FilterBar>
      <ListPane<AuditEntry>
        label="Audit log"
        layout="audit-row"
        feed={feed}
        hrefOf={({ id }) => withSearch(`/audit/${id}`, search)}
        isOpen={({ id }) => id === open}
        detailShown={open !== undefined}
        cells={(entry) => <AuditCells entry={entry} />}
        empty={
          <Empty title="No entry">
            <p>{search === "" ? "Nothing was done yet that is recorded." : "No entry is like this. Take a filter away."}</p>
          </Empty>
        }
      />
    </>
  );
  return (
    <Panes
      title="Audit"
      list={list}
      detail={open === undefined ? null : <AuditRecord key={open} id={open} back={withSearch("/audit", search)} />}
    />
  );
}

function auditParameters({ act, by, account, subject, since, from, until }: Filters): Parameters {
  // A length of time and a beginning both hold.
  const beginnings = [sinceSeconds(since, serverNow()), timeSeconds(from)].filter((at) => at !== undefined);
  return { act, by, account, subject, since: beginnings.length === 0 ? undefined : Math.max(...beginnings), until: timeSeconds(until) };
}

function AuditCells({ entry }: { entry: AuditEntry }): ReactNode {
  const asked = askedOf(entry);
  return (
    <>
      <RowTime at={entry.created} />
      <bdi className="type" title={entry.act}>
        {entry.act}
      </bdi>
      <bdi className="by" title={entry.by}>
        {doneBy(entry)}
      </bdi>
      <AccountCell id={entry.account} />
      <bdi className="subject soft" title={asked ?? entry.subject}>
        {shortPath(asked ?? entry.subject)}
      </bdi>
      <span className="from soft">{entry.from}</span>
    </>
  );
}

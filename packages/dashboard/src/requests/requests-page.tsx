import type { ReactNode } from "react";
import type { LoggedRequest } from "../api/answers.ts";
import { useFirstCall } from "../api/first-call.ts";
import type { Parameters } from "../api/form.ts";
import { one, useFeed } from "../api/use-feed.ts";
import { type Filter, FilterBar } from "../design/filter-bar.tsx";
import { type Filters, SINCE, sinceSeconds, useFilters, withSearch, wrongSince } from "../design/filters.ts";
import { shortPath } from "../design/id-words.ts";
import { ListPane } from "../design/list-pane.tsx";
import { Empty } from "../design/notice.tsx";
import { serverNow } from "../design/now.ts";
import { Panes } from "../design/panes.tsx";
import { State } from "../design/state.tsx";
import { RowTime } from "../design/time.tsx";
import { millisecondWords } from "../design/time-words.ts";
import { RequestRecord } from "./request-record.tsx";

const FILTERS: readonly Filter[] = [
  {
    name: "method",
    label: "Any method",
    choices: [
      ["GET", "GET"],
      ["POST", "POST"],
      ["DELETE", "DELETE"],
    ],
  },
  { name: "path", label: "Path begins with" },
  {
    name: "status",
    label: "Any status",
    choices: [
      ["2xx", "2xx done"],
      ["4xx", "4xx refused"],
      ["5xx", "5xx failed"],
    ],
  },
  { name: "account", label: "Account" },
  { name: "since", label: "Any time", choices: SINCE.map(([value, label]) => [value, label] as const) },
];

/** The API requests that were made with this platform's keys. */
export function RequestsPage({ open }: { open: string | undefined }): ReactNode {
  const first = useFirstCall();
  const [filters, setFilters] = useFilters();
  const feed = useFeed({
    path: "/console/requests",
    parameters: requestParameters(filters),
    topic: "requests",
    rowsOf: one<LoggedRequest>,
    wrong: wrongSince(filters.since),
  });
  const search = new URLSearchParams(filters).toString();
  const list = (
    <>
      <FilterBar filters={FILTERS} values={filters} onChange={setFilters} />
      <ListPane<LoggedRequest>
        label="Requests"
        layout="request-row"
        feed={feed}
        hrefOf={({ id }) => withSearch(`/requests/${id}`, search)}
        isOpen={({ id }) => id === open}
        detailShown={open !== undefined}
        cells={(request) => <RequestCells request={request} />}
        empty={
          <Empty title="No request" {...(search === "" ? first("/v1/account") : {})}>
            <p>
              {search === ""
                ? "Calls with your keys show here, with what was refused and why."
                : "No request is like this. Take a filter away."}
            </p>
          </Empty>
        }
      />
    </>
  );
  return (
    <Panes
      title="Requests"
      list={list}
      detail={open === undefined ? null : <RequestRecord key={open} id={open} back={withSearch("/requests", search)} />}
    />
  );
}

function requestParameters({ method, path, status, account, since }: Filters): Parameters {
  return { method, path, status_class: status, account, since: sinceSeconds(since, serverNow()) };
}

function RequestCells({ request }: { request: LoggedRequest }): ReactNode {
  const { method, path, status, error, duration_ms: ms, created } = request;
  return (
    <>
      <RowTime at={created} />
      <code className="method soft">{method}</code>
      <bdi className="path type" title={path}>
        {shortPath(path)}
      </bdi>
      <span className="status figure">
        <State tone={status < 400 ? "good" : "bad"}>{status}</State>
      </span>
      <span className="error soft">{error === null ? "" : (error.code ?? error.name)}</span>
      <span className="took figure soft">{millisecondWords(ms)}</span>
    </>
  );
}

import type { ReactNode } from "react";
import type { PlatformEvent } from "../api/answers.ts";
import { CONNECT_ACCOUNT, useFirstCall } from "../api/first-call.ts";
import { one, useFeed } from "../api/use-feed.ts";
import { FilterBar } from "../design/filter-bar.tsx";
import { useFilters, withSearch, wrongSince } from "../design/filters.ts";
import { shortId } from "../design/id-words.ts";
import { ListPane } from "../design/list-pane.tsx";
import { Empty } from "../design/notice.tsx";
import { Panes } from "../design/panes.tsx";
import { State } from "../design/state.tsx";
import { RowTime } from "../design/time.tsx";
import { EVENT_FILTERS, eventParameters } from "../records/asked.ts";
import { AccountCell } from "../records/delivery-cells.tsx";
import { Record } from "../records/record.tsx";
import { eventStanding } from "./event-standing.ts";

/** What happened, newest first. */
export function EventsPage({ open }: { open: string | undefined }): ReactNode {
  const first = useFirstCall();
  const [filters, setFilters] = useFilters();
  const feed = useFeed({
    path: "/console/events",
    parameters: eventParameters(filters),
    topic: "events",
    rowsOf: one<PlatformEvent>,
    wrong: wrongSince(filters.since),
  });
  const search = new URLSearchParams(filters).toString();
  const list = (
    <>
      <FilterBar
        filters={[...EVENT_FILTERS, { name: "undelivered", label: "Delivered or not", choices: [["yes", "Not delivered everywhere"]] }]}
        values={filters}
        onChange={setFilters}
      />
      <ListPane<PlatformEvent>
        label="Events"
        layout="event-row"
        feed={feed}
        hrefOf={({ id }) => withSearch(`/events/${id}`, search)}
        isOpen={({ id }) => id === open}
        detailShown={open !== undefined}
        cells={(event) => <EventCells event={event} />}
        empty={
          <Empty title="No event" {...(search === "" ? first(...CONNECT_ACCOUNT) : {})}>
            <p>
              {search === ""
                ? "Nothing has happened yet. Connect an account to see its first events:"
                : "Nothing like this has happened. Take a filter away."}
            </p>
          </Empty>
        }
      />
    </>
  );
  return (
    <Panes title="Events" list={list} detail={open === undefined ? null : <Record id={open} back={withSearch("/events", search)} />} />
  );
}

function EventCells({ event }: { event: PlatformEvent }): ReactNode {
  const { tone, word } = eventStanding(event.deliveries);
  const subject = typeof event.data.object.id === "string" ? event.data.object.id : null;
  return (
    <>
      <RowTime at={event.created} />
      <bdi className="type" title={event.type}>
        {event.type}
      </bdi>
      <AccountCell id={event.account ?? null} />
      <code className="subject soft" title={subject ?? undefined}>
        {subject === null || subject === event.account ? "" : shortId(subject)}
      </code>
      {event.deliveries.length === 0 ? (
        <span className="state-cell soft">no endpoint</span>
      ) : (
        <span className="state-cell">
          <State tone={tone}>{word}</State>
        </span>
      )}
    </>
  );
}

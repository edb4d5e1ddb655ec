import { type ReactNode, useEffect, useMemo, useState } from "react";
import type { Delivery } from "../api/answers.ts";
import { CONNECT_ACCOUNT, useFirstCall } from "../api/first-call.ts";
import { useEndpoints } from "../api/names.ts";
import { useReadOnly } from "../api/read-only.tsx";
import { type LoadedFeed, useFeed } from "../api/use-feed.ts";
import { Counted } from "../design/counted.tsx";
import { FilterBar } from "../design/filter-bar.tsx";
import { type Filters, useFilters, withSearch, wrongSince } from "../design/filters.ts";
import { ListPane } from "../design/list-pane.tsx";
import { Empty } from "../design/notice.tsx";
import { serverNow } from "../design/now.ts";
import { Panes } from "../design/panes.tsx";
import { DELIVERY_FILTERS, deliveryParameters, EVENT_FILTERS, eventParameters } from "../records/asked.ts";
import { DeliveryCells, ResendButton } from "../records/delivery-cells.tsx";
import { Record } from "../records/record.tsx";
import { resendOf, useResend } from "../records/resend.ts";
import { LIVE_EVENTS } from "./ask-ahead.ts";
import { GivenUpBanner } from "./given-up-banner.tsx";
import { HeardFailures } from "./heard-failures.ts";
import { type LiveRow, rowsOfDelivery, rowsOfEvent } from "./live-rows.ts";

/** Filters that only apply to deliveries: with one of these, events without deliveries are not shown. */
const OF_DELIVERIES = ["endpoint", "state", "status"];

/** Events and where they went, as it happens. */
export function LivePage({ open }: { open: string | undefined }): ReactNode {
  const [filters] = useFilters();
  return OF_DELIVERIES.some((name) => filters[name] !== undefined) ? (
    <LiveDeliveries open={open} filters={filters} />
  ) : (
    <LiveEvents open={open} filters={filters} />
  );
}

interface LiveProps {
  open: string | undefined;
  filters: Filters;
}

function LiveEvents({ open, filters }: LiveProps): ReactNode {
  const feed = useFeed({
    ...LIVE_EVENTS,
    parameters: eventParameters(filters),
    rowsOf: rowsOfEvent,
    wrong: wrongSince(filters.since),
  });
  return <LiveList open={open} feed={feed} />;
}

function LiveDeliveries({ open, filters }: LiveProps): ReactNode {
  const feed = useFeed({
    path: "/console/deliveries",
    parameters: deliveryParameters(filters),
    topic: "deliveries",
    rowsOf: rowsOfDelivery,
    wrong: wrongSince(filters.since),
  });
  return <LiveList open={open} feed={feed} />;
}

interface LiveListProps {
  open: string | undefined;
  feed: LoadedFeed<LiveRow>;
}

function LiveList({ open, feed }: LiveListProps): ReactNode {
  const [filters, setFilters] = useFilters();
  const endpoints = useEndpoints();
  const resend = useResend();
  const readOnly = useReadOnly();
  const search = new URLSearchParams(filters).toString();
  const deliveries = useMemo(() => feed.slots.flatMap(({ row }) => row?.delivery ?? []), [feed.slots]);
  const count = (is: (delivery: Delivery) => boolean): number => deliveries.filter(is).length;
  const list = (
    <>
      <NewFailures feed={feed} />
      <GivenUpBanner />
      <FilterBar filters={[...EVENT_FILTERS, ...DELIVERY_FILTERS]} values={filters} onChange={setFilters}>
        {feed.slots.length > 0 && (
          <Counted
            shown={`${feed.slots.length}${feed.hasMore ? "+" : ""} shown`}
            kinds={[
              { count: count(isFailing), word: "failing", filter: ["state", "retrying"], bad: true },
              { count: count(({ state }) => state === "exhausted"), word: "given up", filter: ["state", "exhausted"], bad: true },
            ]}
          />
        )}
      </FilterBar>
      <ListPane<LiveRow>
        label="Events and deliveries"
        layout="delivery-row"
        feed={feed}
        hrefOf={({ id }) => withSearch(`/live/${id}`, search)}
        isOpen={({ id, event }) => id === open || event === open}
        detailShown={open !== undefined}
        onResend={({ delivery }) => delivery !== null && !readOnly && resend.mutate(resendOf(delivery))}
        actions={({ delivery }) =>
          delivery !== null && <ResendButton delivery={delivery} onResend={(one) => resend.mutate(resendOf(one))} />
        }
        cells={({ at, type, account, delivery }) => (
          <DeliveryCells at={at} type={type} account={account} delivery={delivery} endpoints={endpoints} />
        )}
        empty={<NothingYet filtered={search !== ""} />}
      />
    </>
  );
  return <Panes title="Live" list={list} detail={open === undefined ? null : <Record id={open} back={withSearch("/live", search)} />} />;
}

/** Announces to screen readers which deliveries begin to fail. Announcing everything would be too much. */
function NewFailures({ feed: { slots } }: { feed: LoadedFeed<LiveRow> }): ReactNode {
  const [heard] = useState(() => new HeardFailures(serverNow() / 1_000));
  const [words, setWords] = useState("");
  useEffect(() => {
    const news = heard.news(slots.flatMap(({ row }) => (row?.delivery == null ? [] : [row.delivery])));
    if (news !== null) setWords(news);
  }, [heard, slots]);
  return (
    <p className="unseen" role="status">
      {words}
    </p>
  );
}

const isFailing = ({ state, attempt_count: attempts }: Delivery): boolean => state === "pending" && attempts > 0;

function NothingYet({ filtered }: { filtered: boolean }): ReactNode {
  const first = useFirstCall();
  if (filtered)
    return (
      <Empty title="Nothing like this has happened">
        <p>Take a filter away, or wait: what happens shows here at once.</p>
      </Empty>
    );
  return (
    <Empty title="Nothing has happened yet" {...first(...CONNECT_ACCOUNT)}>
      <p>Connect an account. Its events show here as they happen, and where they were sent.</p>
    </Empty>
  );
}

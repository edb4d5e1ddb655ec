import type { ReactNode } from "react";
import type { Delivery } from "../api/answers.ts";
import { CREATE_ENDPOINT, useFirstCall } from "../api/first-call.ts";
import { useEndpoints } from "../api/names.ts";
import { useReadOnly } from "../api/read-only.tsx";
import { one, useFeed } from "../api/use-feed.ts";
import { FilterBar } from "../design/filter-bar.tsx";
import { useFilters, withSearch, wrongSince } from "../design/filters.ts";
import { ListPane } from "../design/list-pane.tsx";
import { Empty } from "../design/notice.tsx";
import { Panes } from "../design/panes.tsx";
import { DELIVERY_FILTERS, deliveryParameters, EVENT_FILTERS } from "../records/asked.ts";
import { DeliveryCells, ResendButton } from "../records/delivery-cells.tsx";
import { Record } from "../records/record.tsx";
import { resendOf, useResend } from "../records/resend.ts";

/** What was owed to endpoints, newest first. */
export function DeliveriesPage({ open }: { open: string | undefined }): ReactNode {
  const first = useFirstCall();
  const [filters, setFilters] = useFilters();
  const feed = useFeed({
    path: "/console/deliveries",
    parameters: deliveryParameters(filters),
    topic: "deliveries",
    rowsOf: one<Delivery>,
    wrong: wrongSince(filters.since),
  });
  const endpoints = useEndpoints();
  const resend = useResend();
  const readOnly = useReadOnly();
  const search = new URLSearchParams(filters).toString();
  const list = (
    <>
      <FilterBar
        filters={[...EVENT_FILTERS, ...DELIVERY_FILTERS, { name: "event", label: "Event" }]}
        values={filters}
        onChange={setFilters}
      />
      <ListPane<Delivery>
        label="Deliveries"
        layout="delivery-row"
        feed={feed}
        hrefOf={({ id }) => withSearch(`/deliveries/${id}`, search)}
        isOpen={({ id }) => id === open}
        detailShown={open !== undefined}
        onResend={(delivery) => !readOnly && resend.mutate(resendOf(delivery))}
        actions={(delivery) => <ResendButton delivery={delivery} onResend={(given) => resend.mutate(resendOf(given))} />}
        cells={(delivery) => (
          <DeliveryCells
            at={delivery.created}
            type={delivery.event_type}
            account={delivery.account}
            delivery={delivery}
            endpoints={endpoints}
          />
        )}
        empty={
          <Empty title="No delivery" {...(search === "" ? first(...CREATE_ENDPOINT) : {})}>
            <p>
              {search === ""
                ? "Events are delivered to endpoints. Create one, then make something happen:"
                : "No delivery is like this. Take a filter away."}
            </p>
          </Empty>
        }
      />
    </>
  );
  return (
    <Panes
      title="Deliveries"
      list={list}
      detail={open === undefined ? null : <Record id={open} back={withSearch("/deliveries", search)} />}
    />
  );
}

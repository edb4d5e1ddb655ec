import { type ReactNode, useState } from "react";
import type { Delivery } from "../api/answers.ts";
import { CREATE_ENDPOINT, useFirstCall } from "../api/first-call.ts";
import { useEndpoints } from "../api/names.ts";
import { Acts, useReadOnly } from "../api/read-only.tsx";
import { one, useFeed } from "../api/use-feed.ts";
import { FilterBar } from "../design/filter-bar.tsx";
import { SINCE, useFilters, withSearch, wrongSince } from "../design/filters.ts";
import { ListPane } from "../design/list-pane.tsx";
import { Empty } from "../design/notice.tsx";
import { Panes } from "../design/panes.tsx";
import { DELIVERY_FILTERS, deliveryParameters, EVENT_FILTERS } from "../records/asked.ts";
import { DeliveryCells, ResendButton } from "../records/delivery-cells.tsx";
import { Record } from "../records/record.tsx";
import { resendOf, useResend } from "../records/resend.ts";
import { resendManyOf } from "../records/resend-many.ts";
import { ResendManyDialog } from "../records/resend-many-dialog.tsx";

/** The deliveries to endpoints, newest first. */
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
  const [resending, setResending] = useState(false);
  const many = resendManyOf(filters);
  const search = new URLSearchParams(filters).toString();
  const list = (
    <>
      <FilterBar
        filters={[...EVENT_FILTERS, ...DELIVERY_FILTERS, { name: "event", label: "Event" }]}
        values={filters}
        onChange={setFilters}
      >
        {many !== null && feed.slots.length > 0 && (
          <Acts>
            <button type="button" className="quiet" onClick={() => setResending(true)}>
              Resend all…
            </button>
          </Acts>
        )}
      </FilterBar>
      {resending && many !== null && (
        <ResendManyDialog
          title="Resend all of these"
          what={many.state === undefined ? "The deliveries listed that were given up or cancelled" : "The deliveries listed"}
          which={many}
          seconds={SINCE.find(([value]) => value === filters.since)?.[2]}
          onClose={() => setResending(false)}
        />
      )}
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

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Delivery, Endpoint } from "../src/api/answers.ts";
import { Unreachable } from "../src/api/failure.ts";
import type { Slot } from "../src/api/feed.ts";
import type { LoadedFeed } from "../src/api/use-feed.ts";
import { ListPane } from "../src/design/list-pane.tsx";
import { Empty } from "../src/design/notice.tsx";
import { Rows } from "../src/design/rows.tsx";
import { NothingIn, Table } from "../src/design/table.tsx";
import { DeliveryCells, ResendButton } from "../src/records/delivery-cells.tsx";
import type { Story } from "./story.ts";

const NOW = Math.floor(Date.now() / 1_000);
const FAILED = "The endpoint answered 500 Internal Server Error. Only an answer from 200 to 299 counts as received.";

/** A delivery in a state; `status` is what the last attempt was answered. */
function delivery(id: string, state: Delivery["state"], status: number | null, next: number | null = null): Delivery {
  const reason = status === 500 ? FAILED : null;
  return {
    id,
    object: "delivery",
    event: `evt_${id}`,
    event_type: "payout.failed",
    account: "acct_0VcOyVxP018poGiU",
    livemode: false,
    webhook_endpoint: "we_0VcOyVwA005eVHQRiTxHIlSa",
    state,
    attempt_count: status === null ? 0 : 3,
    created: NOW - 60,
    next_attempt_at: next,
    settled_at: null,
    reason: state === "cancelled" ? "The endpoint was disabled." : reason,
    last_attempt: status === null ? null : { at: NOW - 30, duration_ms: 52, outcome: "answered", status, reason },
  };
}

const DELIVERIES: readonly Delivery[] = [
  delivery("dlv_delivered", "succeeded", 200),
  delivery("dlv_pending", "pending", null, NOW),
  delivery("dlv_failing", "pending", 500, NOW + 300),
  delivery("dlv_given_up", "exhausted", 500),
  delivery("dlv_cancelled", "cancelled", null),
  delivery("dlv_quarantined", "quarantined", 500),
];

const NAMES = new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY } } });
NAMES.setQueryData(["test", "accounts", "name", "acct_0VcOyVxP018poGiU"], "Florist & Sons");
const ENDPOINTS = new Map<string, Endpoint>();

function List({ slots, hasMore }: { slots: readonly Slot<Delivery>[]; hasMore: boolean }): ReactNode {
  return (
    <QueryClientProvider client={NAMES}>
      <div className="pane list-pane" style={{ height: 300, display: "flex", flexDirection: "column" }}>
        <Rows
          label="Deliveries of a story"
          layout="delivery-row"
          slots={slots}
          hrefOf={({ id }) => `/deliveries/${id}`}
          cells={(row) => (
            <DeliveryCells at={row.created} type={row.event_type} account={row.account} endpoints={ENDPOINTS} delivery={row} />
          )}
          actions={(row) => <ResendButton delivery={row} onResend={() => undefined} />}
          isOpen={({ id }) => id === "dlv_failing"}
          hasMore={hasMore}
          isLoadingMore={hasMore}
          loadMore={() => undefined}
        />
      </div>
    </QueryClientProvider>
  );
}

/** A list in one of the states that it has beside its rows. */
function Pane({ feed }: { feed: Partial<LoadedFeed<Delivery>> }): ReactNode {
  return (
    <div className="pane list-pane" style={{ height: 200, display: "flex", flexDirection: "column" }}>
      <ListPane<Delivery>
        label="A list of a story"
        layout="delivery-row"
        feed={{ ...NOTHING, ...feed }}
        hrefOf={({ id }) => `/deliveries/${id}`}
        cells={(row) => <bdi className="type">{row.event_type}</bdi>}
        isOpen={() => false}
        detailShown
        empty={<Empty title="No delivery" />}
      />
    </div>
  );
}

const NOTHING: LoadedFeed<Delivery> = {
  slots: [],
  hasMore: false,
  ahead: 0,
  isPending: false,
  error: null,
  isLoadingMore: false,
  loadMore: () => undefined,
  lookAt: () => undefined,
  catchUp: () => undefined,
  retry: () => undefined,
};

/** Lists of rows. */
export const LIST_STORIES: readonly Story[] = [
  {
    part: "List",
    states: {
      empty: <Pane feed={{}} />,
      "on its way": <Pane feed={{ isPending: true }} />,
      failed: <Pane feed={{ error: new Unreachable("The server does not answer.") }} />,
      "more above what is read": <Pane feed={{ slots: DELIVERIES.map((row) => ({ id: row.id, row })), ahead: 50 }} />,
    },
  },
  {
    part: "Table",
    states: {
      "of figures": (
        <Table
          columns={[{ name: "Table" }, { name: "Size", figure: true }, { name: "Since" }]}
          rows={[
            { key: "events", cells: ["events", "1.2 GB", <NothingIn key="since" />] },
            { key: "long", cells: ["a name that is longer than any table has ".repeat(2), "3 kB", "yesterday"] },
          ]}
        />
      ),
    },
  },
  {
    part: "Rows",
    states: {
      "each state of a delivery, and one that is open": <List slots={DELIVERIES.map((row) => ({ id: row.id, row }))} hasMore={false} />,
      "some on their way": <List slots={[{ id: "dlv_away", row: null }]} hasMore />,
    },
  },
];

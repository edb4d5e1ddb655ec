import { type ReactNode, useMemo, useState } from "react";
import { Link } from "wouter";
import type { Endpoint, Page } from "../api/answers.ts";
import { CREATE_ENDPOINT, useFirstCall } from "../api/first-call.ts";
import { useAnswer, useEvery } from "../api/queries.ts";
import { Acts } from "../api/read-only.tsx";
import { Empty, Failed, Loading } from "../design/notice.tsx";
import { serverNow } from "../design/now.ts";
import { Panes } from "../design/panes.tsx";
import { Sparkline } from "../design/sparkline.tsx";
import { Badge } from "../design/state.tsx";
import { Time } from "../design/time.tsx";
import { CreateDialog } from "./create-dialog.tsx";
import { waitingWords } from "./endpoint-queue.ts";
import { EndpointRecord } from "./endpoint-record.tsx";
import { EndpointState } from "./endpoint-state.tsx";
import { eventsInWords, scopeOf } from "./endpoint-words.ts";
import { dayInWords, type EndpointDay, lastHours } from "./figures.ts";

/** Where events are sent, and how that goes. */
export function EndpointsPage({ open }: { open: string | undefined }): ReactNode {
  const first = useFirstCall();
  const { data, error, refetch } = useEvery<Endpoint>("endpoints", "/console/webhook_endpoints");
  const figures = useAnswer<Page<EndpointDay>>("system", "/console/endpoint_figures").data;
  const days = useMemo(() => new Map(figures?.data.map((day) => [day.webhook_endpoint, day])), [figures]);
  const [creating, setCreating] = useState(false);
  const list = (
    <>
      <div className="filter-bar">
        <strong>Endpoints</strong>
        <span className="filter-end">
          {data !== undefined && data.data.length > 0 && data.data.length}
          <Acts>
            <button type="button" onClick={() => setCreating(true)}>
              New endpoint…
            </button>
          </Acts>
        </span>
      </div>
      <div className="rows-scroll">
        {data === undefined ? (
          error === null ? (
            <Loading />
          ) : (
            <Failed error={error} retry={() => void refetch()} />
          )
        ) : data.data.length === 0 ? (
          <Empty title="No endpoint yet" {...first(...CREATE_ENDPOINT)}>
            <p>Events are sent to endpoints. Create one here or with the command; a Connect endpoint hears of all connected accounts.</p>
          </Empty>
        ) : (
          <ul aria-label="Endpoints">
            {data.data.map((endpoint) => (
              <li key={endpoint.id}>
                <EndpointRow endpoint={endpoint} day={days.get(endpoint.id)} isOpen={endpoint.id === open} />
              </li>
            ))}
          </ul>
        )}
      </div>
      {creating && <CreateDialog onClose={() => setCreating(false)} />}
    </>
  );
  return <Panes title="Endpoints" list={list} detail={open === undefined ? null : <EndpointRecord key={open} id={open} />} />;
}

interface RowProps {
  endpoint: Endpoint;
  /** How its deliveries went in the last 24 hours, where that is known. */
  day: EndpointDay | undefined;
  isOpen: boolean;
}

function EndpointRow({ endpoint, day, isOpen }: RowProps): ReactNode {
  const last = endpoint.health.last_failure;
  const words = day === undefined ? null : dayInWords(day);
  return (
    <Link
      href={`/endpoints/${endpoint.id}`}
      className={`row endpoint-row${isOpen ? " open" : ""}`}
      aria-current={isOpen ? "true" : undefined}
    >
      <bdi className="url" title={endpoint.url}>
        {endpoint.url}
      </bdi>
      <Badge>{scopeOf(endpoint)}</Badge>
      <span className="events soft">{eventsInWords(endpoint.enabled_events)}</span>
      <EndpointState endpoint={endpoint} />
      {words !== null && day !== undefined && (
        <span className="day soft">
          <Sparkline bars={lastHours(day.hours, serverNow() / 1_000)} label="Deliveries of the last 24 hours by hour" /> {words}
        </span>
      )}
      {endpoint.health.status === "failing" && last !== null && (
        <span className="why">
          <bdi>{last.reason}</bdi>{" "}
          <span className="soft">
            {endpoint.health.failed_attempts} failed {endpoint.health.failed_attempts === 1 ? "attempt" : "attempts"}, the last{" "}
            <Time at={last.at} />
          </span>
        </span>
      )}
      {day !== undefined && <Waiting endpoint={endpoint} day={day} />}
    </Link>
  );
}

/** What waits for an endpoint that gets nothing now or fails: how many, and when the next is tried. */
function Waiting({ endpoint, day }: { endpoint: Endpoint; day: EndpointDay }): ReactNode {
  const { status, paused_at: pausedAt, health } = endpoint;
  if (status === "disabled" || day.pending === 0 || (pausedAt === null && health.status !== "failing")) return null;
  return (
    <span className="waits soft">
      {waitingWords(day)}
      {day.next_attempt_at !== null && (
        <>
          , the next try <Time at={day.next_attempt_at} />
        </>
      )}
    </span>
  );
}

import { type ReactNode, useMemo, useState } from "react";
import { Link } from "wouter";
import type { Endpoint, Page } from "../api/answers.ts";
import { CREATE_ENDPOINT, useFirstCall } from "../api/first-call.ts";
import { useAnswer, useEvery } from "../api/queries.ts";
import { Acts } from "../api/read-only.tsx";
import { Counted } from "../design/counted.tsx";
import { type Filter, FilterBar } from "../design/filter-bar.tsx";
import { useFilters, withSearch } from "../design/filters.ts";
import { Empty, Failed, Loading } from "../design/notice.tsx";
import { serverNow } from "../design/now.ts";
import { Panes } from "../design/panes.tsx";
import { Sparkline } from "../design/sparkline.tsx";
import { Badge } from "../design/state.tsx";
import { Time } from "../design/time.tsx";
import { givenUpTo, useGivenUp } from "../records/given-up.ts";
import { CreateDialog } from "./create-dialog.tsx";
import { waitingWords } from "./endpoint-queue.ts";
import { EndpointRecord } from "./endpoint-record.tsx";
import { EndpointState } from "./endpoint-state.tsx";
import { eventsInWords, STANDINGS, scopeOf, standsSo } from "./endpoint-words.ts";
import { dayInWords, type EndpointDay, lastHours } from "./figures.ts";

const FILTERS: readonly Filter[] = [{ name: "standing", label: "All endpoints", choices: STANDINGS }];

/** Where events are sent, and with what results. */
export function EndpointsPage({ open }: { open: string | undefined }): ReactNode {
  const first = useFirstCall();
  const { data, error, refetch } = useEvery<Endpoint>("endpoints", "/console/webhook_endpoints");
  const figures = useAnswer<Page<EndpointDay>>("system", "/console/endpoint_figures").data;
  const days = useMemo(() => new Map(figures?.data.map((day) => [day.webhook_endpoint, day])), [figures]);
  const given = useGivenUp();
  const [creating, setCreating] = useState(false);
  const [filters, setFilters] = useFilters();
  const search = new URLSearchParams(filters).toString();
  const endpoints = useMemo(() => data?.data.filter((endpoint) => standsSo(endpoint, filters.standing)) ?? [], [data, filters.standing]);
  const list = (
    <>
      <FilterBar filters={FILTERS} values={filters} onChange={setFilters}>
        {data !== undefined && data.data.length > 0 && (
          <Counted
            shown={String(endpoints.length)}
            kinds={STANDINGS.filter(([standing]) => standing !== "healthy").map(([standing, word]) => ({
              count: filters.standing === undefined ? endpoints.filter((one) => standsSo(one, standing)).length : 0,
              word: word.toLowerCase(),
              filter: ["standing", standing],
              bad: standing === "failing",
            }))}
          />
        )}
        <Acts>
          <button type="button" onClick={() => setCreating(true)}>
            New endpoint…
          </button>
        </Acts>
      </FilterBar>
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
        ) : endpoints.length === 0 ? (
          <Empty title="No endpoint is like this">
            <p>Take the filter away to see all.</p>
          </Empty>
        ) : (
          <ul aria-label="Endpoints">
            {endpoints.map((endpoint) => (
              <li key={endpoint.id}>
                <EndpointRow
                  endpoint={endpoint}
                  day={days.get(endpoint.id)}
                  givenUp={givenUpTo(given, endpoint.id)}
                  href={withSearch(`/endpoints/${endpoint.id}`, search)}
                  isOpen={endpoint.id === open}
                />
              </li>
            ))}
          </ul>
        )}
      </div>
      {creating && <CreateDialog onClose={() => setCreating(false)} />}
    </>
  );
  return (
    <Panes
      title="Endpoints"
      list={list}
      detail={open === undefined ? null : <EndpointRecord key={open} id={open} back={withSearch("/endpoints", search)} />}
    />
  );
}

interface RowProps {
  endpoint: Endpoint;
  /** The results of its deliveries in the last 24 hours, if known. */
  day: EndpointDay | undefined;
  /** Deliveries that were given up and not received since. */
  givenUp: number;
  href: string;
  isOpen: boolean;
}

function EndpointRow({ endpoint, day, givenUp, href, isOpen }: RowProps): ReactNode {
  const last = endpoint.health.last_failure;
  const words = day === undefined ? null : dayInWords(day);
  return (
    <Link href={href} className={`row endpoint-row${isOpen ? " open" : ""}`} aria-current={isOpen ? "true" : undefined}>
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
            <Time at={last.at} within />
          </span>
        </span>
      )}
      {day !== undefined && <Waiting endpoint={endpoint} day={day} />}
      {givenUp > 0 && (
        <span className="waits bad">
          {givenUp.toLocaleString("en")} {givenUp === 1 ? "delivery was" : "deliveries were"} given up and not received since
        </span>
      )}
    </Link>
  );
}

/** What waits for an endpoint that gets nothing now or is failing: how many deliveries, and when the next is tried. */
function Waiting({ endpoint, day }: { endpoint: Endpoint; day: EndpointDay }): ReactNode {
  const { status, paused_at: pausedAt, health } = endpoint;
  if (status === "disabled" || day.pending === 0 || (pausedAt === null && health.status !== "failing")) return null;
  return (
    <span className="waits soft">
      {waitingWords(day)}
      {day.next_attempt_at !== null && (
        <>
          , the next try <Time at={day.next_attempt_at} within />
        </>
      )}
    </span>
  );
}

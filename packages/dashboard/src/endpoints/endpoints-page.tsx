import { type ReactNode, useState } from "react";
import { Link } from "wouter";
import type { Endpoint, Page } from "../api/answers.ts";
import { CREATE_ENDPOINT, useFirstCall } from "../api/first-call.ts";
import { useAnswer } from "../api/queries.ts";
import { Acts } from "../api/read-only.tsx";
import { Empty, Failed, Loading } from "../design/notice.tsx";
import { Panes } from "../design/panes.tsx";
import { Badge, State } from "../design/state.tsx";
import { Time } from "../design/time.tsx";
import { CreateDialog } from "./create-dialog.tsx";
import { EndpointRecord } from "./endpoint-record.tsx";
import { endpointStanding, eventsInWords, scopeOf } from "./endpoint-words.ts";

/** Where events are sent, and how that goes. */
export function EndpointsPage({ open }: { open: string | undefined }): ReactNode {
  const first = useFirstCall();
  const { data, error, refetch } = useAnswer<Page<Endpoint>>("endpoints", "/console/webhook_endpoints", { limit: 100 });
  const [creating, setCreating] = useState(false);
  const list = (
    <>
      <div className="filter-bar">
        <strong>Endpoints</strong>
        <span className="filter-end">
          {data !== undefined && data.data.length > 0 && `${data.data.length}${data.has_more ? "+" : ""}`}
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
                <EndpointRow endpoint={endpoint} isOpen={endpoint.id === open} />
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

function EndpointRow({ endpoint, isOpen }: { endpoint: Endpoint; isOpen: boolean }): ReactNode {
  const { tone, word } = endpointStanding(endpoint);
  const last = endpoint.health.last_failure;
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
      <State tone={tone}>{word}</State>
      {endpoint.health.status === "failing" && last !== null && (
        <span className="why">
          <bdi>{last.reason}</bdi>{" "}
          <span className="soft">
            {endpoint.health.failed_attempts} failed {endpoint.health.failed_attempts === 1 ? "attempt" : "attempts"}, the last{" "}
            <Time at={last.at} />
          </span>
        </span>
      )}
    </Link>
  );
}

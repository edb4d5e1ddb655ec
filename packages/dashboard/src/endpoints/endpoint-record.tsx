import { type ReactNode, useMemo } from "react";
import { Link } from "wouter";
import type { Delivery, Endpoint, EndpointFigures, Page } from "../api/answers.ts";
import { pathTo } from "../api/path-to.ts";
import { useAnswer } from "../api/queries.ts";
import { Acts } from "../api/read-only.tsx";
import { Chart } from "../design/chart.tsx";
import { Figure } from "../design/figure.tsx";
import { Id } from "../design/id.tsx";
import { Failed, Loading } from "../design/notice.tsx";
import { serverNow } from "../design/now.ts";
import { Detail, Facts, Part } from "../design/panes.tsx";
import { Badge } from "../design/state.tsx";
import { Time } from "../design/time.tsx";
import { millisecondWords, rowTime } from "../design/time-words.ts";
import { ByDay } from "../records/by-day.tsx";
import { givenUpHref, givenUpTo, useGivenUp } from "../records/given-up.ts";
import { EndpointActions } from "./endpoint-actions.tsx";
import { EndpointHealth } from "./endpoint-health.tsx";
import { EndpointState } from "./endpoint-state.tsx";
import { scopeOf } from "./endpoint-words.ts";
import { spansOf } from "./figures.ts";

/** An endpoint: its health, its events, and its actions. */
export function EndpointRecord({ id, back }: { id: string; back: string }): ReactNode {
  const { data: endpoint, error, refetch } = useAnswer<Endpoint>("endpoints", pathTo`/console/webhook_endpoints/${id}`);
  const figures = useAnswer<EndpointFigures>("deliveries", pathTo`/console/webhook_endpoints/${id}/figures`).data;
  if (endpoint === undefined)
    return (
      <Detail back={back} title={<code>{id}</code>}>
        {error === null ? <Loading /> : <Failed error={error} retry={() => void refetch()} />}
      </Detail>
    );
  return (
    <Detail
      back={back}
      title={<bdi>{endpoint.url}</bdi>}
      state={<EndpointState endpoint={endpoint} />}
      actions={
        <Acts>
          <EndpointActions endpoint={endpoint} />
        </Acts>
      }
    >
      <EndpointHealth endpoint={endpoint} figures={figures} />
      <Facts
        facts={[
          ["Endpoint", <Id key="id" id={endpoint.id} whole copy link={false} />],
          ["Hears of", <Badge key="scope">{scopeOf(endpoint) === "Connect" ? "connected accounts" : "your own account"}</Badge>],
          ["Description", endpoint.description === null ? null : <bdi key="description">{endpoint.description}</bdi>],
          ["API version", endpoint.api_version === null ? "your default" : <code key="version">{endpoint.api_version}</code>],
          ["Rate limit", endpoint.rate_limit === null ? "the server's" : `${endpoint.rate_limit} attempts a second`],
          ["Created", <Time key="created" at={endpoint.created} exact />],
        ]}
      />
      <HowItDoes id={id} figures={figures} />
      <Part title="Event types">
        <ul className="chips">
          {endpoint.enabled_events.map((type) => (
            <li key={type}>
              <code>{type === "*" ? "* all types" : type}</code>
            </li>
          ))}
        </ul>
      </Part>
    </Detail>
  );
}

/** How many deliveries the figures are computed from. */
const LATEST = 100;

function HowItDoes({ id, figures }: { id: string; figures: EndpointFigures | undefined }): ReactNode {
  const { data } = useAnswer<Page<Delivery>>("deliveries", "/console/deliveries", { endpoint: id, limit: LATEST });
  const givenUp = givenUpTo(useGivenUp(), id);
  const spans = useMemo(() => spansOf(data?.data ?? []), [data]);
  const times = useMemo(() => spans.map(({ at }) => at), [spans]);
  const outcomes = useMemo(
    () => [
      { name: "Delivered", colour: "--accent", values: spans.map(({ delivered }) => delivered) },
      { name: "Failing", colour: "--bad", values: spans.map(({ failing }) => failing) },
      { name: "Waiting", colour: "--wait", values: spans.map(({ waiting }) => waiting) },
    ],
    [spans],
  );
  const latency = useMemo(
    () => [
      { name: "p50", colour: "--accent", values: spans.map(({ p50Ms }) => p50Ms) },
      { name: "p95", colour: "--key", values: spans.map(({ p95Ms }) => p95Ms) },
    ],
    [spans],
  );
  if (data === undefined || figures === undefined) return null;
  const count = data.data.length;
  const title =
    count === 0
      ? "Deliveries"
      : data.has_more
        ? `The last ${LATEST} deliveries`
        : count === 1
          ? "Its one delivery"
          : `Its ${count} deliveries`;
  const at = { name: "From", words: (time: number) => rowTime(time, serverNow() / 1_000) };
  return (
    <Part title={title} aside={<Link href={`/deliveries?endpoint=${id}`}>all as a list</Link>}>
      {count === 0 ? (
        <p className="soft">None yet. Send a test event, or make something happen.</p>
      ) : (
        <>
          <dl className="figures">
            <Figure
              name="Delivered"
              value={figures.success_rate === null ? "–" : `${Math.floor(figures.success_rate * 1_000) / 10} %`}
              href={`/deliveries?endpoint=${id}&state=succeeded`}
            />
            <Figure name="p50" value={figures.p50_ms === null ? "–" : millisecondWords(figures.p50_ms)} />
            <Figure name="p95" value={figures.p95_ms === null ? "–" : millisecondWords(figures.p95_ms)} />
            <Figure
              name="Waiting"
              value={`${figures.pending}${figures.pending_complete ? "" : "+"}`}
              href={`/deliveries?endpoint=${id}&state=pending`}
            />
            {givenUp > 0 && (
              <Figure name="Given up" value={<span className="bad">{givenUp.toLocaleString("en")}</span>} href={givenUpHref(id)} />
            )}
            <Figure name="Next try" value={figures.next_attempt_at === null ? "–" : <Time at={figures.next_attempt_at} />} />
          </dl>
          <ByDay hours={figures.hours} />
          {spans.length > 1 && (
            <>
              <Chart label="Deliveries by outcome" kind="bars" times={times} series={outcomes} words={String} height={120} at={at} />
              {figures.p50_ms !== null && (
                <Chart label="Time to answer" kind="lines" times={times} series={latency} words={millisecondWords} height={110} at={at} />
              )}
            </>
          )}
        </>
      )}
    </Part>
  );
}

import type { ReactNode } from "react";
import { Link } from "wouter";
import type { Attempt, DeliveryInFull, Endpoint } from "../api/answers.ts";
import { useEndpoints } from "../api/names.ts";
import { pathTo } from "../api/path-to.ts";
import { useAct, useAnswer } from "../api/queries.ts";
import { Acts, useReadOnly } from "../api/read-only.tsx";
import { useFilters } from "../design/filters.ts";
import { Id } from "../design/id.tsx";
import { Failed, Loading } from "../design/notice.tsx";
import { useServerTime } from "../design/now.ts";
import { Detail, Facts, Part } from "../design/panes.tsx";
import { useShortcut } from "../design/shortcuts.ts";
import { State } from "../design/state.tsx";
import { Time } from "../design/time.tsx";
import { millisecondWords } from "../design/time-words.ts";
import { AccountId } from "./account-id.tsx";
import { adviceOn } from "./advice.ts";
import { AttemptRecord } from "./attempt-record.tsx";
import { nextTry, resultOf, standingOf, waitsFor, whyNot } from "./delivery-words.ts";
import { resendOf, useResend } from "./resend.ts";

/** A delivery: its state, the reason, what to do, and every attempt. */
export function DeliveryRecord({ id, back }: { id: string; back: string }): ReactNode {
  const { data: delivery, error, refetch } = useAnswer<DeliveryInFull>("deliveries", pathTo`/console/deliveries/${id}`);
  const resend = useResend();
  const again = (): void => {
    if (delivery !== undefined && !resend.isPending) resend.mutate(resendOf(delivery));
  };
  const readOnly = useReadOnly();
  useShortcut("r", again, delivery !== undefined && !readOnly);
  if (delivery === undefined)
    return (
      <Detail back={back} title={<code>{id}</code>}>
        {error === null ? <Loading /> : <Failed error={error} retry={() => void refetch()} />}
      </Detail>
    );
  const { tone, word } = standingOf(delivery);
  return (
    <Detail
      back={back}
      title={<bdi>{delivery.event_type}</bdi>}
      state={<State tone={tone}>{word}</State>}
      actions={
        <Acts>
          <button type="button" onClick={again} disabled={resend.isPending} title="One more attempt now (r)">
            Resend
          </button>
        </Acts>
      }
    >
      <Diagnosis delivery={delivery} />
      <DeliveryFacts delivery={delivery} />
      <Attempts delivery={delivery} />
    </Detail>
  );
}

/** Why it has not arrived, what to do, and what comes next. */
function Diagnosis({ delivery }: { delivery: DeliveryInFull }): ReactNode {
  const readOnly = useReadOnly();
  const endpoint = useEndpoints().get(delivery.webhook_endpoint);
  const next = useServerTime((now) => nextTry(delivery, endpoint, now / 1_000) ?? "");
  const release = useAct<void, DeliveryInFull>(
    (client) => client.post(pathTo`/console/deliveries/${delivery.id}/release`),
    ["deliveries", "events"],
    { done: () => ({ text: "The delivery is due at once." }), failsAloud: true },
  );
  const why = whyNot(delivery);
  if (why === null)
    return next === "" ? null : (
      <p className="diagnosis quiet">
        Nothing was sent yet. <NextTry delivery={delivery} endpoint={endpoint} />
      </p>
    );
  const last = delivery.last_attempt;
  return (
    <div className="diagnosis bad">
      <p>
        <strong>
          <bdi>{why}</bdi>
        </strong>
      </p>
      {last !== null && delivery.reason === null && <p>{adviceOn(last)}</p>}
      {delivery.next_attempt_at !== null && delivery.state === "pending" && (
        <p className="soft">
          <NextTry delivery={delivery} endpoint={endpoint} />
        </p>
      )}
      {delivery.state === "exhausted" && <p className="soft">It is not tried again by itself. Resend it once the receiver is mended.</p>}
      {delivery.state === "quarantined" && !readOnly && (
        <button type="button" disabled={release.isPending} onClick={() => release.mutate()}>
          Release: send it after all
        </button>
      )}
    </div>
  );
}

/** When the next attempt happens: not while the endpoint is paused or held back. */
function NextTry({ delivery, endpoint }: { delivery: DeliveryInFull; endpoint: Endpoint | undefined }): ReactNode {
  const waits = useServerTime((now) => waitsFor(delivery, endpoint, now / 1_000) !== null);
  const at = delivery.next_attempt_at ?? 0;
  if (!waits || endpoint === undefined)
    return (
      <>
        Next try <Time at={at} exact />
      </>
    );
  const why = <Link href={`/endpoints/${endpoint.id}`}>the endpoint is {endpoint.paused_at === null ? "held back" : "paused"}</Link>;
  if (endpoint.paused_at !== null) return <>It waits: {why}.</>;
  return (
    <>
      Next try <Time at={Math.max(at, endpoint.health.held_until ?? 0)} exact />: {why}
    </>
  );
}

function DeliveryFacts({ delivery }: { delivery: DeliveryInFull }): ReactNode {
  const endpoint = useEndpoints().get(delivery.webhook_endpoint);
  return (
    <Facts
      facts={[
        ["Delivery", <Id key="id" id={delivery.id} whole copy link={false} />],
        ["Event", <Id key="event" id={delivery.event} whole copy />],
        [
          "Endpoint",
          <span key="endpoint">
            <Link href={`/endpoints/${delivery.webhook_endpoint}`}>
              <bdi>{endpoint?.url ?? delivery.webhook_endpoint}</bdi>
            </Link>
          </span>,
        ],
        ["Account", <AccountId key="account" id={delivery.account} />],
        ["Owed since", <Time key="created" at={delivery.created} exact />],
        delivery.settled_at === null ? null : ["Settled", <Time key="settled" at={delivery.settled_at} exact />],
      ]}
    />
  );
}

function Attempts({ delivery }: { delivery: DeliveryInFull }): ReactNode {
  const [filters, setFilters] = useFilters();
  const { attempts } = delivery;
  const chosen = attempts.find(({ number }) => String(number) === filters.attempt) ?? attempts.at(-1);
  if (chosen === undefined)
    return (
      <Part title="Attempts">
        <p className="soft">None yet.</p>
      </Part>
    );
  return (
    <>
      <Part title={attempts.length === 1 ? "One attempt" : `${attempts.length} attempts`}>
        <ul className="attempts">
          {[...attempts].reverse().map((attempt) => (
            <li key={attempt.number}>
              <button
                type="button"
                className={attempt === chosen ? "attempt chosen" : "attempt"}
                aria-pressed={attempt === chosen}
                onClick={() => setFilters({ attempt: String(attempt.number) })}
              >
                <AttemptLine attempt={attempt} />
              </button>
            </li>
          ))}
        </ul>
      </Part>
      <AttemptRecord key={chosen.number} delivery={delivery} attempt={chosen} />
    </>
  );
}

function AttemptLine({ attempt }: { attempt: Attempt }): ReactNode {
  return (
    <>
      <span className="soft figure">{attempt.number}</span>
      <State tone={attempt.outcome === "succeeded" ? "good" : "bad"}>{resultOf(attempt)}</State>
      <span className="figure">{millisecondWords(attempt.duration_ms)}</span>
      <span className="soft">
        <Time at={attempt.at} within />
      </span>
    </>
  );
}

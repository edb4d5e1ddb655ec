import { type ReactNode, useState } from "react";
import { Link } from "wouter";
import type { Delivery, Endpoint, PlatformEvent } from "../api/answers.ts";
import { useEndpoints } from "../api/names.ts";
import { pathTo } from "../api/path-to.ts";
import { useAnswer } from "../api/queries.ts";
import { Acts, useReadOnly } from "../api/read-only.tsx";
import { Dialog } from "../design/dialog.tsx";
import { Difference } from "../design/difference.tsx";
import { Id } from "../design/id.tsx";
import { Json } from "../design/json.tsx";
import { Failed, Loading } from "../design/notice.tsx";
import { useServerTime } from "../design/now.ts";
import { Detail, Facts, Part } from "../design/panes.tsx";
import { useShortcut } from "../design/shortcuts.ts";
import { State } from "../design/state.tsx";
import { Time } from "../design/time.tsx";
import { AccountId } from "./account-id.tsx";
import { DeliveryState, EndpointCell } from "./delivery-cells.tsx";
import { nextTry, ordinal, standingOf, whyNot } from "./delivery-words.ts";
import { useResend } from "./resend.ts";

/** An event: its content, what changed, what caused it, and where it went. */
export function EventRecord({ id, back }: { id: string; back: string }): ReactNode {
  const { data: event, error, refetch } = useAnswer<PlatformEvent>("events", pathTo`/console/events/${id}`);
  const [resending, setResending] = useState(false);
  const readOnly = useReadOnly();
  useShortcut("r", () => setResending(true), event !== undefined && !readOnly);
  if (event === undefined)
    return (
      <Detail back={back} title={<code>{id}</code>}>
        {error === null ? <Loading /> : <Failed error={error} retry={() => void refetch()} />}
      </Detail>
    );
  const { thin } = event;
  const { object } = event.data;
  const { before: previous, after: now } =
    thin === undefined ? { before: event.data.previous_attributes, after: object } : (thin.changes ?? { before: null, after: null });
  return (
    <Detail
      back={back}
      title={<bdi>{event.type}</bdi>}
      state={<EventState event={event} />}
      actions={
        <Acts>
          <button type="button" onClick={() => setResending(true)} title="Resend (r)">
            Resend…
          </button>
        </Acts>
      }
    >
      <EventFacts event={event} />
      <Part title="Deliveries" aside={<Link href={`/deliveries?event=${event.id}`}>all as a list</Link>}>
        <EventDeliveries deliveries={event.deliveries} />
      </Part>
      {previous != null && (
        <Part title="What changed">
          <Difference now={now} previous={previous} />
        </Part>
      )}
      <Part title="The object">
        <Json value={object} label="the object" />
      </Part>
      <Part title="The whole event">
        <details>
          <summary>As the API shows it</summary>
          <Json value={thin ?? withoutDeliveries(event)} label="the event" />
        </details>
      </Part>
      {resending && <ResendDialog event={event} onClose={() => setResending(false)} />}
    </Detail>
  );
}

function withoutDeliveries({ deliveries: _, ...event }: PlatformEvent): object {
  return event;
}

function EventState({ event: { deliveries, pending_webhooks: pending } }: { event: PlatformEvent }): ReactNode {
  const standings = deliveries.map(standingOf);
  if (standings.length === 0) return <State tone="quiet">No endpoint</State>;
  const bad = standings.filter(({ tone }) => tone === "bad").length;
  if (bad > 0)
    return <State tone="bad">{bad === standings.length ? "Not delivered" : `${bad} of ${standings.length} not delivered`}</State>;
  if (pending > 0) return <State tone="waiting">Pending</State>;
  return <State tone="good">Delivered</State>;
}

function EventFacts({ event }: { event: PlatformEvent }): ReactNode {
  const subject = typeof event.data.object.id === "string" ? event.data.object.id : null;
  return (
    <Facts
      facts={[
        ["Event", <Id key="id" id={event.id} whole copy link={false} />],
        ["Happened", <Time key="at" at={event.created} exact />],
        ["Account", event.account === undefined ? "your own" : <AccountId key="account" id={event.account} />],
        ["About", subject === null || subject === event.account ? null : <Id key="about" id={subject} whole copy />],
        ["Caused by", <Cause key="cause" request={event.request} />],
        ["API version", event.api_version === null ? null : <code key="version">{event.api_version}</code>],
      ]}
    />
  );
}

function Cause({ request }: { request: PlatformEvent["request"] }): ReactNode {
  if (request?.id == null) return "the server itself: something fell due";
  return (
    <>
      <Id id={request.id} whole copy />
      {request.idempotency_key !== null && (
        <span className="soft">
          {" "}
          with the key <bdi>{request.idempotency_key}</bdi>
        </span>
      )}
    </>
  );
}

function EventDeliveries({ deliveries }: { deliveries: readonly Delivery[] }): ReactNode {
  const endpoints = useEndpoints();
  if (deliveries.length === 0)
    return (
      <p className="soft">
        No endpoint selected this type when it happened. <Link href="/endpoints">Look at the endpoints</Link>, then resend it.
      </p>
    );
  return (
    <ul className="lines">
      {deliveries.map((delivery) => (
        <li key={delivery.id}>
          <Link href={`/deliveries/${delivery.id}`} className="line">
            <EndpointCell id={delivery.webhook_endpoint} endpoints={endpoints} />
            <DeliveryState delivery={delivery} />
            <span className="soft">{delivery.attempt_count > 0 ? `${ordinal(delivery.attempt_count)} attempt` : "no attempt yet"}</span>
            <NextOrWhy delivery={delivery} endpoint={endpoints.get(delivery.webhook_endpoint)} />
          </Link>
        </li>
      ))}
    </ul>
  );
}

function NextOrWhy({ delivery, endpoint }: { delivery: Delivery; endpoint: Endpoint | undefined }): ReactNode {
  const next = useServerTime((now) => nextTry(delivery, endpoint, now / 1_000) ?? "");
  const why = whyNot(delivery);
  if (why === null && next === "") return null;
  return (
    <span className="why">
      {why !== null && <bdi>{why}</bdi>} <span className="soft">{next}</span>
    </span>
  );
}

/** Resends an event to one endpoint, or to all of its endpoints. */
function ResendDialog({ event, onClose }: { event: PlatformEvent; onClose(): void }): ReactNode {
  const endpoints = useEndpoints();
  const resend = useResend();
  const [error, setError] = useState<Error | null>(null);
  /** Endpoints that it was already resent to before one failed. */
  const [sent, setSent] = useState<ReadonlySet<string>>(new Set());
  const owed = new Set(event.deliveries.map(({ webhook_endpoint }) => webhook_endpoint));
  const choices = [...endpoints.values()].filter(({ id, status }) => owed.has(id) || status === "enabled");
  const send = async (form: FormData): Promise<void> => {
    setError(null);
    try {
      for (const endpoint of form.getAll("endpoint").map(String)) {
        await resend.mutateAsync({ event: event.id, type: event.type, account: event.account, endpoint });
        setSent((before) => new Set([...before, endpoint]));
      }
      onClose();
    } catch (failure) {
      setError(failure as Error);
    }
  };
  return (
    <Dialog
      title="Resend this event"
      act="Resend"
      busy={resend.isPending}
      error={error}
      onClose={onClose}
      onAct={(form) => void send(form)}
    >
      <p>Each endpoint you choose gets one more attempt now, signed anew. Automatic retries go on as they were.</p>
      {choices.length === 0 && <p className="soft">There is no endpoint to send it to.</p>}
      <EndpointChoices choices={choices} owed={owed} sent={sent} />
    </Dialog>
  );
}

interface EndpointChoicesProps {
  choices: readonly Endpoint[];
  owed: ReadonlySet<string>;
  sent: ReadonlySet<string>;
}

function EndpointChoices({ choices, owed, sent }: EndpointChoicesProps): ReactNode {
  return (
    <fieldset className="choices">
      <legend className="unseen">Endpoints</legend>
      {choices.map(({ id, url, status }) => (
        <label key={id}>
          <input
            type="checkbox"
            name="endpoint"
            value={id}
            defaultChecked={owed.has(id) && status === "enabled"}
            disabled={status === "disabled" || sent.has(id)}
          />
          <bdi>{url}</bdi>
          {status === "disabled" && <span className="soft"> disabled</span>}
          {sent.has(id) && <span className="soft"> sent</span>}
        </label>
      ))}
    </fieldset>
  );
}

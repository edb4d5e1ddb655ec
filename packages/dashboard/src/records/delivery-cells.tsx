import type { ReactNode } from "react";
import { useAccountName } from "../api/account-names.ts";
import type { Delivery, Endpoint } from "../api/answers.ts";
import { endpointName } from "../api/names.ts";
import { useReadOnly } from "../api/read-only.tsx";
import { shortId } from "../design/id-words.ts";
import { useServerTime } from "../design/now.ts";
import { State } from "../design/state.tsx";
import { RowTime } from "../design/time.tsx";
import { millisecondWords } from "../design/time-words.ts";
import { nextTry, ordinal, standingOf, waitsFor, whyNot } from "./delivery-words.ts";

interface CellsProps {
  at: number;
  type: string;
  account: string | null;
  endpoints: ReadonlyMap<string, Endpoint>;
  /** Null for an event without deliveries. */
  delivery: Delivery | null;
}

/** The cells of a row about an event and one of its deliveries. */
export function DeliveryCells({ at, type, account, endpoints, delivery }: CellsProps): ReactNode {
  return (
    <>
      <RowTime at={at} />
      <bdi className="type" title={type}>
        {type}
      </bdi>
      <AccountCell id={account} />
      {delivery === null ? (
        <span className="endpoint soft">no endpoint</span>
      ) : (
        <>
          <EndpointCell id={delivery.webhook_endpoint} endpoints={endpoints} />
          <DeliveryState delivery={delivery} />
          <span className="figure soft">{figureOf(delivery)}</span>
          <Why delivery={delivery} endpoint={endpoints.get(delivery.webhook_endpoint)} />
        </>
      )}
    </>
  );
}

/** An account in a row: its short id, and its name. */
export function AccountCell({ id }: { id: string | null }): ReactNode {
  const name = useAccountName(id);
  if (id === null) return <span className="account" />;
  return (
    <span className="account" title={name === null ? id : `${id} · ${name}`}>
      <code>{shortId(id)}</code> {name !== null && <bdi className="soft">{name}</bdi>}
    </span>
  );
}

/** An endpoint in a row: the path of its URL. */
export function EndpointCell({ id, endpoints }: { id: string; endpoints: ReadonlyMap<string, Endpoint> }): ReactNode {
  const endpoint = endpoints.get(id);
  return (
    <span className="endpoint" title={endpoint?.url ?? id}>
      <bdi>{endpointName(endpoint) ?? shortId(id)}</bdi>
    </span>
  );
}

/** A delivery's state in a row: a mark, a word, and the result of the last attempt. */
export function DeliveryState({ delivery }: { delivery: Delivery }): ReactNode {
  const { tone, word } = standingOf(delivery);
  const last = delivery.last_attempt;
  return (
    <State tone={tone} title={word}>
      <span className="state-word">{word}</span>
      {last?.status != null && <span className="state-result">{last.status}</span>}
    </State>
  );
}

function figureOf({ last_attempt: last, attempt_count: attempts, state }: Delivery): string {
  if (last === null) return "";
  return state === "succeeded" && attempts === 1 ? millisecondWords(last.duration_ms) : ordinal(attempts);
}

function Why({ delivery, endpoint }: { delivery: Delivery; endpoint: Endpoint | undefined }): ReactNode {
  const next = useServerTime((now) => nextTry(delivery, endpoint, now / 1_000) ?? "");
  const waits = useServerTime((now) => waitsFor(delivery, endpoint, now / 1_000) !== null);
  const why = whyNot(delivery);
  if (why === null && !waits) return null;
  return (
    <span className="why" title={why ?? next}>
      {why !== null && <bdi>{why}</bdi>}
      {next !== "" && <span className="soft"> {next}</span>}
    </span>
  );
}

/** The button of a row whose delivery has not arrived. */
export function ResendButton({ delivery, onResend }: { delivery: Delivery; onResend(delivery: Delivery): void }): ReactNode {
  const readOnly = useReadOnly();
  if (readOnly || whyNot(delivery) === null) return null;
  return (
    <button type="button" className="bare" onClick={() => onResend(delivery)} aria-label={`Resend ${delivery.event_type}`}>
      Resend
    </button>
  );
}

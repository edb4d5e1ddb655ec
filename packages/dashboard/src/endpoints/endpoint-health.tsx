import type { ReactNode } from "react";
import { Link } from "wouter";
import type { Endpoint, EndpointFigures } from "../api/answers.ts";
import { useServerTime } from "../design/now.ts";
import { Time } from "../design/time.tsx";
import { backlogOf, heldNow, heldWhy, waitingWords } from "./endpoint-queue.ts";
import { disabledInWords } from "./endpoint-words.ts";

interface HealthProps {
  endpoint: Endpoint;
  /** Undefined until they are known. */
  figures: EndpointFigures | undefined;
}

/** What prevents an endpoint from getting its deliveries: since when, why, what comes next, and what to do. */
export function EndpointHealth({ endpoint, figures }: HealthProps): ReactNode {
  const isHeld = useServerTime((now) => heldNow(endpoint, now / 1_000) !== null);
  const isBehind = useServerTime((now) => figures !== undefined && backlogOf(endpoint, figures, now / 1_000) !== null);
  const { status, disabled_reason: reason, paused_at: pausedAt, health } = endpoint;
  if (status === "disabled")
    return <p className="diagnosis quiet">{disabledInWords(reason)} What happens meanwhile is not sent to it. Enable it to go on.</p>;
  if (pausedAt !== null)
    return (
      <p className="diagnosis quiet">
        It is paused since <Time at={pausedAt} exact />. Nothing is sent to it, and what happens meanwhile waits
        {figures === undefined || figures.pending === 0 ? "" : ": "}
        <Waiting endpoint={endpoint} figures={figures} />. Resume it to go on.
      </p>
    );
  if (health.status === "failing" && health.failing_since !== null)
    return <Failing endpoint={endpoint} figures={figures} isHeld={isHeld} isBehind={isBehind} />;
  if (!isBehind) return null;
  return (
    <p className="diagnosis quiet">
      <Behind endpoint={endpoint} figures={figures} />
    </p>
  );
}

function Failing({ endpoint, figures, isHeld, isBehind }: HealthProps & { isHeld: boolean; isBehind: boolean }): ReactNode {
  const { health } = endpoint;
  const last = health.last_failure;
  return (
    <div className="diagnosis bad">
      <p>
        <strong>It has failed since </strong>
        <Time at={health.failing_since ?? 0} exact />, in {health.failed_attempts} {health.failed_attempts === 1 ? "attempt" : "attempts"}.
      </p>
      {last !== null && (
        <p>
          <bdi>{last.reason}</bdi>{" "}
          <span className="soft">
            The last time <Time at={last.at} />.
          </span>
        </p>
      )}
      {isHeld && health.held_until !== null && (
        <p>
          <strong>It is held back:</strong> {heldWhy(health.held_by)} The next try, with one delivery, is{" "}
          <Time at={health.held_until} exact />. If it arrives, the others follow. <Waiting endpoint={endpoint} figures={figures} />
          {figures !== undefined && figures.pending > 0 && ". "}
          Once the receiver is mended, resume the endpoint to go on at once.
        </p>
      )}
      {!isHeld && isBehind && (
        <p>
          <Behind endpoint={endpoint} figures={figures} />
        </p>
      )}
      {health.disabled_after !== null && (
        <p className="soft">
          Unless it answers, the server disables it <Time at={health.disabled_after} exact />
        </p>
      )}
    </div>
  );
}

/** How many deliveries wait, as a link to them; nothing if no deliveries wait. */
function Waiting({ endpoint, figures }: HealthProps): ReactNode {
  if (figures === undefined || figures.pending === 0) return null;
  return <Link href={`/deliveries?endpoint=${endpoint.id}&state=pending`}>{waitingWords(figures)}</Link>;
}

/** Says that deliveries have been due for a while, and why. */
function Behind({ endpoint, figures }: HealthProps): ReactNode {
  const why = useServerTime((now) => (figures === undefined ? null : backlogOf(endpoint, figures, now / 1_000)) ?? "");
  if (figures === undefined || figures.oldest_due_at === null) return null;
  return (
    <>
      <strong>It is behind:</strong>{" "}
      <Link href={`/deliveries?endpoint=${endpoint.id}&state=pending`}>{waitingWords(figures, figures.due)}</Link> though due, the first
      since <Time at={figures.oldest_due_at} exact />. {why}
    </>
  );
}

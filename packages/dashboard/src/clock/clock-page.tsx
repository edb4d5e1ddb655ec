import { type ReactNode, useContext, useState } from "react";
import { Link } from "wouter";
import type { Clock, Delivery, Page, PlatformEvent, Upcoming } from "../api/answers.ts";
import type { Client } from "../api/client.ts";
import { ApiFailure } from "../api/failure.ts";
import { DevelopmentContext } from "../api/first-call.ts";
import { pathTo } from "../api/path-to.ts";
import { useAct, useAnswer } from "../api/queries.ts";
import { Acts } from "../api/read-only.tsx";
import { Failed, Loading } from "../design/notice.tsx";
import { realNow, tellServerTime, useServerTime } from "../design/now.ts";
import { Part, SinglePage } from "../design/panes.tsx";
import { Badge, State } from "../design/state.tsx";
import { Time } from "../design/time.tsx";
import { exactTime } from "../design/time-words.ts";
import { AccountCell } from "../records/delivery-cells.tsx";
import { resultOf } from "../records/delivery-words.ts";
import { type DueNext, dueNext } from "./due-next.ts";
import { Line } from "./line.tsx";

/** What happened when the clock was advanced. */
interface Happened {
  from: number;
  to: number;
  events: readonly PlatformEvent[];
  attempts: readonly Delivery[];
  /** Why that could not be read; null if it could. The clock has been advanced in any case. */
  unread: Error | null;
}

/**
 * How long a turn of the clock may take, in milliseconds: everything that falls due on the way is done before the
 * answer.
 */
const TURN_SILENT_MS = 600_000;

const EVERYTHING = ["accounts", "clock", "deliveries", "endpoints", "events", "money", "requests"] as const;

/** The clock of a development server: what falls due, and controls to advance to it. */
export function ClockPage(): ReactNode {
  return useContext(DevelopmentContext) ? (
    <TurnableClock />
  ) : (
    <SinglePage title="Clock">
      <p>This server keeps real time. The clock of a server that is run with “carabiner dev” can be turned.</p>
    </SinglePage>
  );
}

function TurnableClock(): ReactNode {
  const clock = useAnswer<Clock>("clock", "/v1/test_helpers/clock");
  const upcoming = useAnswer<Page<Upcoming>>("clock", "/console/upcoming", { limit: 100 });
  const [happened, setHappened] = useState<Happened | null>(null);
  const advance = useAct<Turn, Happened>(advanceClock, EVERYTHING, { failsAloud: true });
  const switchClock = useAct<"freeze" | "release", Clock>(
    (client, verb) => client.post(pathTo`/v1/test_helpers/clock/${verb}`, {}, { repeated: "again" }),
    ["clock"],
    {
      failsAloud: true,
    },
  );
  const { data: now, error } = clock;
  if (now === undefined)
    return <div className="page">{error === null ? <Loading /> : <Failed error={error} retry={() => void clock.refetch()} />}</div>;
  const due = dueNext(upcoming.data?.data ?? []);
  const go = (by: Turn): void => advance.mutate(by, { onSuccess: setHappened });
  return (
    <SinglePage
      title="Clock"
      beside={
        <>
          <Now />
          {now.frozen && <Badge tone="waiting">frozen</Badge>}
        </>
      }
      actions={
        <Acts>
          <button type="button" className="quiet" onClick={() => switchClock.mutate(now.frozen ? "release" : "freeze")}>
            {now.frozen ? "Let it run" : "Freeze"}
          </button>
        </Acts>
      }
    >
      <Acts>
        <Steps due={due} busy={advance.isPending} go={go} />
      </Acts>
      {happened !== null && <OnTheWay happened={happened} />}
      <Part title="What falls due">
        {due.length === 0 ? (
          <p className="soft">Nothing waits. A failing delivery shows here with its next try, an account with its deadline.</p>
        ) : (
          <>
            <Line due={due} />
            <DueList due={due} busy={advance.isPending} go={go} />
          </>
        )}
      </Part>
    </SinglePage>
  );
}

/** How far to turn the clock: by a number of seconds, or to a time. */
type Turn = { seconds: number } | { to: number };

async function advanceClock(client: Client, by: Turn): Promise<Happened> {
  const { now: from } = await client.get<Clock>("/v1/test_helpers/clock");
  // Always to a time: a browser may send this twice on its own, and sending "one day" twice would be two days.
  const to = "to" in by ? by.to : from + by.seconds;
  const clock = await client
    .post<Clock>("/v1/test_helpers/clock/advance", { to }, { silentMs: TURN_SILENT_MS, repeated: "again" })
    .catch(async (error: Error) => {
      // The second time is refused, because the clock is already there.
      const reached = to > from && error instanceof ApiFailure && error.isWrong ? await client.get<Clock>("/v1/test_helpers/clock") : null;
      if (reached === null || reached.now < to) throw error;
      return reached;
    });
  tellServerTime(clock);
  const turned = { from, to: clock.now };
  try {
    return { ...turned, ...(await happenedBetween(client, turned)), unread: null };
  } catch (error) {
    return { ...turned, events: [], attempts: [], unread: error as Error };
  }
}

async function happenedBetween(
  client: Client,
  { from, to }: Pick<Happened, "from" | "to">,
): Promise<Pick<Happened, "attempts" | "events">> {
  const [events, deliveries] = await Promise.all([
    client.get<Page<PlatformEvent>>("/console/events", { created: { gte: from, lte: to }, limit: 50 }),
    client.get<Page<Delivery>>("/console/deliveries", { limit: 100 }),
  ]);
  const since = ({ last_attempt: last }: Delivery): boolean => last !== null && last.at >= from && last.at <= to;
  return { events: events.data.filter(({ created }) => created > from), attempts: deliveries.data.filter(since) };
}

/** Just past the second in which something falls due. */
const past = ({ at }: Pick<DueNext, "at">): Turn => ({ to: at + 1 });

function Now(): ReactNode {
  const now = useServerTime((ms) => exactTime(Math.floor(ms / 1_000)));
  const turned = useServerTime((ms) => Math.abs(ms - realNow()) > 60_000);
  return (
    <>
      <time className="now">{now}</time>
      {turned && <Badge tone="waiting">turned: not the real time</Badge>}
    </>
  );
}

interface StepsProps {
  due: readonly DueNext[];
  busy: boolean;
  go(by: Turn): void;
}

function Steps({ due, busy, go }: StepsProps): ReactNode {
  const next = due[0];
  const [date, setDate] = useState("");
  const to = Math.floor(new Date(date).getTime() / 1_000);
  return (
    <div className="steps">
      <button type="button" disabled={busy || next === undefined} onClick={() => next !== undefined && go(past(next))}>
        To the next
        {next !== undefined && (
          <span>
            {" "}
            (<Time at={next.at} within />)
          </span>
        )}
      </button>
      {STEPS.map(([seconds, name]) => (
        <button key={name} type="button" className="quiet" disabled={busy} onClick={() => go({ seconds })}>
          + {name}
        </button>
      ))}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (Number.isFinite(to)) go({ to });
        }}
      >
        <input type="datetime-local" aria-label="To a date" value={date} onChange={({ target }) => setDate(target.value)} required />
        <button type="submit" className="quiet" disabled={busy}>
          Go there
        </button>
      </form>
      <span className="soft" role="status">
        {busy ? "Time passes…" : ""}
      </span>
    </div>
  );
}

const STEPS: readonly (readonly [seconds: number, name: string])[] = [
  [60, "a minute"],
  [3_600, "an hour"],
  [86_400, "a day"],
  [7 * 86_400, "a week"],
];

function DueList({ due, busy, go }: StepsProps): ReactNode {
  return (
    <ul className="lines">
      {due.slice(0, 50).map(({ id, at, kind, what, account, href }) => (
        <li key={id} className="line due-line">
          <Badge>{kind.replaceAll("_", " ")}</Badge>
          <Link href={href}>
            <bdi>{what}</bdi> <AccountCell id={account} />
          </Link>
          <span className="soft">
            <Time at={at} exact />
          </span>
          <Acts>
            <button type="button" className="bare" disabled={busy} onClick={() => go(past({ at }))}>
              Take time there
            </button>
          </Acts>
        </li>
      ))}
    </ul>
  );
}

function OnTheWay({ happened: { from, to, events, attempts, unread } }: { happened: Happened }): ReactNode {
  return (
    <Part title="What happened on the way" aside={<span className="soft">{`${exactTime(from)} to ${exactTime(to)}`}</span>}>
      {unread !== null ? (
        <p className="bad">The time has passed, and what happened could not be read: {unread.message}</p>
      ) : events.length + attempts.length === 0 ? (
        <p className="soft">Nothing.</p>
      ) : (
        <ul className="lines">
          {attempts.map((delivery) => (
            <li key={delivery.id}>
              <Link href={`/deliveries/${delivery.id}`} className="line">
                <bdi>{delivery.event_type}</bdi>
                {delivery.last_attempt !== null && (
                  <State tone={delivery.last_attempt.outcome === "succeeded" ? "good" : "bad"}>{resultOf(delivery.last_attempt)}</State>
                )}
                <span className="soft">attempt {delivery.attempt_count}</span>
              </Link>
            </li>
          ))}
          {events.map((event) => (
            <li key={event.id}>
              <Link href={`/events/${event.id}`} className="line">
                <bdi>{event.type}</bdi>
                <State tone="quiet">event</State>
                <span className="soft">
                  <Time at={event.created} />
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Part>
  );
}

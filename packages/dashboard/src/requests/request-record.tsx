import type { ReactNode } from "react";
import type { LoggedRequest } from "../api/answers.ts";
import { pathTo } from "../api/path-to.ts";
import { useAnswer } from "../api/queries.ts";
import { Id } from "../design/id.tsx";
import { pageOfId } from "../design/id-words.ts";
import { Json } from "../design/json.tsx";
import { Failed, Loading } from "../design/notice.tsx";
import { Detail, Facts, Part } from "../design/panes.tsx";
import { State } from "../design/state.tsx";
import { Time } from "../design/time.tsx";
import { exactTime, millisecondWords } from "../design/time-words.ts";
import { AccountId } from "../records/account-id.tsx";
import { requestAdvice } from "./request-advice.ts";

/** A request: who sent it, its result, and what to change if it was refused. */
export function RequestRecord({ id, back }: { id: string; back: string }): ReactNode {
  const { data: request, error, refetch } = useAnswer<LoggedRequest>("requests", pathTo`/console/requests/${id}`);
  if (request === undefined)
    return (
      <Detail back={back} title={<code>{id}</code>}>
        {error === null ? <Loading /> : <Failed error={error} retry={() => void refetch()} />}
      </Detail>
    );
  const about = request.path.split("/").find((part) => pageOfId(part) !== null);
  return (
    <Detail
      back={back}
      title={
        <>
          <code>{request.method}</code> <bdi>{request.path}</bdi>
        </>
      }
      state={<State tone={request.status < 400 ? "good" : "bad"}>{request.status}</State>}
    >
      {request.error !== null && <Refused request={request} />}
      <Facts
        facts={[
          ["Request", <Id key="id" id={request.id} whole copy link={false} />],
          ["At", <Time key="at" at={request.created} exact />],
          ["Machine's time", request.machine_time === null ? null : exactTime(request.machine_time)],
          ["Took", millisecondWords(request.duration_ms)],
          ["Made by", request.key === null ? "a key that is not valid" : <code key="key">{request.key}</code>],
          ["For account", request.account === null ? "your own" : <AccountId key="account" id={request.account} />],
          ["About", about === undefined || about === request.account ? null : <Id key="about" id={about} whole copy />],
          ["Idempotency key", request.idempotency_key === null ? null : <bdi key="idempotency">{request.idempotency_key}</bdi>],
          ["Replay of", request.replay_of === null ? null : <Id key="replay" id={request.replay_of} whole copy />],
        ]}
      />
      {request.params === null && request.query === null ? (
        <Part title="Parameters and answer">
          <p className="soft">Not kept. A development server keeps them.</p>
        </Part>
      ) : (
        <>
          <Given title="Query" values={request.query} />
          <Given title="Parameters" values={request.params} />
          <Answer text={request.answer ?? null} />
        </>
      )}
    </Detail>
  );
}

function Refused({ request }: { request: LoggedRequest }): ReactNode {
  const { error } = request;
  if (error === null) return null;
  const advice = requestAdvice(request);
  return (
    <div className="diagnosis bad">
      <p>
        <strong>
          <bdi>{error.message}</bdi>
        </strong>
      </p>
      {advice !== null && <p>{advice}</p>}
      <p className="soft">
        <code>{error.type}</code>
        {error.code !== null && (
          <>
            {" "}
            · <code>{error.code}</code>
          </>
        )}
        {error.param !== null && (
          <>
            {" "}
            · parameter <code>{error.param}</code>
          </>
        )}
      </p>
    </div>
  );
}

/** Parameters of a query or a body; nothing if there are none. */
function Given({ title, values }: { title: string; values: LoggedRequest["params"] }): ReactNode {
  if (values === null || Object.keys(values).length === 0) return null;
  return (
    <Part title={title}>
      <Json value={values} label={`the ${title.toLowerCase()}`} />
    </Part>
  );
}

/** The answer: as JSON, or as the stored part of a longer text. */
function Answer({ text }: { text: string | null }): ReactNode {
  if (text === null) return null;
  const value = readJson(text);
  return <Part title="Answer">{value === null ? <pre className="body">{text}</pre> : <Json value={value} label="the answer" />}</Part>;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // It was cut off at its limit, or is not JSON.
    return null;
  }
}

import { type FormEvent, type ReactNode, useState } from "react";
import type { Attempt, DeliveryInFull } from "../api/answers.ts";
import { CopyButton } from "../design/copy-button.tsx";
import { Json } from "../design/json.tsx";
import { Facts, Part } from "../design/panes.tsx";
import { State } from "../design/state.tsx";
import { exactTime, millisecondWords } from "../design/time-words.ts";
import { adviceOn } from "./advice.ts";
import { asCurl, asHandler, asTest, type SentRequest } from "./copied-request.ts";
import { resultOf } from "./delivery-words.ts";
import { PhaseBar } from "./phase-bar.tsx";
import { readSignature, signatureOf } from "./signature.ts";

/** One attempt: what was sent, how it was signed, what came back, and where the time went. */
export function AttemptRecord({ delivery, attempt }: { delivery: DeliveryInFull; attempt: Attempt }): ReactNode {
  const isTold = delivery.state !== "succeeded" && attempt === delivery.attempts.at(-1);
  const { url, body } = delivery.request;
  const headers = attempt.request_headers;
  const sent: SentRequest | null = url === null || body === null || headers === null ? null : { url, headers, body };
  return (
    <>
      <Part title={`Attempt ${attempt.number}`} aside={<span className="soft">{exactTime(attempt.at)}</span>}>
        <Facts
          facts={[
            [
              "Result",
              <State key="result" tone={attempt.outcome === "succeeded" ? "good" : "bad"}>
                {resultOf(attempt)} in {millisecondWords(attempt.duration_ms)}
              </State>,
            ],
            // The reason of the last attempt is shown above, where the delivery says why it has not arrived.
            ["Reason", isTold || attempt.reason === null ? null : <bdi key="reason">{attempt.reason}</bdi>],
            ["What to do", isTold || attempt.outcome === "succeeded" ? null : adviceOn(attempt)],
            ["Retry-After", attempt.retry_after_ms === null ? null : `the receiver asked for ${millisecondWords(attempt.retry_after_ms)}`],
          ]}
        />
        <PhaseBar attempt={attempt} />
      </Part>
      <Part
        title="Request"
        aside={
          sent !== null && (
            <span className="copies">
              <CopyButton text={() => asCurl(sent)}>Copy as curl</CopyButton>
              <CopyButton text={() => asTest(sent, delivery.event_type)}>as a test</CopyButton>
              <CopyButton text={() => asHandler(delivery.event_type, sent.body)}>as a handler</CopyButton>
            </span>
          )
        }
      >
        <p className="request-line">
          <code>POST</code> <bdi>{url ?? "an endpoint that is gone"}</bdi>
        </p>
        <Headers headers={headers} label="Headers as sent" />
        {body !== null && (
          <details>
            <summary>Body</summary>
            <Json value={JSON.parse(body) as object} label="the body" />
          </details>
        )}
      </Part>
      <Signature header={headerNamed(headers, "stripe-signature")} made={attempt.signature} />
      <Part title="Response">
        {attempt.status === null ? (
          <p className="soft">None came: {attempt.reason ?? resultOf(attempt)}</p>
        ) : (
          <>
            <p className="request-line">
              <State tone={attempt.outcome === "succeeded" ? "good" : "bad"}>{attempt.status}</State>
            </p>
            <Headers headers={attempt.response_headers} label="Headers of the answer" />
            <ResponseBody body={attempt.response_body} />
          </>
        )}
      </Part>
    </>
  );
}

type HeaderValues = Readonly<Record<string, string | readonly string[]>> | null;

function headerNamed(headers: HeaderValues, name: string): string | null {
  const found = Object.entries(headers ?? {}).find(([key]) => key.toLowerCase() === name)?.[1];
  return typeof found === "string" ? found : (found?.[0] ?? null);
}

function Headers({ headers, label }: { headers: HeaderValues; label: string }): ReactNode {
  const rows = Object.entries(headers ?? {}).flatMap(([name, value]) =>
    (typeof value === "string" ? [value] : value).map((one, index) => [`${name} ${index}`, name, one] as const),
  );
  if (rows.length === 0) return null;
  return (
    <table className="headers" aria-label={label}>
      <tbody>
        {rows.map(([key, name, value]) => (
          <tr key={key}>
            <th scope="row">
              <bdi>{name.toLowerCase()}</bdi>
            </th>
            <td>
              <bdi>{value}</bdi>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function ResponseBody({ body }: { body: string | null }): ReactNode {
  if (body === null || body === "") return <p className="soft">The answer had no body.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it may scroll, which takes its focus where there is no mouse.
    <pre className="body" tabIndex={0}>
      <bdi>{body}</bdi>
    </pre>
  );
}

/** The parts of the signature header, and a way to check it against a secret without sending the secret anywhere. */
function Signature({ header, made }: { header: string | null; made: Attempt["signature"] }): ReactNode {
  const parts = header === null ? null : readSignature(header);
  if (header === null || parts === null) return null;
  return (
    <Part title="Signature">
      <Facts
        facts={[
          ["Signed at", `${parts.timestamp} (${exactTime(parts.timestamp)})`],
          [
            "Signed text",
            <span key="signed">
              <code>{parts.timestamp}.</code> and then the body, byte by byte as it was sent
            </span>,
          ],
          [
            parts.signatures.length === 1 ? "v1" : `v1, one for each of ${parts.signatures.length} secrets`,
            <span key="v1">
              {parts.signatures.map((signature) => (
                <span key={signature}>
                  <code className="hex">{signature}</code>
                  <span className="soft">{madeWith(made, signature)}</span>
                </span>
              ))}
            </span>,
          ],
        ]}
      />
      <SignatureCheck timestamp={parts.timestamp} signatures={parts.signatures} />
    </Part>
  );
}

/** Which secret made a signature, by its hint. */
function madeWith(made: Attempt["signature"], signature: string): string {
  const by = made?.signatures.find(({ value }) => value === signature);
  if (by === undefined) return "";
  if (by.secret === null) return "made with a secret that the endpoint no longer has";
  return `made with ${by.secret}, ${by.current === true ? "its current secret" : "a secret that was rolled"}`;
}

function SignatureCheck({ timestamp, signatures }: { timestamp: number; signatures: readonly string[] }): ReactNode {
  const [result, setResult] = useState<{ good: boolean; text: string } | null>(null);
  const check = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    signatureOf(String(form.get("secret")).trim(), `${timestamp}.${form.get("body")}`).then(
      (made) => {
        const at = signatures.indexOf(made);
        setResult(
          at === -1
            ? { good: false, text: `This secret makes another signature of this body: ${made}` }
            : { good: true, text: "This secret made this signature of this body." },
        );
      },
      (error: Error) => setResult({ good: false, text: error.message }),
    );
  };
  return (
    <details>
      <summary>Check a body and a secret against it</summary>
      <form className="check" onSubmit={check}>
        <p className="soft">Paste what your receiver has. It is computed in this browser and sent nowhere.</p>
        <label>
          Secret <input name="secret" autoComplete="off" spellCheck={false} placeholder="whsec_…" required />
        </label>
        <label>
          Raw body <textarea name="body" rows={3} spellCheck={false} required />
        </label>
        <button type="submit" className="quiet">
          Check
        </button>
        {result !== null && (
          <p role="status">
            <State tone={result.good ? "good" : "bad"}>{result.text}</State>
          </p>
        )}
      </form>
    </details>
  );
}

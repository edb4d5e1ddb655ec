import { type FormEvent, type ReactNode, useEffect, useMemo, useState } from "react";
import { Link } from "wouter";
import type { EventTypeAnswer, Page, PlatformEvent } from "../api/answers.ts";
import { accountName, useAccounts } from "../api/names.ts";
import { pathTo } from "../api/path-to.ts";
import { useAct, useAnswer } from "../api/queries.ts";
import { ComboBox } from "../design/combo-box.tsx";
import { Id } from "../design/id.tsx";
import { Part, SinglePage } from "../design/panes.tsx";
import { readObject } from "./read-object.ts";

/** Publishes an event: the server records and delivers it as if it had happened. */
export function PublishPage(): ReactNode {
  const accounts = useAccounts();
  const offeredAccounts = useMemo(
    () => [...accounts.values()].map((account) => ({ value: account.id, note: accountName(account) ?? "" })),
    [accounts],
  );
  const types = useAnswer<Page<EventTypeAnswer>>("event types", "/console/event_types").data?.data;
  const suggestions = useMemo(() => (types ?? []).map(({ id, data_object: note }) => ({ value: id, note })), [types]);
  const [type, setType] = useState("");
  const isKnown = suggestions.some(({ value }) => value === type);
  const sample = useAnswer<EventTypeAnswer>("event types", isKnown ? pathTo`/console/event_types/${type}` : null).data?.sample;
  const [object, setObject] = useState("");
  /** The sample in the field; any other content was typed. */
  const [filled, setFilled] = useState("");
  const offered = sample === undefined ? "" : JSON.stringify(sample, null, 2);
  const isOwn = object.trim() !== "" && object !== filled;
  useEffect(() => {
    if (offered === "" || isOwn) return;
    setObject(offered);
    setFilled(offered);
  }, [isOwn, offered]);
  const [problem, setProblem] = useState<string | null>(null);
  const [published, setPublished] = useState<PlatformEvent | null>(null);
  const publish = useAct<object, PlatformEvent>((client, event) => client.postJson("/v1/events", event), ["events", "deliveries"]);
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const read = readObject(object);
    if (read.problem !== null) {
      setProblem(read.problem);
      return;
    }
    setProblem(null);
    const account = String(form.get("account")).trim();
    publish.mutate(
      { type: type.trim(), ...(account === "" ? {} : { account }), data: { object: read.value } },
      { onSuccess: setPublished, onError: ({ message }) => setProblem(message) },
    );
  };
  return (
    <SinglePage title="Publish">
      <p className="soft">An event that is published is recorded and delivered like one that happened. Nothing else changes.</p>
      <form className="publish narrow" onSubmit={submit}>
        <ComboBox name="type" label="Event type" placeholder="payout.failed" suggestions={suggestions} onChange={setType} />
        <ComboBox
          name="account"
          label="On the account"
          placeholder="your own"
          suggestions={offeredAccounts}
          hint="Nothing for your own. The newest hundred are offered; any other by its id."
          required={false}
        />
        <label className="field">
          The object, as JSON
          <textarea
            rows={14}
            value={object}
            placeholder="Choose a type for a sample of it, or paste an object."
            onChange={({ target }) => setObject(target.value)}
            spellCheck={false}
            required
          />
        </label>
        {isOwn && offered !== "" && offered !== object && (
          <p>
            <button
              type="button"
              className="quiet"
              onClick={() => {
                setObject(offered);
                setFilled(offered);
              }}
            >
              Replace it with the sample of {type}
            </button>
          </p>
        )}
        {problem !== null && (
          <p className="bad said" role="alert">
            {problem}
          </p>
        )}
        <div>
          <button type="submit" disabled={publish.isPending}>
            Publish
          </button>
        </div>
      </form>
      {published !== null && (
        <Part title="Published">
          <p role="status">
            <bdi>{published.type}</bdi> is recorded as <Id id={published.id} whole copy />, and owed to {published.pending_webhooks}{" "}
            {published.pending_webhooks === 1 ? "endpoint" : "endpoints"}. <Link href={`/events/${published.id}`}>Follow it</Link>
          </p>
        </Part>
      )}
    </SinglePage>
  );
}

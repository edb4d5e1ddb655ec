import { type FormEvent, type ReactNode, useState } from "react";
import { Link } from "wouter";
import type { PlatformEvent } from "../api/answers.ts";
import { accountName, useAccounts } from "../api/names.ts";
import { useAct } from "../api/queries.ts";
import { Id } from "../design/id.tsx";
import { Part, SinglePage } from "../design/panes.tsx";
import { readObject, SAMPLE_OBJECT } from "./read-object.ts";

/** Has an event recorded and delivered, as if it had happened. */
export function PublishPage(): ReactNode {
  const accounts = useAccounts();
  const [problem, setProblem] = useState<string | null>(null);
  const [published, setPublished] = useState<PlatformEvent | null>(null);
  const publish = useAct<object, PlatformEvent>((client, event) => client.postJson("/v1/events", event), ["events", "deliveries"]);
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const object = readObject(String(form.get("object")));
    if (object.problem !== null) {
      setProblem(object.problem);
      return;
    }
    setProblem(null);
    const account = String(form.get("account"));
    publish.mutate(
      { type: String(form.get("type")).trim(), ...(account === "" ? {} : { account }), data: { object: object.value } },
      { onSuccess: setPublished, onError: ({ message }) => setProblem(message) },
    );
  };
  return (
    <SinglePage title="Publish">
      <p className="soft">An event that is published is recorded and delivered like one that happened. Nothing else changes.</p>
      <form className="publish narrow" onSubmit={submit}>
        <label className="field">
          Event type
          <input name="type" placeholder="payout.failed" required autoComplete="off" spellCheck={false} />
        </label>
        <label className="field">
          On the account
          <select name="account" defaultValue="">
            <option value="">your own</option>
            {[...accounts.values()].map((account) => (
              <option key={account.id} value={account.id}>
                {accountName(account) ?? account.id} ({account.id})
              </option>
            ))}
          </select>
        </label>
        <label className="field">
          The object, as JSON
          <textarea name="object" rows={14} defaultValue={SAMPLE_OBJECT} spellCheck={false} required />
        </label>
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

import { type ReactNode, useState } from "react";
import { useLocation } from "wouter";
import type { EndpointWithSecret } from "../api/answers.ts";
import { useAct } from "../api/queries.ts";
import { CopyButton } from "../design/copy-button.tsx";
import { Dialog } from "../design/dialog.tsx";
import { ChoiceField, TextField } from "../design/form-fields.tsx";
import { typesIn } from "./endpoint-words.ts";

/** Registers an endpoint, then shows its secret. */
export function CreateDialog({ onClose }: { onClose(): void }): ReactNode {
  const [, navigate] = useLocation();
  const [made, setMade] = useState<EndpointWithSecret | null>(null);
  const create = useAct<FormData, EndpointWithSecret>(
    (client, form) =>
      client.post("/v1/webhook_endpoints", {
        url: String(form.get("url")),
        enabled_events: typesIn(String(form.get("events"))),
        connect: form.get("scope") === "connect",
        description: String(form.get("description")) || undefined,
      }),
    ["endpoints"],
    { done: ({ id }, _, isShown) => (isShown ? null : { text: "The endpoint is registered.", href: `/endpoints/${id}` }) },
  );
  const close = (): void => {
    onClose();
    if (made !== null) navigate(`/endpoints/${made.id}`);
  };
  if (made !== null) return <SecretDialog title="The endpoint is registered" secret={made.secret} onClose={close} />;
  return (
    <Dialog
      title="New endpoint"
      act="Create"
      busy={create.isPending}
      error={create.error}
      onClose={onClose}
      onAct={(form) => create.mutate(form, { onSuccess: setMade })}
    >
      <TextField name="url" label="URL" type="url" placeholder="https://example.com/webhooks" required />
      <ChoiceField
        name="scope"
        label="Events of"
        choices={[
          ["connect", "connected accounts (Connect endpoint)"],
          ["account", "your own account"],
        ]}
      />
      <TextField name="events" label="Event types" rows={3} value="*" hint="One on each line, or * for all." required />
      <TextField name="description" label="Description" />
    </Dialog>
  );
}

/** Shows a signing secret. */
export function SecretDialog({
  title,
  secret,
  note,
  onClose,
}: {
  title: string;
  secret: string;
  note?: string;
  onClose(): void;
}): ReactNode {
  return (
    <Dialog title={title} onClose={onClose}>
      <p>Give this secret to the receiver, which verifies with it.</p>
      <div className="command">
        <code>{secret}</code>
        <CopyButton text={secret} what="Copy the secret" />
      </div>
      {note !== undefined && <p className="soft">{note}</p>}
    </Dialog>
  );
}

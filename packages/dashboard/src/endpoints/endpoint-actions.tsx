import { type ReactNode, useEffect, useState } from "react";
import { useLocation } from "wouter";
import type { Delivery, Endpoint, EndpointWithSecret, RevealedSecrets, SwitchEffect } from "../api/answers.ts";
import { ApiFailure } from "../api/failure.ts";
import { pathTo } from "../api/path-to.ts";
import { useAct } from "../api/queries.ts";
import { CopyButton } from "../design/copy-button.tsx";
import { Dialog } from "../design/dialog.tsx";
import { ChoiceField, TextField } from "../design/form-fields.tsx";
import { useServerTime } from "../design/now.ts";
import { Time } from "../design/time.tsx";
import { ResendManyDialog } from "../records/resend-many-dialog.tsx";
import { SecretDialog } from "./create-dialog.tsx";
import { heldNow } from "./endpoint-queue.ts";
import { typesIn } from "./endpoint-words.ts";

/** Where an endpoint is shown. */
const pathOf = ({ id }: Endpoint): string => `/endpoints/${id}`;

/** Ways to switch an endpoint. */
type Switch = "disable" | "enable" | "pause" | "resume";

type Asked = Switch | "delete" | "edit" | "recover" | "reveal" | "roll";

const CHANGES = ["endpoints", "deliveries", "events"] as const;

/** The actions on an endpoint. An action that stops or removes something first says what it will do. */
export function EndpointActions({ endpoint }: { endpoint: Endpoint }): ReactNode {
  const [asked, setAsked] = useState<Asked | null>(null);
  const close = (): void => setAsked(null);
  const test = useAct<void, Delivery>((client) => client.post(pathTo`/console/webhook_endpoints/${endpoint.id}/test`), CHANGES, {
    done: ({ id }) => ({ text: "A test event is sent.", href: `/deliveries/${id}` }),
    failsAloud: true,
  });
  const disabled = endpoint.status === "disabled";
  const paused = endpoint.paused_at !== null;
  const held = useServerTime((now) => heldNow(endpoint, now / 1_000) !== null);
  return (
    <>
      <button type="button" className="quiet" disabled={disabled || test.isPending} onClick={() => test.mutate()}>
        Send test event
      </button>
      <button type="button" className="quiet" onClick={() => setAsked("edit")}>
        Edit…
      </button>
      <button type="button" className="quiet" onClick={() => setAsked("reveal")}>
        Secret…
      </button>
      <button type="button" className="quiet" disabled={disabled} onClick={() => setAsked("recover")}>
        Recover…
      </button>
      {(paused || held) && (
        <button type="button" onClick={() => setAsked("resume")}>
          Resume…
        </button>
      )}
      {!disabled && !paused && (
        <button type="button" className="quiet" onClick={() => setAsked("pause")}>
          Pause…
        </button>
      )}
      <button type="button" className={disabled ? "" : "quiet"} onClick={() => setAsked(disabled ? "enable" : "disable")}>
        {disabled ? "Enable…" : "Disable…"}
      </button>
      <button type="button" className="quiet" onClick={() => setAsked("delete")}>
        Delete…
      </button>
      {asked === "edit" && <EditDialog endpoint={endpoint} onClose={close} />}
      {asked === "recover" && (
        <ResendManyDialog
          title="Recover what was not delivered"
          what="Deliveries to this endpoint that were given up or cancelled"
          which={{ endpoint: endpoint.id }}
          onClose={close}
        />
      )}
      {asked === "reveal" && <RevealDialog endpoint={endpoint} onRoll={() => setAsked("roll")} onClose={close} />}
      {asked === "roll" && <RollDialog endpoint={endpoint} onClose={close} />}
      {(asked === "disable" || asked === "enable" || asked === "pause" || asked === "resume") && (
        <SwitchDialog endpoint={endpoint} how={asked} onClose={close} />
      )}
      {asked === "delete" && <DeleteDialog endpoint={endpoint} onClose={close} />}
    </>
  );
}

interface DialogProps {
  endpoint: Endpoint;
  onClose(): void;
}

function EditDialog({ endpoint, onClose }: DialogProps): ReactNode {
  const edit = useAct<FormData, Endpoint>(
    (client, form) => {
      const given = (name: string): string => String(form.get(name)).trim();
      return client.post(pathTo`/console/webhook_endpoints/${endpoint.id}`, {
        url: given("url"),
        enabled_events: typesIn(given("events")),
        description: given("description"),
        rate_limit: given("rate_limit"),
      });
    },
    CHANGES,
    { done: () => ({ text: "The endpoint is changed. Deliveries from now on follow it.", href: pathOf(endpoint) }) },
  );
  const save = (form: FormData): void => edit.mutate(form, { onSuccess: onClose });
  return (
    <Dialog title="Edit the endpoint" act="Save" busy={edit.isPending} error={edit.error} onClose={onClose} onAct={save}>
      <TextField name="url" label="URL" type="url" value={endpoint.url} required />
      <TextField
        name="events"
        label="Event types"
        rows={Math.min(Math.max(endpoint.enabled_events.length, 2), 8)}
        value={endpoint.enabled_events.join("\n")}
        hint="One on each line, or * for all."
        required
      />
      <TextField name="description" label="Description" value={endpoint.description ?? ""} />
      <TextField
        name="rate_limit"
        label="Attempts a second, at most"
        type="number"
        value={endpoint.rate_limit === null ? "" : String(endpoint.rate_limit)}
        hint="Empty for the server's own limit."
      />
    </Dialog>
  );
}

/** Shows the secrets on request, with a way to roll them. */
function RevealDialog({ endpoint, onRoll, onClose }: DialogProps & { onRoll(): void }): ReactNode {
  const reveal = useAct<void, RevealedSecrets>(
    (client) => client.post(pathTo`/console/webhook_endpoints/${endpoint.id}/reveal_secret`, {}, { repeated: "harmless" }),
    [],
  );
  return (
    <Dialog title="Signing secret" onClose={onClose} error={reveal.error}>
      <p>The receiver verifies with it. Whoever has it can make events that the receiver believes.</p>
      {reveal.data?.secrets.map(({ secret, expires_at: ends }) => (
        <div key={secret}>
          <div className="command">
            <code>{secret}</code>
            <CopyButton text={secret} what="Copy the secret" />
          </div>
          {ends !== null && (
            <p className="soft">
              Rolled: signs until <Time at={ends} exact />
            </p>
          )}
        </div>
      ))}
      <div className="choice-buttons">
        {reveal.data === undefined && (
          <button type="button" disabled={reveal.isPending} onClick={() => reveal.mutate()}>
            Reveal
          </button>
        )}
        <button type="button" className="quiet" onClick={onRoll}>
          Roll…
        </button>
      </div>
    </Dialog>
  );
}

function RollDialog({ endpoint, onClose }: DialogProps): ReactNode {
  const [rolled, setRolled] = useState<EndpointWithSecret | null>(null);
  const roll = useAct<FormData, EndpointWithSecret>(
    (client, form) =>
      client.post(pathTo`/console/webhook_endpoints/${endpoint.id}/roll_secret`, { expire_after: Number(form.get("overlap")) }),
    CHANGES,
    { done: (_answer, _asked, isShown) => (isShown ? null : { text: "The secret is rolled.", href: pathOf(endpoint) }) },
  );
  if (rolled !== null)
    return (
      <SecretDialog
        title="The secret is rolled"
        secret={rolled.secret}
        note="While the old secret lives, each delivery has a signature of both."
        onClose={onClose}
      />
    );
  return (
    <Dialog
      title="Roll the signing secret"
      act="Roll"
      busy={roll.isPending}
      error={roll.error}
      onClose={onClose}
      onAct={(form) => roll.mutate(form, { onSuccess: setRolled })}
    >
      <p>A new secret signs from now on. Choose how long the old one signs beside it, so that receivers can change over.</p>
      <ChoiceField
        name="overlap"
        label="The old secret ends"
        value="86400"
        choices={[
          ["0", "at once"],
          ["3600", "in an hour"],
          ["28800", "in 8 hours"],
          ["86400", "in 24 hours"],
        ]}
      />
    </Dialog>
  );
}

/** The words for the four ways to switch an endpoint. */
const SWITCHES: Readonly<Record<Switch, { title: string; act: string; done: string }>> = {
  disable: { title: "Disable the endpoint", act: "Disable", done: "The endpoint is disabled." },
  enable: { title: "Enable the endpoint", act: "Enable", done: "The endpoint is enabled." },
  pause: { title: "Pause the endpoint", act: "Pause", done: "The endpoint is paused: its queue is kept." },
  resume: { title: "Resume the endpoint", act: "Resume", done: "The endpoint is resumed." },
};

/** Asks the server what a switch would do, says it, and does it. */
function SwitchDialog({ endpoint, how, onClose }: DialogProps & { how: Switch }): ReactNode {
  const path = pathTo`/console/webhook_endpoints/${endpoint.id}/${how}`;
  const { title, act, done } = SWITCHES[how];
  const beforehand = useAct<void, SwitchEffect>((client) => client.post(path, { dry_run: true }, { repeated: "harmless" }), []);
  const undoing = how === "pause" ? "resume" : how === "resume" && endpoint.paused_at !== null ? "pause" : null;
  const back = useAct<void, Endpoint>(
    (client) => client.post(pathTo`/console/webhook_endpoints/${endpoint.id}/${undoing ?? how}`),
    CHANGES,
    {
      done: () => ({ text: SWITCHES[undoing ?? how].done, href: pathOf(endpoint) }),
      failsAloud: true,
    },
  );
  const change = useAct<void, Endpoint>((client) => client.post(path), CHANGES, {
    // Enabling does not restore what disabling cancelled, so the page does not suggest that it does.
    done: () => ({ text: done, href: pathOf(endpoint), ...(undoing === null ? {} : { undo: () => back.mutate() }) }),
  });
  const { mutate: ask } = beforehand;
  useEffect(() => ask(), [ask]);
  const onAct = (): void => change.mutate(undefined, { onSuccess: onClose });
  return (
    <Dialog
      title={title}
      act={act}
      danger={how === "disable"}
      busy={change.isPending || beforehand.isPending}
      error={change.error ?? beforehand.error}
      onClose={onClose}
      onAct={onAct}
    >
      <p role="status">{beforehand.data?.words ?? "…"}</p>
    </Dialog>
  );
}

function DeleteDialog({ endpoint, onClose }: DialogProps): ReactNode {
  const [, navigate] = useLocation();
  const remove = useAct<void, void>(
    async (client) => {
      await client.remove(pathTo`/v1/webhook_endpoints/${endpoint.id}`).catch((error: Error) => {
        // It is gone: someone else deleted it, or the browser has sent this twice.
        if (!(error instanceof ApiFailure && error.isMissing)) throw error;
      });
      // Leaves at once, because the page of a deleted endpoint would show an error. A user who is on another page by
      // now stays there.
      if (location.pathname.endsWith(pathOf(endpoint))) navigate("/endpoints");
    },
    CHANGES,
    { done: () => ({ text: "The endpoint is deleted." }) },
  );
  return (
    <Dialog
      title="Delete the endpoint"
      act="Delete"
      danger
      busy={remove.isPending}
      error={remove.error}
      onClose={onClose}
      onAct={() => remove.mutate()}
    >
      <p>
        <bdi>{endpoint.url}</bdi> hears of nothing more. What waits for it is cancelled. This cannot be undone.
      </p>
    </Dialog>
  );
}

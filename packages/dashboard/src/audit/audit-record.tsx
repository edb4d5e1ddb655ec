import type { ReactNode } from "react";
import { Link } from "wouter";
import type { AuditEntry, Page } from "../api/answers.ts";
import { useAnswer } from "../api/queries.ts";
import { Id } from "../design/id.tsx";
import { Json } from "../design/json.tsx";
import { Failed, Loading } from "../design/notice.tsx";
import { Detail, Facts, Part } from "../design/panes.tsx";
import { Time } from "../design/time.tsx";
import { askedOf, doneBy, idBefore } from "./audit-words.ts";

/** An entry of the audit log: who did what, to what, when, from where, and the details. */
export function AuditRecord({ id, back }: { id: string; back: string }): ReactNode {
  const { data: page, error, refetch } = useAnswer<Page<AuditEntry>>("audit", "/console/audit", { limit: 1, ending_before: idBefore(id) });
  const entry = page?.data.find((one) => one.id === id);
  if (entry === undefined)
    return (
      <Detail back={back} title={<code>{id}</code>}>
        {page !== undefined ? (
          <p className="soft">There is no such entry: it was never made, or is no longer kept.</p>
        ) : error === null ? (
          <Loading />
        ) : (
          <Failed error={error} retry={() => void refetch()} />
        )}
      </Detail>
    );
  const { act, by, subject, account, from, created, detail } = entry;
  const request = typeof detail.request === "string" ? detail.request : null;
  return (
    <Detail back={back} title={<bdi>{act}</bdi>}>
      <Facts
        facts={[
          ["Entry", <Id key="id" id={entry.id} whole copy link={false} />],
          ["At", <Time key="at" at={created} exact />],
          [
            "Done by",
            <Alike key="by" name="by" value={by}>
              {doneBy(entry)}
            </Alike>,
          ],
          ["Asked for", askedOf(entry)],
          [
            "Done to",
            <Alike key="subject" name="subject" value={subject}>
              {subject}
            </Alike>,
          ],
          [
            "Account",
            account === null ? null : (
              <Alike key="account" name="account" value={account}>
                {account}
              </Alike>
            ),
          ],
          ["From", from ?? "nowhere: not over the network"],
          ["Request", request === null ? null : <Id key="request" id={request} whole copy />],
        ]}
      />
      <Part title="What is recorded of it">
        <Json value={detail} label="the details" />
      </Part>
    </Detail>
  );
}

/** A value, and a link to all entries with the same. */
function Alike({ name, value, children }: { name: string; value: string; children: ReactNode }): ReactNode {
  return (
    <>
      <bdi>{children}</bdi> <Link href={`/audit?${new URLSearchParams({ [name]: value })}`}>all with it</Link>
    </>
  );
}

import type { ReactNode } from "react";
import type { Page } from "../api/answers.ts";
import { useAnswer } from "../api/queries.ts";
import { Failed, Loading } from "../design/notice.tsx";
import { Part, SinglePage } from "../design/panes.tsx";
import { State } from "../design/state.tsx";
import { Time } from "../design/time.tsx";

/** A key as lists show it: by its hint. */
interface ListedKey {
  id: string;
  type: string;
  hint: string;
  status: string;
  created: number;
  expires_at: number | null;
  last_used: number | null;
}

/** The keys of the platform in this mode. */
export function SystemPage(): ReactNode {
  const { data: keys, error, refetch } = useAnswer<Page<ListedKey>>("system", "/console/keys");
  return (
    <SinglePage title="System">
      <Part title="Keys">
        {keys === undefined ? (
          error === null ? (
            <Loading />
          ) : (
            <Failed error={error} retry={() => void refetch()} />
          )
        ) : (
          <KeyTable keys={keys.data} />
        )}
      </Part>
    </SinglePage>
  );
}

function KeyTable({ keys }: { keys: readonly ListedKey[] }): ReactNode {
  return (
    <div className="scroll-x">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Key</th>
            <th scope="col">Kind</th>
            <th scope="col">State</th>
            <th scope="col">Created</th>
            <th scope="col">Last used</th>
          </tr>
        </thead>
        <tbody>
          {keys.map(({ id, type, hint, status, created, last_used: used }) => (
            <tr key={id}>
              <th scope="row">
                <code>{hint}</code>
              </th>
              <td>{type}</td>
              <td>
                <State tone={status === "active" ? "good" : "quiet"}>{status}</State>
              </td>
              <td>
                <Time at={created} />
              </td>
              <td>{used === null ? <span className="soft">–</span> : <Time at={used} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

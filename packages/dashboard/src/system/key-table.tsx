import type { ReactNode } from "react";
import type { Page } from "../api/answers.ts";
import { useAnswer } from "../api/queries.ts";
import { Failed, Loading } from "../design/notice.tsx";
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
export function Keys(): ReactNode {
  const { data, error, refetch } = useAnswer<Page<ListedKey>>("system", "/console/keys");
  if (data !== undefined) return <KeyTable keys={data.data} />;
  return error === null ? <Loading /> : <Failed error={error} retry={() => void refetch()} />;
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

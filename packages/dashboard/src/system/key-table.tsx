import type { ReactNode } from "react";
import type { Page } from "../api/answers.ts";
import { useAnswer } from "../api/queries.ts";
import { Failed, Loading } from "../design/notice.tsx";
import { State } from "../design/state.tsx";
import { NothingIn, Table } from "../design/table.tsx";
import { Time } from "../design/time.tsx";

/** A key in the form that lists show, with its hint. */
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

const KEY_COLUMNS = ["Key", "Kind", "State", "Created", "Last used"].map((name) => ({ name }));

function KeyTable({ keys }: { keys: readonly ListedKey[] }): ReactNode {
  return (
    <Table
      stacks
      columns={KEY_COLUMNS}
      rows={keys.map(({ id, type, hint, status, created, last_used: used }) => ({
        key: id,
        cells: [
          <code key="hint">{hint}</code>,
          type,
          <State key="status" tone={status === "active" ? "good" : "quiet"}>
            {status}
          </State>,
          <Time key="created" at={created} />,
          used === null ? <NothingIn key="used" /> : <Time key="used" at={used} />,
        ],
      }))}
    />
  );
}

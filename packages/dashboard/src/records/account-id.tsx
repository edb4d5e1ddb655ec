import type { ReactNode } from "react";
import { useAccountName } from "../api/account-names.ts";
import { Id } from "../design/id.tsx";

/** An account in a record's facts: its whole id, and its name. */
export function AccountId({ id }: { id: string }): ReactNode {
  const name = useAccountName(id);
  return (
    <span>
      <Id id={id} whole copy /> {name !== null && <bdi className="soft">{name}</bdi>}
    </span>
  );
}

import type { ReactNode } from "react";
import { Link } from "wouter";
import { CopyButton } from "./copy-button.tsx";
import { pageOfId, shortId } from "./id-words.ts";

/** An id, shortened in its middle. It links to its page, if it has one, and copying it copies the whole id. */
export function Id({
  id,
  whole = false,
  copy = false,
  link = true,
}: {
  id: string;
  whole?: boolean;
  copy?: boolean;
  link?: boolean;
}): ReactNode {
  const page = link ? pageOfId(id) : null;
  const shown = whole ? id : shortId(id);
  return (
    <span className="id">
      {page === null ? (
        <code title={id}>{shown}</code>
      ) : (
        <Link href={page} title={id}>
          {<code>{shown}</code>}
        </Link>
      )}
      {copy && <CopyButton text={id} what={`Copy ${id}`} />}
    </span>
  );
}

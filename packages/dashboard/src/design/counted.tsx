import { Fragment, type ReactNode } from "react";
import { Link, useLocation, useSearch } from "wouter";
import { withSearch } from "./filters.ts";

/** How many rows are of one kind, and the filter that shows only these. */
export interface CountOf {
  count: number;
  /** The name of the kind, such as `failing`. */
  word: string;
  /** The filter and its value. */
  filter: readonly [name: string, value: string];
  bad?: boolean;
}

/** The count at the head of a list, and how many of these are of certain kinds. Each kind links to its list. */
export function Counted({ shown, kinds }: { shown: string; kinds: readonly CountOf[] }): ReactNode {
  const search = useSearch();
  const [path] = useLocation();
  const hrefTo = ([name, value]: CountOf["filter"]): string => {
    const asked = new URLSearchParams(search);
    asked.set(name, value);
    return withSearch(path, asked.toString());
  };
  return (
    <span>
      {shown}
      {kinds.map(
        ({ count, word, filter, bad = false }) =>
          count > 0 && (
            <Fragment key={word}>
              {" · "}
              <Link href={hrefTo(filter)} className={bad ? "bad" : undefined}>
                {count.toLocaleString("en")} {word}
              </Link>
            </Fragment>
          ),
      )}
    </span>
  );
}

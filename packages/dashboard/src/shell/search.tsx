import { type FormEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { useLocation } from "wouter";
import type { Page, SearchResult } from "../api/answers.ts";
import { useClient } from "../api/client-context.ts";
import { pageOfId } from "../design/id-words.ts";
import { useShortcut } from "../design/shortcuts.ts";

/** Opens the page of any id. */
export function Search(): ReactNode {
  const field = useRef<HTMLInputElement>(null);
  const [here, navigate] = useLocation();
  const [problem, setProblem] = useState("");
  useShortcut("/", () => {
    field.current?.focus();
    field.current?.select();
  });
  const client = useClient();
  /** Cancels the running search, because something else was typed, requested or opened. */
  const giveUp = useRef<() => void>(undefined);
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever another page is shown.
  useEffect(() => () => giveUp.current?.(), [here]);
  const show = (page: string): void => {
    setProblem("");
    field.current?.blur();
    navigate(page);
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const id = field.current?.value.trim() ?? "";
    if (id === "") return;
    const page = pageOfId(id);
    if (page !== null) {
      show(page);
      return;
    }
    // Any other object is shown on the page of the account that it belongs to.
    const search = new AbortController();
    giveUp.current?.();
    giveUp.current = () => search.abort();
    client.get<Page<SearchResult>>("/console/search", { id }, { signal: search.signal }).then(
      ({ data: [found] }) => (found === undefined ? setProblem("Nothing has this id in this mode.") : show(`/accounts/${found.account}`)),
      ({ message }: Error) => search.signal.aborted || setProblem(message),
    );
  };
  return (
    <search className="search">
      <form onSubmit={submit}>
        <input
          ref={field}
          type="search"
          aria-label="Search an id"
          placeholder="Search any id"
          autoComplete="off"
          spellCheck={false}
          aria-invalid={problem !== ""}
          aria-describedby="search-problem"
          onChange={() => {
            giveUp.current?.();
            setProblem("");
          }}
          onKeyDown={({ key, currentTarget }) => key === "Escape" && currentTarget.blur()}
        />
        <kbd>/</kbd>
        <span id="search-problem" role="status" className={problem === "" ? "unseen" : "search-problem"}>
          {problem}
        </span>
      </form>
    </search>
  );
}

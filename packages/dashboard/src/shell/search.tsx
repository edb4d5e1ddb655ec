import { type FormEvent, type ReactNode, useRef, useState } from "react";
import { useLocation } from "wouter";
import { pageOfId } from "../design/id-words.ts";
import { useShortcut } from "../design/shortcuts.ts";

/** Leads from any id to its page. */
export function Search(): ReactNode {
  const field = useRef<HTMLInputElement>(null);
  const [, navigate] = useLocation();
  const [problem, setProblem] = useState("");
  useShortcut("/", () => {
    field.current?.focus();
    field.current?.select();
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const id = field.current?.value.trim() ?? "";
    if (id === "") return;
    const page = pageOfId(id);
    if (page === null) {
      setProblem("No page shows this. Ids begin with evt_, dlv_, we_, acct_ or req_.");
      return;
    }
    setProblem("");
    field.current?.blur();
    navigate(page);
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
          onChange={() => setProblem("")}
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

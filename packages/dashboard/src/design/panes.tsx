import { type ReactNode, useEffect, useRef } from "react";
import { Link, useLocation } from "wouter";
import { useShortcut } from "./shortcuts.ts";

/** A page without a list, with its heading and its actions. */
export function SinglePage({
  title,
  beside,
  actions,
  children,
}: Omit<DetailProps, "back" | "state"> & { title: string; beside?: ReactNode }): ReactNode {
  usePageTitle(title);
  return (
    <div className="page">
      <div className="page-inner">
        <div className="page-head">
          <h1>{title}</h1>
          {beside}
          {actions !== undefined && <div className="actions">{actions}</div>}
        </div>
        {children}
      </div>
    </div>
  );
}

/** Names the page in the browser's tab and history. */
function usePageTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Carabiner`;
    return () => {
      document.title = "Carabiner";
    };
  }, [title]);
}

/** A list, and the open record beside it. On a narrow screen only one of them. */
export function Panes({ title, list, detail }: { title: string; list: ReactNode; detail: ReactNode | null }): ReactNode {
  usePageTitle(title);
  return (
    <div className={`panes${detail === null ? "" : " with-detail"}`}>
      <section className="pane list-pane" aria-label="List">
        <h1 className="unseen">{title}</h1>
        {list}
      </section>
      {detail !== null && (
        <section className="pane detail-pane" aria-label="Details">
          {detail}
        </section>
      )}
    </div>
  );
}

interface DetailProps {
  /** The address that closes it. */
  back: string;
  title: ReactNode;
  /** Content beside the title. */
  state?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** An open record: its title, its actions, and its parts. `Escape` closes it. */
export function Detail({ back, title, state, actions, children }: DetailProps): ReactNode {
  const [, navigate] = useLocation();
  useShortcut("Escape", () => navigate(back));
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // On a narrow screen the opened row is no longer shown, and the focus would be lost.
    const focused = document.activeElement;
    if (!(focused instanceof HTMLElement) || focused === document.body || focused.checkVisibility()) return;
    heading.current?.focus();
    return () => focused.focus();
  }, []);
  return (
    <article className="detail">
      <header className="detail-head">
        <Link href={back} className="icon close" aria-label="Close" title="Close (Escape)">
          <span aria-hidden="true" className="wide-only">
            ×
          </span>
          <span aria-hidden="true" className="narrow-only">
            ‹
          </span>
        </Link>
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {state}
        {actions !== undefined && <div className="actions">{actions}</div>}
      </header>
      {children}
    </article>
  );
}

/** A part of a detail, with its heading. */
export function Part({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }): ReactNode {
  return (
    <section className="part" aria-label={title}>
      <div className="part-head">
        <h2>{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}

/** Names and values. Null rows are omitted. */
export function Facts({ facts }: { facts: readonly (readonly [name: string, value: ReactNode] | null)[] }): ReactNode {
  return (
    <dl className="facts">
      {facts.map((fact) =>
        fact === null || fact[1] === null || fact[1] === undefined || fact[1] === "" ? null : (
          <div key={fact[0]}>
            <dt>{fact[0]}</dt>
            <dd>{fact[1]}</dd>
          </div>
        ),
      )}
    </dl>
  );
}

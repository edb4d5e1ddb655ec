import { Fragment, type ReactNode, StrictMode, useSyncExternalStore } from "react";
import { createRoot } from "react-dom/client";
import "../src/design/tokens.css";
import "../src/design/design.css";
import { Toasts } from "../src/design/toasts.tsx";
import { ThemeButton } from "../src/shell/theme-button.tsx";
import { DIALOG_STORIES } from "./dialogs.tsx";
import { FIELD_STORIES } from "./fields.tsx";
import { FIGURE_STORIES } from "./figures.tsx";
import { LIST_STORIES } from "./lists.tsx";
import { NOTICE_STORIES } from "./notices.tsx";
import { RECORD_STORIES } from "./records.tsx";
import type { Story } from "./story.ts";
import { WHOLE_PAGE_NAMES, wholePage } from "./whole-pages.tsx";
import { WORD_STORIES } from "./words.tsx";

/** Every part, in the order of the page. */
const STORIES: readonly Story[] = [
  ...WORD_STORIES,
  ...NOTICE_STORIES,
  ...FIELD_STORIES,
  ...DIALOG_STORIES,
  ...LIST_STORIES,
  ...FIGURE_STORIES,
  ...RECORD_STORIES,
];

/** All parts of the dashboard in all their states, on one page. Only `npm run dev` has it: it is not in the build. */
function Stories(): ReactNode {
  return (
    <main className="page" style={{ height: "100vh" }}>
      <div className="page-inner">
        <div className="page-head">
          <h1>The parts of the dashboard</h1>
          <div className="actions">
            <ThemeButton />
          </div>
        </div>
        <ul className="chips" aria-label="Whole pages">
          {WHOLE_PAGE_NAMES.map((name) => (
            <li key={name}>
              <a href={`#${name}`}>{name}</a>
            </li>
          ))}
        </ul>
        {STORIES.map(({ part, states }) => (
          <section key={part} className="part" aria-label={part}>
            <div className="part-head">
              <h2>{part}</h2>
            </div>
            {Object.entries(states).map(([state, shown]) => (
              <div key={state} style={{ marginBottom: 14 }}>
                <p className="soft">{state}</p>
                {shown}
              </div>
            ))}
          </section>
        ))}
      </div>
      <Toasts />
    </main>
  );
}

function onHash(listener: () => void): () => void {
  window.addEventListener("hashchange", listener);
  return () => window.removeEventListener("hashchange", listener);
}

/** The whole page that the address names, or all parts. */
function Chosen(): ReactNode {
  const name = useSyncExternalStore(onHash, () => location.hash.slice(1));
  return <Fragment key={name}>{wholePage(name) ?? <Stories />}</Fragment>;
}

createRoot(document.getElementById("page") as HTMLElement).render(
  <StrictMode>
    <Chosen />
  </StrictMode>,
);

import { type ReactNode, useState } from "react";
import { keep, kept } from "../design/kept.ts";

type Theme = "dark" | "light" | "system";

const NEXT: Readonly<Record<Theme, Theme>> = { system: "light", light: "dark", dark: "system" };
const MARKS: Readonly<Record<Theme, string>> = { system: "◐", light: "○", dark: "●" };
const STORED = "carabiner.theme";

/** The theme that was chosen in this browser; the system's theme otherwise. */
function storedTheme(): Theme {
  const stored = kept("localStorage", STORED);
  return stored === "dark" || stored === "light" ? stored : "system";
}

/** Applies the previously chosen theme. Called once, before the page is drawn. */
export function applyStoredTheme(): void {
  show(storedTheme());
}

function show(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

/** Switches between the system's theme, light and dark. */
export function ThemeButton(): ReactNode {
  const [theme, setTheme] = useState(storedTheme);
  const change = (): void => {
    const next = NEXT[theme];
    keep("localStorage", STORED, next);
    show(next);
    setTheme(next);
  };
  return (
    <button type="button" className="icon" onClick={change} aria-label={`Theme: ${theme}`} title={`Theme: ${theme}`}>
      <span aria-hidden="true">{MARKS[theme]}</span>
    </button>
  );
}

import { type MouseEvent, type ReactNode, useEffect, useState } from "react";

/** Copies a text, and says so. */
export function CopyButton({
  text,
  what = "Copy",
  children,
}: {
  text: string | (() => string);
  what?: string;
  children?: ReactNode;
}): ReactNode {
  const [copied, setCopied] = useState<"no" | "yes" | "failed">("no");
  useEffect(() => {
    if (copied === "no") return;
    const timer = setTimeout(() => setCopied("no"), 1_600);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = ({ currentTarget }: MouseEvent<HTMLElement>): void => {
    copyText(currentTarget, typeof text === "string" ? text : text()).then(
      () => setCopied("yes"),
      () => setCopied("failed"),
    );
  };
  const said = copied === "yes" ? "Copied" : copied === "failed" ? "Not copied" : "";
  if (children === undefined)
    return (
      <button type="button" className="icon copy" onClick={copy} aria-label={said === "" ? what : said} title={said === "" ? what : said}>
        {copied === "no" ? <CopyMark /> : <span aria-hidden="true">{copied === "yes" ? "✓" : "✗"}</span>}
      </button>
    );
  return (
    <button type="button" className="quiet" onClick={copy}>
      {said === "" ? children : said}
      <span className="unseen" role="status">
        {said}
      </span>
    </button>
  );
}

/** Browsers give only secure pages access to the clipboard. On plain http, selected text can still be copied. */
async function copyText(button: HTMLElement, text: string): Promise<void> {
  if (navigator.clipboard !== undefined) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "unseen";
  // Placed beside the button, because nothing outside a dialog can be selected while it is open.
  button.after(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  button.focus();
  if (!copied) throw new Error("the browser did not copy");
}

function CopyMark(): ReactNode {
  return (
    <svg viewBox="0 0 16 16" width="13" height="13" fill="none" stroke="currentColor" strokeWidth="1.4" aria-hidden="true">
      <rect x="5.5" y="5.5" width="8" height="8" rx="1.5" />
      <path d="M10.5 5.5v-2a1 1 0 0 0-1-1h-6a1 1 0 0 0-1 1v6a1 1 0 0 0 1 1h2" />
    </svg>
  );
}

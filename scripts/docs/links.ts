/** A link from a document to a place of its own repository. */
export interface Link {
  target: string;
  /** After `#`; empty when the link is to the whole document. */
  heading: string;
  line: number;
}

/** The relative links of a Markdown document, without those in code. */
export function relativeLinks(markdown: string): Link[] {
  const links: Link[] = [];
  withoutCode(markdown)
    .split("\n")
    .forEach((text, index) => {
      for (const match of text.matchAll(/\]\(([^()\s]+)(?: "[^"]*")?\)/g)) {
        const href = match[1] ?? "";
        if (/^[a-z][a-z0-9+.-]*:/i.test(href)) continue;
        const [target = "", heading = ""] = href.split("#");
        links.push({ target, heading, line: index + 1 });
      }
    });
  return links;
}

/** The anchors of a document's headings, in GitHub's form. */
export function headingAnchors(markdown: string): Set<string> {
  const anchors = new Set<string>();
  const seen = new Map<string, number>();
  for (const match of withoutCode(markdown, false).matchAll(/^#{1,6} +(.+?) *$/gm)) {
    const anchor = (match[1] ?? "")
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-");
    const times = seen.get(anchor) ?? 0;
    seen.set(anchor, times + 1);
    anchors.add(times === 0 ? anchor : `${anchor}-${times}`);
  }
  return anchors;
}

/** Keeps the lines, and blanks the code on them. */
function withoutCode(markdown: string, spans = true): string {
  const prose = markdown.replaceAll(/^(`{3,}|~{3,})[^\n]*\n[\s\S]*?^\1[^\n]*$/gm, (block) => block.replaceAll(/[^\n]/g, ""));
  return spans ? prose.replaceAll(/`[^`\n]*`/g, "") : prose;
}

/** A titled piece of code in a document, which a reader copies and a test can run. */
export interface Snippet {
  title: string;
  /** `ts`, `sh`, … */
  language: string;
  code: string;
  /** Where it begins in the document. */
  line: number;
}

/** The titled code blocks of a Markdown document: those that open with ```` ```ts title="name.ts" ````. */
export function readmeSnippets(markdown: string): Snippet[] {
  const snippets: Snippet[] = [];
  for (const match of markdown.matchAll(/^```(\w+) title="([^"\n]+)"\n([\s\S]*?)^```$/gm)) {
    const [, language = "", title = "", code = ""] = match;
    snippets.push({ title, language, code, line: markdown.slice(0, match.index).split("\n").length });
  }
  return snippets;
}

/** The snippet with a title. Throws when there is not exactly one. */
export function readmeSnippet(markdown: string, title: string): Snippet {
  const [snippet, another] = readmeSnippets(markdown).filter((one) => one.title === title);
  if (snippet === undefined || another !== undefined) throw new Error(`README.md should have one snippet titled "${title}"`);
  return snippet;
}

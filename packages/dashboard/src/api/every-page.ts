import type { Page } from "./answers.ts";

/** All pages of a list as one. `read` reads the page after an id, or the first. */
export async function everyPage<Row extends { id: string }>(read: (after: string | undefined) => Promise<Page<Row>>): Promise<Page<Row>> {
  const data: Row[] = [];
  for (;;) {
    const page = await read(data.at(-1)?.id);
    data.push(...page.data);
    if (!page.has_more || page.data.length === 0) return { data, has_more: false };
  }
}

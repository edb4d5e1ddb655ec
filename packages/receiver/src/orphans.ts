import type { Depth, HandlerDepth } from "./inbox/inbox.ts";

/**
 * Work for handlers that this program does not register: they were renamed or removed, or belong to another program.
 */
export function orphansIn({ handlers }: Pick<Depth, "handlers">, registered: readonly string[]): HandlerDepth[] {
  return handlers.filter(({ handler }) => !registered.includes(handler));
}

/** Orphans in words, and what to do about them; null when there are none. */
export function describeOrphans(orphans: readonly HandlerDepth[]): string | null {
  if (orphans.length === 0) return null;
  const each = orphans.map(({ handler, pending, dead, quarantined }) => {
    const parts = [
      [pending, "waiting"],
      [dead, "dead"],
      [quarantined, "quarantined"],
    ] as const;
    return `"${handler}" (${parts.flatMap(([count, what]) => (count === 0 ? [] : [`${count} ${what}`])).join(", ")})`;
  });
  return `there is work for handlers that are not registered here, and this program does not run it: ${each.join(", ")}. If you renamed a handler, give the new one its old name: { id: "…", aliases: [${JSON.stringify(orphans[0]?.handler)}] }. If another program registers them, ignore this.`;
}

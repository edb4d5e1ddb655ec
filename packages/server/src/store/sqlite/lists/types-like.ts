import { TYPE_LISTS } from "../../list-thresholds.ts";
import type { WorkScope } from "../database/scope.ts";
import { globOf } from "./read-page.ts";

const { lookedAt: LOOKED_AT } = TYPE_LISTS;

// Each step finds the next type through the index, however many events have the one before.
const TYPES = `
  WITH RECURSIVE found (type) AS (
    SELECT min(type) FROM events INDEXED BY events_of_type WHERE type >= ?
    UNION ALL
    SELECT (SELECT min(e.type) FROM events e INDEXED BY events_of_type WHERE e.type > found.type) FROM found
    WHERE found.type IS NOT NULL AND substr(found.type, 1, ?) = ?
    LIMIT ${LOOKED_AT}
  ) SELECT type, type GLOB ? AS fits FROM found WHERE type IS NOT NULL`;

/** The types of stored events that fit a pattern; null when there are too many types to examine. */
export function typesLike(scope: Pick<WorkScope, "all">, pattern: string): string[] | null {
  const beginning = pattern.split("*", 1)[0] ?? "";
  const rows = scope.all(TYPES, beginning, beginning.length, beginning, globOf(pattern));
  if (rows.length >= LOOKED_AT) return null;
  return rows.filter(({ fits }) => fits === 1).map(({ type }) => type as string);
}

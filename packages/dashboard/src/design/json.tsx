import { type ReactNode, useDeferredValue, useMemo, useState } from "react";
import { CopyButton } from "./copy-button.tsx";
import { Id } from "./id.tsx";
import { looksLikeId } from "./id-words.ts";
import { matchesIn } from "./json-search.ts";

/** How many children of one object or list are drawn at once. */
const MOST_CHILDREN = 100;
/** How many characters of one text are drawn at once. */
const MOST_CHARS = 300;
/**
 * How many more characters each press shows: a browser takes seconds to break a million characters into lines, at every
 * change of its window.
 */
const CHARS_AT_ONCE = 20_000;
/** The depth to which a value is open at first. */
const OPEN_DEPTH = 2;

/**
 * A value of JSON: folded by depth, its keys and texts searchable, its ids links. Nothing in it is interpreted as HTML.
 */
export function Json({ value, label }: { value: unknown; label: string }): ReactNode {
  const [typed, setTyped] = useState("");
  const words = useDeferredValue(typed.trim().toLowerCase());
  const matches = useMemo(() => (words === "" ? null : matchesIn(value, words)), [value, words]);
  return (
    <div className="json">
      <div className="json-bar">
        <input
          type="search"
          aria-label={`Search in ${label}`}
          placeholder="Search keys and values"
          value={typed}
          onChange={({ target }) => setTyped(target.value)}
        />
        {matches !== null && <span className="soft">{matches.count === 1 ? "1 match" : `${matches.count} matches`}</span>}
        <CopyButton text={() => JSON.stringify(value, null, 2)} what={`Copy ${label}`} />
      </div>
      <div className="json-body">
        <Value value={value} path="" depth={0} matches={matches?.paths ?? null} words={words} />
      </div>
    </div>
  );
}

interface ValueProps {
  value: unknown;
  /** The keys that lead to it. */
  path: string;
  depth: number;
  /** Paths of the matches and of everything around them; null without a search. */
  matches: ReadonlySet<string> | null;
  words: string;
}

function Value({ value, path, depth, matches, words }: ValueProps): ReactNode {
  if (typeof value === "string") return <Text text={value} words={words} />;
  if (typeof value !== "object" || value === null)
    return <span className={`json-${value === null ? "null" : typeof value}`}>{String(value)}</span>;
  return <Branch value={value} path={path} depth={depth} matches={matches} words={words} />;
}

function Branch({ value, path, depth, matches, words }: ValueProps & { value: object }): ReactNode {
  const [folded, setFolded] = useState<boolean | null>(null);
  const [shown, setShown] = useState(MOST_CHILDREN);
  const isList = Array.isArray(value);
  const keys = Object.keys(value);
  const isFolded = matches === null ? (folded ?? (depth >= OPEN_DEPTH && keys.length > 0)) : !matches.has(path) && depth > 0;
  if (keys.length === 0) return <span className="json-null">{isList ? "[]" : "{}"}</span>;
  const size = isList ? `${keys.length} ${keys.length === 1 ? "item" : "items"}` : `${keys.length} ${keys.length === 1 ? "key" : "keys"}`;
  return (
    <>
      <button type="button" className="json-fold" aria-expanded={!isFolded} onClick={() => setFolded(!isFolded)}>
        <span aria-hidden="true">{isFolded ? "▸" : "▾"}</span> {isFolded ? size : isList ? "[" : "{"}
      </button>
      {!isFolded && (
        <>
          <ul>
            {keys.slice(0, shown).map((key) => (
              <li key={key}>
                {!isList && <Key name={key} words={words} />}
                <Value
                  value={(value as Record<string, unknown>)[key]}
                  path={`${path}/${key}`}
                  depth={depth + 1}
                  matches={matches}
                  words={words}
                />
              </li>
            ))}
            {keys.length > shown && (
              <li>
                <button type="button" className="bare" onClick={() => setShown(shown + 10 * MOST_CHILDREN)}>
                  {keys.length - shown} more
                </button>
              </li>
            )}
          </ul>
          <span className="json-end">{isList ? "]" : "}"}</span>
        </>
      )}
    </>
  );
}

function Key({ name, words }: { name: string; words: string }): ReactNode {
  return (
    <>
      <bdi className="json-key">
        <Marked text={name.length > MOST_CHARS ? `${name.slice(0, MOST_CHARS)}…` : name} words={words} />
      </bdi>
      <span className="soft">: </span>
    </>
  );
}

function Text({ text, words }: { text: string; words: string }): ReactNode {
  const [shown, setShown] = useState(MOST_CHARS);
  if (looksLikeId(text)) return <Id id={text} whole />;
  const cut = text.length > shown;
  return (
    <>
      <bdi className="json-string">
        <Marked text={cut ? text.slice(0, shown) : text} words={words} />
      </bdi>
      {cut && (
        <button type="button" className="bare" onClick={() => setShown(shown + CHARS_AT_ONCE)}>
          … {(text.length - shown).toLocaleString("en")} more characters
        </button>
      )}
    </>
  );
}

/** A text in which the searched words are marked. */
function Marked({ text, words }: { text: string; words: string }): ReactNode {
  const at = words === "" ? -1 : text.toLowerCase().indexOf(words);
  if (at === -1) return text;
  return (
    <>
      {text.slice(0, at)}
      <mark>{text.slice(at, at + words.length)}</mark>
      {text.slice(at + words.length)}
    </>
  );
}

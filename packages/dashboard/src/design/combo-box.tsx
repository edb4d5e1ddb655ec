import { type KeyboardEvent, type ReactNode, useEffect, useId, useMemo, useRef, useState } from "react";
import { type Suggestion, suggestionsFor } from "./suggestions.ts";

interface ComboBoxProps {
  name: string;
  label: string;
  placeholder: string;
  suggestions: readonly Suggestion[];
  /** What else may be typed, or what an empty field means. */
  hint?: string;
  required?: boolean;
  /** Called with each typed text, and with the choice. */
  onChange?(value: string): void;
}

/**
 * A text field with a list of suggestions. The arrow keys go through the list, `Enter` chooses, `Escape` closes it. It
 * follows https://www.w3.org/WAI/ARIA/apg/patterns/combobox/.
 */
export function ComboBox({ name, label, placeholder, suggestions, hint, required = true, onChange }: ComboBoxProps): ReactNode {
  const [typed, setTyped] = useState("");
  const [isOpen, setOpen] = useState(false);
  const [at, setAt] = useState(-1);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const offered = useMemo(() => suggestionsFor(typed, suggestions), [suggestions, typed]);
  const isShown = isOpen && offered.length > 0;
  useEffect(() => {
    if (isShown && at >= 0) list.current?.children[at]?.scrollIntoView({ block: "nearest" });
  }, [at, isShown]);
  const take = (value: string, open: boolean): void => {
    setTyped(value);
    setOpen(open);
    setAt(-1);
    onChange?.(value);
  };
  const press = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) {
      setOpen(true);
      setAt(isOpen ? (at + step + offered.length) % offered.length : step === 1 ? 0 : offered.length - 1);
    } else if (event.key === "Enter" && isShown && at >= 0) take(offered[at]?.value ?? typed, false);
    else if (event.key === "Escape" && isShown) setOpen(false);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className="combo-box">
      <div className="field combo">
        <label htmlFor={id}>{label}</label>
        <input
          id={id}
          name={name}
          role="combobox"
          aria-expanded={isShown}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-describedby={hint === undefined ? undefined : `${id}-hint`}
          aria-activedescendant={isShown && at >= 0 ? `${id}-${at}` : undefined}
          placeholder={placeholder}
          required={required}
          autoComplete="off"
          spellCheck={false}
          value={typed}
          onChange={({ target }) => take(target.value, true)}
          onClick={() => setOpen(true)}
          onBlur={() => setOpen(false)}
          onKeyDown={press}
        />
        <div className="combo-list" id={`${id}-list`} role="listbox" aria-label={label} ref={list} hidden={!isShown}>
          {isShown &&
            offered.map(({ value, note }, index) => (
              <div
                key={value}
                id={`${id}-${index}`}
                role="option"
                tabIndex={-1}
                aria-selected={index === at}
                // The field keeps the focus, which would close the list.
                onMouseDown={(event) => event.preventDefault()}
                onClick={() => take(value, false)}
                onKeyDown={press}
              >
                {value} <span className="soft">{note}</span>
              </div>
            ))}
        </div>
      </div>
      {hint !== undefined && <small id={`${id}-hint`}>{hint}</small>}
    </div>
  );
}

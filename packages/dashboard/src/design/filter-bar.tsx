import { type ReactNode, useEffect, useId, useState } from "react";
import { fieldOfTime, timeOfField } from "./filters.ts";

/** One filter: a choice, a time, or a text to type. */
export interface Filter {
  name: string;
  label: string;
  choices?: readonly (readonly [value: string, label: string])[];
  /** Whether it is a time, as `timeSeconds` reads it. */
  time?: true;
  /** Words offered while typing. */
  suggestions?: readonly string[];
}

interface FilterBarProps {
  filters: readonly Filter[];
  values: Readonly<Record<string, string>>;
  onChange(changes: Readonly<Record<string, string>>): void;
  children?: ReactNode;
}

/** The filters above a list, and what follows them: figures, buttons. */
export function FilterBar({ filters, values, onChange, children }: FilterBarProps): ReactNode {
  const active = filters.filter(({ name }) => values[name] !== undefined);
  return (
    <search className="filter-bar">
      {filters.map((filter) => (
        <Field
          key={filter.name}
          filter={filter}
          value={values[filter.name] ?? ""}
          onChange={(value) => onChange({ [filter.name]: value })}
        />
      ))}
      {active.length > 0 && (
        <button type="button" className="bare" onClick={() => onChange(Object.fromEntries(active.map(({ name }) => [name, ""])))}>
          Clear
        </button>
      )}
      <span className="filter-end">{children}</span>
    </search>
  );
}

interface FieldProps {
  filter: Filter;
  value: string;
  onChange(value: string): void;
}

function Field(props: FieldProps): ReactNode {
  const { filter, value, onChange } = props;
  const { label, choices, suggestions } = filter;
  const [typed, setTyped] = useState(value);
  const list = useId();
  useEffect(() => setTyped(value), [value]);
  if (filter.time === true) return <TimeField {...props} />;
  const className = value === "" ? "filter" : "filter set";
  if (choices !== undefined)
    return (
      <select className={className} aria-label={label} value={value} onChange={({ target }) => onChange(target.value)}>
        <option value="">{label}</option>
        {choices.map(([choice, words]) => (
          <option key={choice} value={choice}>
            {words}
          </option>
        ))}
        {value !== "" && !choices.some(([choice]) => choice === value) && <option value={value}>{value}</option>}
      </select>
    );
  return (
    <>
      <input
        className={className}
        aria-label={label}
        placeholder={label}
        value={typed}
        list={suggestions === undefined ? undefined : list}
        autoComplete="off"
        spellCheck={false}
        onChange={({ target }) => setTyped(target.value)}
        onBlur={() => typed.trim() !== value && onChange(typed.trim())}
        onKeyDown={({ key }) => key === "Enter" && onChange(typed.trim())}
      />
      {suggestions !== undefined && (
        <datalist id={list}>
          {suggestions.map((word) => (
            <option key={word} value={word} />
          ))}
        </datalist>
      )}
    </>
  );
}

/** Years are typed digit by digit: earlier ones than this are not done yet. */
const EARLIEST_TYPED = "2000";

/** A time in the reader's zone, with its name beside it: a field for times has no room for one inside. */
function TimeField({ filter: { label }, value, onChange }: FieldProps): ReactNode {
  const [typed, setTyped] = useState(() => fieldOfTime(value));
  useEffect(() => setTyped(fieldOfTime(value)), [value]);
  const give = (text: string): void => {
    if (timeOfField(text) !== value) onChange(timeOfField(text));
  };
  return (
    <label className={value === "" ? "filter-time" : "filter-time set"}>
      {label}
      <input
        className="filter"
        type="datetime-local"
        value={typed}
        onChange={({ target }) => {
          setTyped(target.value);
          if (target.value >= EARLIEST_TYPED) give(target.value);
        }}
        onBlur={({ target }) => give(target.value)}
      />
    </label>
  );
}

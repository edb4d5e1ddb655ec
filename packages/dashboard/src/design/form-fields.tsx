import { type ReactNode, useId } from "react";

interface TextFieldProps {
  name: string;
  label: string;
  hint?: string;
  value?: string;
  placeholder?: string;
  required?: boolean;
  type?: "text" | "url" | "number" | "datetime-local" | "password";
  rows?: number;
}

/** A text field, with its purpose below its name. */
export function TextField({ name, label, hint, value, placeholder, required = false, type = "text", rows }: TextFieldProps): ReactNode {
  const id = useId();
  const given = { id, name, defaultValue: value, placeholder, required, autoComplete: "off", spellCheck: false };
  return (
    <label className="field" htmlFor={id}>
      {label}
      {rows === undefined ? <input type={type} {...given} /> : <textarea rows={rows} {...given} />}
      {hint !== undefined && <small>{hint}</small>}
    </label>
  );
}

interface ChoiceFieldProps {
  name: string;
  label: string;
  hint?: string;
  value?: string;
  choices: readonly (readonly [value: string, label: string])[];
}

/** A field for one of a few values. */
export function ChoiceField({ name, label, hint, value, choices }: ChoiceFieldProps): ReactNode {
  const id = useId();
  return (
    <label className="field" htmlFor={id}>
      {label}
      <select id={id} name={name} defaultValue={value}>
        {choices.map(([choice, words]) => (
          <option key={choice} value={choice}>
            {words}
          </option>
        ))}
      </select>
      {hint !== undefined && <small>{hint}</small>}
    </label>
  );
}

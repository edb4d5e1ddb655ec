import { type ReactNode, useState } from "react";
import { ComboBox } from "../src/design/combo-box.tsx";
import { FilterBar } from "../src/design/filter-bar.tsx";
import { ChoiceField, TextField } from "../src/design/form-fields.tsx";
import type { Story } from "./story.ts";

function Filtered({ of }: { of: Readonly<Record<string, string>> }): ReactNode {
  const [values, setValues] = useState(of);
  const filters = [
    { name: "type", label: "Type", suggestions: ["account.updated", "payout.failed"] },
    { name: "until", label: "Until", time: true as const },
    { name: "state", label: "Any state", choices: [["failing", "Failing"] as const] },
  ];
  const change = (changes: Readonly<Record<string, string>>): void =>
    setValues((before) => Object.fromEntries(Object.entries({ ...before, ...changes }).filter(([, value]) => value !== "")));
  return (
    <FilterBar filters={filters} values={values} onChange={change}>
      20 shown
    </FilterBar>
  );
}

/** What is typed and chosen. */
export const FIELD_STORIES: readonly Story[] = [
  {
    part: "Text field",
    states: {
      empty: <TextField name="url" label="URL" type="url" placeholder="https://example.com/webhooks" required />,
      "filled in, with a hint": <TextField name="number" label="A second" hint="From 1 to 1,000." type="number" value="20" />,
      "of several lines": <TextField name="types" label="Event types" rows={3} value={"account.updated\npayout.failed"} />,
      secret: <TextField name="key" label="Key" type="password" value="sk_test" />,
    },
  },
  {
    part: "Choice field",
    states: { "with a hint": <ChoiceField name="due" label="Past due" hint="In days." choices={[["7", "in a week"]]} /> },
  },
  {
    part: "Combo box",
    states: {
      offering: (
        <ComboBox
          name="type"
          label="Event type of a story"
          placeholder="payout.failed"
          suggestions={[
            { value: "payout.failed", note: "payout" },
            { value: "payout.paid", note: "payout" },
          ]}
          onChange={() => undefined}
        />
      ),
    },
  },
  {
    part: "Filters",
    states: {
      "none set": <Filtered of={{}} />,
      "some set": <Filtered of={{ type: "payout.failed", state: "failing", until: "2026-12-01T04:00Z" }} />,
    },
  },
];

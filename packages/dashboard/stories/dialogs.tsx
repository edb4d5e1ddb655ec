import { type ReactNode, useState } from "react";
import { ApiFailure } from "../src/api/failure.ts";
import { Dialog } from "../src/design/dialog.tsx";
import { TextField } from "../src/design/form-fields.tsx";
import type { Story } from "./story.ts";

const REFUSED = new ApiFailure(400, { message: "Invalid URL: It must begin with https://." }, null);

/** A button, and the dialog that it opens. */
function Opened({ name, ...given }: { name: string } & Omit<Parameters<typeof Dialog>[0], "children" | "onClose" | "title">): ReactNode {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        {name}
      </button>
      {isOpen && (
        <Dialog {...given} title={name} onClose={() => setOpen(false)}>
          <p>It says what will happen.</p>
          {given.act !== undefined && <TextField name="url" label="The URL of it" value="http://example.com" />}
        </Dialog>
      )}
    </>
  );
}

/** What asks before it acts. */
export const DIALOG_STORIES: readonly Story[] = [
  {
    part: "Dialog",
    states: {
      "that only shows": <Opened name="Show a secret" wide />,
      "that asks": <Opened name="Ask for a URL" act="Create" />,
      "whose act is under way": <Opened name="Wait for an answer" act="Create" busy />,
      "whose act was refused": <Opened name="Say what was refused" act="Create" error={REFUSED} />,
      "that takes something away": <Opened name="Take something away" act="Delete" danger />,
    },
  },
];

import type { ReactNode } from "react";

/** A part of the dashboard in its states. */
export interface Story {
  part: string;
  /** What is drawn of each state, by what the state is. */
  states: Readonly<Record<string, ReactNode>>;
}

import { Component, type ReactNode } from "react";

interface BoundaryProps {
  /** Where the page is: elsewhere it is tried anew. */
  at?: string;
  /** What is shown in the place of what cannot be. */
  instead(error: Error): ReactNode;
  children: ReactNode;
}

interface BoundaryState {
  error: Error | null;
  at: string | undefined;
}

/** Keeps the rest of the page when a part of it cannot be drawn: its script cannot be loaded, or it has a mistake. */
export class Boundary extends Component<BoundaryProps, BoundaryState> {
  override state: BoundaryState = { error: null, at: this.props.at };

  static getDerivedStateFromError(error: Error): Partial<BoundaryState> {
    return { error };
  }

  static getDerivedStateFromProps({ at }: BoundaryProps, state: BoundaryState): BoundaryState | null {
    return at === state.at ? null : { error: null, at };
  }

  override render(): ReactNode {
    const { error } = this.state;
    return error === null ? this.props.children : this.props.instead(error);
  }
}

import { Component, type ReactNode } from "react";
import { ErrorState } from "./states";

/** A page that could not be drawn, or whose code could not be downloaded, says so and offers to load again. */
export class Crash extends Component<{ children: ReactNode }, { crashed: boolean }> {
  override state = { crashed: false };

  static getDerivedStateFromError(): { crashed: boolean } {
    return { crashed: true };
  }

  override render(): ReactNode {
    if (!this.state.crashed) return this.props.children;
    const error = { code: "client.unexpected", message: null, retry: true };
    return (
      <main>
        <ErrorState error={error} onRetry={() => window.location.reload()} />
      </main>
    );
  }
}

import { useEffect, useRef, useState } from "react";
import { Emitter } from "@core/emitter";
import type { Recorder } from "./recorder";

/** From here on a press is not a tap. */
const HOLD_MS = 300;
/** Letting go this far above the button throws the recording away. */
const CANCEL_PX = 80;

export type Held = "no" | "held" | "cancelling" | "released";

/** One press: while it lasts, `held` says what letting go would do. */
export class Press {
  held: Held = "no";
  readonly changes = new Emitter<undefined>();
  private tookClick = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private recorder: Recorder | null = null;
  private startY = 0;

  constructor(
    private readonly begin: () => Recorder,
    private readonly enabled: () => boolean,
  ) {}

  readonly subscribe = (listener: () => void): (() => void) => this.changes.add(listener);
  readonly state = (): Held => this.held;

  /** Whether the click that follows belongs to a press that already did something. Asked once. */
  took(): boolean {
    const took = this.tookClick;
    this.tookClick = false;
    return took;
  }

  readonly onPointerDown = (event: React.PointerEvent): void => {
    this.tookClick = false;
    if (!this.enabled() || event.button !== 0) return;
    this.startY = event.clientY;
    this.timer = setTimeout(() => {
      this.tookClick = true;
      this.recorder = this.begin();
      this.set("held");
    }, HOLD_MS);
    // On the window: the button goes away under the finger when the recorder takes its row.
    window.addEventListener("pointermove", this.onMove);
    window.addEventListener("pointerup", this.onUp);
    window.addEventListener("pointercancel", this.onCancel);
  };

  private readonly onMove = (event: PointerEvent): void => {
    if (this.held === "no") return;
    this.set(this.startY - event.clientY > CANCEL_PX ? "cancelling" : "held");
  };

  private readonly onUp = (): void => {
    const { held, recorder } = this;
    this.end();
    if (!recorder || held === "no") return;
    if (held === "cancelling") {
      recorder.discard();
      this.set("no");
    } else if (recorder.state().stage === "recording") {
      this.set("released");
      recorder.stop();
    } else {
      this.set("no"); // the browser was still asking: it goes on as if tapped
    }
  };

  /** The system took the pointer (a call, a gesture): it goes on as if tapped, nothing is sent by itself. */
  private readonly onCancel = (): void => {
    this.end();
    this.set("no");
  };

  end(): void {
    clearTimeout(this.timer);
    this.recorder = null;
    window.removeEventListener("pointermove", this.onMove);
    window.removeEventListener("pointerup", this.onUp);
    window.removeEventListener("pointercancel", this.onCancel);
  }

  /** What was let go has been dealt with. */
  done(): void {
    this.set("no");
  }

  private set(held: Held): void {
    if (this.held === held) return;
    this.held = held;
    this.changes.emit(undefined);
  }
}

/** Press to talk: `begin` starts a recording after HOLD_MS. */
export function usePress(begin: () => Recorder, enabled: boolean): Press {
  const latest = useRef({ begin, enabled });
  useEffect(() => {
    latest.current = { begin, enabled };
  });
  // eslint-disable-next-line react-hooks/refs -- read when something is pressed, never while drawing
  const [press] = useState(() => new Press(() => latest.current.begin(), () => latest.current.enabled));
  useEffect(() => () => press.end(), [press]);
  return press;
}

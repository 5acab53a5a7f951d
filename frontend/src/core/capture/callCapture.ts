import { backoff } from "../backoff";
import { newClientId } from "../ids";
import { onCall, type CallState } from "../calls/current";
import { codedFrom } from "../errors";
import type { CodedError } from "../protocol";
import { record, recordable } from "./recorder";
import type { Take } from "./take";
import type { Uploads } from "./uploads";

/** `unsupported`: this browser cannot record; otherwise why the server takes nothing. */
export type CaptureProblem = CodedError | "unsupported";

/** Then the next take begins: the server takes no more than two hours of one. */
export const TAKE_MS = 110 * 60_000;

/** Records this device's own sound of the page's call, while the server says that everybody agreed, and at no other time. */
export class CallCapture {
  /** Which microphone is recorded for which recording; another of either is another take. */
  private current = "";
  private halt: (() => void) | null = null;
  private leave: (() => void) | null = null;

  constructor(
    private readonly uploads: Uploads,
    private readonly tell: (problem: CaptureProblem) => void,
  ) {}

  start(call: CallState | null): void {
    this.leave = onCall((next) => this.follow(next));
    this.follow(call);
  }

  stop(): void {
    this.leave?.();
    this.follow(null);
  }

  private follow(call: CallState | null): void {
    const wanted = wantedOf(call);
    if (call?.recording?.state === "withdrawn") void this.uploads.drop(aboutOf(call)).catch(() => undefined); // what the disk keeps, the server will not have
    if (wanted === this.current) return;
    this.current = wanted;
    this.halt?.();
    this.halt = null;
    if (wanted && call?.local) this.begin(call, call.local);
  }

  private begin(call: CallState, stream: MediaStream): void {
    const type = recordable();
    if (!type) return this.tell("unsupported");
    let took: Promise<Take> | null = null;
    const halt = record(stream, type, {
      began: (at) => {
        took = this.open(call, at);
      },
      // While the server has not answered, slices wait in memory; it answers within the first of them.
      slice: (bytes, captured_ms) => {
        void took?.then((take) => take.add(bytes, captured_ms)).catch(() => undefined);
        if (captured_ms < TAKE_MS || this.halt !== halt) return;
        halt();
        this.begin(call, stream);
      },
      ended: () => void took?.then((take) => take.end()).catch(() => undefined),
    });
    this.halt = halt;
  }

  private open(call: CallState, began: number): Promise<Take> {
    const id = newClientId();
    const ask = () => {
      const metadata = { generation: String(call.recording?.generation ?? 0), age_ms: String(Math.round(performance.now() - began)) };
      return this.uploads.begin(id, aboutOf(call), `/api/calls/${call.call}/tracks`, metadata);
    };
    const opening = insist(ask, () => this.current.startsWith(`${aboutOf(call)}/`));
    opening.catch((error: unknown) => this.tell(codedFrom(error)));
    return opening;
  }
}

/** Asks again while what went wrong may pass and it is still wanted; asked twice, the server has one. */
async function insist<Result>(ask: () => Promise<Result>, wanted: () => boolean): Promise<Result> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      if (!codedFrom(error).retry || !wanted()) throw error;
      await new Promise((resolve) => setTimeout(resolve, backoff(attempt, { most: 5_000 })));
    }
  }
}

const aboutOf = (call: CallState) => `${call.call}/${call.recording?.generation}`;

/** Empty: nothing may be recorded now. */
function wantedOf(call: CallState | null): string {
  const microphone = call?.local?.getAudioTracks()[0];
  if (!call?.call || !microphone || call.stage === "ended" || call.recording?.state !== "on") return "";
  return `${aboutOf(call)}/${microphone.id}`;
}

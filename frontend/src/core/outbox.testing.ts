/** What the tests of the outbox stand on: a server of a few lines, and stores that are empty. */
import { expect, vi } from "vitest";
import { database } from "./db";
import { madeHere, type RequestFailed } from "./errors";
import { newClientId } from "./ids";
import type { Outbox, Transport } from "./outbox";
import type { Uploader } from "./outboxFiles";
import type { Ack, DurableCommand } from "./protocol";

/** Keeps the first of each client id, files and commands alike, and loses a request or its answer when told so. */
export class Server implements Transport {
  state = "online";
  readonly kept: DurableCommand[] = [];
  readonly files = new Map<string, { url: string; text: string; form: FormData }>();
  readonly losses: ("before" | "after" | null)[] = [];
  uploads = 0;
  refuses: RequestFailed | null = null;
  private readonly listeners = new Set<(state: string) => void>();

  onState(listener: (state: string) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  become(state: string): void {
    this.state = state;
    for (const listener of this.listeners) listener(state);
  }

  request(command: DurableCommand): Promise<Ack> {
    return this.losing(() => {
      if (!this.kept.some((one) => one.client_id === command.client_id)) this.kept.push(command);
      return { type: "ack", id: "r1", seq: this.kept.length, receipt: { leaf: "x", index: 0, size: 1, path: [], at: 1, sig: "s", key: "k" } };
    });
  }

  readonly upload: Uploader = (url, form, progress) => {
    let stop: (reason: unknown) => void = () => undefined;
    const stopped = new Promise<never>((...settle) => (stop = settle[1]));
    const done = this.losing(async () => {
      this.uploads++;
      const client_id = form.get("client_id") as string;
      const file = form.get("file") as File;
      progress(0.5);
      if (!this.files.has(client_id)) this.files.set(client_id, { url, text: `${file.name}: ${await file.text()}`, form });
      progress(1);
      return { id: `file-of-${client_id}` };
    });
    return { done: Promise.race([done, stopped]), cancel: () => stop(madeHere("client.cancelled")) };
  };

  private async losing<Result>(act: () => Result | Promise<Result>): Promise<Result> {
    await Promise.resolve();
    if (this.refuses) throw this.refuses;
    const loss = this.losses.shift();
    if (loss === "before") throw madeHere("client.offline");
    const result = await act();
    if (loss === "after") throw madeHere("client.timeout");
    return result;
  }
}

export const says = (text: string, consultation = "c1"): DurableCommand => ({ type: "message.send", consultation, client_id: newClientId(), text });

export async function empty(outbox: Outbox): Promise<void> {
  await vi.waitFor(async () => expect(await outbox.items()).toEqual([]), { interval: 5 });
}

/** Stores as in a browser that was never used; tries follow each other at once, since waiting between them is somebody else's test. */
export async function unused(): Promise<void> {
  const db = await database();
  for (const store of ["outbox", "receipts", "uploads"] as const) await db.clear(store);
  vi.spyOn(Math, "random").mockReturnValue(0);
}

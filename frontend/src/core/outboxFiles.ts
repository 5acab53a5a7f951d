import { database, type OutboxFile, type OutboxItem } from "./db";
import type { DurableCommand } from "./protocol";
import { upload, type Upload } from "./upload";

/** How one file goes up; its answer carries the id that the command names. */
export type Uploader = (url: string, form: FormData, progress: (part: number) => void) => Upload<{ id: string }>;

export interface Watch {
  /** 0..1 of the bytes of all files. */
  progress: (part: number) => void;
  /** Aborting ends with the code `client.cancelled`. */
  signal: AbortSignal;
}

const ENDPOINTS: Record<OutboxFile["field"], string> = { attachments: "attachments", voice: "voice-notes" };

/** Sends the files of an item that the server does not have, one after the other, and returns the command that names them.
 * A file keeps its client id, so one whose answer was lost is recognised when it comes again. Rejects with RequestFailed. */
export async function withFiles(item: OutboxItem, watch: Watch, send: Uploader = upload): Promise<DurableCommand> {
  const files = item.files ?? [];
  const whole = files.reduce((sum, file) => sum + file.blob.size, 0) || 1;
  const ids: string[] = [];
  let before = 0;
  for (const [index, file] of files.entries()) {
    const start = before;
    ids.push(await once(item, index, file, send, { ...watch, progress: (part) => watch.progress((start + part * file.blob.size) / whole) }));
    before += file.blob.size;
  }
  return naming(item.command, files, ids);
}

export const fileId = (item: OutboxItem, index: number): string => `${item.client_id}-${index}`;

async function once(item: OutboxItem, index: number, file: OutboxFile, send: Uploader, watch: Watch): Promise<string> {
  const client_id = fileId(item, index);
  const db = await database();
  const known = await db.get("uploads", client_id);
  if (known) return known.id;
  const form = new FormData();
  form.append("client_id", client_id);
  for (const [name, value] of Object.entries(file.meta)) form.append(name, typeof value === "string" ? value : JSON.stringify(value));
  form.append("file", file.blob, file.name); // last: the server knows the rest when the bytes arrive
  const { id } = await cancellable(send(`/api/consultations/${item.lane}/${ENDPOINTS[file.field]}`, form, watch.progress), watch.signal);
  await db.put("uploads", { client_id, id });
  return id;
}

async function cancellable<Result>(running: Upload<Result>, signal: AbortSignal): Promise<Result> {
  if (signal.aborted) running.cancel();
  signal.addEventListener("abort", running.cancel);
  try {
    return await running.done;
  } finally {
    signal.removeEventListener("abort", running.cancel);
  }
}

function naming(command: DurableCommand, files: readonly OutboxFile[], ids: readonly string[]): DurableCommand {
  if (command.type !== "message.send") return command;
  const of = (field: OutboxFile["field"]) => ids.filter((_, index) => files[index]?.field === field);
  const attachments = of("attachments");
  const [voice] = of("voice");
  return { ...command, ...(attachments.length > 0 && { attachments }), ...(voice && { voice }) };
}

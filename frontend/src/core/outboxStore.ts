import { database, type OutboxItem } from "./db";
import { madeHere } from "./errors";

/** How the server says that a file which was never sent is gone after a day. */
export const SWEPT = new Set(["not_found", "attachment.gone"]);

export type Open = (store: "outbox" | "uploads") => IDBObjectStore;

/** Stores an item and returns the place that it has there. Rejects with `client.storage`. */
export async function keep(item: OutboxItem): Promise<number> {
  try {
    return await (await database()).add("outbox", item);
  } catch {
    throw madeHere("client.storage"); // The disk is full, or the browser keeps nothing for this site.
  }
}

/** Takes an item out of the store, with what is known of its files. */
export function forget(open: Open, item: OutboxItem): void {
  if (item.order !== undefined) open("outbox").delete(item.order);
  forgetUploads(open, item);
}

export function forgetUploads(open: Open, item: OutboxItem): void {
  for (let index = 0; index < (item.files?.length ?? 0); index++) open("uploads").delete(`${item.client_id}-${index}`);
}

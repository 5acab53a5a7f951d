import type { OutboxItem } from "./db";

/** How the server says that a file which was never sent is gone after a day. */
export const SWEPT = new Set(["not_found", "attachment.gone"]);

export type Open = (store: "outbox" | "uploads") => IDBObjectStore;

/** Takes an item out of the store, with what is known of its files. */
export function forget(open: Open, item: OutboxItem): void {
  if (item.order !== undefined) open("outbox").delete(item.order);
  forgetUploads(open, item);
}

export function forgetUploads(open: Open, item: OutboxItem): void {
  for (let index = 0; index < (item.files?.length ?? 0); index++) open("uploads").delete(`${item.client_id}-${index}`);
}

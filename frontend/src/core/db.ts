import { openDB, type DBSchema, type IDBPDatabase } from "idb";
import type { CodedError, DurableCommand } from "./protocol";

export interface OutboxItem {
  /** Grows with every command, so that the order within a consultation is the order of writing. */
  order?: number;
  /** The person who wrote it: a browser may be shared. */
  owner: string;
  client_id: string;
  /** Commands of one lane are sent one after the other: the consultation, or the client id of a new one. */
  lane: string;
  command: DurableCommand;
  at: number;
  state: "waiting" | "failed";
  error: CodedError | null;
}

export interface Draft {
  /** `owner:conversation` */
  key: string;
  text: string;
  at: number;
}

export interface Receipt {
  client_id: string;
  owner: string;
  consultation: string;
  at: number;
  /** The server's signed receipt, kept as proof of what it accepted; null where it signs none. */
  receipt: unknown;
}

interface Schema extends DBSchema {
  outbox: { key: number; value: OutboxItem; indexes: { client_id: string; lane: string } };
  drafts: { key: string; value: Draft };
  receipts: { key: string; value: Receipt };
}

export type Database = IDBPDatabase<Schema>;

let opened: Promise<Database> | null = null;

export function database(): Promise<Database> {
  opened ??= openDB<Schema>("xinqiao", 1, {
    upgrade(db) {
      const outbox = db.createObjectStore("outbox", { keyPath: "order", autoIncrement: true });
      outbox.createIndex("client_id", "client_id", { unique: true });
      outbox.createIndex("lane", "lane");
      db.createObjectStore("drafts", { keyPath: "key" });
      db.createObjectStore("receipts", { keyPath: "client_id" });
    },
  });
  return opened;
}

import type { CodedError, DurableCommand } from "./protocol";

/** A file that goes up before its command is sent. */
export interface OutboxFile {
  field: "attachments" | "voice";
  blob: Blob;
  name: string;
  /** What its endpoint wants beside the file: `duration_s` and `peaks` of a voice note. */
  meta: Record<string, unknown>;
}

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
  files?: readonly OutboxFile[];
  /** Held for undo until then, milliseconds since the epoch. */
  notBefore?: number;
  /** Its files are up and the server may have the command: from here on it cannot be taken back. */
  given?: boolean;
}

/** A file that the server has: it need not go up again, whatever happens to the rest of its message. */
export interface UploadedFile {
  /** The client id of the message and the place of the file in it: `id-0`. */
  client_id: string;
  id: string;
}

/** What a person saw last, to be shown at once and without a network. */
export interface Snapshot {
  /** `owner:what` */
  key: string;
  owner: string;
  at: number;
  value: unknown;
}

/** A voice note that was recorded and not sent: it is there when the conversation is opened again. */
export interface KeptClip {
  /** `owner:conversation` */
  key: string;
  /** In order; together one file of `type`. */
  parts: readonly Blob[];
  type: string;
  duration_s: number;
  peaks: readonly number[];
}

/** A recording of this device that the server may not have all of. */
export interface KeptTake {
  /** Its client id. */
  id: string;
  owner: string;
  /** Where the server takes it, and gives the key to what is kept of it here. */
  url: string;
  /** What it belongs to: `call/generation` of a call's recording. */
  about: string;
  /** Bytes so far, and how long it is. */
  size: number;
  captured_ms: number;
  /** Moments of a follow-up call that its recorder marked. */
  markers?: readonly { kind: "consent" | "mark"; at: number }[];
}

/** A second or two of a take: sealed under a key that is never kept here. */
export interface KeptSlice {
  order?: number;
  take: string;
  /** Where it begins in the file. */
  offset: number;
  /** Of the take, to the end of this slice. */
  captured_ms: number;
  iv: Uint8Array<ArrayBuffer>;
  sealed: ArrayBuffer;
}

export interface Draft {
  /** `owner:conversation` */
  key: string;
  text: string;
  at: number;
  /** The server's version that this text was written on. */
  version?: number;
  /** The server does not have this text yet. */
  unsaved?: boolean;
}

export interface Receipt {
  client_id: string;
  owner: string;
  consultation: string;
  /** Its number in the conversation; receipts that an earlier version kept have none. */
  seq?: number | null | undefined;
  at: number;
  /** The server's signed receipt, kept as proof of what it accepted; null where it signs none. */
  receipt: unknown;
}

interface Stores {
  outbox: { key: number; value: OutboxItem; index: "client_id" | "lane" };
  drafts: { key: string; value: Draft; index: never };
  receipts: { key: string; value: Receipt; index: never };
  uploads: { key: string; value: UploadedFile; index: never };
  snapshots: { key: string; value: Snapshot; index: "owner" };
  clips: { key: string; value: KeptClip; index: never };
  takes: { key: string; value: KeptTake; index: never };
  slices: { key: number; value: KeptSlice; index: "take" };
}

type StoreName = keyof Stores;
type Value<Name extends StoreName> = Stores[Name]["value"];
type Key<Name extends StoreName> = Stores[Name]["key"];

/** IndexedDB with promises; the few calls that this product makes. Every one rejects with the browser's own error. */
export class Database {
  private readonly db: IDBDatabase;

  constructor(db: IDBDatabase) {
    this.db = db;
  }

  get<Name extends StoreName>(store: Name, key: Key<Name>): Promise<Value<Name> | undefined> {
    return answered(this.read(store).get(key) as IDBRequest<Value<Name> | undefined>);
  }

  getAll<Name extends StoreName>(store: Name): Promise<Value<Name>[]> {
    return answered(this.read(store).getAll() as IDBRequest<Value<Name>[]>);
  }

  getAllKeys<Name extends StoreName>(store: Name): Promise<Key<Name>[]> {
    return answered(this.read(store).getAllKeys()) as Promise<Key<Name>[]>;
  }

  getAllFromIndex<Name extends StoreName>(store: Name, index: Stores[Name]["index"], key: string): Promise<Value<Name>[]> {
    return answered(this.read(store).index(index).getAll(key) as IDBRequest<Value<Name>[]>);
  }

  /** Returns the key that the store gave it. */
  async add<Name extends StoreName>(store: Name, value: Value<Name>): Promise<Key<Name>> {
    const request = await this.write([store], (open) => open(store).add(value) as IDBRequest<Key<Name>>);
    return request.result;
  }

  async put<Name extends StoreName>(store: Name, value: Value<Name>): Promise<void> {
    await this.write([store], (open) => open(store).put(value));
  }

  async delete<Name extends StoreName>(store: Name, key: Key<Name>): Promise<void> {
    await this.write([store], (open) => open(store).delete(key));
  }

  async clear(store: StoreName): Promise<void> {
    await this.write([store], (open) => open(store).clear());
  }

  /** Resolves when everything `act` did is on the disk, all of it or nothing. */
  write<Result>(stores: StoreName[], act: (open: (store: StoreName) => IDBObjectStore) => Result): Promise<Result> {
    return new Promise((resolve, reject) => {
      const transaction = this.db.transaction(stores, "readwrite", { durability: "strict" });
      const result = act((store) => transaction.objectStore(store));
      transaction.oncomplete = () => resolve(result);
      transaction.onabort = () => reject(transaction.error ?? new Error("IndexedDB transaction aborted"));
    });
  }

  private read(store: StoreName): IDBObjectStore {
    return this.db.transaction(store).objectStore(store);
  }
}

function answered<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("IndexedDB request failed"));
  });
}

let opened: Promise<Database> | null = null;

export function database(): Promise<Database> {
  opened ??= open().catch((error: unknown) => {
    opened = null; // What was refused may be allowed at the next try.
    throw error;
  });
  return opened;
}

/** The stores that each version added. */
const VERSIONS: readonly ((db: IDBDatabase) => void)[] = [
  (db) => {
    const outbox = db.createObjectStore("outbox", { keyPath: "order", autoIncrement: true });
    outbox.createIndex("client_id", "client_id", { unique: true });
    outbox.createIndex("lane", "lane");
    db.createObjectStore("drafts", { keyPath: "key" });
    db.createObjectStore("receipts", { keyPath: "client_id" });
  },
  (db) => {
    db.createObjectStore("uploads", { keyPath: "client_id" });
    db.createObjectStore("snapshots", { keyPath: "key" }).createIndex("owner", "owner");
  },
  (db) => {
    db.createObjectStore("clips", { keyPath: "key" });
  },
  (db) => {
    db.createObjectStore("takes", { keyPath: "id" });
    db.createObjectStore("slices", { keyPath: "order", autoIncrement: true }).createIndex("take", "take");
  },
];

async function open(): Promise<Database> {
  const request = indexedDB.open("xinqiao", VERSIONS.length);
  request.onupgradeneeded = (event) => {
    for (const add of VERSIONS.slice(event.oldVersion)) add(request.result);
  };
  const db = await answered(request);
  // A tab with a newer version waits for this one to let go.
  db.onversionchange = () => db.close();
  return new Database(db);
}

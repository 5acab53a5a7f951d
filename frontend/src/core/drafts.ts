import { database } from "./db";
import { Emitter } from "./emitter";

const changes = new Emitter<undefined>();

/** Told after each draft that is saved or emptied in this page. */
export const onDrafts = (listener: () => void): (() => void) => changes.add(listener);

/** The places where this person has begun to write. */
export async function draftPlaces(owner: string): Promise<string[]> {
  const keys = await (await database()).getAllKeys("drafts");
  return keys.filter((key) => key.startsWith(`${owner}:`)).map((key) => key.slice(owner.length + 1));
}

/** Drafts live in IndexedDB, one for each (person, place to write), until they are sent or emptied. */
export async function loadDraft(owner: string, place: string): Promise<string> {
  const draft = await (await database()).get("drafts", `${owner}:${place}`);
  return draft?.text ?? "";
}

export async function saveDraft(owner: string, place: string, text: string): Promise<void> {
  const db = await database();
  const key = `${owner}:${place}`;
  if (text === "") await db.delete("drafts", key);
  else await db.put("drafts", { key, text, at: Date.now() });
  changes.emit(undefined);
}

/** Saves what is typed 400 ms after the last change, and at once when the page goes away. */
export class DraftSaver {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private unsaved: string | null = null;

  constructor(
    private readonly owner: string,
    private readonly place: string,
    private readonly onSaved: (at: number) => void = () => undefined,
    private readonly delay = 400,
  ) {
    window.addEventListener("pagehide", this.flush);
  }

  change(text: string): void {
    this.unsaved = text;
    clearTimeout(this.timer);
    this.timer = setTimeout(this.flush, this.delay);
  }

  readonly flush = (): void => {
    clearTimeout(this.timer);
    if (this.unsaved === null) return;
    const text = this.unsaved;
    this.unsaved = null;
    void saveDraft(this.owner, this.place, text).then(() => this.onSaved(Date.now()));
  };

  stop(): void {
    this.flush();
    window.removeEventListener("pagehide", this.flush);
  }
}

import { api, take } from "./api";
import { database, type Draft } from "./db";
import { Emitter } from "./emitter";

const changes = new Emitter<Draft>();

/** Told of each draft that is saved or emptied in this page. */
export const onDrafts = (listener: (draft: Draft) => void): (() => void) => changes.add(listener);

/** What this browser holds of a person's drafts. */
export async function draftsOf(owner: string): Promise<Draft[]> {
  const drafts = await (await database()).getAll("drafts");
  return drafts.filter((draft) => draft.key.startsWith(`${owner}:`));
}

/** Where this person has begun to write, on whatever device, as the server knows it. */
export async function writtenPlaces(): Promise<Set<string>> {
  const rows = await take(api.GET("/api/drafts"));
  return new Set(rows.map((row) => row.consultation));
}

/** Where somebody has begun to write: what the server has, put right by what only this browser knows yet. `held` is null as long as
 * the server has not been heard; then what is kept here counts. */
export function begunPlaces(drafts: readonly Draft[], held: ReadonlySet<string> | null): Set<string> {
  const places = new Set(held);
  for (const draft of drafts) {
    if (held && !draft.unsaved) continue;
    if (draft.text) places.add(placeOf(draft));
    else places.delete(placeOf(draft));
  }
  return places;
}

export const placeOf = ({ key }: Draft): string => key.slice(key.indexOf(":") + 1);

/** Drafts live in IndexedDB, one for each (person, place to write), until they are sent or emptied. */
export async function loadDraft(owner: string, place: string): Promise<string> {
  return (await storedDraft(owner, place)).text;
}

export async function saveDraft(owner: string, place: string, text: string): Promise<void> {
  await storeDraft({ key: `${owner}:${place}`, text, at: Date.now() });
}

export async function storedDraft(owner: string, place: string): Promise<Draft> {
  const key = `${owner}:${place}`;
  return (await (await database()).get("drafts", key)) ?? { key, text: "", at: 0 };
}

/** An emptied draft is kept only while the server must still be told. */
export async function storeDraft(draft: Draft): Promise<void> {
  const db = await database();
  if (draft.text === "" && !draft.unsaved) await db.delete("drafts", draft.key);
  else await db.put("drafts", draft);
  changes.emit(draft);
}

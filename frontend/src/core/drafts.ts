import { database, type Draft } from "./db";
import { Emitter } from "./emitter";

const changes = new Emitter<undefined>();

/** Told after each draft that is saved or emptied in this page. */
export const onDrafts = (listener: () => void): (() => void) => changes.add(listener);

/** The places where this person has begun to write. */
export async function draftPlaces(owner: string): Promise<string[]> {
  const drafts = await (await database()).getAll("drafts");
  return drafts.filter((draft) => draft.text !== "" && draft.key.startsWith(`${owner}:`)).map((draft) => draft.key.slice(owner.length + 1));
}

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
  changes.emit(undefined);
}

import { api, take } from "./api";
import { database } from "./db";
import { RequestFailed } from "./errors";
import type { Schemas } from "./protocol";
import type { Locale } from "./settings";
import { forgetCopies, isAway, keepCopiesFor } from "./snapshots";

export type Session = Schemas["Session"];
export type Need = Session["needs"][number];
export type Surface = Session["surface"];
/** What is left of a sign-in: a second factor to show or to set up, or a password of one's own to choose. */
export type Step = Schemas["Step"];

/** Throws RequestFailed with code `signed_out` when there is no session; its answer sets the CSRF cookie either way. */
export const getSession = () => take(api.GET("/api/session"));

/** Without a sign of life from the server a session is believed for so long. */
const BELIEVED_MS = 12 * 3600_000;
/** A network that answers nothing is not waited for longer when this browser knows whose it is. */
const PATIENCE_MS = 3_000;
const KEY = "session";

/** The session, or without a network the one that this browser had last; then the pages show what they kept. Throws as getSession. */
export async function resumeSession(): Promise<Session> {
  const kept = await keptSession().catch(() => null);
  try {
    const session = await (kept ? inTime(getSession(), kept) : getSession());
    await (session === kept ? showCopiesOf(session) : rememberSession(session));
    return session;
  } catch (error) {
    if (error instanceof RequestFailed && error.coded.code === "signed_out") await forgetSession();
    if (!kept || !isAway(error)) throw error;
    await showCopiesOf(kept);
    return kept;
  }
}

/** Keeps who is signed in, and for patients what they see; nothing of anybody who was here before. A browser that keeps nothing still
 * works. */
export async function rememberSession(session: Session): Promise<void> {
  await showCopiesOf(session);
  if (session.surface !== "patient" && session.surface !== "doctor") return;
  const copy = { key: KEY, owner: session.person.id, at: Date.now(), value: session };
  await database().then((db) => db.put("snapshots", copy)).catch(() => undefined);
}

export const forgetSession = (): Promise<void> => forgetCopies().catch(() => undefined);

const showCopiesOf = ({ person, surface }: Session): Promise<void> => keepCopiesFor(person.id, surface === "patient").catch(() => undefined);

async function keptSession(): Promise<Session | null> {
  const kept = await (await database()).get("snapshots", KEY);
  return kept && Date.now() - kept.at < BELIEVED_MS ? (kept.value as Session) : null;
}

function inTime<Value>(asked: Promise<Value>, otherwise: Value): Promise<Value> {
  return Promise.race([asked, new Promise<Value>((resolve) => setTimeout(() => resolve(otherwise), PATIENCE_MS))]);
}

export const signOut = () => take(api.DELETE("/api/session"));
export const saveLanguage = (language: Locale) => take(api.PUT("/api/session/language", { body: { language } }));
export const saveNeeds = (needs: readonly Need[]) => take(api.PUT("/api/session/needs", { body: { needs: [...needs] } }));

import type { Bilingual, Person, Role } from "./protocol";
import { rest } from "./rest";
import type { Locale } from "./settings";

export type Surface = "patient" | "doctor" | "compliance" | "admin";

export interface Session {
  person: Person;
  roles: Role[];
  surface: Surface;
  language: Locale;
  hospital: { name: Bilingual; phone: string; emergency: string };
  demo: boolean;
}

export interface DemoPerson {
  id: string;
  name: string;
  role: Role;
  note: Bilingual;
}

/** Throws RequestFailed with code `signed_out` when there is no session; its answer sets the CSRF cookie either way. */
export const getSession = () => rest.get<Session>("/api/session");
export const signIn = (login: string, password: string) => rest.post<Session>("/api/session", { login, password });
export const signInAsDemo = (person: string) => rest.post<Session>("/api/demo/session", { person });
export const demoPeople = () => rest.get<DemoPerson[]>("/api/demo/people");
export const signOut = () => rest.delete<undefined>("/api/session");
export const saveLanguage = (language: Locale) => rest.put<undefined>("/api/session/language", { language });

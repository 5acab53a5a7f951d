import { api, take } from "./api";
import type { Schemas } from "./protocol";
import type { Locale } from "./settings";

export type Session = Schemas["Session"];
export type Surface = Session["surface"];
export type DemoPerson = Schemas["DemoPerson"];

/** Throws RequestFailed with code `signed_out` when there is no session; its answer sets the CSRF cookie either way. */
export const getSession = () => take(api.GET("/api/session"));
export const signIn = (login: string, password: string) => take(api.POST("/api/session", { body: { login, password } }));
export const signInAsDemo = (person: string) => take(api.POST("/api/demo/session", { body: { person } }));
export const demoPeople = () => take(api.GET("/api/demo/people"));
export const signOut = () => take(api.DELETE("/api/session"));
export const saveLanguage = (language: Locale) => take(api.PUT("/api/session/language", { body: { language } }));

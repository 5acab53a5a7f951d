import { api, take } from "@core/api";
import type { Schemas } from "@core/protocol";
import type { Session, Step } from "@core/session";

export type DemoPerson = Schemas["DemoPerson"];

export const signIn = async (login: string, password: string): Promise<Session | Step> => take<Session | Step>(api.POST("/api/session", { body: { login, password } }));
export const signInAsDemo = (person: string) => take(api.POST("/api/demo/session", { body: { person } }));
/** Whose deployment this is, before anybody has signed in. */
export const hospitalHere = () => take(api.GET("/api/hospital"));
/** The provider of single sign-on; 404 where there is none. */
export const ssoProvider = () => take(api.GET("/api/session/sso/name"));
/** What is left of a sign-in that came back from it. */
export const waitingStep = () => take(api.GET("/api/session/step"));
export const demoPeople = () => take(api.GET("/api/demo/people"));

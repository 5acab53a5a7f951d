import { api, take } from "@core/api";
import type { Schemas } from "@core/protocol";
import type { Session, Step } from "@core/session";
import { makePasskey, showPasskey } from "./passkey";

export type Methods = Schemas["Methods"]["methods"];
export type FactorRow = Schemas["FactorRow"];
export type SetUp = Schemas["SetUp"];
export type NewApp = Schemas["NewApp"];

export const factorMethods = () => take(api.GET("/api/session/factor"));
export const showCode = async (code: string) => take<Session | Step>(api.POST("/api/session/factor", { body: { code } }));

export async function showKey() {
  const { options } = await take(api.POST("/api/session/factor/passkey"));
  return take<Session | Step>(api.POST("/api/session/factor", { body: { passkey: await showPasskey(options) } }));
}

/** Ends a sign-in with a password that the hospital made. */
export const choosePassword = (password: string) => take(api.POST("/api/session/password", { body: { new: password } }));

export const myFactors = () => take(api.GET("/api/me/factors"));
export const beginApp = () => take(api.POST("/api/me/factors/totp"));
export const finishApp = (code: string) => take(api.PUT("/api/me/factors/totp", { body: { code } }));
export const renewRecovery = () => take(api.POST("/api/me/factors/recovery"));
export const removeFactor = (factor_id: string) => take(api.DELETE("/api/me/factors/{factor_id}", { params: { path: { factor_id } } }));

export async function addKey(name: string) {
  const { options } = await take(api.POST("/api/me/factors/passkey"));
  return take(api.PUT("/api/me/factors/passkey", { body: { name, passkey: await makePasskey(options) } }));
}

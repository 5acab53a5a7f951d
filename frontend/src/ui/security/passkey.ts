import { fromBase64 } from "@core/bytes";

/** WebAuthn between the server's JSON and the browser's byte arrays. `PublicKeyCredential.parse…FromJSON` does the same in browsers
 * younger than those that hospitals have. */

type Json = Record<string, unknown>;
interface Descriptor {
  id: string;
  type: PublicKeyCredentialType;
  transports?: AuthenticatorTransport[];
}

export const hasPasskeys = (): boolean => "PublicKeyCredential" in window;

/** Asks the browser to make a passkey. Rejects with a DOMException when the person or the browser does not want to. */
export async function makePasskey(options: Json): Promise<Json> {
  const { user, challenge, excludeCredentials } = options as { user: Json; challenge: string; excludeCredentials?: Descriptor[] };
  const publicKey = {
    ...options,
    challenge: bytes(challenge),
    user: { ...user, id: bytes(user["id"] as string) },
    excludeCredentials: described(excludeCredentials),
  } as unknown as PublicKeyCredentialCreationOptions;
  return told(await navigator.credentials.create({ publicKey }));
}

/** Asks the browser to show one of the person's passkeys. Rejects as makePasskey. */
export async function showPasskey(options: Json): Promise<Json> {
  const { challenge, allowCredentials } = options as { challenge: string; allowCredentials?: Descriptor[] };
  const publicKey = { ...options, challenge: bytes(challenge), allowCredentials: described(allowCredentials) } as unknown as PublicKeyCredentialRequestOptions;
  return told(await navigator.credentials.get({ publicKey }));
}

const described = (all: Descriptor[] = []) => all.map((one) => ({ ...one, id: bytes(one.id) }));

function told(credential: Credential | null): Json {
  const { id, rawId, type, response } = credential as PublicKeyCredential;
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"] as const;
  const found = parts.map((part) => [part, (response as unknown as Record<string, ArrayBuffer | null | undefined>)[part]] as const);
  const sent = found.flatMap(([part, value]) => (value ? [[part, base64url(value)]] : []));
  return { id, rawId: base64url(rawId), type, response: Object.fromEntries(sent) as Json, clientExtensionResults: {} };
}

function bytes(text: string): Uint8Array {
  return fromBase64(text.replace(/-/g, "+").replace(/_/g, "/"));
}

function base64url(value: ArrayBuffer): string {
  const letters = Array.from(new Uint8Array(value), (byte) => String.fromCharCode(byte)).join("");
  return btoa(letters).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

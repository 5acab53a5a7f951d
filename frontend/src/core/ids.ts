/** A new client id: 22 characters of [A-Za-z0-9_-], 128 random bits. Works on plain http, where randomUUID does not exist. */
export function newClientId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

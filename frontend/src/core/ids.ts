const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/**
 * A new client id: a ULID, 48 bits of time in ms and 80 random ones. Ids of the same time lie side by side in the server's index,
 * which every message pays for. Works on plain http, where randomUUID does not exist.
 */
export function newClientId(): string {
  const now = Date.now();
  const time = Array.from({ length: 10 }, (_, place) => DIGITS[Math.floor(now / 32 ** (9 - place)) % 32]);
  const chance = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => DIGITS[byte % 32]);
  return [...time, ...chance].join("");
}

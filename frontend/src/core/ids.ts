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

/** Client ids of one form: the same content keeps its id, so that trying again acts once; other content gets another, for under one id
 * it would be a conflict. */
export function clientIds(): (content: unknown) => string {
  let last = { content: "", id: "" };
  return (content) => {
    const said = JSON.stringify(content);
    if (last.content !== said) last = { content: said, id: newClientId() };
    return last.id;
  };
}

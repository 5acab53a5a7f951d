/** Bytes as text. */

export type Bytes = Uint8Array<ArrayBuffer>;

export const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

export const toBase64 = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes));

/** Throws what `atob` throws. Several texts may stand for the same bytes: whoever checks a signature compares with `toBase64`. */
export const fromBase64 = (text: string): Bytes => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

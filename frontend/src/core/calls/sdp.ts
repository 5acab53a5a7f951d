/** What we ask of the other side's Opus encoder, in the terms of RFC 7587: nothing on the wire in pauses, repair of lost packets from the
 * next one, one channel, at most so many bits per second. */
const OPUS = { useinbandfec: "1", usedtx: "1", stereo: "0", maxaveragebitrate: "32000" };

/** The description as it is sent to the other side; what stays here is as the browser made it. */
export function withOpus(sdp: string): string {
  const format = /^a=rtpmap:(\d+) opus\/48000/im.exec(sdp)?.[1];
  if (!format) return sdp;
  const line = new RegExp(`^a=fmtp:${format} (.*?)\\r?$`, "m");
  return sdp.replace(line, (_whole, known: string) => {
    const values = new Map(known.split(";").map((part) => part.trim().split("=") as [string, string]));
    for (const [name, value] of Object.entries(OPUS)) values.set(name, value);
    return `a=fmtp:${format} ${[...values].map(([name, value]) => `${name}=${value}`).join(";")}\r`;
  });
}

/** Which connection a description is of: the session id of its `o=` line (RFC 8866, 5.2), which a page that was reloaded makes anew. */
export function sessionOf(sdp: string): string | null {
  return /^o=\S+ (\S+) /m.exec(sdp)?.[1] ?? null;
}

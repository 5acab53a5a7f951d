/** True when the words are on the clipboard. Pages without TLS have no clipboard but the old command. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    (document.activeElement?.closest("dialog") ?? document.body).append(area); // behind a dialog nothing can be selected
    area.select();
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way there is without TLS
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

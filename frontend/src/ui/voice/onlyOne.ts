/** One sound at a time on a page: whatever begins to play ends what played before. A call is no recording: it goes on. */
export function pauseOthers(except: EventTarget | null = null): void {
  for (const other of document.querySelectorAll<HTMLMediaElement>("audio, video")) if (other !== except && !other.srcObject) other.pause();
}

// The event does not bubble, but it can be caught on its way down.
document.addEventListener("play", (event) => pauseOthers(event.target), true);

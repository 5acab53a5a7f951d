/** Runs `look` one at a time: asked for while it runs, it runs once more afterwards. So an older answer never comes after a newer one. */
export function oneAtATime(look: () => Promise<void>): () => Promise<void> {
  let wanted = false;
  let running = false;
  return async () => {
    wanted = true;
    if (running) return;
    running = true;
    try {
      while (wanted) {
        wanted = false;
        await look();
      }
    } finally {
      running = false;
    }
  };
}

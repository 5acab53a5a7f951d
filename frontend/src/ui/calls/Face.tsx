/** Where there is no picture of somebody: the first letter of their name. */
export function Face({ name, ringing = false }: { name: string; ringing?: boolean }) {
  return (
    <span className="k-face" data-ringing={ringing} aria-hidden="true">
      {Array.from(name)[0]}
    </span>
  );
}

import type { ReactNode } from "react";
import { MicOff } from "lucide-react";
import { Face } from "../calls/Face";
import { Picture } from "../calls/Picture";

interface TileProps {
  name: string;
  about?: string | undefined;
  /** What is shown of them; null: their first letter. */
  picture: MediaStream | null;
  mirrored?: boolean;
  /** It is a screen: nothing of it may be cut off. */
  screen?: boolean;
  muted: string | null;
  /** Why there is neither sound nor picture now. */
  state: string | null;
  /** Who they are, for tests. */
  person: string;
  children?: ReactNode;
}

/** One person in the grid: picture or face, name, and in words what is the matter. */
export function Tile({ name, about, picture, mirrored = false, screen = false, muted, state, person, children }: TileProps) {
  return (
    <li className="rm-tile" data-testid="rm.tile" data-person={person} data-seen={picture !== null}>
      {picture ? <Picture stream={picture} data-mirrored={mirrored} data-screen={screen} aria-label={name} /> : <Face name={name} />}
      <div className="rm-name">
        <strong>{name}</strong>
        {about && <span className="secondary">{about}</span>}
        {muted && (
          <span>
            <MicOff size={16} aria-hidden /> {muted}
          </span>
        )}
        {state && <span role="status">{state}</span>}
        {children}
      </div>
    </li>
  );
}

import { Menu, MenuItem, Popover } from "react-aria-components";
import type { MessageAction } from "../talk/actions";
import { LOOKS } from "../talk/pieces";
import { useTalkWords } from "../talk/words";
import "./menu.css";

/** A menu that opens takes the focus. */
const OPENED = { autoFocus: "first" } as const;

interface MessageMenuProps {
  anchor: HTMLElement;
  actions: readonly MessageAction[];
  onAction: (action: MessageAction) => void;
  onClose: () => void;
}

/** What a clinician can do with a message: arrows choose, Enter does, Escape goes back to the message. */
export default function MessageMenu({ anchor, actions, onAction, onClose }: MessageMenuProps) {
  const t = useTalkWords();
  return (
    <Popover triggerRef={{ current: anchor }} isOpen onOpenChange={(open) => open || onClose()} placement="bottom end" className="x-menu">
      <Menu aria-label={t("tk.more.title")} {...OPENED} onAction={(key) => onAction(key as MessageAction)} onClose={onClose}>
        {actions.map((action) => {
          const [Icon, words] = LOOKS[action];
          return (
            <MenuItem key={action} id={action} textValue={t(words)} className="x-menu-item" data-testid={`x.msg.action.${action}`}>
              <Icon size={18} aria-hidden />
              {t(words)}
            </MenuItem>
          );
        })}
      </Menu>
    </Popover>
  );
}

interface NetworkInformation {
  type: string;
  addEventListener: (type: "change", listener: () => void) => void;
  removeEventListener: (type: "change", listener: () => void) => void;
}

/** From Wi-Fi to the mobile network, and back from none. "change" also comes whenever an estimate of the speed moves. */
export function onNetworkChange(listener: () => void): () => void {
  const { connection } = navigator as { connection?: Partial<NetworkInformation> };
  let type = connection?.type;
  const changed = () => {
    if (connection?.type === type) return;
    type = connection?.type;
    listener();
  };
  window.addEventListener("online", listener);
  connection?.addEventListener?.("change", changed);
  return () => {
    window.removeEventListener("online", listener);
    connection?.removeEventListener?.("change", changed);
  };
}

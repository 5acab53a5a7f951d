interface NetworkInformation {
  addEventListener: (type: "change", listener: () => void) => void;
  removeEventListener: (type: "change", listener: () => void) => void;
}

/** From Wi-Fi to the mobile network, and back from none. */
export function onNetworkChange(listener: () => void): () => void {
  const { connection } = navigator as { connection?: Partial<NetworkInformation> };
  window.addEventListener("online", listener);
  connection?.addEventListener?.("change", listener);
  return () => {
    window.removeEventListener("online", listener);
    connection?.removeEventListener?.("change", listener);
  };
}

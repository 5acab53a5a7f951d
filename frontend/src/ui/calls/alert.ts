/** Notices over other windows, while this page is hidden. They may stand on a locked screen: no name, nothing of the consultation. */

const TAG = "xinqiao-call";
const ICON = "/static/icon-192.png";

/** default: never asked. unsupported: this browser shows no notices, or none for this page. */
export const alertPermission = (): NotificationPermission | "unsupported" => ("Notification" in window ? Notification.permission : "unsupported");

/** Asks once; only from a press, or browsers refuse without asking. */
export const askForAlerts = async (): Promise<boolean> => (await Notification.requestPermission()) === "granted";

/** `stays`: until somebody does something about it. Returns what takes it away. */
export async function showAlert(title: string, body: string, stays: boolean): Promise<() => void> {
  const how = { body, tag: TAG, icon: ICON, requireInteraction: stays };
  try {
    const shown = new Notification(title, how);
    shown.onclick = () => {
      window.focus();
      shown.close();
    };
    return () => shown.close();
  } catch {
    // Phones show them through the service worker alone; it also answers a tap on one.
    const worker = await (navigator as { serviceWorker?: ServiceWorkerContainer }).serviceWorker?.getRegistration();
    await worker?.showNotification(title, how);
    return () => void worker?.getNotifications({ tag: TAG }).then((all) => all.forEach((one) => one.close()));
  }
}

// What the page remembers: in the tab (sessionStorage, so that a reload comes back in place) or in the browser (the name).

/** Reads a text, or keeps a new one; empty is none. A browser that keeps nothing for this page has all of it empty. */
export function kept(key, text, where = "sessionStorage") {
  try {
    const storage = globalThis[where];
    if (text !== undefined) storage.setItem(`tchat.${key}`, text);
    return storage.getItem(`tchat.${key}`) ?? "";
  } catch {
    return text ?? "";
  }
}

/** The token of an invite link. It goes out of the address that is shown, and stays with the tab. */
export function takeToken() {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token !== null) {
    kept("token", token.slice(0, 4096));
    history.replaceState(null, "", location.pathname);
  }
  return token?.slice(0, 4096) ?? kept("token");
}

/**
 * The secret by which the server knows this tab again. A tab that was duplicated has the same one: the two would push each other out, so
 * the later one, which is told of the earlier, makes its own.
 */
export async function ownSecret() {
  const known = kept("secret"), fresh = () => btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(24)))).replace(/[+/]/g, "-");
  const others = globalThis.BroadcastChannel ? new BroadcastChannel("tchat") : null;
  const isTaken = !known || !others ? false : await new Promise((resolve) => {
    others.onmessage = ({ data }) => { if (data?.taken === known) resolve(true); };
    others.postMessage({ asks: known });
    setTimeout(resolve, 150, false);
  });
  const secret = known && !isTaken ? known : fresh();
  kept("secret", secret);
  if (isTaken) kept("call", "");
  if (others) others.onmessage = ({ data }) => { if (data?.asks === secret) others.postMessage({ taken: secret }); };
  return secret;
}

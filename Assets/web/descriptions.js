// What descriptions of connections say, and what is said in them.

import { bytesOfHexadecimal, sha256 } from "./words.js";

const sdpOf = (description) => description?.sdp ?? "";
const field = (sdp, pattern) => pattern.exec(sdp)?.[1] ?? "";
const sessionOf = (sdp) => field(sdp, /^o=\S+ (\S+)/m);
export const ufragOf = (description) => field(sdpOf(description), /^a=ice-ufrag:(\S+)/m);
const fingerprintOf = (sdp) => field(sdp, /^a=fingerprint:sha-256 ([0-9a-f:]+)/im).toLowerCase();

/** An offer of a connection that knows nothing of this one: another certificate, or the same in a session of its own. */
export function isOfAnother(connection, offer) {
  const known = sdpOf(connection.remoteDescription), fresh = sdpOf(offer);
  if (fingerprintOf(known) !== fingerprintOf(fresh)) return true;
  return ufragOf(connection.remoteDescription) !== ufragOf(offer) && sessionOf(known) !== sessionOf(fresh);
}

/** Sorted as bytes of UTF-8 are, which is the order of code points. */
export function isLess(a, b) {
  const [one, two] = [a, b].map((text) => new TextEncoder().encode(text));
  for (let i = 0; i < Math.min(one.length, two.length); i++) if (one[i] !== two[i]) return one[i] < two[i];
  return one.length < two.length;
}

/** The codec of this type first, what else the browser has behind it. */
export function prefer(transceiver, kind, type) {
  const all = RTCRtpReceiver.getCapabilities?.(kind)?.codecs;
  if (!all || !transceiver.setCodecPreferences) return;
  const isFirst = (codec) => codec.mimeType.toLowerCase() === type;
  transceiver.setCodecPreferences([...all.filter(isFirst), ...all.filter((codec) => !isFirst(codec))]);
}

export function newConnection(iceServers) {
  const bundlePolicy = "max-bundle";
  try {
    return new RTCPeerConnection({ iceServers, bundlePolicy });
  } catch (error) {
    // The server's list is not this person's fault; most paths need none of it.
    console.warn(`The server's ICE servers cannot be used: ${error}`);
    return new RTCPeerConnection({ bundlePolicy });
  }
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Both certificates' SHA-256, and who is the DTLS client: the answer's `setup` says. */
export async function endsOf(connection) {
  // The handshake can be through before the description that let it begin can be read.
  while (!(connection.currentLocalDescription && connection.currentRemoteDescription) && connection.signalingState !== "closed") await pause(10);
  const local = sdpOf(connection.currentLocalDescription), remote = sdpOf(connection.currentRemoteDescription);
  const isAnswerer = connection.currentLocalDescription?.type === "answer";
  const isActive = /^a=setup:active/m.test(isAnswerer ? local : remote);
  const bytes = (sdp) => bytesOfHexadecimal(fingerprintOf(sdp).replaceAll(":", ""));
  // As the handshake has shown it, where the browser tells; it has compared it with the description in any case.
  const shown = connection.sctp?.transport.getRemoteCertificates?.()[0];
  return { local: bytes(local), remote: shown ? await sha256(new Uint8Array(shown)) : bytes(remote), isClient: isAnswerer === isActive };
}

// The call: all who are in the channel, each by a connection of its own (a mesh).

import { Peer } from "./peer.js";

const mostMembers = 64;

export class Call {
  channel = "";
  id = "";
  isInside = false;
  peers = new Map();
  #own;
  #media;
  #signaling;
  #view;
  #lookTimer = null;
  #stream = new MediaStream();

  /** `view` has `changed(peer)`, `arrived(peer)`, `left(peer, sentence)` and `chat(peer, text)`. */
  constructor({ media, signaling, view }) {
    this.#media = media;
    this.#signaling = signaling;
    this.#view = view;
  }

  /** The server's acknowledgement of a join, the first one or one after a reconnect. */
  joined({ id, channel, ...answer }, name) {
    const { isArray } = Array, iceServers = isArray(answer.iceServers) ? answer.iceServers : [];
    const members = (isArray(answer.members) ? answer.members : []).filter((member) => typeof member?.id === "string" && member.id !== id).slice(0, mostMembers);
    this.channel = channel;
    this.id = id;
    this.isInside = true;
    this.#own = {
      id, name, media: this.#media, iceServers, stream: this.#stream,
      send: (event, to, payload) => this.#signaling.emit(event, { channel: this.channel, to, ...payload }),
      changed: (peer) => this.#view.changed(peer),
      chat: (peer, text) => this.#view.chat(peer, text),
      gone: (peer) => this.#remove(peer, "is gone"),
    };
    const there = new Set(members.map((member) => member.id));
    for (const peer of this.peers.values()) {
      Object.assign(peer.own, { id, name, iceServers });
      if (there.has(peer.id)) peer.isAbsent = false;
      // The server may have been restarted: they will be back, if they live.
      else if (peer.isLive) peer.isAbsent = true;
      else this.#remove(peer, "left");
    }
    for (const member of members) {
      const known = this.peers.get(member.id);
      if (known?.isLive) continue;
      if (known) known.call();
      else this.#add(member).call();
    }
    this.#lookTimer ??= setInterval(() => { for (const peer of this.peers.values()) peer.look().catch(() => {}); }, 400);
  }

  memberJoined(member) {
    if (!this.isInside || member.channel !== this.channel || typeof member.id !== "string" || member.id === this.id) return;
    const known = this.peers.get(member.id);
    if (!known) {
      if (this.peers.size >= mostMembers) return;
      const peer = this.#add(member);
      this.#view.arrived(peer);
      return peer.awaitCall();
    }
    known.setName(member.name);
    const wasAbsent = known.isAbsent;
    known.isAbsent = false;
    this.#view.changed(known);
    // Media that comes is of the same program, whose signaling began anew; one that was started anew calls.
    if (wasAbsent && !known.isLive) known.awaitCall();
  }

  memberLeft({ channel, id, reason }) {
    const peer = this.isInside && channel === this.channel ? this.peers.get(id) : null;
    if (!peer) return;
    if (reason !== "left" && peer.isLive) {
      peer.isAbsent = true;
      return this.#view.changed(peer);
    }
    this.#remove(peer, { disconnected: "lost the connection", timeout: "does not answer any more" }[reason] ?? "left");
  }

  handshake(payload) { this.#from(payload)?.handshake(payload); }

  candidate(payload) { this.#from(payload)?.candidate(payload.candidate); }

  #from(payload) {
    if (!this.isInside || (payload?.channel !== undefined && payload.channel !== this.channel)) return null;
    return this.peers.get(payload?.from) ?? null;
  }

  #add(member) {
    const peer = new Peer(member, { ...this.#own });
    this.peers.set(peer.id, peer);
    this.#share();
    this.#view.changed(peer);
    return peer;
  }

  #remove(peer, sentence) {
    if (this.peers.get(peer.id) !== peer) return;
    this.peers.delete(peer.id);
    peer.close();
    this.#share();
    this.#view.left(peer, sentence);
  }

  #share() { for (const peer of this.peers.values()) peer.setShare(this.peers.size); }

  mediaChanged() { for (const peer of this.peers.values()) peer.mediaChanged(); }

  /** How many can read it. */
  say(text) { return [...this.peers.values()].filter((peer) => peer.say(text)).length; }

  leave() {
    this.isInside = false;
    clearInterval(this.#lookTimer);
    this.#lookTimer = null;
    for (const peer of this.peers.values()) peer.close();
    this.peers.clear();
  }
}

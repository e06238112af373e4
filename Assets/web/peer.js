// The connection to one other member of the channel. It may be made anew several times; who is on the other end stays.
//
// Who calls: the joiner; if no offer comes within 2 s, who was there does. A collision is solved by perfect negotiation, in which the member
// with the smaller id is the polite one; a plain member (of two, by the protocol's first version) is called at once by who was there.

import { endsOf, isLess, isOfAnother, newConnection, prefer, ufragOf } from "./descriptions.js";
import { PeerTalk, cleanLine } from "./talk.js";

const attemptLimit = 15000, restartAfter = 3000, mostEarly = 64;
// Media stops at once; who sends none is heard of by checks, every 2.5 s or so.
const silentAfter = { media: 2000, checks: 4500 };
const lowestRate = 150_000, highestRate = 1_500_000, allVideo = 4_000_000;

export class Peer {
  /** "waiting", "connecting", "connected" or "interrupted". */
  state = "waiting";
  since = performance.now();
  /** Signaling has lost this member without a goodbye; while media comes, it will be back. */
  isAbsent = false;
  tells = { microphone: true, camera: true };
  verification = null;
  isChatOpen = false;
  level = 0;
  picture = new MediaStream();
  sound = new MediaStream();
  #name;
  #connection = null;
  #talk = null;
  #transceivers = {};
  #early = [];
  #isOffering = false;
  #queue = Promise.resolve();
  #isClosed = false;
  #timers = {};
  #lastCounts = [0, 0];
  #lastHeard = 0;
  #lastMedia = -Infinity;
  #screen = null;
  #ownScreen = null;
  #share = highestRate;

  /**
   * `own` is what all peers share: `{ id, name, media, iceServers, send(event, to, payload), changed(peer), chat(peer, text), gone(peer) }`.
   */
  constructor({ id, name, plain }, own) {
    this.id = id;
    this.isPlain = Boolean(plain);
    this.#name = cleanLine(name);
    this.own = own;
  }

  get name() { return this.#name || `Guest ${this.id.slice(0, 4)}`; }
  setName(name) { this.#name = cleanLine(name) || this.#name; }
  get isPolite() { return this.isPlain ? !this.wasHereFirst : isLess(this.own.id, this.id); }
  get isLive() { return this.#connection?.connectionState === "connected" && !this.#isSilent; }
  get #isSilent() {
    const hadMedia = this.#lastHeard - this.#lastMedia < 1000;
    return performance.now() - this.#lastHeard > (hadMedia ? silentAfter.media : silentAfter.checks);
  }

  // MARK: who calls

  /** We came later (or have come back) and call. */
  call() {
    this.wasHereFirst = false;
    if (this.isPlain) return this.#expectCall();
    this.#enqueue(() => this.#offer());
  }

  /** They came later: they call, unless they cannot. */
  awaitCall() {
    this.wasHereFirst = true;
    if (this.isPlain) this.#enqueue(() => this.#offer());
    else this.#expectCall();
  }

  #expectCall(patience = 2000) {
    this.#enter("connecting");
    this.#after("offer", patience, () => { if (!this.#connection) this.#enqueue(() => this.#offer()); });
  }

  #offer() {
    const connection = this.#open(true);
    for (const kind of ["audio", "video"]) {
      this.#dress(connection.addTransceiver(kind, { direction: "recvonly" }), kind);
    }
    // The offer itself leaves by negotiationneeded.
  }

  // MARK: a connection

  #open(isOfferer) {
    this.#shut();
    const connection = this.#connection = newConnection(this.own.iceServers);
    const isCurrent = () => connection === this.#connection;
    this.#talk = new PeerTalk(connection, {
      isOfferer, name: this.own.name, ends: () => endsOf(connection),
      on: {
        chat: (text) => this.own.chat(this, text),
        chatOpen: (isOpen) => this.#set({ isChatOpen: isOpen }),
        hello: (name) => { this.setName(name); this.own.changed(this); },
        media: ({ microphone, camera }) => this.#set({ tells: { microphone, camera } }),
        screen: (screen) => { this.#screen = screen; this.#limit(); },
        verification: (verification) => this.#set({ verification }),
      },
    });
    if (this.#ownScreen) this.#talk.setScreen(...this.#ownScreen);
    connection.onnegotiationneeded = () => this.#enqueue(() => this.#describe(connection));
    connection.onicecandidate = ({ candidate }) => {
      if (isCurrent() && candidate?.candidate) this.own.send("icecandidate", this.id, { candidate: candidate.toJSON() });
    };
    connection.ontrack = ({ track }) => { if (isCurrent()) this.#show(track); };
    connection.onconnectionstatechange = () => { if (isCurrent()) this.#connectionChanged(connection); };
    this.tellMedia();
    this.#enter("connecting");
    this.#after("attempt", attemptLimit, () => this.#again());
    return connection;
  }

  #shut() {
    for (const name of Object.keys(this.#timers)) this.#after(name, 0, null);
    this.#talk?.close();
    if (this.#connection) {
      const old = this.#connection;
      this.#connection = null;
      for (const event of ["onnegotiationneeded", "onicecandidate", "ontrack", "onconnectionstatechange"]) old[event] = null;
      old.close();
    }
    this.#transceivers = {};
    this.#early = [];
    this.#isOffering = false;
    this.#lastCounts = [0, 0];
    this.#lastMedia = -Infinity;
    for (const stream of [this.picture, this.sound]) for (const track of stream.getTracks()) stream.removeTrack(track);
    Object.assign(this, { verification: null, isChatOpen: false, level: 0, tells: { microphone: true, camera: true } });
  }

  close() {
    this.#shut();
    this.#isClosed = true;
    this.own = { ...this.own, send() {}, changed() {}, chat() {}, gone() {} };
  }

  #show(track) {
    const stream = track.kind === "video" ? this.picture : this.sound;
    for (const old of stream.getTracks()) stream.removeTrack(old);
    stream.addTrack(track);
    track.onmute = track.onunmute = () => this.own.changed(this);
    this.own.changed(this);
  }

  #connectionChanged(connection) {
    switch (connection.connectionState) {
      case "connected":
        this.#after("attempt", 0, null);
        this.#after("restart", 0, null);
        this.#lastHeard = performance.now();
        this.#enter("connected");
        this.#talk.begin();
        this.#limit();
        // A browser may say so before what the answer brings can be seen: behind the answer, then.
        this.#enqueue(() => this.#watchEnd(connection));
        break;
      case "disconnected":
        this.#enter("interrupted");
        this.#after("restart", restartAfter, () => this.#restart());
        break;
      case "failed": this.#again(); break;
      case "closed": this.#ended(); break;
    }
  }

  // The other side closes by DTLS; browsers leave the connection's own state as it is then.
  #watchEnd(connection) {
    const transport = connection.sctp?.transport;
    const look = () => { if (connection === this.#connection && transport.state === "closed") this.#ended(); };
    if (!transport) return;
    transport.onstatechange = look;
    look();
  }

  /** They have closed. Whether they have left, signaling tells; they may be about to call again. */
  #ended() {
    this.#shut();
    // A step on a connection that is closed under it never ends: nothing may wait for it.
    this.#queue = Promise.resolve();
    if (this.isAbsent) return this.own.gone(this);
    this.#expectCall();
  }

  #restart() {
    if (!this.#connection || this.isAbsent) return;
    this.#connection.restartIce();
    this.#after("attempt", attemptLimit, () => this.#again());
  }

  #again() {
    if (this.isAbsent) return this.own.gone(this);
    this.#enqueue(() => this.#offer());
  }

  // MARK: descriptions and candidates

  handshake({ offer, answer }) {
    if (offer) this.#enqueue(() => this.#takeOffer(offer));
    else if (answer) this.#enqueue(() => this.#takeAnswer(answer));
  }

  candidate(candidate) {
    this.#enqueue(async () => {
      if (!candidate?.candidate) return;
      if (!this.#connection?.remoteDescription) {
        if (this.#early.length < mostEarly) this.#early.push(candidate);
      } else {
        await this.#add(candidate);
      }
    });
  }

  async #add(candidate) {
    // Of an earlier connection, or of a kind that this browser does not know: the others will do.
    await this.#connection?.addIceCandidate(candidate).catch(() => {});
  }

  async #describe(connection) {
    if (connection !== this.#connection || connection.signalingState !== "stable") return;
    this.#isOffering = true;
    try {
      await connection.setLocalDescription();
      if (connection === this.#connection) this.#send(connection.localDescription);
    } finally {
      this.#isOffering = false;
    }
  }

  #send({ type, sdp }) { this.own.send("handshake", this.id, { [type]: { type, sdp } }); }

  async #takeOffer(offer) {
    let connection = this.#connection;
    this.#after("offer", 0, null);
    if (connection && !connection.remoteDescription) {
      // Both have called at the same time. The polite one's call has not begun: it makes a new connection and answers.
      if (!this.isPolite) return;
      connection = null;
    } else if (connection && isOfAnother(connection, offer)) {
      connection = null;
    } else if (connection && (this.#isOffering || connection.signalingState !== "stable") && !this.isPolite) {
      return;
    }
    const isNew = !connection, early = this.#early;
    connection ??= this.#open(false);
    await connection.setRemoteDescription(offer);
    if (isNew) {
      for (const kind of ["audio", "video"]) {
        const transceiver = connection.getTransceivers().find(({ receiver }) => receiver.track.kind === kind);
        if (transceiver) this.#dress(transceiver, kind);
      }
      this.#early = early.filter(({ usernameFragment }) => !usernameFragment || usernameFragment === ufragOf(offer));
    }
    await connection.setLocalDescription();
    this.#send(connection.localDescription);
    await this.#addEarly();
    this.#limit();
  }

  async #takeAnswer(answer) {
    const connection = this.#connection;
    // The answer before it was for an earlier offer, which nothing in it told.
    if (connection?.signalingState === "stable" && this.state === "connecting" && isOfAnother(connection, answer)) return this.#offer();
    if (connection?.signalingState !== "have-local-offer") return;
    await connection.setRemoteDescription(answer);
    await this.#addEarly();
    this.#limit();
  }

  async #addEarly() {
    for (const candidate of this.#early.splice(0)) await this.#add(candidate);
  }

  // One at a time, so that no candidate overtakes its description.
  #enqueue(step) {
    this.#queue = this.#queue.then(() => (this.#isClosed ? undefined : step())).catch((error) => console.warn(`${this.id}: ${error}`));
  }

  // MARK: what is sent

  #dress(transceiver, kind) {
    const { media } = this.own, source = kind === "audio" ? "microphone" : "camera";
    this.#transceivers[source] = transceiver;
    prefer(transceiver, kind, kind === "audio" ? "audio/opus" : "video/vp8");
    transceiver.direction = media.canSend(source) ? "sendrecv" : "recvonly";
    transceiver.sender.setStreams?.(this.own.stream);
    transceiver.sender.replaceTrack(media.track(source)).catch(() => {});
  }

  /** Tracks or switches of this side have changed. */
  mediaChanged() {
    const { media } = this.own;
    for (const [source, transceiver] of Object.entries(this.#transceivers)) {
      if (transceiver.sender.track === media.track(source)) continue;
      transceiver.sender.replaceTrack(media.track(source)).catch(() => {});
      // Who came as a listener becomes a speaker: that is to be negotiated.
      if (media.track(source) && transceiver.direction === "recvonly") transceiver.direction = "sendrecv";
    }
    this.tellMedia();
    this.#limit();
  }

  tellMedia() { this.#talk?.setMedia(this.own.media.isOn("microphone"), this.own.media.isOn("camera")); }

  /** How large the picture is shown here, in samples of the screen. */
  setScreen(width, height) {
    const clamp = (size) => Math.max(16, Math.min(4096, Math.round(size)));
    this.#ownScreen = width > 0 && height > 0 ? [clamp(width), clamp(height)] : [0, 0];
    this.#talk?.setScreen(...this.#ownScreen);
  }

  /** Of all video that leaves here, by the number of those who get it. */
  setShare(count) {
    this.#share = Math.max(lowestRate, Math.min(highestRate, allVideo / Math.max(1, count)));
    this.#limit();
  }

  // No more bits than this one's share, and no more samples than the other side can show.
  #limit() {
    const sender = this.#transceivers.camera?.sender;
    const parameters = sender?.getParameters();
    if (!parameters?.encodings?.length) return;
    const { width = 0, height = 0 } = sender.track?.getSettings() ?? {}, wanted = this.#screen, [encoding] = parameters.encodings;
    const isWanted = !wanted || (wanted.width > 0 && wanted.height > 0);
    const scale = wanted && isWanted && width && height ? Math.max(1, Math.min(width / wanted.width, height / wanted.height)) : 1;
    if (encoding.maxBitrate === this.#share && encoding.active === isWanted && encoding.scaleResolutionDownBy === scale) return;
    Object.assign(encoding, { maxBitrate: this.#share, active: isWanted, scaleResolutionDownBy: scale });
    sender.setParameters(parameters).catch(() => {});
  }

  say(text) { return this.#talk?.say(text) ?? false; }

  // MARK: life

  /** Called a few times a second: how loud they are, and whether anything comes at all. */
  async look() {
    const connection = this.#connection;
    if (connection?.connectionState !== "connected") return;
    let heard = 0, packets = 0, level = 0;
    for (const entry of (await connection.getStats()).values()) {
      if (entry.type === "candidate-pair") heard += (entry.bytesReceived ?? 0) + (entry.responsesReceived ?? 0) + (entry.requestsReceived ?? 0);
      if (entry.type === "inbound-rtp") packets += entry.packetsReceived ?? 0;
      if (entry.type === "inbound-rtp" && entry.kind === "audio") level = entry.audioLevel ?? 0;
    }
    if (connection !== this.#connection) return;
    const now = performance.now();
    if (heard !== this.#lastCounts[0]) this.#lastHeard = now;
    if (packets !== this.#lastCounts[1]) this.#lastMedia = now;
    this.#lastCounts = [heard, packets];
    this.level = level;
    const isSilent = this.#isSilent;
    if (isSilent && this.isAbsent) return this.own.gone(this);
    if (isSilent !== (this.state === "interrupted")) this.#enter(isSilent ? "interrupted" : "connected");
  }

  #enter(state) {
    if (this.state !== state) this.since = performance.now();
    this.state = state;
    this.own.changed(this);
  }

  #set(values) {
    Object.assign(this, values);
    this.own.changed(this);
  }

  #after(name, milliseconds, step) {
    clearTimeout(this.#timers[name]);
    this.#timers[name] = step ? setTimeout(step, milliseconds) : null;
  }
}

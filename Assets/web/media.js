// Camera and microphone of this machine: asked for, chosen, changed, muted, measured.

const pictureWish = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } };
const kinds = { camera: "video", microphone: "audio" };
const blackFor = 400;

/** Why there is no camera or microphone, and what to do, as sentences. */
export function reasonOf(error, what) {
  const it = what.length > 1 ? "camera and microphone" : what[0], them = what.length > 1 ? "them" : "it";
  switch (error?.name) {
    case "NotAllowedError": case "SecurityError":
      return `The browser does not let this page use your ${it}. Allow ${them} in the browser's settings for this site, then reload the page. Without ${them} you see and hear the others.`;
    case "NotFoundError": case "OverconstrainedError":
      return `No ${what.join(" and no ")} was found. Without ${them} you see and hear the others.`;
    case "NotReadableError": case "AbortError":
      return `Your ${it} cannot be opened: another program may be using ${them}. Close that program, then choose the device again.`;
    default:
      return `Your ${it} cannot be used (${error?.message || "no reason given"}). Without ${them} you see and hear the others.`;
  }
}

export const isSecurePage = () => Boolean(navigator.mediaDevices?.getUserMedia);

export const insecureReason = () =>
  `Browsers lend camera and microphone only to pages on https or on localhost, and this one came from ${location.origin}. `
  + "Open it by https (tchat serve takes --tls-cert and --tls-key), or join without them: you see and hear the others.";

export class LocalMedia {
  /** What the person wants; what there is may be less. */
  wanted = { camera: true, microphone: true };
  chosen = { camera: "", microphone: "" };
  /** Sentences by kind. */
  problems = {};
  #tracks = { camera: null, microphone: null };
  #context = null;
  #analyser = null;
  #meterTrack = null;
  #samples = new Float32Array(1024);
  #busy = Promise.resolve();

  /** `onChange()`: tracks, switches or problems; `onDevices()`: what can be chosen. */
  constructor({ onChange, onDevices }) {
    this.onChange = onChange;
    this.onDevices = onDevices;
    navigator.mediaDevices?.addEventListener?.("devicechange", () => this.onDevices());
    // Browsers keep sound machinery asleep until the person has done something.
    for (const event of ["pointerdown", "keydown"]) addEventListener(event, () => this.#context?.resume(), { passive: true });
  }

  track(kind) { return this.#tracks[kind]; }
  has(kind) { return this.#tracks[kind] !== null; }
  /** Whether there is, or may be later, something to send. */
  canSend(kind) { return this.has(kind) || (isSecurePage() && !this.problems[kind]); }
  isOn(kind) { return this.wanted[kind] && this.has(kind); }

  /** Both at once, so that the browser asks once; what is missing does not take the other along. */
  start() { return this.#inTurn(() => this.#start()); }

  async #start() {
    const missing = Object.keys(kinds).filter((kind) => this.wanted[kind] && !this.has(kind));
    if (!missing.length) return;
    if (!isSecurePage()) {
      this.problems = { page: insecureReason() };
      return this.onChange();
    }
    try {
      await this.#ask(missing);
      for (const kind of missing) delete this.problems[kind];
    } catch (error) {
      if (missing.length > 1 && error.name !== "NotAllowedError") {
        for (const kind of missing) await this.#ask([kind]).then(() => delete this.problems[kind], (one) => { this.problems[kind] = one; });
      } else {
        for (const kind of missing) this.problems[kind] = error;
      }
    }
    this.onChange();
    this.onDevices();
  }

  /** One text for all that is missing. */
  get problemText() {
    if (this.problems.page) return this.problems.page;
    const found = Object.keys(kinds).filter((kind) => this.problems[kind]);
    if (found.length === 2 && this.problems.camera.name === this.problems.microphone.name) return reasonOf(this.problems.camera, found);
    return found.map((kind) => reasonOf(this.problems[kind], [kind])).join(" ");
  }

  async #ask(missing) {
    const wish = {};
    for (const kind of missing) {
      const device = this.chosen[kind] ? { deviceId: { exact: this.chosen[kind] } } : {};
      wish[kinds[kind]] = { ...(kind === "camera" ? pictureWish : {}), ...device };
    }
    const stream = await navigator.mediaDevices.getUserMedia(wish).catch((error) => {
      // What was chosen is not there any more: any other of its kind.
      if (error.name !== "OverconstrainedError" || !missing.some((kind) => this.chosen[kind])) throw error;
      for (const kind of missing) this.chosen[kind] = "";
      for (const one of Object.values(wish)) delete one.deviceId;
      return navigator.mediaDevices.getUserMedia(wish);
    });
    for (const kind of missing) {
      const track = stream.getTracks().find((one) => one.kind === kinds[kind]) ?? null;
      // Switched off while the browser was asking.
      if (kind === "camera" && !this.wanted.camera) track?.stop();
      else this.#use(kind, track);
    }
  }

  #use(kind, track) {
    const old = this.#tracks[kind];
    this.#tracks[kind] = track;
    if (old && old !== track) old.stop();
    if (track) {
      track.enabled = this.wanted[kind];
      track.onended = () => {
        if (this.#tracks[kind] !== track) return;
        this.#use(kind, null);
        this.problems[kind] = Object.assign(new Error("it was unplugged or taken away"), { name: "NotReadableError" });
        this.onChange();
      };
    }
    if (kind === "microphone") this.#measure(track);
  }

  /** Off is off at once: silence and black from here on. A camera is then let go, so that its lamp goes out. */
  set(kind, isWanted) {
    this.wanted[kind] = isWanted;
    const track = this.#tracks[kind];
    if (track) track.enabled = isWanted;
    this.onChange();
    if (isWanted) return this.start();
    if (kind === "camera" && track) {
      setTimeout(() => {
        if (this.wanted.camera || this.#tracks.camera !== track) return;
        this.#use("camera", null);
        this.onChange();
      }, blackFor);
    }
    return Promise.resolve();
  }

  choose(kind, deviceId) {
    return this.#inTurn(async () => {
      this.chosen[kind] = deviceId;
      if (!this.wanted[kind] || !isSecurePage()) return;
      // Some machines can open one device of a kind at a time.
      this.#use(kind, null);
      this.onChange();
      await this.#ask([kind]).then(() => delete this.problems[kind], (error) => { this.problems[kind] = error; });
      this.onChange();
      this.onDevices();
    });
  }

  #inTurn(step) {
    const done = this.#busy.then(step);
    this.#busy = done.catch(() => {});
    return done;
  }

  /** `[{ id, label }]`; labels are there once the person has allowed the device. */
  async devices(kind) {
    if (!navigator.mediaDevices?.enumerateDevices) return [];
    const all = await navigator.mediaDevices.enumerateDevices();
    const own = all.filter((device) => device.kind === `${kinds[kind]}input` && device.label);
    return own.map(({ deviceId, label }) => ({ id: deviceId, label }));
  }

  currentDevice(kind) { return this.#tracks[kind]?.getSettings().deviceId ?? this.chosen[kind]; }

  // A copy of the track, since a muted one is silent here too, and who talks while muted wants to know.
  #measure(track) {
    this.#meterTrack?.stop();
    this.#meterTrack = null;
    this.#analyser = null;
    if (!track) return;
    this.#context ??= new AudioContext();
    this.#meterTrack = track.clone();
    this.#meterTrack.enabled = true;
    this.#analyser = this.#context.createAnalyser();
    this.#analyser.fftSize = 2 * this.#samples.length;
    this.#context.createMediaStreamSource(new MediaStream([this.#meterTrack])).connect(this.#analyser);
  }

  /** 0 ... 1, even in decibels from -60 to 0. */
  get level() {
    if (!this.#analyser) return 0;
    this.#analyser.getFloatTimeDomainData(this.#samples);
    const power = this.#samples.reduce((sum, sample) => sum + sample * sample, 0) / this.#samples.length;
    return Math.max(0, Math.min(1, 1 + 10 * Math.log10(power + 1e-9) / 60));
  }

  stop() {
    for (const kind of Object.keys(kinds)) this.#use(kind, null);
  }
}

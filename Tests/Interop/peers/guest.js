// Looks at the guest page from an isolated world: the page does not know of it. guest_peer.py evaluates this once for each document, then
// calls look() and measure().
"use strict";
const watched = new Map();              // a tile's list item: what was seen and heard of it
const text = (root, selector) => root.querySelector(selector)?.textContent ?? "";
const isShown = (id) => { const found = document.getElementById(id); return Boolean(found) && !found.closest("[hidden]"); };
let linesTaken = 0, sound = null;

function look() {
  const lines = [...document.querySelectorAll("#log li")], fresh = lines.slice(linesTaken);
  linesTaken = lines.length;
  for (const tile of document.querySelectorAll("#tiles .tile")) watch(tile);
  return {
    isInCall: isShown("call"), problem: isShown("problem") ? text(document, "#problem") : "", devices: isShown("device-problem") ? text(document, "#device-problem") : "",
    server: text(document, "#server"), note: text(document, "#join-note"), wantsPassword: isShown("password-choice"), address: location.href,
    state: text(document, "#call-state"), mutedTalk: text(document, "#muted-talk"), channels: [...document.querySelectorAll("#channels .name")].map((one) => one.textContent),
    link: isShown("link") ? document.getElementById("link").value : "", camera: document.getElementById("call-camera")?.selectedOptions[0]?.textContent ?? "",
    cameras: [...document.querySelectorAll("#camera-choice option")].map((one) => one.textContent), level: document.getElementById("level")?.value,
    people: [...document.querySelectorAll("#people .person")].map((row) => ({ name: text(row, ".name"), state: text(row, ".state"), words: text(row, ".words"), isFound: row.querySelector(".words").classList.contains("found") })),
    lines: fresh.map((line) => ({ kind: line.className, from: text(line, "b").replace(/: $/, ""), text: line.lastElementChild.textContent })),
  };
}

function watch(tile) {
  let seen = watched.get(tile);
  const track = tile.querySelector("audio").srcObject?.getAudioTracks()[0];
  if (seen) {
    if (track && track !== seen.track) listen(seen, track);
    return;
  }
  seen = { frames: 0, hashes: new Set(), rgb: null, last: 0, longestGap: 0 };
  watched.set(tile, seen);
  if (track) listen(seen, track);
  const video = tile.querySelector("video"), pen = new OffscreenCanvas(64, 48).getContext("2d", { willReadFrequently: true });
  const onFrame = () => {
    const now = performance.now();
    if (seen.last) seen.longestGap = Math.max(seen.longestGap, now - seen.last);
    seen.last = now;
    seen.frames++;
    pen.drawImage(video, 0, 0, 64, 48);
    const { data } = pen.getImageData(0, 0, 64, 48), sums = [0, 0, 0];
    let hash = 0x811c9dc5;
    for (let i = 0; i < data.length; i += 4) {
      for (let k = 0; k < 3; k++) sums[k] += data[i + k];
      hash = Math.imul(hash ^ (data[i] << 16 | data[i + 1] << 8 | data[i + 2]), 0x01000193);
    }
    seen.rgb = sums.map((sum) => sum * 4 / data.length);
    seen.size = [video.videoWidth, video.videoHeight];
    seen.hashes.add(hash >>> 0);
    video.requestVideoFrameCallback(onFrame);
  };
  video.requestVideoFrameCallback(onFrame);
}

function listen(seen, track) {
  sound ??= new AudioContext();
  seen.track = track;
  seen.analyser = sound.createAnalyser();
  seen.analyser.fftSize = 8192;
  seen.analyser.smoothingTimeConstant = 0;
  sound.createMediaStreamSource(new MediaStream([track])).connect(seen.analyser);
}

/** What was seen since the last `forget` of each person who is there, and what is heard now. */
function measure() {
  const found = {};
  for (const [tile, seen] of watched) {
    if (!tile.isConnected) continue;
    const one = { frames: seen.frames, distinct: seen.hashes.size, longestGapMs: Math.round(seen.longestGap), size: seen.size };
    if (seen.rgb) one.luma = +(0.299 * seen.rgb[0] + 0.587 * seen.rgb[1] + 0.114 * seen.rgb[2]).toFixed(1);
    one.isShown = !tile.querySelector("video").classList.contains("unseen");
    if (seen.analyser) {
      const wave = new Float32Array(seen.analyser.fftSize), spectrum = new Float32Array(seen.analyser.frequencyBinCount);
      seen.analyser.getFloatTimeDomainData(wave);
      seen.analyser.getFloatFrequencyData(spectrum);
      one.rms = +Math.sqrt(wave.reduce((sum, x) => sum + x * x, 0) / wave.length).toFixed(4);
      one.toneHz = +(spectrum.indexOf(Math.max(...spectrum)) * sound.sampleRate / seen.analyser.fftSize).toFixed(1);
    }
    found[tile.querySelector(".name").textContent] = one;
  }
  return found;
}

function forget() {
  for (const seen of watched.values()) Object.assign(seen, { frames: 0, hashes: new Set(), last: 0, longestGap: 0 });
}

/** Where a person would click. */
function placeOf(id) {
  const found = document.getElementById(id);
  if (!found || found.closest("[hidden]")) return null;
  found.scrollIntoView({ block: "center" });
  const { left, top, width, height } = found.getBoundingClientRect();
  return [left + width / 2, top + height / 2];
}

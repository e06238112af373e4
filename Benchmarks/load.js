#!/usr/bin/env node
/* Given with the project's reference measurements and kept as it came, so that figures compare: this is not ours to change. */
/* Signaling load generator (raw `ws`, no socket.io-client). Loopback only, bounded.
 * usage: NODE_PATH=/usr/share/nodejs node load.js MODE URL [--n 500] [--pid SERVERPID] [--secs 10] [--rate 0]
 *                                               [--size 2000] [--ramp 200] [--window 8] [--json]
 * MODE join  : open N websockets (N/2 channels), `create or join` in pairs, then hold; reports server CPU, RSS, join->ready
 *      relay : N websockets in N/2 pairs relay `handshake`/`icecandidate` (1:9) for --secs, closed loop of --window per pair
 *              or open loop of --rate messages/s in all; reports messages/s, messages per server CPU second, latency
 *      poll  : N HTTP long-polling sessions (keep-alive), joined in pairs, each pair relays for --secs (closed loop of 1)
 * Server CPU and RSS come from /proc/PID/stat of --pid (found by listening port when not given), summed over its children
 * and threads; the generator's own CPU is printed so that one can see whether it is the bottleneck. */
const WebSocket = require("ws"), fs = require("fs"), http = require("http"), { execSync } = require("child_process");
const [MODE, URL_] = process.argv.slice(2); const opt = {}; { const a = process.argv.slice(4); for (let i = 0; i < a.length; i++) if (a[i].startsWith("--")) opt[a[i].slice(2)] = a[i + 1] === undefined || a[i + 1].startsWith("--") ? true : a[++i]; }
const u = new URL(URL_); if (!["127.0.0.1", "localhost", "[::1]"].includes(u.hostname)) { console.error("loopback only"); process.exit(2); }
const N = Math.min(Number(opt.n || 500) & ~1, 14000), SECS = Math.min(Number(opt.secs || 10), 60), RATE = Number(opt.rate || 0), SIZE = Number(opt.size || 2000), RAMP = Number(opt.ramp || 200), WIN = Number(opt.window || 8);
const TCK = 100, PAGE = 4096;
function findPid() { try { const o = execSync(`ss -ltnpH 'sport = :${u.port}' 2>/dev/null`).toString(); const m = o.match(/pid=(\d+)/); if (m) return Number(m[1]); } catch {} return 0; }
const PID = Number(opt.pid || findPid());
function srv() { if (!PID) return { cpu: NaN, rss: NaN }; const f = fs.readFileSync(`/proc/${PID}/stat`, "utf8"); const s = f.slice(f.lastIndexOf(")") + 2).split(" "); let hwm = 0; try { hwm = Number(/VmHWM:\s+(\d+)/.exec(fs.readFileSync(`/proc/${PID}/status`, "utf8"))[1]) / 1024; } catch {} return { cpu: (Number(s[11]) + Number(s[12])) / TCK, rss: Number(s[21]) * PAGE / 1048576, hwm }; }
const me = () => { const c = process.cpuUsage(); return (c.user + c.system) / 1e6; };
const now = () => Number(process.hrtime.bigint()) / 1e6, sleep = (ms) => new Promise((r) => setTimeout(r, ms));
const pct = (a, p) => { if (!a.length) return NaN; const b = Float64Array.from(a).sort(); return b[Math.min(b.length - 1, Math.floor(p * b.length))]; };
const RUN = process.pid.toString(36) + Date.now().toString(36);
let errors = 0;
function ev(s) { // "42[...]" -> array, else null
  return s.charCodeAt(0) === 52 && s.charCodeAt(1) === 50 ? JSON.parse(s.slice(2)) : null;
}
function openWs() {
  return new Promise((res, rej) => {
    const w = new WebSocket(URL_.replace(/^http/, "ws") + "/socket.io/?EIO=4&transport=websocket", { perMessageDeflate: false });
    const t = setTimeout(() => { errors++; rej(new Error("connect timeout")); w.terminate(); }, 20000);
    w.on("error", (e) => { errors++; clearTimeout(t); rej(e); });
    w.on("message", (d) => {
      const s = d.toString();
      switch (s.charCodeAt(0)) {
        case 48: w.send("40"); break;
        case 50: w.send("3"); break;
        case 52:
          if (s.charCodeAt(1) === 48) break;
          { if (w.raw) { w.raw(s); break; } const e = ev(s); if (!e) break; if (e[0] === "connect success") { clearTimeout(t); w.id = e[1]; res(w); } else if (w.onev) w.onev(e, s); }
      }
    });
    w.on("close", () => { if (!w.bye) errors++; });
  });
}
async function openMany(n) { // at most RAMP in flight
  const out = new Array(n); let i = 0;
  await Promise.all(Array.from({ length: Math.min(RAMP, n) }, async () => { while (i < n) { const k = i++; try { out[k] = await openWs(); } catch (e) { out[k] = null; } } }));
  return out.filter(Boolean);
}
function report(o) {
  if (opt.json) console.log(JSON.stringify(o)); else for (const [k, v] of Object.entries(o)) console.log(`${k.padEnd(26)} ${typeof v === "number" ? +v.toFixed(3) : v}`);
}
async function join() {
  const s0 = srv(), c0 = me(), t0 = now(); const W = await openMany(N); const t1 = now(); await sleep(300); const s1 = srv();
  const lat = []; const P = W.length >> 1;
  // all odd members create first, then the second members join, at most RAMP in flight
  let i = 0; const one = async (k) => {
    const a = W[2 * k], b = W[2 * k + 1], ch = `load-${RUN}-${k}`;
    await new Promise((r) => { a.onev = (e) => e[0] === "message" && r(); a.send(`42["create or join","${ch}"]`); });
    await new Promise((r) => { const t = setTimeout(() => { errors++; r(); }, 10000); let got = 0; const f = (e) => { if (e[0] === "ready" && ++got === 2) { lat.push(now() - q); clearTimeout(t); r(); } }; a.onev = b.onev = f; const q = now(); b.send(`42["create or join","${ch}"]`); });
  };
  const t2 = now(); const C = Number(opt.conc || 8); await Promise.all(Array.from({ length: C }, async () => { while (i < P) await one(i++); })); const t3 = now(); const s2 = srv(), c2 = me(); await sleep(1500); const s3 = srv();
  report({ mode: "join", n: W.length, errors, connect_wall_s: (t1 - t0) / 1e3, connect_cpu_s: s1.cpu - s0.cpu, join_wall_s: (t3 - t2) / 1e3, join_cpu_s: s2.cpu - s1.cpu, cpu_ms_per_conn: (s1.cpu - s0.cpu) * 1e3 / W.length, rss_before_mb: s0.rss, rss_after_mb: s3.rss, hwm_mb: s3.hwm, rss_kb_per_conn: (s3.rss - s0.rss) * 1024 / W.length, ready_p50_ms: pct(lat, .5), ready_p99_ms: pct(lat, .99), gen_cpu_s: c2 - c0 });
  W.forEach((w) => { w.bye = true; w.terminate(); }); await sleep(300);
}
async function relay() {
  const W = await openMany(N), P = W.length >> 1, sdp = "v=0\\r\\n" + "a=x".repeat(Math.max(0, (SIZE - 120) / 3 | 0));
  const cand = '{"candidate":"candidate:842163049 1 udp 1677729535 192.0.2.17 46154 typ srflx raddr 0.0.0.0 rport 0 generation 0 ufrag Ht3p network-cost 999","sdpMid":"0","sdpMLineIndex":0,"usernameFragment":"Ht3p"}';
  const lat = []; let sent = 0, recv = 0, stop = false;
  await Promise.all(Array.from({ length: P }, async (_, k) => { const a = W[2 * k], b = W[2 * k + 1], ch = `relay-${RUN}-${k}`; a.ch = b.ch = ch; await new Promise((r) => { a.onev = (e) => e[0] === "message" && r(); a.send(`42["create or join","${ch}"]`); }); await new Promise((r) => { b.onev = (e) => e[0] === "ready" && r(); b.send(`42["create or join","${ch}"]`); }); }));
  await sleep(300);
  // fifo of send times per direction: the server relays in order, so no tag is needed in the payload
  const fire = (w) => { w.q.push(now()); sent++; const m = w.k++ % 10; w.send(m ? w.mc : w.mo); };
  for (let k = 0; k < P; k++) { const a = W[2 * k], b = W[2 * k + 1]; for (const [x, y] of [[a, b], [b, a]]) { x.q = []; x.k = 0; x.mo = `42["handshake",{"channel":"${x.ch}","offer":{"type":"offer","sdp":"${sdp}"}}]`; x.mc = `42["icecandidate",{"channel":"${x.ch}","candidate":${cand}}]`; y.raw = (s) => { if (s.startsWith('42["message"') || s.startsWith('42["ready"')) return; recv++; const t = x.q.shift(); if (t !== undefined && (recv & 7) === 0) lat.push(now() - t); if (!stop && !RATE) fire(x); }; } }
  const s0 = srv(), c0 = me(), t0 = now();
  if (RATE) { const end = t0 + SECS * 1e3; let due = 0, i = 0; while (now() < end) { const want = (now() - t0) / 1e3 * RATE; while (due < want) { fire(W[i++ % (2 * P)]); due++; } await sleep(2); } }
  else { for (let k = 0; k < 2 * P; k++) for (let j = 0; j < WIN / 2; j++) fire(W[k]); await sleep(SECS * 1e3); }
  const r1 = recv, s1 = srv(), c1 = me(), t1 = now(); stop = true; await sleep(500);
  const wall = (t1 - t0) / 1e3, cpu = s1.cpu - s0.cpu;
  report({ mode: "relay", n: W.length, errors, size: SIZE, sent, recv, relayed_per_s: r1 / wall, server_cpu_s: cpu, server_cpu_pct: cpu / wall * 100, relayed_per_cpu_s: r1 / cpu, cpu_us_per_msg: cpu / r1 * 1e6, lat_p50_ms: pct(lat, .5), lat_p99_ms: pct(lat, .99), rss_mb: s1.rss, gen_cpu_s: c1 - c0, gen_cpu_pct: (c1 - c0) / wall * 100 });
  W.forEach((w) => { w.bye = true; w.terminate(); }); await sleep(300);
}
async function poll() {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 2 * N + 10 });
  const req = (method, path, body) => new Promise((res, rej) => { const r = http.request({ agent, host: u.hostname.replace(/[\[\]]/g, ""), port: u.port, method, path: "/socket.io/?EIO=4&transport=polling" + path, headers: body ? { "content-type": "text/plain;charset=UTF-8", "content-length": Buffer.byteLength(body) } : {} }, (m) => { let s = ""; m.setEncoding("utf8"); m.on("data", (d) => (s += d)); m.on("end", () => (m.statusCode === 200 ? res(s) : rej(new Error(m.statusCode + s)))); }); r.on("error", rej); r.end(body); });
  let stop = false, recv = 0; const lat = []; const S = [];
  const mk = async () => { const o = JSON.parse((await req("GET", "")).slice(1)); const s = { sid: "&sid=" + o.sid }; s.send = (d) => req("POST", s.sid, d).catch(() => stop || errors++); s.loop = (async () => { while (!stop) { let p; try { p = await req("GET", s.sid); } catch { if (!stop) errors++; return; } for (const k of p.split("\x1e")) { if (k === "2") s.send("3"); else if (k.startsWith("42")) { const e = JSON.parse(k.slice(2)); s.on && s.on(e); } } } })(); await new Promise((r) => { s.on = (e) => e[0] === "connect success" && r(); s.send("40"); }); return s; };
  const s0 = srv(), c0 = me(), t0 = now(); { let i = 0; await Promise.all(Array.from({ length: Math.min(50, N) }, async () => { while (i < N) { i++; S.push(await mk()); } })); }
  const P = S.length >> 1; await Promise.all(Array.from({ length: P }, async (_, k) => { const a = S[2 * k], b = S[2 * k + 1], ch = `poll-${RUN}-${k}`; a.ch = b.ch = ch; await new Promise((r) => { a.on = (e) => e[0] === "message" && r(); a.send(`42["create or join","${ch}"]`); }); await new Promise((r) => { b.on = (e) => e[0] === "ready" && r(); b.send(`42["create or join","${ch}"]`); }); })); await sleep(300);
  const s1 = srv(), c1 = me(), t1 = now();
  for (let k = 0; k < P; k++) { const a = S[2 * k], b = S[2 * k + 1]; for (const [x, y] of [[a, b], [b, a]]) { x.go = () => { x.t = now(); x.send(`42["icecandidate",{"channel":"${x.ch}","candidate":{"candidate":"candidate:1 1 udp 1 192.0.2.1 1 typ host"}}]`); }; y.on = (e) => { if (e[0] !== "icecandidate") return; recv++; lat.push(now() - x.t); if (!stop) y.go(); }; } a.go(); }
  await sleep(SECS * 1e3); const s2 = srv(), c2 = me(), wall = (now() - t1) / 1e3, r = recv; stop = true; const cpu = s2.cpu - s1.cpu;
  report({ mode: "poll", n: S.length, errors, setup_cpu_s: s1.cpu - s0.cpu, setup_wall_s: (t1 - t0) / 1e3, relayed_per_s: r / wall, server_cpu_s: cpu, server_cpu_pct: cpu / wall * 100, relayed_per_cpu_s: r / cpu, lat_p50_ms: pct(lat, .5), lat_p99_ms: pct(lat, .99), rss_mb: s2.rss, gen_cpu_pct: (c2 - c1) / wall * 100 }); agent.destroy();
}
({ join, relay, poll })[MODE]().then(() => process.exit(errors ? 1 : 0), (e) => { console.error(e); process.exit(1); });

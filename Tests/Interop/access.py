"""Who is let in, with what, and what whoever runs the server can see and do: passwords, tokens, TLS, TURN credentials, limits, signals."""
import asyncio
import base64
import hashlib
import hmac
import re
import signal
import ssl
import subprocess
import time
import urllib.error
import urllib.request

import processes
from calls import Call, fresh_channel
from clients import TRANSPORTS, Browser, BrowserClient, clients_of
from flows import admitted, dial, enter, member_id, named, refused
from processes import CaseFailure, Server, start_tchat
from relay import SECRET, TURN
from wire import expect, same

SHORT = {"rate": 12, "distinct": 8}


def short_call(folder, url, options=((), ()), env=None, kinds=("tchat", "tchat")):
    return Call(folder, url, kinds, 3, options, env=env, **SHORT)


def fails(tchat, seconds, *words):
    """It ends by itself, not well, and says one of these words."""
    status = tchat.finish(seconds)
    text = tchat.err_path.read_text(errors="replace") + tchat.out_path.read_text(errors="replace")
    expect(status != 0 and any(word in text.lower() for word in words), f"{tchat.name} ended with {status}: {text[-300:]}")


def by_python(flow):
    """A case of an async function of (make, folder)."""
    def case(folder, _):
        async def run():
            async with clients_of("python", folder) as make:
                return await flow(make, folder)
        return asyncio.run(run())
    return case


# Passwords.

def password_case(folder, _):
    server = Server("serve", folder)
    call = short_call(folder, server.url, (("--password", "open sesame"), ("--password", "open sesame")))
    strangers = {"wrong": ("--password", "open"), "without": ()}
    for name, options in strangers.items():
        strangers[name] = start_tchat(name, folder, server.url, call.channel, seconds=3, files=False, options=options, timeout=15)
    for stranger in strangers.values():
        fails(stranger, 20, "password")
    return " | ".join(call.judge())


async def tries_flow(make, folder):
    """Six wrong ones within a minute: the sixth, and then the right one too, have to wait."""
    server, channel = Server("serve", folder), fresh_channel()
    a, b = await dial(make, "a", server.url, auth=named("a")), await dial(make, "b", server.url, auth=named("b"))
    await admitted(a, channel, [], {"password": "p"})
    for _ in range(5):
        await refused(b, channel, "wrong-password", {"password": "wrong"})
    wait = (await refused(b, channel, "too-many-tries", {"password": "wrong"})).get("retryAfter")
    expect(0 < (wait or 0) <= 60, f"to wait {wait} s")
    await refused(b, channel, "too-many-tries", {"password": "p"})
    # Who is in stays in, and other channels are open.
    await admitted(b, fresh_channel(), [])
    text = read(server, "/metrics")
    same(counted(text, "tchat_joins_total", "wrong-password"), 5, "wrong passwords counted")
    return f"too-many-tries, for {wait} s"


# Tokens.

def tchat(*words):
    done = subprocess.run([processes.TCHAT, *map(str, words)], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    expect(done.returncode == 0, f"tchat {words[0]} ended with {done.returncode}: {done.stderr}")
    return done.stdout.strip()


def with_tokens(folder):
    """A server that wants tokens, and a function that makes them."""
    secret = folder / "secret"
    tchat("token", "--new-secret", secret)
    return Server("serve", folder, options=("--token-secret", secret)), lambda *words: tchat("token", "--secret", secret, *words)


async def token_flow(make, folder):
    server, token = with_tokens(folder)
    a_channel, other = fresh_channel(), fresh_channel()
    good, scoped, short = token(), token("--channel", a_channel, "--expires", "2h"), token("--expires", "1s")
    foreign = folder / "foreign"
    tchat("token", "--new-secret", foreign)
    wrong = [("token-needed", None), ("token-invalid", good[:-2]), ("token-invalid", "x"), ("token-invalid", tchat("token", "--secret", foreign))]
    await asyncio.sleep(1.2)
    for number, (code, text) in enumerate([*wrong, ("token-expired", short)]):
        client = make(f"refused {number}")
        await client.connect(server.url, TRANSPORTS["websocket"], named("x", token=text) if text else named("x"))
        error, = await client.until("connect_error")
        same((error.get("data") or {}).get("code"), code, f"the refusal of {text and text[:12]}")
        expect(len(error.get("message", "")) > 5, "no message for a person")
    anywhere = await dial(make, "anywhere", server.url, auth=named("x", token=good))
    await admitted(anywhere, other, [])
    one = await dial(make, "one", server.url, auth=named("y", token=scoped))
    await refused(one, other, "token-scope")
    await admitted(one, a_channel, [])
    for pair in zip(range(4), scoped.split(".")):
        expect(re.fullmatch(r"[A-Za-z0-9_-]+", pair[1]), f"{pair[1]} is no base64url")
    links = tchat("token", "--secret", folder / "secret", "--channel", a_channel, "--url", server.url)
    expect(links.startswith(f"{server.url}/{a_channel}#token="), f"an invite link is {links}")
    return "needed, invalid, expired, scope; links"


def token_call_case(folder, _):
    """Two tchats with tokens, one of them by an invite link's; one without is sent away."""
    server, token = with_tokens(folder)
    stranger = start_tchat("stranger", folder, server.url, fresh_channel(), seconds=3, files=False, timeout=15)
    fails(stranger, 20, "token")
    return " | ".join(short_call(folder, server.url, (("--token", token()), ("--token", token()))).judge())


# TLS.

def certificate_of(server):
    return hashlib.sha256(ssl.get_server_certificate((server.host, server.port)).encode()).hexdigest()


class Certificates(TURN):
    """The same maker of certificates, without a TURN server."""

    def __init__(self, folder):
        self.folder = folder
        self.certificate, self.key = self.make_certificate(folder)


def tls_case(folder, _):
    """tchats and Chromium by https; SIGHUP takes a new certificate while calls go on."""
    files = Certificates(folder)
    server = Server("serve", folder, options=("--tls-cert", files.certificate, "--tls-key", files.key), scheme="https")
    call = short_call(folder, server.url, env={"SSL_CERT_FILE": str(files.authority)})
    stranger = start_tchat("stranger", folder, server.url, fresh_channel(), seconds=3, files=False, timeout=8)
    call.wait_connected()
    before = certificate_of(server)
    Certificates(folder)
    server.process.child.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + 5
    while certificate_of(server) == before:
        expect(time.monotonic() < deadline, "SIGHUP changed nothing")
        time.sleep(0.1)
    # What cannot be read changes nothing, and ends nothing.
    files.certificate.write_text("no certificate\n")
    new = certificate_of(server)
    server.process.child.send_signal(signal.SIGHUP)
    time.sleep(0.5)
    same(certificate_of(server), new, "the certificate after one that cannot be read")
    text = " | ".join(call.judge())
    # Nobody has told it about the authority.
    fails(stranger, 20, "certificate")
    asyncio.run(browser_by_tls(folder, server))
    return text


async def browser_by_tls(folder, server):
    async with Browser(folder, ("--ignore-certificate-errors",)) as browser:
        for transport in TRANSPORTS:
            client = BrowserClient(f"js {transport}", browser)
            await client.connect(server.url, TRANSPORTS[transport], named("js"))
            await client.until("connect success")
            await client.reaches("polling" if transport == "polling" else "websocket")
            await admitted(client, fresh_channel(), [])


# TURN credentials from the server.

def turn_case(folder, _):
    """Two tchats that know no TURN server get by way of the one that the join's acknowledgement names."""
    turn = TURN(folder, "rest")
    secret = folder / "turn-secret"
    secret.write_text(SECRET + "\n")
    secret.chmod(0o600)
    url = f"turn:127.0.0.1:{turn.port}"
    server = Server("serve", folder, options=("--turn-url", url, "--turn-secret", secret, "--stun-url", f"stun:127.0.0.1:{turn.port}"))
    asyncio.run(credentials(folder, server, url))
    options = ("--loopback", "--ice-policy", "relay")
    call = short_call(folder, server.url, (options, options))
    details = call.judge()
    for side in call.sides:
        pair = side.result()["transport"].get("pair") or "no pair"
        expect(pair.startswith(("relay-relay ", "relay-prflx ")), f"{side.name} went by way of {pair}")
    users = set(re.findall(r"username=<(\d+:[\w-]+)>", turn.text))
    expect(len(users) >= 2, f"coturn saw the users {users}")
    return " | ".join(details)


async def credentials(folder, server, url):
    async with clients_of("python", folder) as make:
        channel, secret = fresh_channel(), "s" * 20
        a, b = await dial(make, "a", server.url, auth=named("a", secret)), await dial(make, "b", server.url, auth=named("b"))
        answer = await enter(a, channel, {"capacity": 2, "password": "p"})
        stun, turn = answer["iceServers"]
        same((stun, turn["urls"]), ({"urls": [stun["urls"][0]]}, [url]), "the ICE servers")
        expiry, _, member = turn["username"].partition(":")
        same(member, member_id(secret), "whom the credential is for")
        expect(time.time() < int(expiry) <= time.time() + 12 * 3600 + 5, f"it expires at {expiry}")
        digest = hmac.new(SECRET.encode(), turn["username"].encode(), hashlib.sha1).digest()
        same(turn["credential"], base64.b64encode(digest).decode(), "the credential")
        expect("iceServers" not in await refused(b, channel, "password-needed"), "who is no member gets credentials")


# What whoever runs the server sees and does.

def read(server, path, headers=None, status=200):
    request = urllib.request.Request(server.url + path, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            found, text = answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        found, text = error.code, error.read().decode()
    same(found, status, f"the status of {path} with {headers}")
    return text


def counted(text, name, label=""):
    """The sum of a metric's values among whose labels this one is."""
    lines = [line for line in text.splitlines() if line.split("{")[0].split(" ")[0] == name and label in line]
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines)


async def numbers_flow(make, folder):
    server, channel = Server("serve", folder), fresh_channel()
    same(read(server, "/healthz").strip(), "ok", "/healthz")
    a, b = await dial(make, "a", server.url, "polling", named("a")), await dial(make, "b", server.url, "websocket", named("b"))
    await admitted(a, channel, [])
    await admitted(b, channel, [{"id": a.id, "name": "a"}])
    await refused(b, "", "bad-name")
    for _ in range(3):
        await a.emit("icecandidate", {"channel": channel, "candidate": None})
    for _ in range(3):
        await b.until("icecandidate")
    text = read(server, "/metrics")
    for name, label, value in (("tchat_members", "", 2), ("tchat_channels", "", 1), ("tchat_joins_total", '"ok"', 2), ("tchat_joins_total", "bad-name", 1),
                               ("tchat_relayed_messages_total", "", 3), ("tchat_connections", "websocket", 1), ("tchat_sessions", "", 2)):
        same(counted(text, name, label), value, f"{name} {label}")
    deadline = time.monotonic() + 5
    while not counted(read(server, "/metrics"), "tchat_loop_lag_seconds_count"):
        expect(time.monotonic() < deadline, "no loop lag")
        await asyncio.sleep(0.2)
    types = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M))
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name = re.match(r"[a-zA-Z_:][a-zA-Z0-9_:]*", line)[0]
            expect(name in types or re.sub("_(bucket|sum|count)$", "", name) in types, f"{line} has no type")
    read(server, "/nothing/here", status=404)
    await b.break_off()
    await a.until("member left")
    # b's place is not held: it has no secret.
    same(counted(read(server, "/metrics"), "tchat_members"), 1, "members after one is lost")
    return f"{len(types)} metrics"


async def proxy_flow(make, folder):
    """X-Forwarded-For counts only when it comes from a proxy that the server was told to trust."""
    foreign = {"X-Forwarded-For": "203.0.113.9"}
    plain = Server("serve", folder)
    read(plain, "/metrics", foreign)
    plain.process.kill()
    server = Server("serve", folder, options=("--trusted-proxy", "127.0.0.0/8", "--metrics-from", "198.51.100.0/24", "--join-burst", 3, "--join-rate", 0.1))
    read(server, "/metrics", foreign, status=404)
    read(server, "/metrics", {"X-Forwarded-For": "198.51.100.7"})
    # One whom the client itself has put in front is not believed.
    read(server, "/metrics", {"X-Forwarded-For": "198.51.100.7, 203.0.113.9"}, status=404)
    read(server, "/metrics", {"X-Forwarded-For": "rubbish"})
    # Limits are by that address: the fourth join has to wait, another address's has not.
    first, second = make("first"), make("second")
    for client, address in ((first, "203.0.113.9"), (second, "203.0.113.10")):
        client.headers = {"X-Forwarded-For": address}
        await client.connect(server.url, TRANSPORTS["websocket"], named(client.name))
        await client.until("connect success")
    for _ in range(3):
        await admitted(first, fresh_channel(), [])
    wait = (await refused(first, fresh_channel(), "rate-limited")).get("retryAfter")
    expect(0 < (wait or 0) <= 30, f"to wait {wait} s")
    await admitted(second, fresh_channel(), [])
    return f"rate-limited for {wait} s"


async def stop_flow(make, folder):
    """SIGTERM: group clients are told, all are closed, and the server ends well; a call goes on."""
    server, channel = Server("serve", folder), fresh_channel()
    group, plain = await dial(make, "group", server.url, "polling", named("g")), await dial(make, "plain", server.url)
    await admitted(group, channel, [])
    began = time.monotonic()
    server.process.child.send_signal(signal.SIGTERM)
    # The library may hand over the end before what came with it.
    for client, events in ((group, {"server stopping", "disconnect"}), (plain, {"disconnect"})):
        while not events <= {name for name, _ in client.events}:
            expect(time.monotonic() - began < 6, f"{client.name} got {client.events[-3:]}, not {events}")
            await asyncio.sleep(0.02)
    told, = next(arguments for name, arguments in group.events if name == "server stopping")
    expect(len(told["message"]) > 5, "no message for a person")
    while server.process.child.poll() is None:
        expect(time.monotonic() - began < 6, "the server did not end")
        await asyncio.sleep(0.05)
    same(server.process.child.returncode, 0, "its exit status")
    took = time.monotonic() - began
    server.start()
    await plain.until("connect success", seconds=15)
    return f"told, and over after {took:.1f} s"


def config_case(folder, _):
    """--config FILE.toml, over which the command line wins; mistakes in it are said."""
    path, secret = folder / "server.toml", folder / "secret"
    tchat("token", "--new-secret", secret)
    path.write_text(f'capacity = 3\ntoken-secret = "{secret}"\nport = 1\n')
    server = Server("serve", folder, options=("--config", path))
    token = tchat("token", "--secret", secret)

    async def run():
        async with clients_of("python", folder) as make:
            client = await dial(make, "a", server.url, auth=named("a", token=token))
            return (await admitted(client, fresh_channel(), []))["capacity"]
    same(asyncio.run(run()), 3, "the capacity from the file")
    for text, word in (("capacity = 1\n", "capacity"), ("no-such-option = 1\n", "no-such-option"), ("port = \n", "line 1")):
        path.write_text(text)
        done = subprocess.run([processes.TCHAT, "serve", "--config", path], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=10,
                              check=False)
        expect(done.returncode != 0 and word in done.stderr.lower(), f"{text!r} ended with {done.returncode}: {done.stderr}")
    return "from a file"


def access_cases():
    yield "access: password", password_case
    yield "access: wrong passwords", by_python(tries_flow)
    yield "access: tokens", by_python(token_flow)
    yield "access: tchats with tokens", token_call_case
    yield "access: TLS", tls_case
    yield "access: TURN from the join", turn_case
    yield "server: health and numbers", by_python(numbers_flow)
    yield "server: behind a proxy", by_python(proxy_flow)
    yield "server: SIGTERM", by_python(stop_flow)
    yield "server: from a file", config_case

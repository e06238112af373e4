"""Who may come to a page's call, and by which way: tokens, passwords, https, relays."""
import subprocess

import processes
from calls import FIRST, SECOND, fresh_channel
from guest_visit import check_clean, hears, start_guest, wait_measured
from processes import CaseFailure, Server, start_server, start_tchat
from relay import SECRET, TURN


def token_case(folder, _):
    """Without a token, with one for another channel, and with the right one; it is never in the address that is shown."""
    secret, channel = folder / "secret", fresh_channel()

    def token(*words):
        made = subprocess.run([processes.TCHAT, "token", *map(str, words)], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if made.returncode:
            raise CaseFailure(f"tchat token: {made.stderr.strip()}")
        return made.stdout.split()[-1] if made.stdout.split() else ""

    token("--new-secret", secret)
    server, said = Server("serve", folder, options=("--token-secret", secret)), []
    for name, fragment in (("none", ""), ("other", f"token={token('--secret', secret, '--channel', 'elsewhere')}")):
        page = start_guest(name, folder, server.url, channel, "--name", "Ada", "--fragment", fragment, "--fps", 5)
        said.append(page.wait_for(("problem",), 40, where=lambda event: "invite link" in event["text"])["text"])
        page.end()
    page = start_guest("right", folder, server.url, channel, "--name", "Ada", "--fragment", f"token={token('--secret', secret, '--channel', channel)}", "--fps", 5)
    joined = page.wait_for(("joined",), 40)
    if joined["address"] != f"{server.url}/{channel}":
        raise CaseFailure(f"the address shown is {joined['address']}")
    # The tab keeps it: a reload needs no link.
    after = len(page.poll_events())
    page.say("reload")
    page.wait_for(("joined",), 20, after=after)
    check_clean(page)
    return " ".join(said)


def password_case(folder, _):
    """The tchat that was there first has set a password: the page asks, takes it, and a reload needs it no more."""
    url, channel = start_server("serve", folder), fresh_channel()
    tchat = start_tchat("tchat", folder, url, channel, seconds=60, tone=FIRST["tone"], timeout=60, options=("--name", "Term", "--password", "sesame 열려라"))
    tchat.wait_for(("joined",), 30)
    wrong = start_guest("wrong", folder, url, channel, "--name", "Bo", "--password", "sesam", "--fps", 5)
    said = wrong.wait_for(("problem",), 40, where=lambda event: "wrong" in event["text"])["text"]
    wrong.end()
    page = start_guest("page", folder, url, channel, "--name", "Ada", "--password", "sesame 열려라", "--fps", 5)
    asked = page.wait_for(("problem",), 40)["text"]
    page.wait_connected(40)
    after = len(page.poll_events())
    page.say("reload")
    page.wait_for(("connection",), 40, after=after)
    check_clean(page)
    return f"{asked} {said}"


def https_case(folder, _):
    """By https and another name than localhost, with camera and microphone."""
    certificate, key, channel = folder / "cert.pem", folder / "key.pem", fresh_channel()
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", certificate,
                    "-days", "2", "-subj", "/CN=guest.test", "-addext", "subjectAltName=DNS:guest.test"],
                   stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    server = Server("serve", folder, options=("--tls-cert", certificate, "--tls-key", key), scheme="https")
    url = server.url.replace("127.0.0.1", "guest.test")
    options = ("--hosts", "MAP guest.test 127.0.0.1", "--any-certificate", "--size", "320x240", "--fps", 10)
    pages = []
    for name, sound in (("Ada", FIRST), ("Bo", SECOND)):
        pages.append(start_guest(name, folder, url, channel, "--name", name, *options, tone=sound["tone"], luma=sound["luma"]))
        pages[-1].wait_for(("joined",), 60)
    for page, other, hz in zip(pages, ("Bo", "Ada"), (SECOND["tone"], FIRST["tone"])):
        wait_measured(page, lambda people: hears(people.get(other, {}), hz) and people[other]["frames"] > 10, 40, f"{other}'s picture and tone")
        check_clean(page)
    words = [page.wait_for(("verification",), 20).get("words") for page in pages]
    if not words[0] or words[0] != words[1]:
        raise CaseFailure(f"the two ends said {words}")
    return words[0]


def relay_case(folder, _):
    """Two pages that may use nothing but the TURN server, whose credentials they have from the signaling server alone."""
    turn, secret = TURN(folder, "rest"), folder / "turn-secret"
    secret.write_text(SECRET)
    secret.chmod(0o600)
    server = Server("serve", folder, options=("--turn-url", f"turn:127.0.0.1:{turn.port}", "--turn-secret", secret))
    channel, pages = fresh_channel(), []
    for name, sound in (("Ada", FIRST), ("Bo", SECOND)):
        pages.append(start_guest(name, folder, server.url, channel, "--name", name, "--relay-only", "--loopback", "--size", "320x240", "--fps", 10,
                                 tone=sound["tone"], luma=sound["luma"]))
        pages[-1].wait_for(("joined",), 60)
    for page, other, hz in zip(pages, ("Bo", "Ada"), (SECOND["tone"], FIRST["tone"])):
        wait_measured(page, lambda people: hears(people.get(other, {}), hz) and people[other]["frames"] > 10, 40, f"{other}'s picture and tone")
        check_clean(page)
    return "relayed both ways"

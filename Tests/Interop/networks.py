"""Two hosts in network namespaces of their own, joined by an imperfect path. All of it needs root."""
import os
import subprocess
import sys

from processes import HERE, Process


def ip(*words, check=True):
    subprocess.run(["ip", *map(str, words)], stdin=subprocess.DEVNULL, stderr=None if check else subprocess.DEVNULL, check=check)


class Network:
    """Joined by netsim.py, named after this process. `up_at` is when its steps began to count."""

    url_host = "10.78.0.1"

    def __init__(self, folder, *options, delay=10):
        self.name, self.report = f"tc{os.getpid()}", folder / "path.jsonl"
        # The simulator runs a command as long as the network lives; its first line says that the network is there.
        life = ["sh", "-c", """echo '{"event":"up"}'; exec sleep 400"""]
        self.simulator = Process("netsim", [sys.executable, HERE / "netsim.py", "--name", self.name, "--delay", delay, "--report", self.report,
                                            *options, "--", *life], folder)
        self.up_at = self.simulator.wait_for(("up",), 10)["seen"]
        self.prefixes = tuple(("ip", "netns", "exec", self.name + side) for side in "AB")

    def route(self, verb):
        """Adds or takes away every way out of the first host."""
        routes = [["10.78.0.0/24", "dev", "tun0", "src", "10.78.0.1"], ["default", "dev", "tun0"]]
        for route in routes if verb == "add" else reversed(routes):
            ip("-n", self.name + "A", "route", verb, *route)


class LossyNetwork:
    """Joined by a cable on which nftables drops so many percent of the UDP packets at random, both ways. Close it."""

    url_host = "10.77.0.1"

    def __init__(self, percent):
        self.names = [f"tl{os.getpid()}{side}" for side in "AB"]
        self.prefixes = tuple(("ip", "netns", "exec", name) for name in self.names)
        self.close()
        try:
            for name in self.names:
                ip("netns", "add", name)
            ip("link", "add", "v0", "netns", self.names[0], "type", "veth", "peer", "name", "v0", "netns", self.names[1])
            for number, name in enumerate(self.names, 1):
                ip("-n", name, "addr", "add", f"10.77.0.{number}/24", "dev", "v0")
                for link in ("v0", "lo"):
                    ip("-n", name, "link", "set", link, "up")
                rules = ("add table inet loss; add chain inet loss in { type filter hook input priority 0; }; "
                         f"add rule inet loss in iif v0 meta l4proto udp numgen random mod 100 < {percent} counter drop")
                subprocess.run(["ip", "netns", "exec", name, "nft", rules], stdin=subprocess.DEVNULL, check=True)
        except BaseException:
            self.close()
            raise

    def close(self):
        for name in self.names:
            ip("netns", "del", name, check=False)

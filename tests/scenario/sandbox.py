"""The sandbox as the drivers of tests start and ask it. Python 3, standard library only."""

import json
import os
import subprocess
import urllib.request

BUILT = os.path.join(os.environ.get("CARGO_TARGET_DIR", "target"), "release", "wxgame-sandbox")
# Loopback is asked directly, whatever proxy the environment names.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Broken(Exception):
    """It makes no sense to go on."""


class Sandbox:
    def __init__(self, program, directory):
        self.ca_file = directory / "ca.pem"
        self.process = subprocess.Popen(
            [program, "serve", "--ca-file", self.ca_file], stdout=subprocess.PIPE, text=True
        )
        told = self.process.stdout.readline()
        if not told:
            raise Broken("the sandbox did not start")
        ready = json.loads(told)
        self.http, self.https = ready["http"], ready["https"]

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()

    def ask(self, path, body=None, method=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.http}/sandbox/{path}", data, method=method)
        with DIRECT.open(request, timeout=10) as answer:
            return json.load(answer)

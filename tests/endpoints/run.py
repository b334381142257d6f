#!/usr/bin/env python3
"""Drives the push endpoint of each language by the sandbox's pusher: what is paid is granted, once.

    run.py [--sandbox PROGRAM] --endpoint NAME=COMMAND...

An endpoint must say exactly the lines that are wanted here, in their order, and answer every push as WeChat wants it.
The last line is `push: cpp=ok csharp=ok go=ok` with those that ran. That an order of which no push tells is asked for
after a minute is left to the engine's tests, whose clock can be turned. Python 3.10 on Linux, standard library only.
"""

import argparse
import concurrent.futures
import pathlib
import sys
import tempfile
import time
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "scenario"))
from endpoint import SAY_S, TOKEN, Endpoint, grant, push, signed
from sandbox import BUILT, Broken, Sandbox

LANGUAGES = ["cpp", "csharp", "go"]
# The last character carries spare bits, as those of the console may.
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
PLAYER = "oPlayer"
CASTLES = {"openid": PLAYER, "product_id": "castle", "quantity": 2}
SUCCESS = {
    "json": '{"ErrCode":0,"ErrMsg":"Success"}',
    "xml": "<xml><ErrCode>0</ErrCode><ErrMsg>Success</ErrMsg></xml>",
}


class Story:
    """One endpoint in one mode, from the set-up of its URL to its end."""

    def __init__(self, sandbox, endpoint, aes_key):
        self.sandbox, self.endpoint, self.aes_key = sandbox, endpoint, aes_key
        self.mode = "safe" if aes_key else "plain"
        self.logins = 0

    def tell(self):
        self.format = "json"
        self.open()
        self.the_url_can_be_set_up()
        for self.format in ["json", "xml"]:
            self.pushes_go_to(self.endpoint.url + "/push")
            self.an_ordered_item_is_granted_once()
            self.what_nobody_ordered_here_is_granted_too()
            self.a_test_and_a_forger_get_nothing()
            self.coins_refunds_and_gifts()
            self.what_comes_in_another_order_is_granted_all_the_same()
        # What was acknowledged is not told again, for closing loses nothing.
        self.endpoint.close()
        self.open()
        self.who_dies_before_granting_grants_after_the_next_start()
        self.endpoint.close()

    def open(self):
        self.endpoint.open(self.aes_key)
        self.pushes_go_to(self.endpoint.url + "/push")

    def pushes_go_to(self, url):
        config = {"url": url, "token": TOKEN, "aes_key": self.aes_key, "format": self.format}
        self.sandbox.ask("push/config", config)

    def give_up_what_waits(self):
        self.pushes_go_to("")
        self.pushes_go_to(self.endpoint.url + "/push")

    def number(self, name):
        return f"{self.mode}-{self.format}-{name}"

    def order(self, out_trade_no):
        self.logins += 1
        told = self.endpoint.ask("/login", js_code=f"code:{PLAYER}:{self.mode}-{self.logins}")
        if told != {"openid": PLAYER}:
            raise Broken(f"the login is answered by {told}")
        told = self.endpoint.ask(
            "/order", out_trade_no=out_trade_no, goods_price=600, attach='"north" \\ 钻石', **CASTLES
        )
        if not isinstance(told, dict):
            raise Broken(f"the order is answered by {told}")
        return told

    def buy(self, out_trade_no):
        """The player pays in the game client, which passes the strings on as they are."""
        told = self.sandbox.ask("item", {"openid": PLAYER, **self.order(out_trade_no)})
        if not told["ok"]:
            raise Broken(f"the game client is told {told}")

    def pushed(self, event, *lines, **wish):
        """The sandbox pushes this, and the endpoint says these lines; tells what became of the pushes."""
        told = self.sandbox.ask("push", {"event": event, "openid": PLAYER, "format": self.format, **wish})
        self.endpoint.says(*lines)
        return [self.attempted(id=wanted) for wanted in told["ids"]]

    def attempted(self, **wanted):
        """The push with this id or key, once its first attempt is over."""
        until = time.monotonic() + SAY_S
        while True:
            for one in self.sandbox.ask("pushes")["pushes"]:
                if wanted.items() <= one.items() and one["attempts"]:
                    return one
            if time.monotonic() > until:
                raise Broken(f"a push is not over within {SAY_S} s")
            time.sleep(0.01)

    def succeeded(self, pushes, answer=None):
        for one in pushes:
            got = [(attempt["verdict"], attempt["answer"]) for attempt in one["attempts"]]
            if one["state"] != "delivered" or got != [("success", answer or SUCCESS[self.format])]:
                raise Broken(f"the push of {one['key']} is {one['state']}, answered by {got}")

    def refused(self, event, line, **wish):
        """The sandbox pushes this, which is refused, and is kept from pushing it again."""
        pushes = self.pushed(event, line, **wish)
        self.give_up_what_waits()
        if (status := pushes[0]["attempts"][0]["status"]) != 403:
            raise Broken(f"a push to be refused was answered by {status}")

    # ---- the story

    def the_url_can_be_set_up(self):
        query = signed("1714036504", "1514711492", echostr="4375120948345356249")
        if (got := self.endpoint.set_up(query)) != (200, "4375120948345356249"):
            raise Broken(f"the URL is set up by {got}")
        self.endpoint.says(push("echo"))
        if (got := self.endpoint.set_up(query.replace("1714036504", "1714036505")))[0] != 403:
            raise Broken(f"the URL is set up by a forger, with {got}")
        self.endpoint.says(push("refuse", refusal=1))

    def an_ordered_item_is_granted_once(self):
        bought = self.number("bought")
        self.buy(bought)
        self.endpoint.says(push("deliver", "goods", bought, **CASTLES), grant(bought, **CASTLES))
        self.succeeded([self.attempted(key=bought)], SUCCESS["json"])  # the only form that items have
        again = push("already_delivered", "goods", bought, **CASTLES)
        self.succeeded(self.pushed("goods", again, again, again, out_trade_no=bought, repeat=3))

    def what_nobody_ordered_here_is_granted_too(self):
        for name, message in [("mall", {}), ("old-mall", {"Event": "minigame_deliver_h5_pay_products"})]:
            number = self.number(name)
            lines = push("deliver", "goods", number, PLAYER, "gem", 5), grant(number, PLAYER, "gem", 5)
            fields = {"GoodsInfo": {"ProductId": "gem", "Quantity": 5}}
            self.succeeded(self.pushed("h5_goods", *lines, out_trade_no=number, fields=fields, message=message))

    def a_test_and_a_forger_get_nothing(self):
        number = self.number("tried")
        self.order(number)
        of_castles = {"out_trade_no": number, "fields": {"GoodsInfo": {"ProductId": "castle", "Quantity": 2}}}
        self.succeeded(self.pushed("goods", push("mock", "goods", number, **CASTLES), mock=True, **of_castles))
        forgeries = {"signature": 1, "pay_event_sig": 2, "env": 2}
        if self.aes_key:
            forgeries |= {"plain": 3, "padding": 4, "appid": 5}
        for forge, refusal in forgeries.items():
            self.refused("goods", push("refuse", refusal=refusal), forge=forge, **of_castles)
        # What WeChat has signed, but for the client of the other environment, or as nobody has ordered it.
        self.refused("goods", push("refuse", refusal=6), env="sandbox", **of_castles)
        of_castles["fields"]["GoodsInfo"]["Quantity"] = 9
        ordered = push("refuse", "goods", number, **CASTLES, refusal=10)
        self.refused("goods", ordered, **of_castles)
        told = self.pushed("raw", push("other"), body='{"MsgType":"text","FromUserName":"o","Content":"hello"}')
        self.give_up_what_waits()  # the sandbox knows success of payments only
        if (answer := told[0]["attempts"][0]["answer"]) != "success":
            raise Broken(f"a message of a player's is answered by {answer}")

    def coins_refunds_and_gifts(self):
        coins = self.number("coins")
        self.sandbox.ask("purchase", {"out_trade_no": coins, "openid": PLAYER, "amt": 60})
        self.endpoint.says(push("balance_changed", "coins", coins, PLAYER, quantity=60))
        self.succeeded([self.attempted(key=coins)])

        bought = self.number("bought")
        refund_id = self.sandbox.ask("refund", {"out_trade_no": bought, "refund_amount": 600})["refund_id"]
        self.endpoint.says(push("deliver", "refund", refund_id), grant(refund_id))
        self.succeeded([self.attempted(key=refund_id)])

        pack = self.number("pack")
        if self.aes_key:
            lines = push("deliver", "gift", pack, PLAYER), grant(pack, PLAYER)
            self.succeeded(self.pushed("gift", *lines, out_trade_no=pack))
        else:
            self.refused("gift", push("refuse", refusal=8), out_trade_no=pack)

    def what_comes_in_another_order_is_granted_all_the_same(self):
        number = self.number("given-back")
        strings = self.order(number)
        self.sandbox.ask("push/hold", {})
        self.sandbox.ask("item", {"openid": PLAYER, **strings})
        refund_id = self.sandbox.ask("refund", {"out_trade_no": number, "refund_amount": 1200})["refund_id"]
        self.sandbox.ask("push/release", {"order": "reversed"})
        self.endpoint.says(push("deliver", "refund", refund_id), grant(refund_id))
        self.endpoint.says(push("deliver", "goods", number, **CASTLES), grant(number, **CASTLES))
        self.succeeded([self.attempted(key=refund_id)])
        self.succeeded([self.attempted(key=number)], SUCCESS["json"])

    def who_dies_before_granting_grants_after_the_next_start(self):
        """The push is in the journal; neither grant nor answer nor acknowledgement has happened."""
        number = self.number("killed")
        strings = self.order(number)
        delivered = push("deliver", "goods", number, **CASTLES)
        self.endpoint.hold_up_after(delivered)
        self.sandbox.ask("item", {"openid": PLAYER, **strings})
        self.endpoint.wait_until_held_up()
        if (said := self.endpoint.kill()) != [delivered]:
            raise Broken(f"before it was killed it said {said}")
        if self.attempted(key=number)["attempts"][0]["verdict"] == "success":
            raise Broken("the push was answered before it was granted")
        self.open()
        self.endpoint.says(grant(number, redelivered=1, **CASTLES))
        # WeChat's next attempt, 15 seconds later.
        self.sandbox.ask("clock", {"advance_s": 15})
        self.endpoint.says(push("already_delivered", "goods", number, **CASTLES))


def tell(command, program):
    """Tells the story in both modes to one endpoint; returns what was wrong."""
    wrong = []
    with tempfile.TemporaryDirectory() as directory:
        directory = pathlib.Path(directory)
        sandbox = None
        try:
            sandbox = Sandbox(program, directory)
            for mode, aes_key in [("plain", ""), ("safe", AES_KEY)]:
                endpoint = Endpoint(command, sandbox, directory / f"{mode}.journal")
                try:
                    Story(sandbox, endpoint, aes_key).tell()
                except (Broken, OSError) as why:
                    wrong.append(f"{mode} mode: {what_was_told(why)}\n  {why}")
                finally:
                    endpoint.abandon()
        except (Broken, OSError) as why:
            wrong.append(f"at the start: {why}")
        finally:
            if sandbox is not None:
                sandbox.stop()
    return wrong


def what_was_told(why):
    """The part of the story in which this happened."""
    names = [frame.name for frame in traceback.extract_tb(why.__traceback__)]
    return names[names.index("tell", 1) + 1]


def main():
    parser = argparse.ArgumentParser(description="Drives the push endpoint of each language by the sandbox's pusher.")
    parser.add_argument("--sandbox", default=BUILT, help="the sandbox's program")
    parser.add_argument("--endpoint", action="append", required=True, metavar="NAME=COMMAND")
    options = parser.parse_args()
    endpoints = dict(endpoint.split("=", 1) for endpoint in options.endpoint)
    if unknown := set(endpoints) - set(LANGUAGES):
        parser.error(f"there is no language {', '.join(sorted(unknown))}; there are {', '.join(LANGUAGES)}")

    names = [name for name in LANGUAGES if name in endpoints]
    with concurrent.futures.ThreadPoolExecutor(len(names)) as pool:
        told = list(pool.map(lambda name: tell(endpoints[name], options.sandbox), names))
    for name, wrong in zip(names, told):
        for line in wrong:
            print(f"{name}: {line}")
    print("push:", " ".join(f"{name}={'FAILED' if wrong else 'ok'}" for name, wrong in zip(names, told)))
    raise SystemExit(any(told))


if __name__ == "__main__":
    main()

// What benches/calls.c measures, from Go: through a Poller, which is one call of the library for each of its own.
package main

import (
	"fmt"
	"log"
	"os"
	"time"

	"wxgame"
)

const submits, polls = 20_000, 1_000_000

func main() {
	poller, err := wxgame.OpenPoller(wxgame.ClientOptions{
		AppID: "wx1234567", OfferID: "12345678", AppSecret: "an-app-secret", AppKey: "an-app-key",
		Journal: "memory:", BaseURL: "http://127.0.0.1:9",
	})
	check(err)
	begun := time.Now()
	for range polls {
		_, err := poller.Poll(1)
		check(err)
	}
	poll := time.Since(begun) / polls

	ask := wxgame.GetBalanceOptions{
		OpenID: "odkx20ENSNa2w5y3g_qOkOvBNM1g", ZoneID: "1", UserIP: "113.108.77.69", Deadline: time.Minute,
	}
	begun = time.Now()
	for tag := range uint64(submits) {
		check(poller.Submit(ask, tag))
	}
	submit := time.Since(begun) / submits
	fmt.Printf("%-14s %8d ns per submit %8d ns per empty poll\n", os.Args[1], submit, poll)
	check(poller.Close(0))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// Quickstart takes 30 coins for a sword, once: quickstart JS_CODE BILL_NO. The same bill_no again, such as after a crash,
// asks about the same payment.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"wxgame"
)

func main() {
	client, err := wxgame.Open(wxgame.ClientOptions{
		AppID: "wx1234567", OfferID: "12345678", AppSecret: os.Getenv("app_secret"), AppKey: os.Getenv("app_key"),
		Journal: os.Getenv("journal"), BaseURL: os.Getenv("base_url"), CAFile: os.Getenv("ca_file"),
	})
	check(err)
	defer client.Close(5 * time.Second)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go func() { // What no call waits for: also payments that an earlier process left behind.
		for delivery := range client.Deliveries(ctx) {
			settle(client, delivery)
		}
	}()

	player, err := client.Login(ctx, wxgame.LoginOptions{JSCode: os.Args[1]})
	check(err)
	payment, err := client.Pay(ctx, wxgame.PayOptions{BillNo: os.Args[2], OpenID: player.OpenID, ZoneID: "1", Amount: 30})
	check(err)
	settle(client, payment)
}

// settle acts on a final answer, then acknowledges it. Granting is a transaction of yours, unique by bill_no.
func settle(client *wxgame.Client, told *wxgame.Completion) {
	fmt.Println(told.Kind, told.BillNo, told.Outcome, told.Errmsg)
	if told.DeliveryID != 0 { // 0: not a final answer; nothing is acted on yet.
		check(client.Ack(told.DeliveryID))
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

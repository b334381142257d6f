// The scenario's runner in Go: tests/scenario/README.md says what it answers.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"wxgame"
)

var (
	client *wxgame.Client
	seen   = map[string]uint64{} // The delivery_id last seen with each bill_no.
)

func main() {
	options := wxgame.ClientOptions{
		AppID:          "wx1234567",
		OfferID:        "12345678",
		AppSecret:      "sandbox-app-secret",
		AppKey:         "zNLgAGgqsEWJOg1nFVaO5r7fAlIQxr1u",
		BaseURL:        os.Args[1],
		CAFile:         os.Args[2],
		Journal:        os.Args[3],
		Timeout:        time.Second,
		Deadline:       10 * time.Second,
		RedeliverAfter: -time.Millisecond,
		LateWindow:     time.Millisecond,
	}
	if len(os.Args) > 4 && os.Args[4] == "v2" {
		options.Generation = wxgame.GenerationV2
	}
	opened, err := wxgame.Open(options)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	client = opened
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		if words := strings.Fields(lines.Text()); len(words) > 0 {
			fmt.Println(obey(words[0], words[1:]))
		}
	}
	if err := client.Close(5 * time.Second); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func obey(command string, words []string) string {
	ctx := context.Background()
	switch command {
	case "login":
		return answer(command, "openid errcode")(client.Login(ctx, wxgame.LoginOptions{JSCode: words[0]}))
	case "balance":
		return answer(command, "balance errcode")(client.GetBalance(ctx, wxgame.GetBalanceOptions{OpenID: words[0], ZoneID: "1"}))
	case "pay":
		return answer(command, "bill_no amount balance errcode redelivered")(client.Pay(ctx, payment(words)))
	case "present":
		return answer(command, "bill_no amount balance errcode redelivered")(client.Present(ctx, wxgame.PresentOptions{
			BillNo: words[0], OpenID: words[1], ZoneID: "1", Amount: number(words[2]),
		}))
	case "cancel":
		return answer(command, "bill_no errcode")(client.CancelPay(ctx, wxgame.CancelPayOptions{BillNo: words[0]}))
	case "abandon":
		return answered(command, client.Submit(payment(words)))
	case "next":
		return next(ctx, "nothing")
	case "none":
		if client.Unread() == 0 {
			return command
		}
		return next(ctx, command)
	case "ack":
		return answered(command, client.Ack(seen[words[0]]))
	}
	return "there is no command " + command
}

func payment(words []string) wxgame.PayOptions {
	options := wxgame.PayOptions{BillNo: words[0], OpenID: words[1], ZoneID: "1", Amount: number(words[2]), PayItem: "sword"}
	if len(words) > 3 {
		options.Deadline = time.Duration(number(words[3])) * time.Millisecond
	}
	return options
}

func number(text string) int64 {
	value, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		panic(err)
	}
	return value
}

// answer tells a call that has waited, with these fields of its completion.
func answer(command, fields string) func(*wxgame.Completion, error) string {
	return func(told *wxgame.Completion, err error) string {
		if err == nil {
			err = told.Err()
		}
		if err != nil {
			return answered(command, err)
		}
		return line(command, told, fields)
	}
}

func next(ctx context.Context, otherwise string) string {
	ctx, stop := context.WithTimeout(ctx, 10*time.Second)
	defer stop()
	for delivery := range client.Deliveries(ctx) {
		return delivered(delivery)
	}
	return otherwise
}

func delivered(told *wxgame.Completion) string {
	if told.Kind == wxgame.KindSessionNeeded {
		return "session_needed openid=" + told.OpenID
	}
	if err := told.Err(); err != nil {
		return answered(told.Kind.String(), err)
	}
	return line(told.Kind.String(), told, "bill_no amount redelivered")
}

func answered(command string, err error) string {
	var told *wxgame.Error
	switch {
	case err == nil:
		return command + " ok"
	case errors.As(err, &told):
		return fmt.Sprintf("%s error %s field=%s", command, told.Status, told.Field)
	}
	return fmt.Sprintf("%s error %v", command, err)
}

func line(command string, told *wxgame.Completion, fields string) string {
	if told.DeliveryID != 0 {
		seen[told.BillNo] = told.DeliveryID
	}
	text := command + " " + told.Outcome.String()
	for _, field := range strings.Fields(fields) {
		text += " " + field + "="
		switch field {
		case "openid":
			text += told.OpenID
		case "bill_no":
			text += told.BillNo
		case "amount":
			text += strconv.FormatInt(told.Amount, 10)
		case "balance":
			text += strconv.FormatInt(told.Balance, 10)
		case "errcode":
			text += strconv.Itoa(int(told.Errcode))
		case "redelivered":
			text += strconv.FormatUint(uint64(told.Flags&wxgame.FlagRedelivered), 10)
		}
	}
	return text
}

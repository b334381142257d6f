// Endpoint is the game server's side of buying an item: what the game client pays with, and WeChat's pushes.
//
//	endpoint BASE_URL CA_FILE JOURNAL PORT [PUSH_AES_KEY]
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"sync"
	"syscall"
	"time"

	"wxgame"
)

type endpoint struct {
	client  *wxgame.Client
	mutex   sync.Mutex
	granted map[string]bool // Stands for a table of yours, unique by event_id.
}

func main() {
	if len(os.Args) < 5 {
		log.Fatal("usage: endpoint BASE_URL CA_FILE JOURNAL PORT [PUSH_AES_KEY]")
	}
	options := wxgame.ClientOptions{
		Generation: wxgame.GenerationV2,
		AppID:      "wx1234567", OfferID: "12345678", AppSecret: "sandbox-app-secret", AppKey: "zNLgAGgqsEWJOg1nFVaO5r7fAlIQxr1u",
		PushToken: "endpoint-token",
		BaseURL:   os.Args[1], CAFile: os.Args[2], Journal: os.Args[3],
		Timeout: time.Second, RedeliverAfter: 500 * time.Millisecond,
	}
	if len(os.Args) > 5 {
		options.PushAESKey = os.Args[5]
	}
	client, err := wxgame.Open(options)
	check(err)
	game := &endpoint{client: client, granted: map[string]bool{}}
	go game.pump()

	stopped, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[4])
	check(err)
	http.HandleFunc("/push", game.push)
	http.HandleFunc("GET /login", game.login)
	http.HandleFunc("GET /order", game.order)
	server := &http.Server{ReadTimeout: 3 * time.Second}
	go server.Serve(listener)
	fmt.Printf("ready http://%v\n", listener.Addr())

	<-stopped.Done()
	// The client first: whoever still waits for it is answered, and the server can send that.
	check(client.Close(5 * time.Second))
	ended, end := context.WithTimeout(context.Background(), time.Second)
	defer end()
	_ = server.Shutdown(ended)
}

// push is the URL of the message push settings.
func (e *endpoint) push(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20+1)) // The library refuses what is longer than 1 MiB.
	var told *wxgame.Completion
	if err == nil {
		told, err = e.client.ReceivePush(r.Context(), r.URL.RawQuery, body)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable) // WeChat pushes it again.
		return
	}
	event := ""
	if told.PushEvent != 0 {
		event = told.PushEvent.String()
	}
	fmt.Printf("push %v event=%s event_id=%s openid=%s product_id=%s quantity=%d refusal=%d\n",
		told.Verdict, event, told.EventID, told.OpenID, told.PayItem, told.Amount, told.Refusal)
	if told.Verdict == wxgame.VerdictDeliver {
		e.settle(told)
	}
	w.Header().Set("Content-Type", told.AnswerContentType)
	w.WriteHeader(told.AnswerStatus)
	_, _ = io.WriteString(w, told.Answer)
}

// pump takes what no call waits for: an order that WeChat was asked about, and what was pushed and not acknowledged.
func (e *endpoint) pump() {
	for delivery := range e.client.Deliveries(context.Background()) {
		if delivery.DeliveryID != 0 {
			e.settle(delivery)
		}
	}
}

// settle grants what is done, once, then acknowledges the answer, whatever it is.
func (e *endpoint) settle(told *wxgame.Completion) {
	if told.Outcome == wxgame.OutcomeDone {
		e.grant(told)
	}
	if err := e.client.Ack(told.DeliveryID); err != nil {
		log.Print(err) // It comes again.
	}
}

func (e *endpoint) grant(told *wxgame.Completion) {
	id := told.EventID
	if id == "" { // No push: WeChat was asked about the order.
		id = told.OutTradeNo
	}
	e.mutex.Lock()
	defer e.mutex.Unlock()
	if e.granted[id] {
		return
	}
	e.granted[id] = true
	fmt.Printf("grant %s openid=%s product_id=%s quantity=%d redelivered=%d\n",
		id, told.OpenID, told.PayItem, told.Amount, told.Flags&wxgame.FlagRedelivered)
}

func (e *endpoint) login(w http.ResponseWriter, r *http.Request) {
	told, err := e.client.Login(r.Context(), wxgame.LoginOptions{JSCode: r.FormValue("js_code")})
	if err != nil || told.Outcome != wxgame.OutcomeDone {
		refuse(w, told, err)
		return
	}
	answer(w, map[string]string{"openid": told.OpenID})
}

// order answers what the game client hands to wx.requestMidasPaymentGameItem.
func (e *endpoint) order(w http.ResponseWriter, r *http.Request) {
	// What is no number is 0, which the library refuses by name.
	quantity, _ := strconv.ParseInt(r.FormValue("quantity"), 10, 64)
	price, _ := strconv.ParseInt(r.FormValue("goods_price"), 10, 64)
	told, err := e.client.ItemOrder(r.Context(), wxgame.ItemOrderOptions{
		OutTradeNo: r.FormValue("out_trade_no"), OpenID: r.FormValue("openid"), ZoneID: "1",
		ProductID: r.FormValue("product_id"), BuyQuantity: quantity, GoodsPrice: price, Attach: r.FormValue("attach"),
	})
	if err != nil || told.SignData == "" {
		refuse(w, told, err)
		return
	}
	answer(w, told.ItemStrings)
}

func answer(w http.ResponseWriter, told any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(told)
}

// refuse tells why there is no answer: 400 where the same question again does not help.
func refuse(w http.ResponseWriter, told *wxgame.Completion, err error) {
	if err == nil {
		err = told.Err()
	}
	if err == nil {
		err = fmt.Errorf("%v, %v: %s", told.Outcome, told.Reason, told.Errmsg)
	}
	status := http.StatusServiceUnavailable
	if errors.Is(err, wxgame.ErrInvalidArgument) || errors.Is(err, wxgame.ErrBillNoConflict) {
		status = http.StatusBadRequest
	}
	http.Error(w, err.Error(), status)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

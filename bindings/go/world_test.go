package wxgame

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// The sandbox that plays WeChat; tests/go/run.sh starts it.
var (
	sandboxHTTP  = os.Getenv("WXGAME_SANDBOX_HTTP")
	sandboxHTTPS = os.Getenv("WXGAME_SANDBOX_HTTPS")
	sandboxCA    = os.Getenv("WXGAME_SANDBOX_CA")
)

func TestMain(m *testing.M) {
	if sandboxHTTP == "" || sandboxHTTPS == "" || sandboxCA == "" {
		fmt.Fprintln(os.Stderr, "these tests need the sandbox: run tests/go/run.sh")
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// control asks the sandbox's control API. The tests run one after the other, so a fault is for the test that sets it.
func control(t testing.TB, method, path, body string) []byte {
	t.Helper()
	request, err := http.NewRequest(method, sandboxHTTP+"/sandbox/"+path, strings.NewReader(body))
	check(t, err)
	client := http.Client{Transport: &http.Transport{Proxy: nil, DisableKeepAlives: true}, Timeout: 10 * time.Second}
	answer, err := client.Do(request)
	check(t, err)
	defer answer.Body.Close()
	said, err := io.ReadAll(answer.Body)
	check(t, err)
	if answer.StatusCode != 200 {
		t.Fatalf("sandbox: %s %s: %s", path, answer.Status, said)
	}
	return said
}

func fault(t testing.TB, body string) {
	t.Helper()
	control(t, "POST", "faults", body)
	t.Cleanup(func() { control(t, "DELETE", "faults", "") })
}

// charged is how many times the sandbox took the coins of this order.
func charged(t testing.TB, billNo string) int {
	t.Helper()
	var ledger struct {
		Orders []struct{ Charged int }
	}
	check(t, json.Unmarshal(control(t, "GET", "ledger?bill_no="+url.QueryEscape(billNo), ""), &ledger))
	total := 0
	for _, order := range ledger.Orders {
		total += order.Charged
	}
	return total
}

// Players and js_codes are new in every run, so that a sandbox may serve several.
var (
	run     = strconv.FormatInt(time.Now().UnixNano(), 36)
	players atomic.Int64
	logins  atomic.Int64
)

// newPlayer has coins and has never logged in.
func newPlayer(t testing.TB, coins int) string {
	t.Helper()
	openID := fmt.Sprintf("oGo-%s-%d", run, players.Add(1))
	control(t, "POST", "topup", fmt.Sprintf(`{"openid":%q,"amt":%d}`, openID, coins))
	return openID
}

func newOptions(t testing.TB) ClientOptions {
	return ClientOptions{
		AppID:     "wx1234567",
		OfferID:   "12345678",
		AppSecret: "sandbox-app-secret",
		AppKey:    "zNLgAGgqsEWJOg1nFVaO5r7fAlIQxr1u",
		Journal:   "sqlite:" + filepath.Join(t.TempDir(), "journal"),
		BaseURL:   sandboxHTTPS,
		CAFile:    sandboxCA,
		Timeout:   time.Second,
		// Only where a test is about it.
		RedeliverAfter: -1,
		// A cancel waits for the end of it.
		LateWindow: time.Millisecond,
	}
}

func openClient(t testing.TB, options ClientOptions) *Client {
	t.Helper()
	client, err := Open(options)
	check(t, err)
	t.Cleanup(func() { check(t, client.Close(0)) })
	return client
}

// soon ends a test that hangs.
func soon(t testing.TB) context.Context {
	ctx, stop := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(stop)
	return ctx
}

func login(t testing.TB, client *Client, openID string) {
	t.Helper()
	code := fmt.Sprintf("code:%s:%d", openID, logins.Add(1))
	told, err := client.Login(soon(t), LoginOptions{JSCode: code})
	check(t, err)
	if told.Outcome != OutcomeDone || told.OpenID != openID {
		t.Fatalf("login: %v of %q", told.Outcome, told.OpenID)
	}
}

func newBillNo(t testing.TB) string {
	t.Helper()
	billNo, err := NewBillNo()
	check(t, err)
	return billNo
}

func swordFor(t testing.TB, openID string) PayOptions {
	t.Helper()
	return PayOptions{BillNo: newBillNo(t), OpenID: openID, ZoneID: "1", Amount: 30, PayItem: "sword"}
}

// nextDelivery waits for one, of a Client or an Album.
func nextDelivery(t testing.TB, from interface {
	Deliveries(context.Context) iter.Seq[*Completion]
}) *Completion {
	t.Helper()
	for delivery := range from.Deliveries(soon(t)) {
		return delivery
	}
	t.Fatal("no delivery came")
	return nil
}

// eventually waits for what another thread is about to do.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within 30 s: %s", what)
		}
	}
}

func stats(t testing.TB, client *Client) Stats {
	t.Helper()
	told, err := client.Stats()
	check(t, err)
	return told
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func same[T comparable](t testing.TB, what string, got, wanted T) {
	t.Helper()
	if got != wanted {
		t.Errorf("%s: %v in place of %v", what, got, wanted)
	}
}

// words are its arguments with a space between each two.
func words(of ...any) string { return strings.TrimSuffix(fmt.Sprintln(of...), "\n") }

// refused expects a status, and where one is named the field.
func refused(t testing.TB, err error, status Status, field string) {
	t.Helper()
	var told *Error
	if !errors.Is(err, status) || !errors.As(err, &told) {
		t.Errorf("%v in place of %v", err, status)
		return
	}
	same(t, "field", told.Field, field)
	if !strings.Contains(err.Error(), status.String()) {
		t.Errorf("the message %q does not name %v", err, status)
	}
}

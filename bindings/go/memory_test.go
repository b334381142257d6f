//go:build !race

// What the race detector keeps for itself would be counted too.

package wxgame

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
)

// residentKB is what this process holds of memory, the library's included.
func residentKB(t *testing.T) (kilobytes int) {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	check(t, err)
	_, line, _ := strings.Cut(string(status), "VmRSS:")
	_, err = fmt.Sscan(line, &kilobytes)
	check(t, err)
	return kilobytes
}

// settles runs rounds until one takes less than so much. Allocators take more before they reuse what they have; a leak
// takes it in every round.
func settles(t *testing.T, mostKB int, round func()) {
	t.Helper()
	var grown int
	for range 10 {
		before := residentKB(t)
		round()
		if grown = residentKB(t) - before; grown < mostKB {
			return
		}
	}
	t.Errorf("every round takes memory, the last %d kB", grown)
}

func TestAClosedClientIsFreed(t *testing.T) {
	const cycles = 300
	options := newOptions(t)
	options.Journal = "memory:"
	ended, end := context.WithCancel(context.Background())
	end()
	files := descriptors(t)
	settles(t, 2*cycles, func() {
		for range cycles {
			client, err := Open(options)
			check(t, err)
			_, err = (&Poller{client.handle}).WakeFD()
			check(t, err)
			check(t, client.Submit(swordFor(t, "oNobody")))
			for range client.Deliveries(ended) {
				t.Error("a delivery")
			}
			check(t, client.Close(0))
		}
		collected(t, "all are freed", func() bool { return descriptors(t) <= files })
	})
}

func TestAClosedAlbumIsFreed(t *testing.T) {
	const cycles = 300
	options := newAlbumOptions(t)
	files := descriptors(t)
	settles(t, 2*cycles, func() {
		for range cycles {
			album, err := OpenAlbum(options)
			check(t, err)
			_, err = album.native.wakeFD()
			check(t, err)
			waits := begun(func() (*Completion, error) { return album.Authorize(context.Background()) })
			same(t, "delivery", nextDelivery(t, album).Kind, KindConsentNeeded)
			check(t, album.Close(0))
			same(t, "told", waits(t).AlbumClass, AlbumCancelled)
		}
		collected(t, "all are freed", func() bool { return descriptors(t) <= files })
	})
}

func TestWhatIsReadIsFreed(t *testing.T) {
	const cycles = 20000
	options, wechat := pushOptions(t, aesKeys["safe"])
	client := openClient(t, options)
	album := openNewAlbum(t, newAlbumOptions(t))
	ctx := context.Background()
	mock := strings.Replace(giftMessage(t, "pack-1"), `"MiniGame":{`, `"MiniGame":{"IsMock":1,`, 1)
	query, body := wechat.post(t, mock)
	for what, read := range map[string]func() error{
		"a completion": func() error {
			_, err := ParseMidasV1(MidasV1ReplyOptions{Call: CallPay, HTTPStatus: 200, BillNo: "a", Body: []byte("{}")})
			return err
		},
		"an answer": func() error {
			_, err := client.Payment(ctx, "never-heard-of")
			return err
		},
		"a push": func() error {
			told, err := client.ReceivePush(ctx, query, body)
			if err == nil && (told.Verdict != VerdictMock || len(told.Goods) != 2) {
				err = fmt.Errorf("%v %v %s", told.Verdict, told.Goods, told.Errmsg)
			}
			return err
		},
		"a request": func() error {
			_, err := BuildMidasV1(requestOptions())
			return err
		},
		"a text": func() error {
			_, err := ExplainSignature("/cgi-bin/midas/pay", []Field{{"openid", "oPlayer"}})
			return err
		},
		"a picture's answer": func() error {
			told, err := album.SaveImage(ctx, SaveImageOptions{"https://example.com/a.png"})
			if err == nil && (told.AlbumClass != AlbumBadFile || told.Detail == "") {
				err = fmt.Errorf("%+v", told)
			}
			return err
		},
		"an error": func() error {
			refused(t, client.Submit(PayOptions{}), ErrInvalidArgument, "openid")
			return nil
		},
	} {
		t.Run(what, func(t *testing.T) {
			// 16 bytes each: less than any allocation.
			settles(t, cycles*16/1024, func() {
				for range cycles {
					check(t, read())
				}
			})
		})
	}
}

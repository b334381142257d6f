package wxgame

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"
)

// threads counts this process's: the library's own, which it names, and the rest.
func threads(t *testing.T) (library, host int) {
	t.Helper()
	names, err := filepath.Glob("/proc/self/task/*/comm")
	check(t, err)
	for _, name := range names {
		comm, err := os.ReadFile(name)
		switch {
		case err != nil: // Ended meanwhile.
		case bytes.HasPrefix(comm, []byte("wxg-")):
			library++
		default:
			host++
		}
	}
	return library, host
}

func TestAThousandPaymentsInFlightNeedNoThreadEach(t *testing.T) {
	const payments = 1000
	client := openClient(t, newOptions(t))
	player := newPlayer(t, payments)
	ctx := soon(t)
	_, before := threads(t)
	goroutines := runtime.NumGoroutine()

	// All wait for one player's session.
	answers := make(chan error, payments)
	for range payments {
		sword := PayOptions{BillNo: newBillNo(t), OpenID: player, ZoneID: "1", Amount: 1}
		go func() {
			paid, err := client.Pay(ctx, sword)
			if err == nil && (paid.Outcome != OutcomeDone || paid.BillNo != sword.BillNo) {
				err = fmt.Errorf("%s: %v of %s", sword.BillNo, paid.Outcome, paid.BillNo)
			}
			if err == nil {
				err = client.Ack(paid.DeliveryID)
			}
			answers <- err
		}()
	}
	eventually(t, "all are in flight", func() bool { return stats(t, client).OpenWaiting == payments })
	_, during := threads(t)
	t.Logf("threads of the host: %d before, %d with %d payments in flight", before, during, payments)
	// On a busy machine the runtime adds some while submissions are held up on their way into C.
	if during-before > payments/10 {
		t.Errorf("%d threads more for %d payments", during-before, payments)
	}
	if more := runtime.NumGoroutine() - goroutines; more > payments {
		t.Errorf("%d goroutines more for %d calls", more, payments)
	}

	login(t, client, player)
	for range payments {
		check(t, <-answers)
	}
	balance, err := client.GetBalance(ctx, GetBalanceOptions{OpenID: player, ZoneID: "1"})
	check(t, err)
	same(t, "coins left", balance.Balance, 0)
	same(t, "deliveries", nextDelivery(t, client).Kind, KindSessionNeeded)
	same(t, "unread", client.Unread(), 0)
}

func descriptors(t *testing.T) int {
	t.Helper()
	names, err := filepath.Glob("/proc/self/fd/*")
	check(t, err)
	return len(names)
}

// collected lets the cleanups of what is unreachable run, and waits for what they do elsewhere.
func collected(t *testing.T, what string, holds func() bool) {
	t.Helper()
	eventually(t, what, func() bool {
		runtime.GC()
		return holds()
	})
}

func TestOpenAndCloseLeaveNothingBehind(t *testing.T) {
	player := newPlayer(t, 1000)
	options := newOptions(t)
	goroutines, files := runtime.NumGoroutine(), descriptors(t)
	for range 20 {
		client, err := Open(options)
		check(t, err)
		// A descriptor that only freeing closes.
		_, err = (&Poller{client.handle}).WakeFD()
		check(t, err)
		login(t, client, player)
		paid, err := client.Pay(soon(t), PayOptions{BillNo: newBillNo(t), OpenID: player, ZoneID: "1", Amount: 1})
		check(t, err)
		check(t, client.Ack(paid.DeliveryID))
		check(t, client.Submit(GetBalanceOptions{OpenID: player, ZoneID: "1"})) // Never read.
		check(t, client.Close(time.Second))
	}
	collected(t, "goroutines, descriptors and threads are gone", func() bool {
		library, _ := threads(t)
		return runtime.NumGoroutine() <= goroutines && descriptors(t) <= files && library == 0
	})
}

// A client that was forgotten is closed once it is collected; its waiting pump does not keep it.
func TestAForgottenClientIsClosedAndFreed(t *testing.T) {
	collected(t, "what other tests have left is gone", func() bool {
		library, _ := threads(t)
		return library == 0
	})
	goroutines := runtime.NumGoroutine()
	options, pollerOptions := newOptions(t), newOptions(t)
	func() {
		client, err := Open(options)
		check(t, err)
		check(t, client.Submit(swordFor(t, "oNobody")))
		poller, err := OpenPoller(pollerOptions)
		check(t, err)
		check(t, poller.Submit(swordFor(t, "oNobody"), 1))
		if library, _ := threads(t); library == 0 {
			t.Error("no thread of the library is seen")
		}
	}()
	collected(t, "threads and goroutines are gone", func() bool {
		library, _ := threads(t)
		return library == 0 && runtime.NumGoroutine() <= goroutines
	})
	check(t, openClient(t, options).Close(0))
	check(t, openPoller(t, pollerOptions).Close(0))
}

// What is collected while a call on it is under way stays until the call is over.
func TestACallKeepsItsClient(t *testing.T) {
	options := newOptions(t)
	options.Journal = "memory:"
	var callers sync.WaitGroup
	for range 8 {
		client, err := Open(options)
		check(t, err)
		sword := swordFor(t, "oNobody")
		sword.Deadline = 200 * time.Millisecond
		callers.Add(1)
		go func() {
			defer callers.Done()
			told, err := client.Pay(soon(t), sword)
			if err != nil || told.Flags&FlagShutdown != 0 {
				t.Errorf("%+v, %v", told, err)
			}
		}()
	}
	done := make(chan struct{})
	go func() {
		callers.Wait()
		close(done)
	}()
	for {
		runtime.GC()
		select {
		case <-done:
			return
		default:
		}
	}
}

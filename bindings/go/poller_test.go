package wxgame

import (
	"fmt"
	"syscall"
	"testing"
	"time"
)

func openPoller(t testing.TB, options ClientOptions) *Poller {
	t.Helper()
	poller, err := OpenPoller(options)
	check(t, err)
	t.Cleanup(func() { check(t, poller.Close(0)) })
	return poller
}

func TestAPollerTakesItsCompletionsItself(t *testing.T) {
	poller := openPoller(t, newOptions(t))
	player := newPlayer(t, 100)
	none, err := poller.Poll(64)
	check(t, err)
	same(t, "completions", len(none), 0)
	none, err = poller.Wait(time.Millisecond, 64)
	check(t, err)
	same(t, "completions", len(none), 0)

	check(t, poller.Submit(LoginOptions{JSCode: fmt.Sprintf("code:%s:%d", player, logins.Add(1))}, 1<<63))
	told, err := poller.Wait(-1, 64)
	check(t, err)
	same(t, "told", words(len(told), told[0].Kind, told[0].Outcome, told[0].UserTag), words(1, "login", "done", uint64(1<<63)))

	fd, err := poller.WakeFD()
	check(t, err)
	same(t, "readable", readable(t, fd, 0), false)
	requests := map[uint64]Request{
		1: swordFor(t, player),
		2: PresentOptions{BillNo: newBillNo(t), OpenID: player, ZoneID: "1", Amount: 1},
		3: GetBalanceOptions{OpenID: player, ZoneID: "1"},
		4: CancelPayOptions{BillNo: "never-heard-of"},
	}
	kinds := map[uint64]Kind{1: KindPay, 2: KindPresent, 3: KindGetBalance, 4: KindCancelPay}
	for tag, request := range requests {
		check(t, poller.Submit(request, tag))
	}
	for len(kinds) > 0 {
		same(t, "readable", readable(t, fd, 30000), true)
		told, err := poller.Poll(1)
		check(t, err)
		same(t, "told", words(len(told), told[0].Kind), words(1, kinds[told[0].UserTag]))
		delete(kinds, told[0].UserTag)
	}
	same(t, "readable", readable(t, fd, 0), false)

	for _, most := range []int{0, -1} {
		_, err = poller.Poll(most)
		refused(t, err, ErrInvalidArgument, "")
	}
	check(t, poller.Close(0))
	_, err = poller.Poll(64)
	refused(t, err, ErrClosed, "")
	_, err = poller.Wait(-1, 64)
	refused(t, err, ErrClosed, "")
}

func readable(t *testing.T, fd, timeoutMS int) bool {
	t.Helper()
	epoll, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	check(t, err)
	defer syscall.Close(epoll)
	check(t, syscall.EpollCtl(epoll, syscall.EPOLL_CTL_ADD, fd, &syscall.EpollEvent{Events: syscall.EPOLLIN}))
	events := make([]syscall.EpollEvent, 1)
	count, err := syscall.EpollWait(epoll, events, timeoutMS)
	for err == syscall.EINTR { // The Go runtime interrupts its threads.
		count, err = syscall.EpollWait(epoll, events, timeoutMS)
	}
	check(t, err)
	return count == 1
}

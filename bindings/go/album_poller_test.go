package wxgame

import (
	"fmt"
	"testing"
	"time"
)

func TestAnAlbumPollerTakesItsCompletionsItself(t *testing.T) {
	options := newAlbumOptions(t)
	options.QueueCapacity = 3
	poller, err := OpenAlbumPoller(options)
	check(t, err)
	picture(t, options.TempPath, "shot.png")
	none, err := poller.Poll(64)
	check(t, err)
	same(t, "completions", len(none), 0)
	none, err = poller.Wait(time.Millisecond, 64)
	check(t, err)
	same(t, "completions", len(none), 0)
	fd, err := poller.WakeFD()
	check(t, err)
	same(t, "readable", readable(t, fd, 0), false)

	// Three wait for one answer; a fourth finds no room.
	shot := SaveImageOptions{"wxfile://tmp/shot.png"}
	check(t, poller.SubmitSaveImage(shot, 1))
	check(t, poller.SubmitAuthorize(2))
	check(t, poller.SubmitSaveImage(shot, 1<<63))
	refused(t, poller.SubmitSaveImage(shot, 4), ErrQueueFull, "")
	same(t, "readable", readable(t, fd, 30000), true)
	asked, err := poller.Poll(64)
	check(t, err)
	same(t, "asked", words(len(asked), asked[0].Kind), "1 consent_needed")
	same(t, "readable", readable(t, fd, 0), false)
	check(t, poller.AnswerConsent(ConsentGranted))
	for _, wanted := range []string{"1 save_image ok", "2 authorize ok", "9223372036854775808 save_image ok"} {
		told, err := poller.Wait(-1, 1)
		check(t, err)
		same(t, "told", words(told[0].UserTag, told[0].Kind, told[0].AlbumClass), wanted)
	}
	same(t, "saved", words(saved(t, options)), "[shot (2).png shot.png]")

	check(t, poller.SubmitOpenSetting(5))
	told, err := poller.Wait(-1, 64)
	check(t, err)
	same(t, "told", words(len(told), told[0].Kind), "1 setting_needed")
	check(t, poller.Close(0))
	check(t, poller.Close(0))
	told, err = poller.Poll(64)
	check(t, err)
	same(t, "told", words(len(told), told[0].UserTag, told[0].Errmsg), fmt.Sprint("1 5 ", "openSetting:fail cancel"))
	for _, most := range []int{0, -1} {
		_, err = poller.Poll(most)
		refused(t, err, ErrInvalidArgument, "")
	}
	_, err = poller.Poll(64)
	refused(t, err, ErrClosed, "")
	_, err = poller.Wait(-1, 64)
	refused(t, err, ErrClosed, "")
	refused(t, poller.SubmitAuthorize(6), ErrClosed, "")
	same(t, "setting", setting(t, poller), ConsentGranted)
}

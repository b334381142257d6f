package wxgame

import (
	"bytes"
	"errors"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Everything at once: the user is asked once, every picture is saved, none over another.
func TestManyGoroutinesSaveAtOnce(t *testing.T) {
	const goroutines, each = 16, 8
	options := newAlbumOptions(t)
	album := openNewAlbum(t, options)
	drawn := picture(t, options.TempPath, "shot.png")
	ctx := soon(t)
	var asked atomic.Int32
	host := make(chan struct{})
	go func() {
		defer close(host)
		for delivery := range album.Deliveries(ctx) {
			same(t, "delivery", delivery.Kind, KindConsentNeeded)
			asked.Add(1)
			if err := album.AnswerConsent(ConsentGranted); err != nil {
				t.Error(err)
			}
		}
	}()
	var savers sync.WaitGroup
	var mutex sync.Mutex
	paths := map[string]bool{}
	for range goroutines {
		savers.Add(1)
		go func() {
			defer savers.Done()
			for range each {
				told, err := album.SaveImage(ctx, SaveImageOptions{"wxfile://tmp/shot.png"})
				if err != nil || told.AlbumClass != AlbumOK {
					t.Errorf("%+v, %v", told, err)
					return
				}
				_, err = album.GetSetting()
				kept, unread := os.ReadFile(told.SavedFilePath)
				if err != nil || unread != nil || !bytes.Equal(kept, drawn) {
					t.Errorf("%s: %v, %v, %d bytes", told.SavedFilePath, err, unread, len(kept))
				}
				mutex.Lock()
				paths[told.SavedFilePath] = true
				mutex.Unlock()
			}
		}()
	}
	savers.Wait()
	check(t, album.Close(0))
	<-host
	same(t, "asked", asked.Load(), 1)
	same(t, "pictures", len(paths), goroutines*each)
	same(t, "saved", len(saved(t, options)), goroutines*each)
}

// What was accepted is saved within the time that closing gives, and told; the rest is refused.
func TestSavesMayMeetAClose(t *testing.T) {
	options := newAlbumOptions(t)
	album := openNewAlbum(t, options)
	grant(t, album)
	picture(t, options.TempPath, "shot.png")
	ctx := soon(t)
	var savers, closers, underWay sync.WaitGroup
	var pictures atomic.Int32
	for range 8 {
		savers.Add(1)
		underWay.Add(1)
		go func() {
			defer savers.Done()
			for n := 0; ; n++ {
				told, err := album.SaveImage(ctx, SaveImageOptions{"wxfile://tmp/shot.png"})
				if n == 0 {
					underWay.Done()
				}
				switch {
				case errors.Is(err, ErrClosed):
					return
				case err != nil:
					t.Error(err)
					return
				case told.AlbumClass != AlbumOK:
					t.Errorf("%+v", told)
					return
				}
				pictures.Add(1)
			}
		}()
	}
	underWay.Wait()
	for range 4 {
		closers.Add(1)
		go func() {
			defer closers.Done()
			if err := album.Close(time.Minute); err != nil {
				t.Error(err)
			}
		}()
	}
	closers.Wait()
	savers.Wait()
	same(t, "pictures", len(saved(t, options)), int(pictures.Load()))
	same(t, "some", pictures.Load() >= 8, true)
}

// An album that was forgotten is closed once it is collected; its waiting pump does not keep it.
func TestAForgottenAlbumIsClosedAndFreed(t *testing.T) {
	collected(t, "what other tests have left is gone", func() bool {
		library, _ := threads(t)
		return library == 0
	})
	options := newAlbumOptions(t)
	func() {
		album, err := OpenAlbum(options)
		check(t, err)
		poller, err := OpenAlbumPoller(options)
		check(t, err)
		// A call that is answered, so that the threads run, and one that waits.
		_, err = album.OpenSetting(soon(t))
		check(t, err)
		check(t, poller.SubmitOpenSetting(1))
		_, err = poller.Wait(-1, 1)
		check(t, err)
		check(t, poller.SubmitAuthorize(2))
		library, _ := threads(t)
		same(t, "threads of the library", library, 2)
	}()
	collected(t, "the threads are gone", func() bool {
		library, _ := threads(t)
		return library == 0
	})
}

// An album that nobody holds but a call that waits stays until the call is over.
func TestACallKeepsItsAlbum(t *testing.T) {
	options := newAlbumOptions(t)
	picture(t, options.TempPath, "shot.png")
	album, err := OpenAlbum(options)
	check(t, err)
	native, inbox := album.native, album.inbox // They do not keep it.
	told := saving(t, album, "wxfile://tmp/shot.png")
	same(t, "delivery", nextDelivery(t, album).Kind, KindConsentNeeded)
	var others atomic.Int32
	runtime.AddCleanup(new([64]byte), func(*atomic.Int32) { others.Add(1) }, &others)
	collected(t, "what nobody holds is gone", func() bool { return others.Load() == 1 })
	select {
	case <-inbox.ended:
		t.Fatal("the album was closed")
	default:
	}
	check(t, (&albumHandle{native}).AnswerConsent(ConsentGranted))
	same(t, "told", told(t).AlbumClass, AlbumOK)
}

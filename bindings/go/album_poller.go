package wxgame

import (
	"runtime"
	"time"
)

// AlbumPoller is an album whose completions you take yourself, all in one queue, as those of a Poller: for a game with a
// loop of its own, which shows its dialogs there. It runs no goroutine. Most programs want an Album.
type AlbumPoller struct {
	albumHandle
}

// OpenAlbumPoller opens an album as OpenAlbum does.
func OpenAlbumPoller(options AlbumOptions) (*AlbumPoller, error) {
	opened, err := openAlbum(&options)
	if err != nil {
		return nil, err
	}
	poller := &AlbumPoller{albumHandle{opened}}
	runtime.AddCleanup(poller, func(album nativeAlbum) { go album.free() }, opened)
	return poller, nil
}

// SubmitSaveImage begins what Album.SaveImage does. One completion of KindSaveImage comes later, with userTag in it.
// Copies and enqueues: no disk, may be called inside a frame.
func (p *AlbumPoller) SubmitSaveImage(options SaveImageOptions, userTag uint64) error {
	defer runtime.KeepAlive(p)
	return p.native.submitSaveImage(options, userTag)
}

// SubmitAuthorize begins what Album.Authorize does. One completion of KindAuthorize comes later, with userTag in it.
// Enqueues, does not block.
func (p *AlbumPoller) SubmitAuthorize(userTag uint64) error {
	defer runtime.KeepAlive(p)
	return p.native.submitAuthorize(userTag)
}

// SubmitOpenSetting begins what Album.OpenSetting does. One completion of KindOpenSetting comes later, with userTag in it.
// Enqueues, does not block.
func (p *AlbumPoller) SubmitOpenSetting(userTag uint64) error {
	defer runtime.KeepAlive(p)
	return p.native.submitOpenSetting(userTag)
}

// Poll takes up to `most` completions that are ready, 64 at a time at the most; there may be none. Never blocks. Each
// goes to exactly one caller. ErrClosed: closed, and everything has been handed out.
func (p *AlbumPoller) Poll(most int) ([]*Completion, error) {
	defer runtime.KeepAlive(p)
	return p.native.poll(most)
}

// Wait is Poll that waits up to `timeout` (negative: without limit) for the first completion, and holds a thread while
// it does. With nothing ready in time there are none. Close ends it.
func (p *AlbumPoller) Wait(timeout time.Duration, most int) ([]*Completion, error) {
	defer runtime.KeepAlive(p)
	return p.native.wait(milliseconds(timeout), most)
}

// WakeFD is a descriptor for epoll, kqueue, poll or select: readable while Poll has something to say (level-triggered).
// Owned by the album: do not read, write or close it. Not on Windows. Does not block.
func (p *AlbumPoller) WakeFD() (int, error) {
	defer runtime.KeepAlive(p)
	return p.native.wakeFD()
}

// Close closes the album as Album.Close does. Poll and Wait go on handing out what is queued.
func (p *AlbumPoller) Close(timeout time.Duration) error {
	defer runtime.KeepAlive(p)
	return p.native.close(timeout)
}

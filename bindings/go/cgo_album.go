package wxgame

/*
#cgo noescape wxg_album_submit_save_image
#cgo nocallback wxg_album_submit_save_image
#cgo noescape wxg_album_submit_authorize
#cgo nocallback wxg_album_submit_authorize
#cgo noescape wxg_album_submit_open_setting
#cgo nocallback wxg_album_submit_open_setting
#cgo noescape wxg_album_poll
#cgo nocallback wxg_album_poll
#cgo noescape wxg_album_wait
#cgo nocallback wxg_album_wait
#include <wxgame.h>
*/
import "C"

import (
	"runtime"
	"time"
	"unsafe"
)

// nativeAlbum is a wxg_album. Whoever calls it sees to it that it has not been freed.
type nativeAlbum struct{ album *C.wxg_album }

func openAlbum(o *AlbumOptions) (nativeAlbum, error) {
	if err := tooOld(); err != nil {
		return nativeAlbum{}, err
	}
	c := C.wxg_album_options{
		queue_capacity: C.uint32_t(o.QueueCapacity),
		max_bytes:      C.int64_t(o.MaxBytes),
	}
	c.struct_size = C.uint32_t(unsafe.Sizeof(c))
	var texts pinned
	defer texts.release()
	texts.put(text{&c.temp_path, o.TempPath}, text{&c.user_data_path, o.UserDataPath},
		text{&c.pictures_path, o.PicturesPath}, text{&c.folder, o.Folder})
	var album *C.wxg_album
	var told *C.wxg_error
	status := C.wxg_album_open(&c, &album, &told)
	return nativeAlbum{album}, failure(status, told)
}

func (n nativeAlbum) submitSaveImage(o SaveImageOptions, userTag uint64) error {
	c := C.wxg_save_image_options{user_tag: C.uint64_t(userTag)}
	c.struct_size = C.uint32_t(unsafe.Sizeof(c))
	var texts pinned
	defer texts.release()
	texts.put(text{&c.file_path, o.FilePath})
	var told *C.wxg_error
	status := C.wxg_album_submit_save_image(n.album, &c, &told)
	return failure(status, told)
}

func (n nativeAlbum) submitAuthorize(userTag uint64) error {
	var told *C.wxg_error
	status := C.wxg_album_submit_authorize(n.album, C.uint64_t(userTag), &told)
	return failure(status, told)
}

func (n nativeAlbum) submitOpenSetting(userTag uint64) error {
	var told *C.wxg_error
	status := C.wxg_album_submit_open_setting(n.album, C.uint64_t(userTag), &told)
	return failure(status, told)
}

func (n nativeAlbum) poll(most int) ([]*Completion, error) {
	var room [batch]*C.wxg_completion
	var count C.size_t
	status := C.wxg_album_poll(n.album, &room[0], capacity(most), &count)
	return taken(room[:count]), failure(status, nil)
}

func (n nativeAlbum) wait(timeoutMS int64, most int) ([]*Completion, error) {
	var room [batch]*C.wxg_completion
	var count C.size_t
	status := C.wxg_album_wait(n.album, C.int64_t(timeoutMS), &room[0], capacity(most), &count)
	return taken(room[:count]), failure(status, nil)
}

func (n nativeAlbum) wakeFD() (int, error) {
	var fd C.int32_t
	var told *C.wxg_error
	status := C.wxg_album_wake_fd(n.album, &fd, &told)
	return int(fd), failure(status, told)
}

func (n nativeAlbum) close(timeout time.Duration) error {
	return failure(C.wxg_album_close(n.album, C.int64_t(milliseconds(timeout))), nil)
}

func (n nativeAlbum) free() { C.wxg_album_free(n.album) }

// albumHandle is what an Album and an AlbumPoller have in common. It frees its wxg_album as a handle frees its client.
type albumHandle struct{ native nativeAlbum }

// GetSetting is wx.getSetting: ConsentNotAsked, ConsentGranted or ConsentDenied, also where another process asked. Reads
// one small file and blocks that long; works after closing. ErrConfiguration: the answer cannot be read.
func (h *albumHandle) GetSetting() (Consent, error) {
	defer runtime.KeepAlive(h)
	var consent C.uint32_t
	var told *C.wxg_error
	status := C.wxg_album_get_setting(h.native.album, &consent, &told)
	return Consent(consent), failure(status, told)
}

// AnswerConsent answers KindConsentNeeded with what the user did: ConsentGranted or ConsentDenied, which are kept, or
// ConsentCancelled, which is not. All calls that wait go on, or fail. ErrWrongState: nobody waits; it was answered, or
// decided elsewhere meanwhile. Enqueues, does not block.
func (h *albumHandle) AnswerConsent(consent Consent) error {
	defer runtime.KeepAlive(h)
	var told *C.wxg_error
	status := C.wxg_album_answer_consent(h.native.album, C.uint32_t(consent), &told)
	return failure(status, told)
}

// AnswerSetting answers KindSettingNeeded with how the user left the settings: ConsentGranted or ConsentDenied, which are
// kept and decide for the calls that wait for consent too, or ConsentCancelled for no change. ErrWrongState: nobody waits.
// Enqueues, does not block.
func (h *albumHandle) AnswerSetting(consent Consent) error {
	defer runtime.KeepAlive(h)
	var told *C.wxg_error
	status := C.wxg_album_answer_setting(h.native.album, C.uint32_t(consent), &told)
	return failure(status, told)
}

// ErrMsgClass is what an errMsg of these calls means, whoever said it: an album, or WeChat on any of its platforms, whose
// wordings differ. AlbumOther for a text that nobody knows; ErrInvalidArgument for one that is not UTF-8.
func ErrMsgClass(errMsg string) (AlbumClass, error) {
	var given C.wxg_str
	var texts pinned
	defer texts.release()
	texts.put(text{&given, errMsg})
	var class C.uint32_t
	status := C.wxg_album_errmsg_class(&given, &class)
	return AlbumClass(class), failure(status, nil)
}

package wxgame

import (
	"cmp"
	"context"
	"iter"
	"runtime"
	"time"
)

// defaultAlbumQueueCapacity is what AlbumOptions.QueueCapacity stands for when it is zero.
const defaultAlbumQueueCapacity = 1024

// AlbumOptions is what an album is opened with. All texts are UTF-8; zero means the default.
type AlbumOptions struct {
	// The folder of the game's temporary files, absolute: what wxfile://tmp… and http://tmp/… stand for. It must be there.
	// Required.
	TempPath string
	// The folder of the game's own files, absolute: what wx.env.USER_DATA_PATH, wxfile://usr/… and http://usr/… stand for.
	// It must be there. The user's answer is kept in it, as .wxgame/scope.writePhotosAlbum: do not let the game write
	// there. Required.
	UserDataPath string
	// The folder of the user's pictures, absolute, made where it is missing. Empty: where the platform has it (XDG user
	// directories, Known Folders, ~/Pictures), for which HOME and the like are read.
	PicturesPath string
	// The game's folder in there, such as the name of the game: one name that every system takes. Required.
	Folder        string
	MaxBytes      int64  // The largest picture in bytes: 134,217,728 (128 MiB).
	QueueCapacity uint32 // How many calls may wait for their completion, and deliveries be unread, to 1,048,576: 1,024.
}

// SaveImageOptions is a picture to save.
type SaveImageOptions struct {
	// WeChat's filePath: a temporary or permanent local file of the game. wxfile://tmp…, wxfile://usr/…, http://tmp/…,
	// http://usr/…, or an absolute path below TempPath or UserDataPath.
	FilePath string
}

// Album is the pictures of one game of one user of this machine, with the contract of wx.saveImageToPhotosAlbum, for a
// game that runs outside WeChat. It needs no Client, key, journal or network. Open one when the game starts, and Close it
// at the end.
//
// It runs one goroutine, which waits in the library and so holds one thread; the library has a thread of its own, which
// saves one picture after the other. A call that waits holds none.
type Album struct {
	albumHandle
	inbox *inbox
}

// OpenAlbum opens an album: checks every option. Writes nothing; looks at the folders. ErrConfiguration: a folder is not
// there, or the platform has none for pictures.
//
// An Album that is dropped without Close is closed and freed once it is collected, if ever: a net, not a way to close.
func OpenAlbum(options AlbumOptions) (*Album, error) {
	opened, err := openAlbum(&options)
	if err != nil {
		return nil, err
	}
	limit := cmp.Or(options.QueueCapacity, defaultAlbumQueueCapacity)
	album := &Album{albumHandle{opened}, newInbox(int(limit))}
	go pump(opened, album.inbox)
	runtime.AddCleanup(album, freePumped, pumped{opened, album.inbox.ended})
	return album, nil
}

// SaveImage is wx.saveImageToPhotosAlbum, and waits for its end. No error means that there is a completion: Errmsg is
// WeChat's text (saveImageToPhotosAlbum:ok, saveImageToPhotosAlbum:fail auth deny …), AlbumClass its meaning,
// SavedFilePath where the picture is. What is wrong with FilePath, or the file, is told that way too, as in WeChat. If the
// user has not been asked yet, the call waits until you have answered KindConsentNeeded, which comes to Deliveries.
//
// The picture appears whole and durable, under a name that was free, or not at all.
//
// The context bounds the waiting, and undoes nothing. When it ends after the call was made, the error is both
// ErrOutcomeUnknown and the context's, the picture may still be saved, and the completion comes to Deliveries. Any other
// error means that nothing was done.
func (a *Album) SaveImage(ctx context.Context, options SaveImageOptions) (*Completion, error) {
	return a.call(ctx, func(userTag uint64) error { return a.native.submitSaveImage(options, userTag) })
}

// Authorize is wx.authorize for scope.writePhotosAlbum: asks the user ahead of the first picture, as SaveImage does. A
// user who has refused is not asked again. The context is as in SaveImage.
func (a *Album) Authorize(ctx context.Context) (*Completion, error) {
	return a.call(ctx, a.native.submitAuthorize)
}

// OpenSetting is wx.openSetting: lets the user change the answer. It waits until you have answered KindSettingNeeded,
// which comes to Deliveries; Consent is what holds now. As in WeChat the settings show only what has been asked before: if
// nothing has, it ends at once with ConsentNotAsked. The context is as in SaveImage.
func (a *Album) OpenSetting(ctx context.Context) (*Completion, error) {
	return a.call(ctx, a.native.submitOpenSetting)
}

func (a *Album) call(ctx context.Context, submit func(userTag uint64) error) (*Completion, error) {
	defer runtime.KeepAlive(a)
	return a.inbox.call(ctx, submit)
}

// Deliveries hands out the completions that no call waits for, one after the other, and waits for more:
//
//   - KindConsentNeeded: show your dialog, then AnswerConsent; asked once for all calls that wait;
//   - KindSettingNeeded: show the settings, then AnswerSetting; asked once for all calls that wait;
//   - the answer to a call whose context has ended.
//
// It ends when the context ends, or when the album is closed and everything has been handed out. Each goes to one reader;
// any number may read.
//
// Every program must read them: calls wait for those answers, and while QueueCapacity deliveries are unread, new calls are
// refused with ErrQueueFull.
func (a *Album) Deliveries(ctx context.Context) iter.Seq[*Completion] {
	return func(yield func(*Completion) bool) {
		defer runtime.KeepAlive(a)
		a.inbox.deliveries(ctx)(yield)
	}
}

// Unread is how many deliveries nobody has read.
func (a *Album) Unread() int { return a.inbox.count() }

// Close closes the album. Nothing new is accepted; pictures in the queue may be saved for `timeout`; what is left then,
// and what waits for the user, completes with FlagShutdown and leaves nothing behind. Every waiting call
// returns its completion; what nobody waits for can still be read from Deliveries.
//
// Blocks until that is done, `timeout` + 1 s at the most, even if the disk hangs; only then may a picture still appear
// whose call completed with FlagShutdown. May be called twice; the second waits as well. The memory goes when the Album is
// collected.
func (a *Album) Close(timeout time.Duration) error {
	defer runtime.KeepAlive(a)
	if err := a.native.close(timeout); err != nil {
		return err
	}
	<-a.inbox.ended
	return nil
}

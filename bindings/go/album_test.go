package wxgame

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// newAlbumOptions has folders of its own, in which nobody has been asked.
func newAlbumOptions(t testing.TB) AlbumOptions {
	t.Helper()
	folders := t.TempDir()
	options := AlbumOptions{
		TempPath:     filepath.Join(folders, "tmp"),
		UserDataPath: filepath.Join(folders, "usr"),
		PicturesPath: filepath.Join(folders, "Pictures"),
		Folder:       "Game",
	}
	check(t, os.Mkdir(options.TempPath, 0o700))
	check(t, os.Mkdir(options.UserDataPath, 0o700))
	return options
}

func openNewAlbum(t testing.TB, options AlbumOptions) *Album {
	t.Helper()
	album, err := OpenAlbum(options)
	check(t, err)
	t.Cleanup(func() { check(t, album.Close(0)) })
	return album
}

// grant has the user allow it.
func grant(t testing.TB, album *Album) {
	t.Helper()
	ctx := soon(t)
	granted := begun(func() (*Completion, error) { return album.Authorize(ctx) })
	same(t, "delivery", nextDelivery(t, album).Kind, KindConsentNeeded)
	check(t, album.AnswerConsent(ConsentGranted))
	same(t, "authorize", granted(t).Errmsg, "authorize:ok")
}

// begun makes a call on a goroutine of its own; what it returns waits for the answer.
func begun(call func() (*Completion, error)) func(t testing.TB) *Completion {
	var told *Completion
	var err error
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		told, err = call()
	}()
	return func(t testing.TB) *Completion {
		t.Helper()
		<-ended
		check(t, err)
		return told
	}
}

func saving(t testing.TB, album *Album, filePath string) func(t testing.TB) *Completion {
	ctx := soon(t)
	return begun(func() (*Completion, error) { return album.SaveImage(ctx, SaveImageOptions{filePath}) })
}

// picture writes a small PNG.
func picture(t testing.TB, folder, name string) []byte {
	t.Helper()
	var encoded bytes.Buffer
	check(t, png.Encode(&encoded, image.NewGray(image.Rect(0, 0, 4, 4))))
	check(t, os.WriteFile(filepath.Join(folder, name), encoded.Bytes(), 0o600))
	return encoded.Bytes()
}

// saved are the names of the game's pictures, hidden files too.
func saved(t testing.TB, options AlbumOptions) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(options.PicturesPath, options.Folder))
	if !errors.Is(err, os.ErrNotExist) {
		check(t, err)
	}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

func setting(t testing.TB, of interface{ GetSetting() (Consent, error) }) Consent {
	t.Helper()
	consent, err := of.GetSetting()
	check(t, err)
	return consent
}

func TestAPictureIsSavedOnceTheUserAllowsIt(t *testing.T) {
	options := newAlbumOptions(t)
	album := openNewAlbum(t, options)
	drawn := picture(t, options.TempPath, "shot.png")
	same(t, "setting", setting(t, album), ConsentNotAsked)

	first := saving(t, album, "wxfile://tmp/shot.png")
	asked := nextDelivery(t, album)
	same(t, "delivery", words(asked.Kind, asked.UserTag, asked.AlbumClass, asked.Outcome), "consent_needed 0 0 none")
	same(t, "saved before", len(saved(t, options)), 0)
	check(t, album.AnswerConsent(ConsentGranted))
	told := first(t)
	check(t, told.Err())
	same(t, "told", words(told.Kind, told.AlbumClass, told.Consent, told.Flags, told.Errmsg, told.Detail),
		"save_image ok granted 0 saveImageToPhotosAlbum:ok ")
	same(t, "path", told.SavedFilePath, filepath.Join(options.PicturesPath, "Game", "shot.png"))
	kept, err := os.ReadFile(told.SavedFilePath)
	check(t, err)
	same(t, "what was saved", string(kept), string(drawn))

	// The answer is kept: neither this album nor the next asks again.
	again := saving(t, album, "http://tmp/shot.png")(t)
	same(t, "a name that is taken", filepath.Base(again.SavedFilePath), "shot (2).png")
	next := openNewAlbum(t, options)
	same(t, "setting", setting(t, next), ConsentGranted)
	picture(t, options.UserDataPath, "own.png")
	own := saving(t, next, filepath.Join(options.UserDataPath, "own.png"))(t)
	same(t, "told", words(own.AlbumClass, filepath.Base(own.SavedFilePath)), "ok own.png")
	same(t, "unread", album.Unread()+next.Unread(), 0)
}

func TestAUserWhoHasRefusedIsAskedOnlyInTheSettings(t *testing.T) {
	options := newAlbumOptions(t)
	album := openNewAlbum(t, options)
	picture(t, options.TempPath, "shot.png")
	ctx := soon(t)

	// Nothing has been asked, so the settings have nothing to show.
	shown, err := album.OpenSetting(ctx)
	check(t, err)
	same(t, "settings", words(shown.Kind, shown.AlbumClass, shown.Consent, shown.Errmsg), "open_setting ok not_asked openSetting:ok")

	first := saving(t, album, "wxfile://tmp/shot.png")
	same(t, "delivery", nextDelivery(t, album).Kind, KindConsentNeeded)
	check(t, album.AnswerConsent(ConsentDenied))
	told := first(t)
	same(t, "refused", words(told.AlbumClass, told.Consent, told.Status, told.Errmsg, told.SavedFilePath),
		"denied denied WXG_OK saveImageToPhotosAlbum:fail auth deny ")
	same(t, "detail", strings.Contains(told.Detail, "openSetting"), true)
	told = saving(t, album, "wxfile://tmp/shot.png")(t)
	same(t, "refused again", told.AlbumClass, AlbumDenied)
	told, err = album.Authorize(ctx)
	check(t, err)
	same(t, "authorize", words(told.Kind, told.Consent, told.Errmsg), "authorize denied authorize:fail auth deny")
	same(t, "setting", setting(t, album), ConsentDenied)
	same(t, "unread", album.Unread(), 0)

	for _, step := range []struct{ answer, holds Consent }{
		{ConsentCancelled, ConsentDenied}, {ConsentGranted, ConsentGranted}, {ConsentDenied, ConsentDenied}, {ConsentGranted, ConsentGranted},
	} {
		changed := begun(func() (*Completion, error) { return album.OpenSetting(ctx) })
		same(t, "delivery", nextDelivery(t, album).Kind, KindSettingNeeded)
		check(t, album.AnswerSetting(step.answer))
		told = changed(t)
		same(t, "left "+step.answer.String(), words(told.AlbumClass, told.Consent), words("ok", step.holds))
		same(t, "setting", setting(t, album), step.holds)
	}
	told = saving(t, album, "wxfile://tmp/shot.png")(t)
	same(t, "allowed", told.AlbumClass, AlbumOK)
	same(t, "saved", words(saved(t, options)), "[shot.png]")
}

func TestAClosedDialogIsNoAnswer(t *testing.T) {
	options := newAlbumOptions(t)
	album := openNewAlbum(t, options)
	picture(t, options.TempPath, "shot.png")
	for range 2 { // So the next call asks again.
		told := saving(t, album, "wxfile://tmp/shot.png")
		same(t, "delivery", nextDelivery(t, album).Kind, KindConsentNeeded)
		check(t, album.AnswerConsent(ConsentCancelled))
		same(t, "told", words(told(t).AlbumClass, told(t).Errmsg), "cancelled saveImageToPhotosAlbum:fail cancel")
		same(t, "setting", setting(t, album), ConsentNotAsked)
	}
	refused(t, album.AnswerConsent(ConsentGranted), ErrWrongState, "")
	refused(t, album.AnswerSetting(ConsentGranted), ErrWrongState, "")
	for _, none := range []Consent{0, ConsentNotAsked, 5} {
		refused(t, album.AnswerConsent(none), ErrInvalidArgument, "consent")
		refused(t, album.AnswerSetting(none), ErrInvalidArgument, "consent")
	}
	same(t, "saved", len(saved(t, options)), 0)
}

// The user said yes, and the disk does not take it: what was allowed is done, and the flag says that it is not kept.
func TestAnAnswerThatCannotBeKeptIsFlagged(t *testing.T) {
	options := newAlbumOptions(t)
	album := openNewAlbum(t, options)
	picture(t, options.TempPath, "shot.png")
	told := saving(t, album, "wxfile://tmp/shot.png")
	same(t, "delivery", nextDelivery(t, album).Kind, KindConsentNeeded)
	check(t, os.WriteFile(filepath.Join(options.UserDataPath, ".wxgame"), nil, 0o600)) // Where the folder should be.
	check(t, album.AnswerConsent(ConsentGranted))
	same(t, "told", words(told(t).AlbumClass, told(t).Flags), words("ok", FlagNotRemembered))
	same(t, "setting", setting(t, album), ConsentGranted)

	_, err := openNewAlbum(t, options).GetSetting()
	refused(t, err, ErrConfiguration, "")
}

func TestWhatIsWrongWithAFileIsToldInWeChatsWords(t *testing.T) {
	options := newAlbumOptions(t)
	options.MaxBytes = 1000
	album := openNewAlbum(t, options)
	grant(t, album)
	check(t, os.WriteFile(filepath.Join(options.TempPath, "text.png"), []byte("no picture"), 0o600))
	large := append(picture(t, options.TempPath, "small.png"), make([]byte, 1000)...)
	check(t, os.WriteFile(filepath.Join(options.TempPath, "large.png"), large, 0o600))
	for filePath, tail := range map[string]string{
		"":                                "url invalid",
		"https://example.com/a.png":       "url invalid",
		"data:image/png;base64,AA":        "url invalid",
		"wxfile://tmp/../usr/a.png":       "url invalid",
		"/etc/hostname":                   "url invalid",
		"wxfile://tmp/a\x00.png":          "url invalid",
		"wxfile://tmp/not there.png":      "file not found",
		"wxfile://usr/text.png":           "file not found",
		"wxfile://tmp/text.png":           "invalid file type",
		options.TempPath + "/large.png":   "file too large",
		options.TempPath + "/./small.png": "",
	} {
		told := saving(t, album, filePath)(t)
		if tail == "" {
			same(t, filePath, words(told.AlbumClass, told.Detail), "ok ")
			continue
		}
		same(t, filePath, words(told.AlbumClass, told.Errmsg), "bad_file saveImageToPhotosAlbum:fail "+tail)
		same(t, filePath+": says why", told.Detail != "", true)
		same(t, filePath+": saved", told.SavedFilePath, "")
	}
	_, err := album.SaveImage(soon(t), SaveImageOptions{"wxfile://tmp/\xff.png"})
	refused(t, err, ErrInvalidArgument, "file_path")
	same(t, "saved", words(saved(t, options)), "[small.png]")
}

func TestNamesOfAnyLanguageAreKept(t *testing.T) {
	options := newAlbumOptions(t)
	options.Folder = "我的游戏"
	options.PicturesPath += " 图片"
	album := openNewAlbum(t, options)
	grant(t, album)
	const name = "截图 第一关.png"
	drawn := picture(t, options.UserDataPath, name)
	told := saving(t, album, "http://usr/"+name)(t)
	same(t, "path", told.SavedFilePath, filepath.Join(options.PicturesPath, options.Folder, name))
	kept, err := os.ReadFile(told.SavedFilePath)
	check(t, err)
	same(t, "what was saved", string(kept), string(drawn))
}

// A path of the system's need not be UTF-8, and still opens what it names.
func TestASavedFilePathKeepsItsBytes(t *testing.T) {
	home := filepath.Join(t.TempDir(), "\xb0\xa1\xff") // GBK, and what is no text at all.
	check(t, os.Mkdir(home, 0o700))
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", "")
	options := newAlbumOptions(t)
	options.PicturesPath = ""
	album := openNewAlbum(t, options)
	grant(t, album)
	drawn := picture(t, options.TempPath, "shot.png")
	told := saving(t, album, "wxfile://tmp/shot.png")(t)
	same(t, "path", told.SavedFilePath, filepath.Join(home, "Pictures", "Game", "shot.png"))
	kept, err := os.ReadFile(told.SavedFilePath)
	check(t, err)
	same(t, "what was saved", string(kept), string(drawn))
}

func TestACancelledContextLeavesTheSaveRunning(t *testing.T) {
	options := newAlbumOptions(t)
	album := openNewAlbum(t, options)
	picture(t, options.TempPath, "shot.png")
	ctx, cancel := context.WithCancel(soon(t))
	failed := make(chan error)
	go func() {
		_, err := album.SaveImage(ctx, SaveImageOptions{"wxfile://tmp/shot.png"})
		failed <- err
	}()
	same(t, "delivery", nextDelivery(t, album).Kind, KindConsentNeeded)
	cancel()
	err := <-failed
	same(t, "unknown", errors.Is(err, ErrOutcomeUnknown), true)
	same(t, "the context's", errors.Is(err, context.Canceled), true)

	// It still waits, and is saved when the user allows it.
	check(t, album.AnswerConsent(ConsentGranted))
	late := nextDelivery(t, album)
	same(t, "delivery", words(late.Kind, late.AlbumClass), "save_image ok")
	same(t, "saved", words(saved(t, options)), "[shot.png]")
	same(t, "unread", album.Unread(), 0)
}

func TestAContextThatHasEndedAsksNobody(t *testing.T) {
	options := newAlbumOptions(t)
	album := openNewAlbum(t, options)
	picture(t, options.TempPath, "shot.png")
	ended, end := context.WithCancel(context.Background())
	end()
	for what, call := range map[string]func() (*Completion, error){
		"save_image":   func() (*Completion, error) { return album.SaveImage(ended, SaveImageOptions{"wxfile://tmp/shot.png"}) },
		"authorize":    func() (*Completion, error) { return album.Authorize(ended) },
		"open_setting": func() (*Completion, error) { return album.OpenSetting(ended) },
	} {
		_, err := call()
		same(t, what, err, error(context.Canceled))
	}
	for range album.Deliveries(ended) {
		t.Error("a delivery")
	}
	check(t, album.Close(time.Minute)) // What was begun would be told by now.
	for delivery := range album.Deliveries(soon(t)) {
		t.Errorf("a delivery: %+v", delivery)
	}
}

func TestCloseAnswersACallThatWaitsForTheUser(t *testing.T) {
	options := newAlbumOptions(t)
	album := openNewAlbum(t, options)
	picture(t, options.TempPath, "shot.png")
	waits := saving(t, album, "wxfile://tmp/shot.png")
	same(t, "delivery", nextDelivery(t, album).Kind, KindConsentNeeded)
	check(t, album.Close(time.Minute)) // The user is not waited for.
	select {
	case <-album.inbox.ended:
	default:
		t.Error("the pump still runs")
	}
	told := waits(t)
	same(t, "told", words(told.Kind, told.AlbumClass, told.Flags, told.Errmsg),
		words("save_image cancelled", FlagShutdown, "saveImageToPhotosAlbum:fail cancel"))
	refused(t, told.Err(), ErrClosed, "")
	same(t, "says why", strings.Contains(told.Err().Error(), told.Detail) && told.Detail != "", true)

	check(t, album.Close(0))
	ctx := soon(t)
	_, err := album.SaveImage(ctx, SaveImageOptions{"wxfile://tmp/shot.png"})
	refused(t, err, ErrClosed, "")
	_, err = album.Authorize(ctx)
	refused(t, err, ErrClosed, "")
	_, err = album.OpenSetting(ctx)
	refused(t, err, ErrClosed, "")
	refused(t, album.AnswerConsent(ConsentGranted), ErrClosed, "")
	refused(t, album.AnswerSetting(ConsentGranted), ErrClosed, "")
	same(t, "setting", setting(t, album), ConsentNotAsked)
	for delivery := range album.Deliveries(ctx) {
		t.Errorf("a delivery: %+v", delivery)
	}
	same(t, "saved", len(saved(t, options)), 0)
}

// What the library refuses it refuses by name, so every option reaches the field of its name.
func TestEveryOptionOfAnAlbumReachesItsField(t *testing.T) {
	for what, bad := range map[string]struct {
		status Status
		spoil  func(*AlbumOptions)
	}{
		"temp_path is not UTF-8":         {ErrInvalidArgument, func(o *AlbumOptions) { o.TempPath = "/\xff" }},
		"temp_path is relative":          {ErrInvalidArgument, func(o *AlbumOptions) { o.TempPath = "tmp" }},
		"temp_path is not there":         {ErrConfiguration, func(o *AlbumOptions) { o.TempPath += " missing" }},
		"user_data_path is not UTF-8":    {ErrInvalidArgument, func(o *AlbumOptions) { o.UserDataPath = "/\xff" }},
		"user_data_path is empty":        {ErrInvalidArgument, func(o *AlbumOptions) { o.UserDataPath = "" }},
		"user_data_path is not there":    {ErrConfiguration, func(o *AlbumOptions) { o.UserDataPath += " missing" }},
		"pictures_path is not UTF-8":     {ErrInvalidArgument, func(o *AlbumOptions) { o.PicturesPath = "/\xff" }},
		"pictures_path is relative":      {ErrInvalidArgument, func(o *AlbumOptions) { o.PicturesPath = "Pictures" }},
		"folder is not UTF-8":            {ErrInvalidArgument, func(o *AlbumOptions) { o.Folder = "\xff" }},
		"folder is empty":                {ErrInvalidArgument, func(o *AlbumOptions) { o.Folder = "" }},
		"folder is more than one name":   {ErrInvalidArgument, func(o *AlbumOptions) { o.Folder = "a/b" }},
		"max_bytes is negative":          {ErrInvalidArgument, func(o *AlbumOptions) { o.MaxBytes = -1 }},
		"queue_capacity is out of range": {ErrInvalidArgument, func(o *AlbumOptions) { o.QueueCapacity = 1<<20 + 1 }},
	} {
		options := newAlbumOptions(t)
		bad.spoil(&options)
		field, _, _ := strings.Cut(what, " ")
		t.Run(what, func(t *testing.T) {
			_, err := OpenAlbum(options)
			refused(t, err, bad.status, field)
			_, err = OpenAlbumPoller(options)
			refused(t, err, bad.status, field)
		})
	}
}

func TestErrMsgsOfEveryPlatformHaveAClass(t *testing.T) {
	for errMsg, wanted := range map[string]AlbumClass{
		"saveImageToPhotosAlbum:ok":                                        AlbumOK,
		"saveImageToPhotosAlbum:fail auth deny":                            AlbumDenied,
		"saveImageToPhotosAlbum:fail:auth denied":                          AlbumDenied,
		"saveImageToPhotosAlbum:fail cancel":                               AlbumCancelled,
		"saveImageToPhotosAlbum:fail privacy permission is not authorized": AlbumPrivacy,
		"saveImageToPhotosAlbum:fail invalid file type":                    AlbumBadFile,
		"saveImageToPhotosAlbum:fail:system permission denied":             AlbumNoPermission,
		"saveImageToPhotosAlbum:fail no space left":                        AlbumNoSpace,
		"saveImageToPhotosAlbum:fail 相册":                                   AlbumOther,
		"":                                                                 AlbumOther,
	} {
		class, err := ErrMsgClass(errMsg)
		check(t, err)
		same(t, errMsg, class, wanted)
	}
	_, err := ErrMsgClass("\xff")
	refused(t, err, ErrInvalidArgument, "")
}

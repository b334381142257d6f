package wxgame

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strings"
	"testing"
)

func header(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../include/wxgame.h")
	check(t, err)
	return string(text)
}

// Every number of the header has its constant here, with the same value, and the other way round.
func TestConstantsAreThoseOfTheHeader(t *testing.T) {
	wanted := map[string]string{}
	for _, found := range regexp.MustCompile(`(?m)^#define WXG_(\w+) (-?\d+)$`).FindAllStringSubmatch(header(t), -1) {
		if !strings.HasPrefix(found[1], "VERSION_") {
			wanted[strings.ReplaceAll(found[1], "_", "")] = found[2]
		}
	}
	if len(wanted) < 155 {
		t.Fatalf("only %d numbers found in the header: it is read wrongly", len(wanted))
	}
	got := map[string]string{}
	for _, name := range []string{"constants.go", "error.go"} {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		check(t, err)
		ast.Inspect(file, func(node ast.Node) bool {
			spec, ok := node.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			value, minus := spec.Values[0], ""
			if unary, ok := value.(*ast.UnaryExpr); ok {
				value, minus = unary.X, "-"
			}
			if literal, ok := value.(*ast.BasicLit); ok {
				key := strings.ToUpper(spec.Names[0].Name)
				got[strings.TrimPrefix(key, "STATUS")] = minus + literal.Value
			}
			return true
		})
	}
	for name, value := range wanted {
		same(t, name, got[name], value)
	}
	for name := range got {
		if _, ok := wanted[name]; !ok {
			t.Errorf("%s is not in the header", name)
		}
	}
}

// Every field of every struct of the header is copied.
func TestFieldsAreThoseOfTheHeader(t *testing.T) {
	var source []byte
	for _, name := range []string{"cgo.go", "cgo_submit.go", "cgo_album.go", "cgo_pure.go"} {
		text, err := os.ReadFile(name)
		check(t, err)
		source = append(source, text...)
	}
	structs := regexp.MustCompile(`(?s)typedef struct (wxg_\w+) \{([^}]*?struct_size;.*?)\n\} wxg_`).FindAllStringSubmatch(header(t), -1)
	if len(structs) < 20 {
		t.Fatalf("only %d structs found in the header: it is read wrongly", len(structs))
	}
	for _, found := range structs {
		// The function that fills or reads it.
		_, function, ok := strings.Cut(string(source), "C."+found[1])
		if !ok {
			t.Errorf("%s is not used", found[1])
			continue
		}
		function, _, _ = strings.Cut(function, "\n}\n")
		body := regexp.MustCompile(`(?s)/\*.*?\*/`).ReplaceAllString(found[2], "")
		for _, field := range regexp.MustCompile(`(\w+)(?:\[\w+\])?;`).FindAllStringSubmatch(body, -1) {
			if name := field[1]; !strings.HasPrefix(name, "reserved") && !regexp.MustCompile(`(\.|\b)`+name+`\b`).MatchString(function) {
				t.Errorf("%s: %s is not copied", found[1], name)
			}
		}
	}
}

func TestNamesAreThoseOfTheHeader(t *testing.T) {
	text := header(t)
	for prefix, names := range map[string][]string{
		"KIND": {KindPay.String(), KindSessionNeeded.String(), KindResume.String(), KindTokenNeeded.String(), KindPush.String(),
			KindSaveImage.String(), KindAuthorize.String(), KindOpenSetting.String(), KindConsentNeeded.String(),
			KindSettingNeeded.String()},
		"OUTCOME": {OutcomeNone.String(), OutcomeDone.String(), OutcomeRejected.String(), OutcomeNotSent.String(),
			OutcomeUnknown.String(), OutcomeNeedsReview.String(), OutcomeAwaitingPayment.String()},
		"REASON":  {ReasonNone.String(), ReasonBalanceTooLow.String(), ReasonMismatch.String()},
		"WAITING": {WaitingNothing.String(), WaitingQuietTime.String(), WaitingPlayer.String(), WaitingServer.String()},
		"CLASS":   {ClassDone.String(), ClassQuota.String()},
		"VERDICT": {VerdictEcho.String(), VerdictAlreadyDelivered.String(), VerdictAgain.String()},
		"PUSH":    {PushGoods.String(), PushGift.String()},
		"REFUSAL": {RefusalSignature.String(), RefusalUnprotected.String(), RefusalMismatch.String()},
		"LOG":     {LogError.String(), LogDebug.String()},
		"ALBUM": {AlbumOK.String(), AlbumDenied.String(), AlbumCancelled.String(), AlbumPrivacy.String(), AlbumBadFile.String(),
			AlbumNoPermission.String(), AlbumNoSpace.String(), AlbumOther.String()},
		"CONSENT": {ConsentNotAsked.String(), ConsentGranted.String(), ConsentDenied.String(), ConsentCancelled.String()},
	} {
		for _, name := range names {
			if define := "#define WXG_" + prefix + "_" + strings.ToUpper(name) + " "; !strings.Contains(text, define) {
				t.Errorf("the header has no %s", define)
			}
		}
	}
	same(t, "an outcome of a newer library", Outcome(99).String(), "99")
	same(t, "a status", ErrClosed.String(), "WXG_ERR_CLOSED")
}

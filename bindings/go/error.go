package wxgame

import (
	"errors"
	"strconv"
)

// ErrOutcomeUnknown is in the error of a call whose waiting has ended before its answer came. The call goes on, and so
// does the payment it may be about: grant nothing, take nothing back. The answer to a call that is sent to WeChat then
// comes to Deliveries, as does that of an Album; that to a lookup is dropped; what Settle decides is delivered in any case.
var ErrOutcomeUnknown = errors.New("wxgame: outcome unknown: the waiting is over, the call goes on")

// Status is what a call of the library came to. Each ErrXxx is one, to be found with errors.Is. A number that you do
// not know is a failure.
type Status int32

const (
	// StatusOK is success, and never an error.
	StatusOK Status = 0
	// ErrNullArgument: a pointer that must not be NULL is NULL. Nothing was done.
	ErrNullArgument Status = 1
	// ErrInvalidArgument: a value breaks a rule; Error.Field names it, Error.Message the rule. Nothing was done.
	ErrInvalidArgument Status = 2
	// ErrUnsupportedStruct: a field is set that this version of the library does not know. Nothing was done.
	ErrUnsupportedStruct Status = 3
	// ErrUnsupported: this build or platform cannot do it.
	ErrUnsupported Status = 4
	// ErrClosed: the client, or album, is closed. From Poll and Wait: and everything has been handed out.
	ErrClosed Status = 5
	// ErrQueueFull: as many calls as QueueCapacity wait for their completion, or that many deliveries are unread.
	ErrQueueFull Status = 6
	// ErrTimeout: the wait is over. What was waited for goes on.
	ErrTimeout Status = 7
	// ErrPanic: the library failed inside and closed this client, or album. Open a new one: the journal recovers.
	ErrPanic Status = 8
	// ErrForked: the client, or album, was opened before a fork and belongs to the parent process.
	ErrForked Status = 9
	// ErrConfiguration: a file that the options name cannot be used. The message says how to mend it.
	ErrConfiguration Status = 10
	// ErrJournalInUse: another process, or another client of this appid and environment, has the journal open.
	ErrJournalInUse Status = 11
	// ErrJournal: the journal cannot be read or written: the disk is full, or failing.
	ErrJournal Status = 12
	// ErrJournalCorrupt: the journal file is damaged. Restore it; do not delete it while payments may be open.
	ErrJournalCorrupt Status = 13
	// ErrJournalNewer: the journal was written by a newer version of this library.
	ErrJournalNewer Status = 14
	// ErrBillNoConflict: the bill_no is known with other parameters. Nothing was sent.
	ErrBillNoConflict Status = 15
	// ErrNotFound: the journal does not know this bill_no. Nothing was sent.
	ErrNotFound Status = 16
	// ErrWrongState: the payment does not stand where this is possible; the message says where it stands.
	ErrWrongState Status = 17
)

// String is the name in C, such as WXG_ERR_CLOSED.
func (s Status) String() string { return statusText(s) }

// Error is the same. What a call returns is an *Error, which knows more.
func (s Status) Error() string { return statusText(s) }

// Error is why the library refused a call. Holds no key, token or session.
type Error struct {
	Status  Status
	Field   string // The field or parameter at fault, named as in C; empty where none is.
	Message string // What was tried, what came of it and how to mend it, in English; may be empty.
}

func (e *Error) Error() string {
	text := "wxgame: "
	if e.Field != "" {
		text += e.Field + ": "
	}
	if e.Message != "" {
		text += e.Message + " "
	}
	return text + "(" + statusText(e.Status) + ")"
}

// Unwrap gives the Status to errors.Is.
func (e *Error) Unwrap() error { return e.Status }

// nameOf is the name of a number, and the number itself where a newer library brings one without.
func nameOf(number int, names ...string) string {
	if number >= 0 && number < len(names) && names[number] != "" {
		return names[number]
	}
	return strconv.Itoa(number)
}

package wxgame

// ABIVersion is the version of the C ABI that this package was written for. Open refuses an older library.
const ABIVersion = 1

// BillNoSize is how many bytes the library writes for a new bill_no, its NUL included.
const BillNoSize = 27

// SignatureSize is how many lower-case hex digits a signature has.
const SignatureSize = 64

// Environment says whose coins are taken.
type Environment uint32

const (
	EnvironmentProduction Environment = 0 // Real money.
	EnvironmentSandbox    Environment = 1 // WeChat's sandbox, with coins, paths and a key of its own.
)

// Generation is the payment API that the game was admitted to.
type Generation uint32

const (
	GenerationV1 Generation = 1 // Midas v1: /cgi-bin/midas/pay and its sisters.
	GenerationV2 Generation = 2 // Virtual payment 2.0: /wxa/game/pay and its sisters.
)

// CoinType says which coins of a player are meant.
type CoinType uint32

const (
	CoinTypeGame           CoinType = 0 // Coins of the game.
	CoinTypeRechargeCentre CoinType = 1 // Coins of the recharge centre.
)

// BizID says what a player bought.
type BizID uint32

const (
	BizCoins BizID = 1 // Coins, bought by wx.requestMidasPayment.
	BizItem  BizID = 2 // An item, bought by wx.requestMidasPaymentGameItem.
)

// Recovery says what happens at the open to what the journal holds as open.
type Recovery uint32

const (
	RecoveryDrive Recovery = 0 // It goes on at once.
	RecoveryHold  Recovery = 1 // It waits for an operator.
)

// TokenSource says where the access_token comes from.
type TokenSource uint32

const (
	// The library fetches it by stable_token, which disturbs nobody else's.
	TokenSourceStable TokenSource = 0
	// The library fetches it by /cgi-bin/token, for accounts that have nothing else: each request ends the token that
	// another server of the game fetched that way.
	TokenSourceClassic TokenSource = 1
	// The host brings it with SetAccessToken.
	TokenSourceHost TokenSource = 2
)

// LogLevel says how much is logged. The zero value stands for LogWarn.
type LogLevel int32

const (
	LogOff   LogLevel = -1 // No log records are kept.
	LogError LogLevel = 1  // What a person must act on.
	LogWarn  LogLevel = 2  // And what may need a person: the default.
	LogInfo  LogLevel = 3  // And what happened.
	LogDebug LogLevel = 4  // And each step.
)

func (l LogLevel) String() string {
	return nameOf(int(l), "default", "error", "warn", "info", "debug")
}

// Kind says what a completion is about.
type Kind uint32

const (
	KindPay        Kind = 1 // The answer to a pay.
	KindPresent    Kind = 2 // The answer to a present.
	KindGetBalance Kind = 3 // The answer to a get_balance.
	KindCancelPay  Kind = 4 // The answer to a cancel_pay. Its OutcomeDone means that the coins are back.
	KindLogin      Kind = 5 // The answer to a login.
	// The final answer of a payment that was unknown, that an earlier process began, or that has not been
	// acknowledged. Answers no call.
	KindResolved Kind = 6
	// Calls of the player OpenID wait for a session_key: log the player in, or set one. Asked once for all of them.
	KindSessionNeeded Kind = 7
	KindPayment       Kind = 8  // What is known of one payment.
	KindSettle        Kind = 9  // The answer to an operator's decision.
	KindResume        Kind = 10 // The answer to an operator's release of a held payment.
	KindCheckSession  Kind = 12 // The answer to a check_session.
	KindResetSession  Kind = 13 // The answer to a reset_session.
	// The client needs an access_token from you: SetAccessToken. Asked once, however many calls wait, and again when that
	// one ends soon or WeChat refuses it. Only with TokenSourceHost.
	KindTokenNeeded Kind = 14
	KindItemOrder   Kind = 15 // The answer to an item_order.
	KindQueryOrder  Kind = 16 // The answer to a query_order.
	KindPush        Kind = 17 // What a push told, and what to answer it.
	KindSaveImage   Kind = 18 // The answer to a save_image of an album.
	KindAuthorize   Kind = 19 // The answer to an authorize of an album.
	KindOpenSetting Kind = 20 // The answer to an open_setting of an album.
	// Calls of an album wait for the user's consent: show your dialog, then AnswerConsent. Asked once for all of them.
	KindConsentNeeded Kind = 21
	// Calls of an album wait for the settings: show them, then AnswerSetting. Asked once for all of them.
	KindSettingNeeded Kind = 22
)

func (k Kind) String() string {
	return nameOf(int(k), "", "pay", "present", "get_balance", "cancel_pay", "login", "resolved", "session_needed",
		"payment", "settle", "resume", "", "check_session", "reset_session", "token_needed", "item_order", "query_order",
		"push", "save_image", "authorize", "open_setting", "consent_needed", "setting_needed")
}

// Outcome is what became of a payment. One that you do not know comes from a newer library: do nothing with it.
type Outcome uint32

const (
	// No answer about a payment: input is needed, or Status says why there is none.
	OutcomeNone Outcome = 0
	// It happened, once. Grant what was bought, then acknowledge.
	OutcomeDone Outcome = 1
	// It did not happen and never will under this number; Reason tells why.
	OutcomeRejected Outcome = 2
	// Nothing of it ever left, nor will.
	OutcomeNotSent Outcome = 3
	// It may have happened. Grant nothing, take nothing back, use no other number: the journal keeps it, and the final
	// answer comes as KindResolved.
	OutcomeUnknown Outcome = 4
	// The library can neither finish nor deny it; a person must look. No grant, no refusal, never a new number.
	OutcomeNeedsReview Outcome = 5
	// The player may pay the item order now. Grant nothing: the journal keeps it, and a push or KindResolved tells.
	OutcomeAwaitingPayment Outcome = 6
)

func (o Outcome) String() string {
	return nameOf(int(o), "none", "done", "rejected", "not_sent", "unknown", "needs_review", "awaiting_payment")
}

// Reason says why a payment stands where it stands.
type Reason uint32

const (
	ReasonNone          Reason = 0  // Nothing to add.
	ReasonBalanceTooLow Reason = 1  // The player has too few coins.
	ReasonSession       Reason = 2  // No valid session_key until the deadline: log the player in, take a new bill_no.
	ReasonCredential    Reason = 3  // WeChat gave no access_token, or the quota was used up, until the deadline.
	ReasonConfiguration Reason = 4  // WeChat refused the request as wrong: see Errcode and Errmsg.
	ReasonCancelled     Reason = 5  // Cancelled: by you, or because its outcome stayed unknown for UnknownPatience.
	ReasonDuplicate     Reason = 6  // Somebody else had used this bill_no before.
	ReasonNetwork       Reason = 7  // WeChat could not be reached until the deadline.
	ReasonExpired       Reason = 8  // No answer within 47 hours.
	ReasonRefundUnknown Reason = 9  // WeChat does not know the order that was to be given back.
	ReasonDeadline      Reason = 10 // The deadline passed before anything could be sent.
	ReasonJournal       Reason = 11 // The journal could not be written, so nothing was sent.
	ReasonSettled       Reason = 12 // An operator decided.
	ReasonNotPaid       Reason = 13 // WeChat said of an item order of 24 hours that it is not paid.
	ReasonOrderUnknown  Reason = 14 // WeChat knows no such purchase, or not yet.
	ReasonMismatch      Reason = 15 // WeChat told of another player, item or quantity than was ordered.
)

func (r Reason) String() string {
	return nameOf(int(r), "none", "balance_too_low", "session", "credential", "configuration", "cancelled", "duplicate",
		"network", "expired", "refund_unknown", "deadline", "journal", "settled", "not_paid", "order_unknown", "mismatch")
}

// Waiting says what an open payment waits for.
type Waiting uint32

const (
	WaitingNothing   Waiting = 0 // The payment is not open, or nobody drives it just now.
	WaitingSession   Waiting = 1 // A session_key of the player.
	WaitingToken     Waiting = 2 // An access_token.
	WaitingBackOff   Waiting = 3 // The end of a back-off.
	WaitingQuietTime Waiting = 4 // The time from which its cancel may be sent.
	WaitingAnswer    Waiting = 5 // WeChat's answer.
	WaitingJournal   Waiting = 6 // The journal.
	WaitingOperator  Waiting = 7 // An operator: it is held.
	WaitingPlayer    Waiting = 8 // The player, who may pay.
	WaitingServer    Waiting = 9 // Another server, which shares the journal and drives it.
)

func (w Waiting) String() string {
	return nameOf(int(w), "nothing", "session", "token", "back_off", "quiet_time", "answer", "journal", "operator", "player",
		"server")
}

// Flag is one bit of Completion.Flags.
type Flag uint64

const (
	FlagRedelivered Flag = 1 // Delivered again, because no acknowledgement of an earlier delivery is in the journal.
	FlagShutdown    Flag = 2 // The client, or album, was closed before a better answer came.
	FlagSealed      Flag = 4 // The record was retired after RetainDays: only how it ended is still known.
	// This journal ordered no such item: a push alone told of it, such as of a purchase in the mall. It is signed, so
	// deliver it; what is to be delivered to whom you know from the push.
	FlagNotOrdered Flag = 8
	// The user's answer could not be written into UserDataPath: it holds while this album is open, then the user is asked
	// again.
	FlagNotRemembered Flag = 16
)

// Has is one bit of Completion.Has: WeChat told the amount of that name.
type Has uint32

const (
	HasBalance    Has = 1
	HasGenBalance Has = 2
	HasUsedGenAmt Has = 4
	HasSaveAmt    Has = 8
	HasSaveSum    Has = 16
	HasCostSum    Has = 32
	HasPresentSum Has = 64
	HasFirstSave  Has = 128
)

// Verdict says what to do with a push. Whatever it is, send back AnswerStatus, AnswerContentType and Answer.
type Verdict uint32

const (
	VerdictEcho Verdict = 1 // WeChat tries the URL: answer, and nothing else.
	// Act on it in a transaction of your own, once per EventID; then answer, and acknowledge with Ack. It comes again as
	// KindResolved until you do.
	VerdictDeliver          Verdict = 2
	VerdictAlreadyDelivered Verdict = 3 // It has been told before: answer, and nothing else.
	VerdictBalanceChanged   Verdict = 4 // The player's coins have changed: answer, then read the balance.
	VerdictMock             Verdict = 5 // A test from WeChat's console with values at random: answer, and nothing else.
	VerdictOther            Verdict = 6 // Verified, but not about a payment: Event names it, Payload is the whole message.
	VerdictRefuse           Verdict = 7 // Not to be believed, or not for this client: Refusal and Errmsg say why.
	VerdictAgain            Verdict = 8 // The journal did not take it in time: the answer asks WeChat to push it again.
)

func (v Verdict) String() string {
	return nameOf(int(v), "none", "echo", "deliver", "already_delivered", "balance_changed", "mock", "other", "refuse", "again")
}

// PushEvent says what a push is about.
type PushEvent uint32

const (
	PushGoods  PushEvent = 1 // An item is paid, in the game or in the mall.
	PushCoins  PushEvent = 2 // Coins that the player bought have arrived.
	PushRefund PushEvent = 3 // Money went back to the player.
	PushGift   PushEvent = 4 // A gift pack, for which nobody paid.
)

func (e PushEvent) String() string {
	return nameOf(int(e), "none", "goods", "coins", "refund", "gift")
}

// Refusal says why a push is refused.
type Refusal uint32

const (
	RefusalSignature   Refusal = 1 // The outer signature does not hold: another PushToken, or a forgery.
	RefusalPayEventSig Refusal = 2 // PayEventSig does not hold: another AppKey, or a forgery.
	RefusalDowngrade   Refusal = 3 // Plain text, although PushAESKey is set.
	RefusalDecrypt     Refusal = 4 // It cannot be decrypted.
	RefusalAppID       Refusal = 5 // It is for another appid.
	RefusalEnvironment Refusal = 6 // It is of the other environment: hand it to the client of that one.
	RefusalMalformed   Refusal = 7 // It breaks a rule; Errmsg names the field.
	RefusalUnprotected Refusal = 8 // Nothing protects it: a gift pack in plain text, or a payment without PayEventSig.
	RefusalTooLarge    Refusal = 9 // Query or body is too long.
	// It tells of another player, item or quantity than was ordered under this number: that order needs review.
	RefusalMismatch Refusal = 10
)

func (r Refusal) String() string {
	return nameOf(int(r), "none", "signature", "pay_event_sig", "downgrade", "decrypt", "appid", "environment", "malformed",
		"unprotected", "too_large", "mismatch")
}

// Call is one of WeChat's calls.
type Call uint32

const (
	CallPay        Call = 1 // midas.pay, game.pay
	CallPresent    Call = 2 // midas.present, game.present
	CallGetBalance Call = 3 // midas.getBalance, game.getBalance
	CallCancelPay  Call = 4 // midas.cancelPay, game.cancelPay
	CallLogin      Call = 5 // code2Session
	CallToken      Call = 6 // getStableAccessToken
	CallSession    Call = 7 // checkSessionKey and ResetUserSessionKey
	CallQueryOrder Call = 8 // game.queryOrder: GenerationV2 only.
)

// Class is what an errcode means for the money.
type Class uint32

const (
	ClassDone          Class = 1 // It is done. For cancelPay: the coins are back, or were never taken.
	ClassUnknown       Class = 2 // Nobody can tell from this answer: ask again with the same number.
	ClassSession       Class = 3 // The session_key was refused; nothing happened.
	ClassToken         Class = 4 // The access_token was refused; nothing happened.
	ClassDuplicate     Class = 5 // This number has been executed before.
	ClassRefused       Class = 6 // Refused for good; nothing happened.
	ClassConfiguration Class = 7 // The request or the account is set up wrong; nothing happened.
	ClassQuota         Class = 8 // Too many calls; nothing happened.
)

func (c Class) String() string {
	return nameOf(int(c), "", "done", "unknown", "session", "token", "duplicate", "refused", "configuration", "quota")
}

// AlbumClass is how a call of an album ended, or what an errMsg means.
type AlbumClass uint32

const (
	AlbumOK AlbumClass = 1 // Saved, or allowed.
	// The user has refused scope.writePhotosAlbum. Only the settings can change that: Album.OpenSetting.
	AlbumDenied    AlbumClass = 2
	AlbumCancelled AlbumClass = 3 // The user closed the dialog without an answer, or the album was closed (FlagShutdown).
	AlbumPrivacy   AlbumClass = 4 // WeChat's privacy rules forbid it. Only of an errMsg that WeChat said: an album never answers it.
	// FilePath names no local file of the game, or one that is no picture, too large, or not there. Detail says which.
	AlbumBadFile      AlbumClass = 5
	AlbumNoPermission AlbumClass = 6 // The system forbids it: the pictures folder may not be written, or the file may not be read.
	AlbumNoSpace      AlbumClass = 7 // The disk is full.
	AlbumOther        AlbumClass = 8 // All else; Errmsg and Detail tell.
)

func (c AlbumClass) String() string {
	return nameOf(int(c), "", "ok", "denied", "cancelled", "privacy", "bad_file", "no_permission", "no_space", "other")
}

// Consent is what the user has said of saving pictures.
type Consent uint32

const (
	ConsentNotAsked  Consent = 1 // Nobody has asked the user yet: scope.writePhotosAlbum is missing in authSetting.
	ConsentGranted   Consent = 2 // The user allows it: scope.writePhotosAlbum is true.
	ConsentDenied    Consent = 3 // The user has refused it: scope.writePhotosAlbum is false.
	ConsentCancelled Consent = 4 // Only as an answer: the user closed the dialog, or left the settings as they were.
)

func (c Consent) String() string {
	return nameOf(int(c), "", "not_asked", "granted", "denied", "cancelled")
}

// Columns of the answers in Stats: the first are Class minus 1, behind them these two; the rest are 0 until a later
// version uses them.
const (
	AnswersSize     = 16
	AnswersNotSent  = 8 // Requests of which nothing left this machine.
	AnswersNoAnswer = 9 // Requests to which no whole answer came.
)

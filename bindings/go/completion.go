package wxgame

import (
	"cmp"
	"time"
)

// Completion is what the library has to say: the answer to a call, the final answer of an earlier payment, or a request
// for input. It owns all it holds.
type Completion struct {
	Kind    Kind
	Outcome Outcome
	Reason  Reason // Why a payment stands where it stands.
	Status  Status // StatusOK, or an error of the library itself: see Err.
	Errcode int32  // WeChat's errcode; 0 also where no answer came. ExplainErrcode explains it.
	// Which payment it is about, also for KindResolved: KindPay, KindPresent, KindCancelPay (a part that is given back),
	// KindItemOrder, or KindPush (see PushEvent); 0 none.
	PaymentKind Kind
	Has         Has // Which of the amounts from Balance to FirstSave WeChat told.
	Flags       Flag
	UserTag     uint64 // What a Poller or AlbumPoller was given. A Client or Album uses it for itself.
	DeliveryID  uint64 // For Ack, once you have acted on a final answer; 0 where there is nothing to acknowledge.

	Amount     int64 // Coins of the payment; how many of an item.
	Balance    int64 // Coins after the call, gifts included.
	GenBalance int64 // Gift coins.
	UsedGenAmt int64 // Gift coins that the payment used.
	SaveAmt    int64 // Coins topped up, in all.
	SaveSum    int64 // Coins obtained, in all.
	CostSum    int64 // Coins spent, in all.
	PresentSum int64 // Coins given, in all.
	FirstSave  bool  // WeChat's first_save flag.

	ErrcodeClass Class     // Of Errcode, from ParseMidasV1 or ParseGameV2; else 0.
	RecordID     uint64    // The journal's number of the record, for paging; 0 without one.
	CreatedAt    time.Time // When the payment was submitted; zero where unknown.
	FirstSentAt  time.Time // When it was first sent; zero for never.
	WaitingFor   Waiting   // What an open payment waits for; with KindPayment.

	BillNo       string // The payment's number; of an item order its OutTradeNo; of a push the number that tells it from others.
	RefundBillNo string // Your number of the refund, where a part of a payment is given back.
	OpenID       string // The player.
	ZoneID       string // The zone.
	PayItem      string // The item; of an item order its ProductID.
	UnionID      string // From a login, where the account has one.
	Errmsg       string // WeChat's errmsg, or the library's own words.
	HostData     []byte // What you gave with the payment.

	AlbumClass    AlbumClass // How a call of an album ended; 0 for all else.
	Consent       Consent    // What the user has said of saving pictures, where it matters to the call; else 0.
	SavedFilePath string     // Where a picture was saved, as the system spells it: UTF-8 but where its own folders are not.
	Detail        string     // What was wrong with what, in the library's own words: Errmsg of an album says it in WeChat's.

	GoodsPrice    int64  // Price of one item in fen, of an item order.
	Attach        string // Your text of an item order.
	OutTradeNo    string // The order that an item order, a query_order or a push is about.
	MchOrderNo    string // Order of WeChat Pay, of a query_order or push, where that was used.
	TransactionID string // Transaction of WeChat Pay, where that was used.

	ItemStrings
	OrderState
	Push
}

// ItemStrings is what the game client pays an item order with: hand all three on to wx.requestMidasPaymentGameItem, byte
// for byte. As JSON they have the names they have there. Empty where there is no session_key.
type ItemStrings struct {
	SignData  string `json:"signData"`
	PaySig    string `json:"paySig"`
	Signature string `json:"signature"`
}

// OrderState is what WeChat tells of a purchase in the answer to a query_order.
type OrderState struct {
	PayState      int   // 1 not paid, 2 paid; 0 not told.
	DeliverState  int   // 1 not delivered, 2 delivered; 0 not told.
	PayFinishTime int64 // When it was paid, as WeChat tells it (no page gives the unit); 0 not told.
}

// Push is what a push told, also of one that comes again: then without Verdict and answer.
type Push struct {
	Verdict   Verdict   // What to do with it; 0 for all else, also for one that comes again.
	PushEvent PushEvent // What it is about; 0 without a push.
	Refusal   Refusal   // Why it is refused.

	AnswerStatus      int    // HTTP status to answer with.
	AnswerContentType string // The Content-Type of Answer.
	Answer            string // What to answer.

	EventID string // What tells it from others: OutTradeNo of goods and coins, RefundId of a refund, OrderId of a gift pack.
	Event   string // WeChat's name of the event.
	// What it says as JSON: its Payload, of a gift pack its MiniGame. With VerdictOther the whole message, decrypted.
	Payload string

	OrigPrice    int64     // Price before discounts in fen, of goods or coins; as WeChat tells it.
	ActualPrice  int64     // What the player paid in fen, of goods or coins; as WeChat tells it.
	OrderSource  int       // Of goods: 1 bought in the game, 2 in the mall, 3 a test of the mall; 0 not told.
	RefundAmount int64     // Money that went back, in fen.
	RefundSource int       // Of a refund: 1 the platform, 2 the console, 3 a call.
	GiftID       string    // The gift pack.
	GiftTypeID   int64     // Its type, by WeChat's list.
	IsPreview    bool      // It is only tried out.
	SendTime     time.Time // When the player took it.
	Goods        []Goods   // What is in it.
}

// Goods is one kind of goods in a gift pack.
type Goods struct {
	ID  string // The item.
	Num int64  // How many, 1 or more.
}

// Err is nil where Status is StatusOK, else an *Error such as ErrBillNoConflict. Look at Outcome all the same.
func (c *Completion) Err() error {
	if c.Status == StatusOK {
		return nil
	}
	return &Error{Status: c.Status, Message: cmp.Or(c.Detail, c.Errmsg)}
}

// LogRecord is one line of the client's log. It holds no body, key, token or whole openid.
type LogRecord struct {
	Level   LogLevel
	Time    time.Time
	Message string
}

// Stats is what a client has done and holds. Counters begin at 0 when the client is opened.
type Stats struct {
	Submitted        uint64        // Submissions taken by the engine.
	Completed        uint64        // Completions made, requests for input included.
	QueueDepth       uint64        // Completions that wait to be polled. A Client takes them at once: see Unread.
	OpenWaiting      uint64        // Open payments of which no attempt is unaccounted for.
	OpenUnknown      uint64        // Open payments that may have been executed. Watch this one.
	OpenCancelling   uint64        // Open payments that have turned to cancel.
	OpenHeld         uint64        // Open payments that are held and wait for an operator.
	OldestUnknownAge time.Duration // Age of the oldest payment that may have been executed. Alert on this.
	NeedsReview      uint64        // Payments that need review, as far as this process has met them. Alert on this.
	InFlight         uint64        // Requests under way, the access_token's excepted.
	Unacked          uint64        // Final answers handed out, or waiting to be, and not acknowledged.
	Retries          uint64        // Requests that repeated an earlier one of the same submission.

	PayAnswers        [AnswersSize]uint64
	CancelPayAnswers  [AnswersSize]uint64
	GetBalanceAnswers [AnswersSize]uint64
	PresentAnswers    [AnswersSize]uint64

	LatencySum   time.Duration // From send to answer, all answered requests added up.
	LatencyCount uint64        // How many answers that sum counts.
	LatencyMax   time.Duration // The slowest of them.

	TokenRequests uint64        // Requests for an access_token.
	TokenAge      time.Duration // Age of the access_token; negative without one.
	ClockSkew     time.Duration // WeChat's clock minus ours, to the second; 0 until an answer came. Keep this small.
	Sessions      uint64        // Players with a session_key.

	JournalCommits uint64
	JournalWrites  uint64 // Writes those commits carried.
	JournalFailed  uint64 // Writes that failed.
	JournalWaiting uint64 // Writes waiting for a commit.
	LogDropped     uint64 // Log records dropped because nobody polled them.
	JournalBytes   uint64 // Bytes of the journal's files, the write-ahead log included; 0 for "memory:" and "postgres:".
	JournalError   Status // Of the journal's last failure, StatusOK without one. The log tells why.

	TakenOver uint64 // Payments, orders and final answers taken over from servers that are heard no more.
	// How often this client's lease had ended, so that others were free to take over what it had. Each is a pause of the
	// process, or a database out of reach, longer than Lease.
	LeasesLost uint64
}

// ErrcodeHelp is what an errcode means.
type ErrcodeHelp struct {
	Class    Class // What it means for the money.
	CauseEn  string
	RemedyEn string
	CauseZh  string
	RemedyZh string
}

// Field is one field of a request to be signed, exactly as the body has it. Numbers are plain decimal integers.
type Field struct {
	Name  string
	Value string // Never empty: what is empty is neither sent nor signed.
}

// MidasV1RequestOptions is everything one Midas v1 request is made of. Fields that the call does not have stay empty.
type MidasV1RequestOptions struct {
	Call        Call // CallPay, CallPresent, CallGetBalance or CallCancelPay.
	Environment Environment
	NoMpSig     bool // Without mp_sig.

	AppID       string // Required.
	OfferID     string // Required.
	AppKey      string // AppKey of the environment. Required.
	PF          string // Platform; empty: "android".
	AccessToken string // The app's access_token. Required.
	SessionKey  string // The player's session_key, as text. Required with mp_sig.
	OpenID      string // The player. Required.
	ZoneID      string // Zone of the game. Required.
	BillNo      string // Number of the order. Required but for CallGetBalance.
	PayItem     string // Item; CallPay and CallCancelPay, may be empty.
	AppRemark   string // Note; CallPay only, may be empty.
	UserIP      string // The player's public IP address; may be empty.
	Amount      int64  // Coins; CallPay and CallPresent.
	TS          int64  // Unix time in whole seconds: a fresh one for every attempt.
}

// String tells no key, token or session.
func (o MidasV1RequestOptions) String() string { return "wxgame.MidasV1RequestOptions of " + o.AppID }

// GoString tells no key, token or session.
func (o MidasV1RequestOptions) GoString() string { return o.String() }

// SignedRequest is one signed request, ready to send. It holds secrets.
type SignedRequest struct {
	Method       string // "POST".
	PathAndQuery string // To be put behind https://api.weixin.qq.com. Holds the access_token: do not log it.
	ContentType  string // "application/json".
	Body         []byte // The exact bytes to send.
}

// MidasV1ReplyOptions is an answer to be read.
type MidasV1ReplyOptions struct {
	Call       Call   // Which call was answered: CallPay, CallPresent, CallGetBalance or CallCancelPay.
	HTTPStatus int    // 100 to 599.
	Body       []byte // The whole body, any bytes.
	BillNo     string // The bill_no that was sent; empty for CallGetBalance. An answer about another number is none.
}

// GameV2RequestOptions is everything one request of the virtual payment 2.0 is made of. Fields that the call does not have
// stay empty.
type GameV2RequestOptions struct {
	Call        Call // CallPay, CallPresent, CallGetBalance, CallCancelPay or CallQueryOrder.
	Environment Environment
	CoinType    CoinType // CallGetBalance only.
	BizID       BizID    // BizCoins or BizItem. Required; CallQueryOrder only.

	OfferID      string // Required.
	AppKey       string // AppKey of the environment. Required.
	AccessToken  string // The app's access_token. Required.
	SessionKey   string // The player's session_key, as text. Required.
	OpenID       string // The player. Required.
	ZoneID       string // A zone published in the environment. Required.
	BillNo       string // Number of the order, of CallCancelPay that of the pay. Required but for CallGetBalance and CallQueryOrder.
	RefundBillNo string // Number of the refund, a new one for the next part. Required; CallCancelPay only.
	OutTradeNo   string // The outTradeNo that the game client named. Required; CallQueryOrder only.
	PayItem      string // Item; CallPay only, may be empty.
	AppRemark    string // Note; CallPay only, may be empty.
	UserIP       string // The player's public IP address; may be empty.
	Amount       int64  // Coins; CallPay, CallPresent and CallCancelPay.
	TS           int64  // Unix time in whole seconds: a fresh one for every attempt.
}

// String tells no key, token or session.
func (o GameV2RequestOptions) String() string { return "wxgame.GameV2RequestOptions of " + o.OfferID }

// GoString tells no key, token or session.
func (o GameV2RequestOptions) GoString() string { return o.String() }

// GameV2ReplyOptions is an answer to be read. Fields that the call does not have stay empty.
type GameV2ReplyOptions struct {
	Call         Call   // Which call was answered.
	HTTPStatus   int    // 100 to 599.
	Body         []byte // The whole body, any bytes.
	BillNo       string // The BillNo that was sent. An answer about another number is none.
	RefundBillNo string // The RefundBillNo that was sent; CallCancelPay, whose answer may tell either number.
	OutTradeNo   string // The OutTradeNo that was sent; CallQueryOrder.
}

package wxgame

import "time"

// ClientOptions is what a client is opened with. Empty and zero mean the default. Durations are rounded up to whole
// milliseconds.
type ClientOptions struct {
	Environment Environment
	// Which payment API the game was admitted to; zero: GenerationV1. What the journal holds as open goes on through the
	// API that it was made for.
	Generation Generation
	NoMpSig    bool // Sign without mp_sig; payments then need no session_key. Not with GenerationV2.

	AppID string // appid of the mini-game. Required.
	// AppSecret of the mini-game, for access_token and login; never written anywhere. Required, but with TokenSourceHost:
	// then logins are refused without it, and sessions kept only with a JournalKey.
	AppSecret     string
	OfferID       string // offer_id of the payment application. Required.
	AppKey        string // AppKey of the production environment. Required in production.
	SandboxAppKey string // AppKey of the sandbox environment; another one than AppKey. Required in the sandbox.
	PF            string // Platform of the payments: "android", the only one WeChat documents. Empty with GenerationV2.

	// Where payments are written down before they are sent. Required. "sqlite:PATH": a file, which one process owns at a
	// time; its directory must exist. "postgres://user:password@host/database": a database that many servers share;
	// ErrUnsupported where the library was built without. "memory:" for tests that may lose payments.
	Journal string
	BaseURL string // Where WeChat answers: "https://api.weixin.qq.com". Plain http is taken to loopback only.
	CAFile  string // PEM file of the certificate authorities to trust in place of the built-in ones.
	Proxy   string // "http://user:password@host:port" of an HTTP proxy. The environment's variables are not read.

	Timeout        time.Duration // Longest time for one attempt, to 120 s: 10 s.
	ConnectTimeout time.Duration // Longest time for looking up the host, connecting and TLS, to 60 s: 3 s.
	Deadline       time.Duration // From submission to completion where a call names none, to 24 h: 30 s.
	// How much later than its time-out a request may still be executed by WeChat; no cancel is sent before: 10 min.
	// 47 h + Timeout + LateWindow must stay under 48 h.
	LateWindow time.Duration
	// How long a payment of unknown outcome is retried before it is cancelled: 30 min. Negative: until 47 h after its
	// first send.
	UnknownPatience time.Duration

	// How many calls may wait for their completion, and how many deliveries may be unread, to 1,048,576: 65,536.
	QueueCapacity  uint32
	InFlightLimit  uint32 // How many requests may be under way at once, to 1,024: 64. Each takes a thread while it is.
	LogLevel       LogLevel
	Recovery       Recovery // RecoveryHold after restoring an older journal.
	RetryPerSecond uint32   // The most retries a second, all payments together, to 1,000,000: 200.
	RetainDays     uint32   // Days for which a closed and acknowledged record is kept: 90.
	// A final answer that is not acknowledged comes again after this: 60 s. Negative: at the next open only.
	RedeliverAfter time.Duration
	SealDays       uint32 // Days for which its number stays sealed against another use: 400.

	JournalKey         string // Seals session_keys and tokens in the journal, to 512 characters: the AppSecret does.
	PreviousJournalKey string // The JournalKey or AppSecret that was used before, to open what it sealed.

	// Added to the wall clock that payments are stamped and aged by, to 400 days either way: for your own tests of old
	// payments and wrong clocks. Taken only with a BaseURL on loopback.
	ClockOffset         time.Duration
	TokenSource         TokenSource
	TokenRequestsPerDay uint32 // Requests for an access_token a day at the most, to 500,000: 500.

	PushToken string // Token of the message push settings, for ReceivePush; empty: pushes are not taken.
	// EncodingAESKey of the message push settings, 43 characters: every push must then be encrypted ("safe mode"). Empty:
	// pushes come in plain text, and of those only what carries a PayEventSig is believed.
	PushAESKey string

	// With a journal that servers share: how long one that is heard no more keeps its open payments before the others take
	// them over, 1 s to 10 min: 15 s. It is renewed at a third of that. Ignored with other journals.
	Lease time.Duration
}

// String tells no key.
func (o ClientOptions) String() string { return "wxgame.ClientOptions of " + o.AppID }

// GoString tells no key.
func (o ClientOptions) GoString() string { return o.String() }

// PayOptions is a payment: takes coins from a player.
type PayOptions struct {
	// Your number of this purchase, [0-9A-Za-z_-]{1,63}, not beginning with _: NewBillNo makes one. Store it with the
	// order first. Never used for another purchase; the same again asks about the same purchase. Required.
	BillNo    string
	OpenID    string // The player. Required.
	ZoneID    string // Zone of the game: "1" without zones, "zone_role" where Midas is set up with roles. Required.
	Amount    int64  // Coins to take, 1 to 2^53.
	PayItem   string // Name of what is bought; may be empty.
	AppRemark string // Note for the account's log; may be empty.
	UserIP    string // The player's public IP address; may be empty.
	// Until then there is a completion, and after it nobody is charged for the first time: to 24 h; zero: the client's.
	Deadline time.Duration
	// Your own books say that this number may have been sent before, from a journal that is lost: it starts as unknown.
	SentBefore bool
	HostData   []byte // Kept with the record and told in its completions, also after a restart; at most 256 bytes.
}

// PresentOptions is a gift: gives coins to a player.
type PresentOptions struct {
	BillNo     string        // Your number of this gift; the rules of PayOptions. Required.
	OpenID     string        // The player. Required.
	ZoneID     string        // Zone of the game. Required.
	Amount     int64         // Coins to give, 1 to 2^53.
	UserIP     string        // The player's public IP address; may be empty.
	Deadline   time.Duration // As in PayOptions.
	SentBefore bool          // As in PayOptions.
	HostData   []byte        // As in PayOptions.
}

// CancelPayOptions undoes a payment, or gives a finished and acknowledged one back.
type CancelPayOptions struct {
	BillNo   string        // The number of the payment. Required.
	Deadline time.Duration // Until then there is a completion: to 24 h; zero: the client's.
	// Your number of this refund, for giving back a part of a finished payment (GenerationV2): the rules of BillNo, another
	// one for every part, the same again asks about the same refund. Empty: the whole, as long as no part was given back.
	RefundBillNo string
	Amount       int64 // Coins to give back with RefundBillNo, 1 to what is left of the payment; else 0.
}

// GetBalanceOptions reads a player's coins.
type GetBalanceOptions struct {
	OpenID   string        // The player. Required.
	ZoneID   string        // Zone of the game; "1" for the coins of the recharge centre. Required.
	UserIP   string        // The player's public IP address; may be empty.
	Deadline time.Duration // Until then there is a completion: to 24 h; zero: the client's.
	CoinType CoinType      // CoinTypeRechargeCentre only with GenerationV2.
}

// LoginOptions logs a player in.
type LoginOptions struct {
	JSCode   string        // What the game client got from wx.login. Works once and for five minutes. Required.
	Deadline time.Duration // Until then there is a completion: to 24 h; zero: the client's.
}

// CheckSessionOptions asks WeChat whether the session_key that is kept of a player is still good.
type CheckSessionOptions struct {
	OpenID   string        // The player. Required.
	Deadline time.Duration // Until then there is a completion: to 24 h; zero: the client's.
}

// ResetSessionOptions has WeChat replace the session_key of a player.
type ResetSessionOptions struct {
	OpenID   string        // The player. Required.
	Deadline time.Duration // Until then there is a completion: to 24 h; zero: the client's.
}

// ItemOrderOptions is an item that the player is to buy with money in the game client.
type ItemOrderOptions struct {
	// Your number of this purchase, [0-9A-Za-z_|*@-]{1,32}, not beginning with _: NewBillNo makes one. Never used for
	// another purchase or payment; the same again gives the strings of the same order. Required.
	OutTradeNo  string
	OpenID      string        // The player. Required.
	ZoneID      string        // Zone of the game: "1" without zones. Required.
	ProductID   string        // The item as it is published in the console. Required.
	BuyQuantity int64         // How many, 1 to 1,000,000.
	GoodsPrice  int64         // Price of one in fen, as the console has it, 1 to 1,000,000,000.
	Attach      string        // Your own text, which comes back with the push, up to 1,024 bytes; may be empty.
	Platform    string        // Platform named in the strings; empty: none, which means "android".
	Deadline    time.Duration // Until then there is a completion with the strings, or without: to 24 h; zero: the client's.
	HostData    []byte        // As in PayOptions.
}

// QueryOrderOptions asks what became of a purchase that the player made in the game client.
type QueryOrderOptions struct {
	BizID      BizID         // BizCoins or BizItem. Required.
	OutTradeNo string        // The outTradeNo of the purchase. Required.
	OpenID     string        // The player. Required.
	ZoneID     string        // Zone of the game. Required.
	UserIP     string        // The player's public IP address; may be empty.
	Deadline   time.Duration // Until then there is a completion: to 24 h; zero: the client's.
}

// Request is what can be submitted: PayOptions, PresentOptions, CancelPayOptions, GetBalanceOptions, LoginOptions,
// CheckSessionOptions, ResetSessionOptions, ItemOrderOptions or QueryOrderOptions.
type Request interface {
	submit(to native, userTag uint64) error
}

// milliseconds rounds away from zero, so that nothing becomes a default.
func milliseconds(d time.Duration) int64 {
	whole := d.Milliseconds()
	switch rest := d % time.Millisecond; {
	case rest > 0:
		return whole + 1
	case rest < 0:
		return whole - 1
	}
	return whole
}

func duration(milliseconds int64) time.Duration {
	return time.Duration(milliseconds) * time.Millisecond
}

func unixTime(milliseconds int64) time.Time {
	if milliseconds == 0 {
		return time.Time{}
	}
	return time.UnixMilli(milliseconds)
}

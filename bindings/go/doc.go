// Package wxgame signs and executes WeChat mini-game payments: never twice, never lost.
//
// It is a thin layer over the C library of the same name. Nothing is decided here: outcomes, statuses and rules are
// those of wxgame.h, which is the manual of every function.
//
//	client, err := wxgame.Open(wxgame.ClientOptions{ … })
//	paid, err := client.Pay(ctx, wxgame.PayOptions{BillNo: order.BillNo, OpenID: player, ZoneID: "1", Amount: 30})
//	if err == nil && paid.Outcome == wxgame.OutcomeDone {
//		grantOnce(paid) // one transaction of yours, unique by BillNo
//	}
//	if err == nil && paid.DeliveryID != 0 {
//		err = client.Ack(paid.DeliveryID)
//	}
//
// A payment of unknown outcome may have taken the coins: grant nothing and take nothing back. The library keeps at it,
// also after a restart, and then tells: read [Client.Deliveries].
//
// # Pictures
//
// The other half stands alone: an [Album] gives a game that runs outside WeChat wx.saveImageToPhotosAlbum, and needs none
// of the above.
//
// # Errors
//
// A call that the library refuses returns an [*Error]; errors.Is finds its [Status], such as [ErrClosed]. Nothing was
// done then. An error that is [ErrOutcomeUnknown] means that the call was made and only the waiting for it has ended.
// No error means that there is a completion, and its Outcome tells what became of the payment.
//
// # Concurrency
//
// Everything may be used from any number of goroutines at once. A waiting call costs a goroutine and no thread; the
// lookups of operators, [Client.Payment] and its like, cost a thread while they wait for the journal.
package wxgame

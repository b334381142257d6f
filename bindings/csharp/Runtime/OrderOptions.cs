using System;

namespace WxGame
{
    /// <summary>An item that the player is to buy with money in the game client.</summary>
    public sealed class ItemOrderOptions : CallOptions
    {
        /// <summary>
        /// Your number of this purchase, [0-9A-Za-z_|*@-]{1,32}, not beginning with _: <see
        /// cref="WxGameLibrary.NewBillNo"/> makes one. Never used for another purchase or payment; the same again gives
        /// the strings of the same order. Required.
        /// </summary>
        public string OutTradeNo { get; set; }

        /// <summary>The player. Required.</summary>
        public string Openid { get; set; }

        /// <summary>Zone of the game, text: 1 without zones. Required.</summary>
        public string ZoneId { get; set; }

        /// <summary>The item as it is published in the console. Required.</summary>
        public string ProductId { get; set; }

        /// <summary>How many, 1 to 1,000,000.</summary>
        public long BuyQuantity { get; set; }

        /// <summary>Price of one in fen, as the console has it, 1 to 1,000,000,000.</summary>
        public long GoodsPrice { get; set; }

        /// <summary>Your own text, which comes back with the push, up to 1,024 bytes; may be empty.</summary>
        public string Attach { get; set; }

        /// <summary>Platform named in the strings; empty: none, which means android.</summary>
        public string Platform { get; set; }

        /// <summary>
        /// Bytes of yours that are kept with the record and come back in its answers, at most 256; may be empty.
        /// </summary>
        public byte[] HostData { get; set; }

        internal override string Number
        {
            get { return OutTradeNo ?? ""; }
        }

        internal override unsafe int Submit(IntPtr client, CallText text, ulong tag, IntPtr* error)
        {
            wxg_item_order_options filled = Fill(text, tag);
            return Native.wxg_client_submit_item_order(client, &filled, error);
        }

        internal override unsafe int Wait(IntPtr client, CallText text, long timeoutMs, IntPtr* completion,
            IntPtr* error)
        {
            wxg_item_order_options filled = Fill(text, 0);
            return Native.wxg_client_item_order(client, &filled, timeoutMs, completion, error);
        }

        internal unsafe wxg_item_order_options Fill(CallText text, ulong tag)
        {
            return new wxg_item_order_options
            {
                struct_size = (uint)sizeof(wxg_item_order_options),
                out_trade_no = text.Put(OutTradeNo),
                openid = text.Put(Openid),
                zone_id = text.Put(ZoneId),
                product_id = text.Put(ProductId),
                buy_quantity = BuyQuantity,
                goods_price = GoodsPrice,
                attach = text.Put(Attach),
                platform = text.Put(Platform),
                user_tag = tag,
                deadline_ms = DeadlineMs,
                host_data = text.Put(HostData),
            };
        }
    }

    /// <summary>Asks what became of a purchase that the player made in the game client.</summary>
    public sealed class QueryOrderOptions : CallOptions
    {
        /// <summary>Coins or an item. Required.</summary>
        public BizId BizId { get; set; }

        /// <summary>The outTradeNo of the purchase. Required.</summary>
        public string OutTradeNo { get; set; }

        /// <summary>The player. Required.</summary>
        public string Openid { get; set; }

        /// <summary>Zone of the game, text. Required.</summary>
        public string ZoneId { get; set; }

        /// <summary>The player's public IP address; may be empty.</summary>
        public string UserIp { get; set; }

        internal override unsafe int Submit(IntPtr client, CallText text, ulong tag, IntPtr* error)
        {
            wxg_query_order_options filled = Fill(text, tag);
            return Native.wxg_client_submit_query_order(client, &filled, error);
        }

        internal override unsafe int Wait(IntPtr client, CallText text, long timeoutMs, IntPtr* completion,
            IntPtr* error)
        {
            wxg_query_order_options filled = Fill(text, 0);
            return Native.wxg_client_query_order(client, &filled, timeoutMs, completion, error);
        }

        internal unsafe wxg_query_order_options Fill(CallText text, ulong tag)
        {
            return new wxg_query_order_options
            {
                struct_size = (uint)sizeof(wxg_query_order_options),
                biz_id = (uint)BizId,
                out_trade_no = text.Put(OutTradeNo),
                openid = text.Put(Openid),
                zone_id = text.Put(ZoneId),
                user_ip = text.Put(UserIp),
                user_tag = tag,
                deadline_ms = DeadlineMs,
            };
        }
    }
}

// wxgame for C++17 and later: wxgame.h with owners that free, string_view in, and results that cannot be overlooked.
//
// Header only. Nothing is decided here and nothing throws: every function is one call of wxgame.h, whose comments
// hold here too. Names, constants and outcomes are those of C. Whoever reads a field of a completion reads the C
// struct: `completion->outcome`, `wxgame::text(completion->bill_no)`.
//
//     auto client = wxgame::client::open(options);
//     if (!client) return complain(client.error().message());
//     auto submitted = client->submit_pay(pay);
//     ...
//     while (running) {
//         auto handled = client->tick([&](wxgame::completion completion) { settle(*completion); }, 64);
//     }
//
// result<T> is std::expected<T, error> where the standard library has it, and a small type with the same members
// where not. The types of both kinds of translation units differ, so the two may be linked into one program.

#ifndef WXGAME_HPP
#define WXGAME_HPP

#include <wxgame.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#if __has_include(<version>)
#include <version>
#endif
#ifdef __cpp_lib_expected
#include <expected>
#define WXGAME_RESULT_ with_expected
#else
#define WXGAME_RESULT_ without_expected
#endif

namespace wxgame {
inline namespace WXGAME_RESULT_ {

// ---- text ---------------------------------------------------------------------------------------------------------

/// A view of what the library hands out. A NUL follows it, also where it is empty: `data()` is a C string.
inline std::string_view text(const wxg_str &from) noexcept
{
    return from.len == 0 ? std::string_view("") : std::string_view(from.data, from.len);
}

/// What the library takes. Borrows, copies nothing.
inline wxg_str str(std::string_view from) noexcept
{
    wxg_str made;
    made.data = from.data();
    made.len = from.size();
    return made;
}

/// A field to be signed; both texts are borrowed.
inline wxg_field field(std::string_view name, std::string_view value) noexcept
{
    wxg_field made;
    made.name = str(name);
    made.value = str(value);
    return made;
}

// ---- owners -------------------------------------------------------------------------------------------------------

template <auto Free> struct freer {
    template <typename Handle> void operator()(Handle *handle) const noexcept { Free(handle); }
};

/// A move-only owner whose struct is read through * and ->. Its texts live as long as the owner.
template <typename Handle, typename View, auto Read, auto Free> class readable {
public:
    explicit readable(Handle *owned) noexcept : handle_(owned), view_()
    {
        view_.struct_size = static_cast<std::uint32_t>(sizeof(View));
        static_cast<void>(Read(owned, &view_));
    }
    const View &operator*() const noexcept { return view_; }
    const View *operator->() const noexcept { return &view_; }
    /// For functions of wxgame.h that are called by hand. Stays owned.
    Handle *get() const noexcept { return handle_.get(); }

private:
    std::unique_ptr<Handle, freer<Free>> handle_;
    View view_;
};

using log_record = readable<wxg_log_record, wxg_log_record_view, wxg_log_record_read, wxg_log_record_free>;
using request = readable<wxg_request, wxg_request_view, wxg_request_read, wxg_request_free>;

/// A text of the library's that you own.
class owned_text {
public:
    explicit owned_text(wxg_text *owned) noexcept : handle_(owned) {}
    std::string_view view() const noexcept
    {
        std::size_t len = 0;
        const char *data = wxg_text_read(handle_.get(), &len);
        return std::string_view(data, len);
    }

private:
    std::unique_ptr<wxg_text, freer<wxg_text_free>> handle_;
};

/// Why a call failed.
class error {
public:
    explicit error(wxg_status status, wxg_error *owned = nullptr) noexcept : status_(status), handle_(owned) {}
    /// Owns what a function of wxgame.h that was called by hand has set.
    explicit error(wxg_error *owned) noexcept : error(wxg_error_status(owned), owned) {}
    wxg_status status() const noexcept { return status_; }
    /// The field or parameter at fault; empty where none is.
    std::string_view field() const noexcept
    {
        wxg_str told = wxg_str();
        return handle_ && wxg_error_field(handle_.get(), &told) == WXG_OK ? text(told) : "";
    }
    /// What came of it and how to mend it; the status's name where there is no more to say.
    std::string_view message() const noexcept
    {
        wxg_str told = wxg_str();
        return handle_ && wxg_error_message(handle_.get(), &told) == WXG_OK ? text(told) : wxg_status_text(status_);
    }

private:
    wxg_status status_;
    std::unique_ptr<wxg_error, freer<wxg_error_free>> handle_;
};

// ---- results ------------------------------------------------------------------------------------------------------

#ifdef __cpp_lib_expected
template <typename T> using result = std::expected<T, error>;
using failure = std::unexpected<error>;
#else
/// An error on its way into a result.
struct failure {
    explicit failure(error why) noexcept : error_(std::move(why)) {}
    error error_;
};

/// A value or an error; which one is asked first.
template <typename T> class [[nodiscard]] result {
public:
    result(T value) noexcept : value_(std::move(value)) {}
    result(failure why) noexcept : error_(std::move(why.error_)) {}
    bool has_value() const noexcept { return value_.has_value(); }
    explicit operator bool() const noexcept { return has_value(); }
    T &operator*() &noexcept { return *value_; }
    const T &operator*() const &noexcept { return *value_; }
    T &&operator*() &&noexcept { return std::move(*value_); }
    T *operator->() noexcept { return &*value_; }
    const T *operator->() const noexcept { return &*value_; }
    const wxgame::error &error() const &noexcept { return *error_; }
    wxgame::error &&error() &&noexcept { return std::move(*error_); }

private:
    std::optional<T> value_;
    std::optional<wxgame::error> error_;
};

/// Success or an error.
template <> class [[nodiscard]] result<void> {
public:
    result() noexcept = default;
    result(failure why) noexcept : error_(std::move(why.error_)) {}
    bool has_value() const noexcept { return !error_.has_value(); }
    explicit operator bool() const noexcept { return has_value(); }
    const wxgame::error &error() const &noexcept { return *error_; }
    wxgame::error &&error() &&noexcept { return std::move(*error_); }

private:
    std::optional<wxgame::error> error_;
};
#endif

// ---- completions --------------------------------------------------------------------------------------------------

/// Of an item order: what the game client hands to wx.requestMidasPaymentGameItem, byte for byte. Empty without them.
struct item_strings {
    std::string_view sign_data, pay_sig, signature;
};

/// Of a query_order: what WeChat told.
struct order_state {
    std::uint32_t pay_state, deliver_state;
    std::int64_t pay_finish_time;
    std::string_view out_trade_no, pay_item, mch_order_no, transaction_id;
};

/// Of a push, also of one that comes again: what it told, what to do and what to answer.
struct push {
    std::uint32_t verdict, push_event, refusal, answer_status;
    std::string_view answer_content_type, answer;
    std::string_view event_id, out_trade_no, openid, zone_id, pay_item;
    std::int64_t amount;
    std::string_view attach, mch_order_no, transaction_id;
    std::uint32_t order_source, refund_source;
    std::int64_t orig_price, actual_price, refund_amount;
    std::string_view gift_id;
    std::int64_t gift_type_id, send_time;
    std::uint32_t goods_count, is_preview;
    std::string_view event, payload;
};

/// One kind of goods in a gift pack.
struct goods {
    std::string_view id;
    std::int64_t num;
};

/// Of the answer to a call of an album: WeChat's errMsg, byte for byte, with its class, and where the picture is.
struct album_answer {
    std::uint32_t album_class, consent;
    std::string_view errmsg, saved_file_path, detail;
};

/// What came of a submission, or of itself. All of it is read through * and ->; the functions are for what belongs
/// together, with texts that live as long as the completion.
class completion : public readable<wxg_completion, wxg_completion_view, wxg_completion_read, wxg_completion_free> {
public:
    using readable::readable;

    wxgame::item_strings item_strings() const noexcept
    {
        const wxg_completion_view &c = **this;
        return {text(c.sign_data), text(c.pay_sig), text(c.signature)};
    }

    wxgame::order_state order_state() const noexcept
    {
        const wxg_completion_view &c = **this;
        wxgame::order_state told{};
        told.pay_state = c.pay_state;
        told.deliver_state = c.deliver_state;
        told.pay_finish_time = c.pay_finish_time;
        told.out_trade_no = text(c.out_trade_no);
        told.pay_item = text(c.pay_item);
        told.mch_order_no = text(c.mch_order_no);
        told.transaction_id = text(c.transaction_id);
        return told;
    }

    wxgame::push push() const noexcept
    {
        const wxg_completion_view &c = **this;
        wxgame::push told{};
        told.verdict = c.verdict;
        told.push_event = c.push_event;
        told.refusal = c.refusal;
        told.answer_status = c.answer_status;
        told.answer_content_type = text(c.answer_content_type);
        told.answer = text(c.answer);
        told.event_id = text(c.event_id);
        told.out_trade_no = text(c.out_trade_no);
        told.openid = text(c.openid);
        told.zone_id = text(c.zone_id);
        told.pay_item = text(c.pay_item);
        told.amount = c.amount;
        told.attach = text(c.attach);
        told.mch_order_no = text(c.mch_order_no);
        told.transaction_id = text(c.transaction_id);
        told.order_source = c.order_source;
        told.refund_source = c.refund_source;
        told.orig_price = c.orig_price;
        told.actual_price = c.actual_price;
        told.refund_amount = c.refund_amount;
        told.gift_id = text(c.gift_id);
        told.gift_type_id = c.gift_type_id;
        told.send_time = c.send_time;
        told.goods_count = c.goods_count;
        told.is_preview = c.is_preview;
        told.event = text(c.event);
        told.payload = text(c.payload);
        return told;
    }

    /// One kind of goods in a gift pack; `index` is below goods_count.
    [[nodiscard]] result<wxgame::goods> goods(std::size_t index) const noexcept
    {
        wxg_goods_view view = WXG_GOODS_VIEW_INIT;
        const wxg_status status = wxg_completion_goods(get(), index, &view);
        if (status != WXG_OK)
            return failure(error(status));
        return wxgame::goods{text(view.id), view.num};
    }

    wxgame::album_answer album_answer() const noexcept
    {
        const wxg_completion_view &c = **this;
        return {c.album_class, c.consent, text(c.errmsg), text(c.saved_file_path), text(c.detail)};
    }
};

// ---- options: as in wxgame.h, where each field is explained; empty and zero mean the default ----------------------

struct client_options {
    std::uint32_t environment = WXG_ENVIRONMENT_PRODUCTION;
    std::uint32_t generation = 0;
    std::uint32_t no_mp_sig = 0;
    std::string_view appid{}, app_secret{}, offer_id{}, app_key{}, sandbox_app_key{}, pf{};
    std::string_view journal{}, base_url{}, ca_file{}, proxy{};
    std::int64_t timeout_ms = 0, connect_timeout_ms = 0, deadline_ms = 0, late_window_ms = 0, unknown_patience_ms = 0;
    std::uint32_t queue_capacity = 0, in_flight_limit = 0;
    std::int32_t log_level = 0;
    std::uint32_t recovery = WXG_RECOVERY_DRIVE;
    std::uint32_t retry_per_s = 0, retain_days = 0;
    std::int64_t redeliver_after_ms = 0;
    std::uint32_t seal_days = 0;
    std::string_view journal_key{}, previous_journal_key{};
    std::int64_t clock_offset_ms = 0;
    std::uint32_t token_source = WXG_TOKEN_SOURCE_STABLE;
    std::uint32_t token_requests_per_day = 0;
    std::string_view push_token{}, push_aes_key{};
    std::int64_t lease_ms = 0;

    wxg_client_options to_c() const noexcept
    {
        wxg_client_options c = WXG_CLIENT_OPTIONS_INIT;
        c.environment = environment;
        c.generation = generation;
        c.no_mp_sig = no_mp_sig;
        c.appid = str(appid);
        c.app_secret = str(app_secret);
        c.offer_id = str(offer_id);
        c.app_key = str(app_key);
        c.sandbox_app_key = str(sandbox_app_key);
        c.pf = str(pf);
        c.journal = str(journal);
        c.base_url = str(base_url);
        c.ca_file = str(ca_file);
        c.proxy = str(proxy);
        c.timeout_ms = timeout_ms;
        c.connect_timeout_ms = connect_timeout_ms;
        c.deadline_ms = deadline_ms;
        c.late_window_ms = late_window_ms;
        c.unknown_patience_ms = unknown_patience_ms;
        c.queue_capacity = queue_capacity;
        c.in_flight_limit = in_flight_limit;
        c.log_level = log_level;
        c.recovery = recovery;
        c.retry_per_s = retry_per_s;
        c.retain_days = retain_days;
        c.redeliver_after_ms = redeliver_after_ms;
        c.seal_days = seal_days;
        c.journal_key = str(journal_key);
        c.previous_journal_key = str(previous_journal_key);
        c.clock_offset_ms = clock_offset_ms;
        c.token_source = token_source;
        c.token_requests_per_day = token_requests_per_day;
        c.push_token = str(push_token);
        c.push_aes_key = str(push_aes_key);
        c.lease_ms = lease_ms;
        return c;
    }
};

struct pay_options {
    std::string_view bill_no{}, openid{}, zone_id{};
    std::int64_t amount = 0;
    std::string_view pay_item{}, app_remark{}, user_ip{};
    std::uint64_t user_tag = 0;
    std::int64_t deadline_ms = 0;
    std::uint32_t sent_before = 0;
    std::string_view host_data{};

    wxg_pay_options to_c() const noexcept
    {
        wxg_pay_options c = WXG_PAY_OPTIONS_INIT;
        c.bill_no = str(bill_no);
        c.openid = str(openid);
        c.zone_id = str(zone_id);
        c.amount = amount;
        c.pay_item = str(pay_item);
        c.app_remark = str(app_remark);
        c.user_ip = str(user_ip);
        c.user_tag = user_tag;
        c.deadline_ms = deadline_ms;
        c.sent_before = sent_before;
        c.host_data = str(host_data);
        return c;
    }
};

struct present_options {
    std::string_view bill_no{}, openid{}, zone_id{};
    std::int64_t amount = 0;
    std::string_view user_ip{};
    std::uint64_t user_tag = 0;
    std::int64_t deadline_ms = 0;
    std::uint32_t sent_before = 0;
    std::string_view host_data{};

    wxg_present_options to_c() const noexcept
    {
        wxg_present_options c = WXG_PRESENT_OPTIONS_INIT;
        c.bill_no = str(bill_no);
        c.openid = str(openid);
        c.zone_id = str(zone_id);
        c.amount = amount;
        c.user_ip = str(user_ip);
        c.user_tag = user_tag;
        c.deadline_ms = deadline_ms;
        c.sent_before = sent_before;
        c.host_data = str(host_data);
        return c;
    }
};

struct cancel_pay_options {
    std::string_view bill_no{};
    std::uint64_t user_tag = 0;
    std::int64_t deadline_ms = 0;
    std::string_view refund_bill_no{};
    std::int64_t amount = 0;

    wxg_cancel_pay_options to_c() const noexcept
    {
        wxg_cancel_pay_options c = WXG_CANCEL_PAY_OPTIONS_INIT;
        c.bill_no = str(bill_no);
        c.user_tag = user_tag;
        c.deadline_ms = deadline_ms;
        c.refund_bill_no = str(refund_bill_no);
        c.amount = amount;
        return c;
    }
};

struct get_balance_options {
    std::string_view openid{}, zone_id{}, user_ip{};
    std::uint64_t user_tag = 0;
    std::int64_t deadline_ms = 0;
    std::uint32_t coin_type = WXG_COIN_TYPE_GAME;

    wxg_get_balance_options to_c() const noexcept
    {
        wxg_get_balance_options c = WXG_GET_BALANCE_OPTIONS_INIT;
        c.openid = str(openid);
        c.zone_id = str(zone_id);
        c.user_ip = str(user_ip);
        c.user_tag = user_tag;
        c.deadline_ms = deadline_ms;
        c.coin_type = coin_type;
        return c;
    }
};

struct item_order_options {
    std::string_view out_trade_no{}, openid{}, zone_id{}, product_id{};
    std::int64_t buy_quantity = 0, goods_price = 0;
    std::string_view attach{}, platform{};
    std::uint64_t user_tag = 0;
    std::int64_t deadline_ms = 0;
    std::string_view host_data{};

    wxg_item_order_options to_c() const noexcept
    {
        wxg_item_order_options c = WXG_ITEM_ORDER_OPTIONS_INIT;
        c.out_trade_no = str(out_trade_no);
        c.openid = str(openid);
        c.zone_id = str(zone_id);
        c.product_id = str(product_id);
        c.buy_quantity = buy_quantity;
        c.goods_price = goods_price;
        c.attach = str(attach);
        c.platform = str(platform);
        c.user_tag = user_tag;
        c.deadline_ms = deadline_ms;
        c.host_data = str(host_data);
        return c;
    }
};

struct query_order_options {
    std::uint32_t biz_id = 0;
    std::string_view out_trade_no{}, openid{}, zone_id{}, user_ip{};
    std::uint64_t user_tag = 0;
    std::int64_t deadline_ms = 0;

    wxg_query_order_options to_c() const noexcept
    {
        wxg_query_order_options c = WXG_QUERY_ORDER_OPTIONS_INIT;
        c.biz_id = biz_id;
        c.out_trade_no = str(out_trade_no);
        c.openid = str(openid);
        c.zone_id = str(zone_id);
        c.user_ip = str(user_ip);
        c.user_tag = user_tag;
        c.deadline_ms = deadline_ms;
        return c;
    }
};

struct login_options {
    std::string_view js_code{};
    std::uint64_t user_tag = 0;
    std::int64_t deadline_ms = 0;

    wxg_login_options to_c() const noexcept
    {
        wxg_login_options c = WXG_LOGIN_OPTIONS_INIT;
        c.js_code = str(js_code);
        c.user_tag = user_tag;
        c.deadline_ms = deadline_ms;
        return c;
    }
};

struct session_options {
    std::string_view openid{};
    std::uint64_t user_tag = 0;
    std::int64_t deadline_ms = 0;

    wxg_session_options to_c() const noexcept
    {
        wxg_session_options c = WXG_SESSION_OPTIONS_INIT;
        c.openid = str(openid);
        c.user_tag = user_tag;
        c.deadline_ms = deadline_ms;
        return c;
    }
};

struct midas_v1_request_options {
    std::uint32_t call = 0;
    std::uint32_t environment = WXG_ENVIRONMENT_PRODUCTION;
    std::uint32_t no_mp_sig = 0;
    std::string_view appid{}, offer_id{}, app_key{}, pf{}, access_token{}, session_key{};
    std::string_view openid{}, zone_id{}, bill_no{}, pay_item{}, app_remark{}, user_ip{};
    std::int64_t amount = 0, ts = 0;

    wxg_midas_v1_request_options to_c() const noexcept
    {
        wxg_midas_v1_request_options c = WXG_MIDAS_V1_REQUEST_OPTIONS_INIT;
        c.call = call;
        c.environment = environment;
        c.no_mp_sig = no_mp_sig;
        c.appid = str(appid);
        c.offer_id = str(offer_id);
        c.app_key = str(app_key);
        c.pf = str(pf);
        c.access_token = str(access_token);
        c.session_key = str(session_key);
        c.openid = str(openid);
        c.zone_id = str(zone_id);
        c.bill_no = str(bill_no);
        c.pay_item = str(pay_item);
        c.app_remark = str(app_remark);
        c.user_ip = str(user_ip);
        c.amount = amount;
        c.ts = ts;
        return c;
    }
};

struct midas_v1_reply_options {
    std::uint32_t call = 0;
    std::uint32_t http_status = 0;
    std::string_view body{}, bill_no{};

    wxg_midas_v1_reply_options to_c() const noexcept
    {
        wxg_midas_v1_reply_options c = WXG_MIDAS_V1_REPLY_OPTIONS_INIT;
        c.call = call;
        c.http_status = http_status;
        c.body = str(body);
        c.bill_no = str(bill_no);
        return c;
    }
};

struct game_v2_request_options {
    std::uint32_t call = 0;
    std::uint32_t environment = WXG_ENVIRONMENT_PRODUCTION;
    std::uint32_t coin_type = WXG_COIN_TYPE_GAME;
    std::string_view offer_id{}, app_key{}, access_token{}, session_key{};
    std::string_view openid{}, zone_id{}, bill_no{}, refund_bill_no{}, out_trade_no{};
    std::string_view pay_item{}, app_remark{}, user_ip{};
    std::int64_t amount = 0, ts = 0;
    std::uint32_t biz_id = 0;

    wxg_game_v2_request_options to_c() const noexcept
    {
        wxg_game_v2_request_options c = WXG_GAME_V2_REQUEST_OPTIONS_INIT;
        c.call = call;
        c.environment = environment;
        c.coin_type = coin_type;
        c.offer_id = str(offer_id);
        c.app_key = str(app_key);
        c.access_token = str(access_token);
        c.session_key = str(session_key);
        c.openid = str(openid);
        c.zone_id = str(zone_id);
        c.bill_no = str(bill_no);
        c.refund_bill_no = str(refund_bill_no);
        c.out_trade_no = str(out_trade_no);
        c.pay_item = str(pay_item);
        c.app_remark = str(app_remark);
        c.user_ip = str(user_ip);
        c.amount = amount;
        c.ts = ts;
        c.biz_id = biz_id;
        return c;
    }
};

struct game_v2_reply_options {
    std::uint32_t call = 0;
    std::uint32_t http_status = 0;
    std::string_view body{}, bill_no{}, refund_bill_no{}, out_trade_no{};

    wxg_game_v2_reply_options to_c() const noexcept
    {
        wxg_game_v2_reply_options c = WXG_GAME_V2_REPLY_OPTIONS_INIT;
        c.call = call;
        c.http_status = http_status;
        c.body = str(body);
        c.bill_no = str(bill_no);
        c.refund_bill_no = str(refund_bill_no);
        c.out_trade_no = str(out_trade_no);
        return c;
    }
};

struct album_options {
    std::uint32_t queue_capacity = 0;
    std::int64_t max_bytes = 0;
    std::string_view temp_path{}, user_data_path{}, pictures_path{}, folder{};

    wxg_album_options to_c() const noexcept
    {
        wxg_album_options c = WXG_ALBUM_OPTIONS_INIT;
        c.queue_capacity = queue_capacity;
        c.max_bytes = max_bytes;
        c.temp_path = str(temp_path);
        c.user_data_path = str(user_data_path);
        c.pictures_path = str(pictures_path);
        c.folder = str(folder);
        return c;
    }
};

struct save_image_options {
    std::uint64_t user_tag = 0;
    std::string_view file_path{};

    wxg_save_image_options to_c() const noexcept
    {
        wxg_save_image_options c = WXG_SAVE_IMAGE_OPTIONS_INIT;
        c.user_tag = user_tag;
        c.file_path = str(file_path);
        return c;
    }
};

// ---- the client ---------------------------------------------------------------------------------------------------

namespace detail {

inline result<void> done(wxg_status status, wxg_error *why = nullptr) noexcept
{
    if (status != WXG_OK)
        return failure(error(status, why));
    return result<void>();
}

/// One call that makes a T out of the handle it hands out.
template <typename T, typename Handle, typename Call> result<T> made(Call call) noexcept
{
    Handle *handle = nullptr;
    wxg_error *why = nullptr;
    const wxg_status status = call(&handle, &why);
    if (status != WXG_OK)
        return failure(error(status, why));
    return T(handle);
}

/// One call that takes a completion, if there is one.
template <typename Call> result<std::optional<completion>> taken(Call call) noexcept
{
    wxg_completion *handle = nullptr;
    std::size_t count = 0;
    const wxg_status status = call(&handle, &count);
    if (status != WXG_OK)
        return failure(error(status));
    return count == 0 ? std::optional<completion>() : std::optional<completion>(completion(handle));
}

/// `tick` of a client or an album.
template <typename Owner, typename Handler>
result<std::size_t> tick(Owner &owner, Handler &handler,
                         std::size_t budget) noexcept(std::is_nothrow_invocable_v<Handler &, completion>)
{
    for (std::size_t handled = 0; handled < budget; ++handled) {
        result<std::optional<completion>> next = owner.poll();
        if (!next && handled == 0)
            return failure(std::move(next).error());
        if (!next || !*next)
            return handled;
        handler(std::move(**next));
    }
    return budget;
}

} // namespace detail

/// One client. Move-only; the destructor is wxg_client_free, the last call, with no other under way.
class client {
public:
    explicit client(wxg_client *owned) noexcept : handle_(owned) {}

    [[nodiscard]] static result<client> open(const client_options &options) noexcept
    {
        if (wxg_abi_version() < WXG_ABI_VERSION)
            return failure(error(WXG_ERR_UNSUPPORTED));
        const wxg_client_options c = options.to_c();
        return detail::made<client, wxg_client>([&](auto out, auto why) { return wxg_client_open(&c, out, why); });
    }

    /// For functions of wxgame.h that are called by hand. Stays owned.
    wxg_client *get() const noexcept { return handle_.get(); }

    [[nodiscard]] result<void> submit_pay(const pay_options &options) noexcept
    {
        return submit(wxg_client_submit_pay, options.to_c());
    }
    [[nodiscard]] result<void> submit_present(const present_options &options) noexcept
    {
        return submit(wxg_client_submit_present, options.to_c());
    }
    [[nodiscard]] result<void> submit_cancel_pay(const cancel_pay_options &options) noexcept
    {
        return submit(wxg_client_submit_cancel_pay, options.to_c());
    }
    [[nodiscard]] result<void> submit_get_balance(const get_balance_options &options) noexcept
    {
        return submit(wxg_client_submit_get_balance, options.to_c());
    }
    [[nodiscard]] result<void> submit_item_order(const item_order_options &options) noexcept
    {
        return submit(wxg_client_submit_item_order, options.to_c());
    }
    [[nodiscard]] result<void> submit_query_order(const query_order_options &options) noexcept
    {
        return submit(wxg_client_submit_query_order, options.to_c());
    }
    [[nodiscard]] result<void> submit_login(const login_options &options) noexcept
    {
        return submit(wxg_client_submit_login, options.to_c());
    }
    [[nodiscard]] result<void> submit_check_session(const session_options &options) noexcept
    {
        return submit(wxg_client_submit_check_session, options.to_c());
    }
    [[nodiscard]] result<void> submit_reset_session(const session_options &options) noexcept
    {
        return submit(wxg_client_submit_reset_session, options.to_c());
    }

    [[nodiscard]] result<completion> pay(const pay_options &options, std::int64_t timeout_ms) noexcept
    {
        return call(wxg_client_pay, options.to_c(), timeout_ms);
    }
    [[nodiscard]] result<completion> present(const present_options &options, std::int64_t timeout_ms) noexcept
    {
        return call(wxg_client_present, options.to_c(), timeout_ms);
    }
    [[nodiscard]] result<completion> cancel_pay(const cancel_pay_options &options, std::int64_t timeout_ms) noexcept
    {
        return call(wxg_client_cancel_pay, options.to_c(), timeout_ms);
    }
    [[nodiscard]] result<completion> get_balance(const get_balance_options &options, std::int64_t timeout_ms) noexcept
    {
        return call(wxg_client_get_balance, options.to_c(), timeout_ms);
    }
    [[nodiscard]] result<completion> item_order(const item_order_options &options, std::int64_t timeout_ms) noexcept
    {
        return call(wxg_client_item_order, options.to_c(), timeout_ms);
    }
    [[nodiscard]] result<completion> query_order(const query_order_options &options, std::int64_t timeout_ms) noexcept
    {
        return call(wxg_client_query_order, options.to_c(), timeout_ms);
    }
    [[nodiscard]] result<completion> login(const login_options &options, std::int64_t timeout_ms) noexcept
    {
        return call(wxg_client_login, options.to_c(), timeout_ms);
    }
    [[nodiscard]] result<completion> check_session(const session_options &options, std::int64_t timeout_ms) noexcept
    {
        return call(wxg_client_check_session, options.to_c(), timeout_ms);
    }
    [[nodiscard]] result<completion> reset_session(const session_options &options, std::int64_t timeout_ms) noexcept
    {
        return call(wxg_client_reset_session, options.to_c(), timeout_ms);
    }

    [[nodiscard]] result<void> set_session(std::string_view openid, std::string_view session_key) noexcept
    {
        const wxg_str player = str(openid), key = str(session_key);
        wxg_error *why = nullptr;
        const wxg_status status = wxg_client_set_session(get(), &player, &key, &why);
        return detail::done(status, why);
    }

    [[nodiscard]] result<void> forget_session(std::string_view openid) noexcept
    {
        const wxg_str player = str(openid);
        wxg_error *why = nullptr;
        const wxg_status status = wxg_client_forget_session(get(), &player, &why);
        return detail::done(status, why);
    }

    [[nodiscard]] result<void> set_access_token(std::string_view access_token, std::int64_t expires_in_s) noexcept
    {
        const wxg_str token = str(access_token);
        wxg_error *why = nullptr;
        const wxg_status status = wxg_client_set_access_token(get(), &token, expires_in_s, &why);
        return detail::done(status, why);
    }

    [[nodiscard]] result<void> set_app_key(std::string_view app_key) noexcept
    {
        const wxg_str key = str(app_key);
        wxg_error *why = nullptr;
        const wxg_status status = wxg_client_set_app_key(get(), &key, &why);
        return detail::done(status, why);
    }

    [[nodiscard]] result<void> ack(std::uint64_t delivery_id) noexcept
    {
        wxg_error *why = nullptr;
        const wxg_status status = wxg_client_ack(get(), delivery_id, &why);
        return detail::done(status, why);
    }

    /// One request that WeChat made to the message-push URL, query and body as they came: `push()` of the completion
    /// says what to do and what to answer. Where there is none, answer with HTTP 503.
    [[nodiscard]] result<completion> receive_push(std::string_view query, std::string_view body,
                                                  std::int64_t timeout_ms) noexcept
    {
        const wxg_str c_query = str(query), c_body = str(body);
        return detail::made<completion, wxg_completion>(
            [&](auto out, auto why) {
                return wxg_client_receive_push(get(), &c_query, &c_body, timeout_ms, out, why);
            });
    }

    /// One completion, if one is ready. Never blocks.
    [[nodiscard]] result<std::optional<completion>> poll() noexcept
    {
        return detail::taken([&](auto out, auto count) { return wxg_client_poll(get(), out, 1, count); });
    }

    /// One completion; empty where none came in time. Negative: without limit.
    [[nodiscard]] result<std::optional<completion>> wait(std::int64_t timeout_ms) noexcept
    {
        return detail::taken([&](auto out, auto count) { return wxg_client_wait(get(), timeout_ms, out, 1, count); });
    }

    /// Calls `handler(completion)` on this thread for what is ready, `budget` completions at the most, and tells how
    /// many there were. Never blocks. Each is taken only when its turn comes: a handler that throws loses no other.
    template <typename Handler>
    [[nodiscard]] result<std::size_t> tick(Handler &&handler, std::size_t budget) noexcept(
        std::is_nothrow_invocable_v<Handler &, completion>)
    {
        return detail::tick(*this, handler, budget);
    }

    /// What is known of one payment.
    [[nodiscard]] result<completion> payment(std::string_view bill_no, std::int64_t timeout_ms) noexcept
    {
        const wxg_str number = str(bill_no);
        return detail::made<completion, wxg_completion>(
            [&](auto out, auto why) { return wxg_client_payment(get(), &number, timeout_ms, out, why); });
    }

    /// So many payments make one page of `list_unresolved`.
    static constexpr std::size_t page_size = 64;

    /// Calls `handler(completion)` on this thread for one page of the payments that are unresolved, and tells how many
    /// there were: fewer than `page_size` means that there are no more. The next page begins after the last record_id.
    template <typename Handler>
    [[nodiscard]] result<std::size_t> list_unresolved(
        std::uint64_t after_id, std::int64_t timeout_ms,
        Handler &&handler) noexcept(std::is_nothrow_invocable_v<Handler &, completion>)
    {
        wxg_completion *listed[page_size] = {};
        std::size_t count = 0;
        wxg_error *why = nullptr;
        const wxg_status status =
            wxg_client_list_unresolved(get(), after_id, timeout_ms, listed, page_size, &count, &why);
        if (status != WXG_OK)
            return failure(error(status, why));
        // All are owned before the first is handed on: a handler that throws leaks none.
        std::unique_ptr<wxg_completion, freer<wxg_completion_free>> owned[page_size];
        for (std::size_t index = 0; index < count; ++index)
            owned[index].reset(listed[index]);
        for (std::size_t index = 0; index < count; ++index)
            handler(completion(owned[index].release()));
        return count;
    }

    /// Decides a payment that needs review, or is held: WXG_OUTCOME_DONE or WXG_OUTCOME_REJECTED.
    [[nodiscard]] result<completion> settle(std::string_view bill_no, std::uint32_t outcome,
                                            std::int64_t timeout_ms) noexcept
    {
        const wxg_str number = str(bill_no);
        return detail::made<completion, wxg_completion>(
            [&](auto out, auto why) { return wxg_client_settle(get(), &number, outcome, timeout_ms, out, why); });
    }

    /// Lets a held payment go on.
    [[nodiscard]] result<completion> resume(std::string_view bill_no, std::int64_t timeout_ms) noexcept
    {
        const wxg_str number = str(bill_no);
        return detail::made<completion, wxg_completion>(
            [&](auto out, auto why) { return wxg_client_resume(get(), &number, timeout_ms, out, why); });
    }

    /// The oldest log record; empty where there is none.
    [[nodiscard]] result<std::optional<log_record>> poll_log() noexcept
    {
        wxg_log_record *taken = nullptr;
        std::size_t count = 0;
        const wxg_status status = wxg_client_poll_log(get(), &taken, 1, &count);
        if (status != WXG_OK)
            return failure(error(status));
        return count == 0 ? std::optional<log_record>() : std::optional<log_record>(log_record(taken));
    }

    [[nodiscard]] result<wxg_stats> stats() noexcept
    {
        wxg_stats read = WXG_STATS_INIT;
        const wxg_status status = wxg_client_stats(get(), &read);
        if (status != WXG_OK)
            return failure(error(status));
        return read;
    }

    [[nodiscard]] result<std::int32_t> wake_fd() noexcept
    {
        std::int32_t fd = -1;
        wxg_error *why = nullptr;
        const wxg_status status = wxg_client_wake_fd(get(), &fd, &why);
        if (status != WXG_OK)
            return failure(error(status, why));
        return fd;
    }

    [[nodiscard]] result<void> close(std::int64_t timeout_ms) noexcept
    {
        return detail::done(wxg_client_close(get(), timeout_ms));
    }

private:
    template <typename Function, typename Options>
    result<void> submit(Function function, const Options &options) noexcept
    {
        wxg_error *why = nullptr;
        const wxg_status status = function(get(), &options, &why);
        return detail::done(status, why);
    }

    template <typename Function, typename Options>
    result<completion> call(Function function, const Options &options, std::int64_t timeout_ms) noexcept
    {
        return detail::made<completion, wxg_completion>(
            [&](auto out, auto why) { return function(get(), &options, timeout_ms, out, why); });
    }

    std::unique_ptr<wxg_client, freer<wxg_client_free>> handle_;
};

// ---- the album ----------------------------------------------------------------------------------------------------

/// The pictures of one game of one user, without a client. Move-only; the destructor is wxg_album_free, the last call,
/// with no other under way.
class album {
public:
    explicit album(wxg_album *owned) noexcept : handle_(owned) {}

    [[nodiscard]] static result<album> open(const album_options &options) noexcept
    {
        if (wxg_abi_version() < WXG_ABI_VERSION)
            return failure(error(WXG_ERR_UNSUPPORTED));
        const wxg_album_options c = options.to_c();
        return detail::made<album, wxg_album>([&](auto out, auto why) { return wxg_album_open(&c, out, why); });
    }

    /// WXG_ALBUM_…: what an errMsg means, whoever said it. Needs no album.
    [[nodiscard]] static result<std::uint32_t> errmsg_class(std::string_view errmsg) noexcept
    {
        const wxg_str c_errmsg = str(errmsg);
        std::uint32_t told = 0;
        const wxg_status status = wxg_album_errmsg_class(&c_errmsg, &told);
        if (status != WXG_OK)
            return failure(error(status));
        return told;
    }

    /// For functions of wxgame.h that are called by hand. Stays owned.
    wxg_album *get() const noexcept { return handle_.get(); }

    [[nodiscard]] result<void> submit_save_image(const save_image_options &options) noexcept
    {
        const wxg_save_image_options c = options.to_c();
        wxg_error *why = nullptr;
        const wxg_status status = wxg_album_submit_save_image(get(), &c, &why);
        return detail::done(status, why);
    }

    [[nodiscard]] result<void> submit_authorize(std::uint64_t user_tag = 0) noexcept
    {
        wxg_error *why = nullptr;
        const wxg_status status = wxg_album_submit_authorize(get(), user_tag, &why);
        return detail::done(status, why);
    }

    [[nodiscard]] result<void> submit_open_setting(std::uint64_t user_tag = 0) noexcept
    {
        wxg_error *why = nullptr;
        const wxg_status status = wxg_album_submit_open_setting(get(), user_tag, &why);
        return detail::done(status, why);
    }

    /// WXG_CONSENT_NOT_ASKED, WXG_CONSENT_GRANTED or WXG_CONSENT_DENIED. Reads one small file.
    [[nodiscard]] result<std::uint32_t> get_setting() noexcept
    {
        std::uint32_t consent = 0;
        wxg_error *why = nullptr;
        const wxg_status status = wxg_album_get_setting(get(), &consent, &why);
        if (status != WXG_OK)
            return failure(error(status, why));
        return consent;
    }

    [[nodiscard]] result<void> answer_consent(std::uint32_t consent) noexcept
    {
        wxg_error *why = nullptr;
        const wxg_status status = wxg_album_answer_consent(get(), consent, &why);
        return detail::done(status, why);
    }

    [[nodiscard]] result<void> answer_setting(std::uint32_t consent) noexcept
    {
        wxg_error *why = nullptr;
        const wxg_status status = wxg_album_answer_setting(get(), consent, &why);
        return detail::done(status, why);
    }

    /// One completion, if one is ready. Never blocks.
    [[nodiscard]] result<std::optional<completion>> poll() noexcept
    {
        return detail::taken([&](auto out, auto count) { return wxg_album_poll(get(), out, 1, count); });
    }

    /// One completion; empty where none came in time. Negative: without limit.
    [[nodiscard]] result<std::optional<completion>> wait(std::int64_t timeout_ms) noexcept
    {
        return detail::taken([&](auto out, auto count) { return wxg_album_wait(get(), timeout_ms, out, 1, count); });
    }

    /// Calls `handler(completion)` on this thread for what is ready, as `tick` of a client does.
    template <typename Handler>
    [[nodiscard]] result<std::size_t> tick(Handler &&handler, std::size_t budget) noexcept(
        std::is_nothrow_invocable_v<Handler &, completion>)
    {
        return detail::tick(*this, handler, budget);
    }

    [[nodiscard]] result<std::int32_t> wake_fd() noexcept
    {
        std::int32_t fd = -1;
        wxg_error *why = nullptr;
        const wxg_status status = wxg_album_wake_fd(get(), &fd, &why);
        if (status != WXG_OK)
            return failure(error(status, why));
        return fd;
    }

    [[nodiscard]] result<void> close(std::int64_t timeout_ms) noexcept
    {
        return detail::done(wxg_album_close(get(), timeout_ms));
    }

private:
    std::unique_ptr<wxg_album, freer<wxg_album_free>> handle_;
};

// ---- without a client ---------------------------------------------------------------------------------------------

/// The version of the library that is running; WXG_VERSION is the one compiled against.
[[nodiscard]] inline std::string_view version() noexcept { return wxg_version(); }

using bill_no = std::array<char, WXG_BILL_NO_SIZE>;
using signature = std::array<char, WXG_SIGNATURE_SIZE>;

/// A new number, with its NUL: `data()` is a C string.
[[nodiscard]] inline result<bill_no> bill_no_new() noexcept
{
    bill_no made{};
    wxg_error *why = nullptr;
    const wxg_status status = wxg_bill_no_new(made.data(), &why);
    if (status != WXG_OK)
        return failure(error(status, why));
    return made;
}

namespace detail {

/// One call that writes a signature.
template <typename Call> result<signature> signature_by(Call call) noexcept
{
    signature made{};
    wxg_error *why = nullptr;
    const wxg_status status = call(made.data(), &why);
    if (status != WXG_OK)
        return failure(error(status, why));
    return made;
}

} // namespace detail

[[nodiscard]] inline result<signature> sign_midas_v1(std::string_view path, const wxg_field *fields,
                                                     std::size_t field_count, std::string_view app_key) noexcept
{
    const wxg_str c_path = str(path), key = str(app_key);
    return detail::signature_by(
        [&](auto out, auto why) { return wxg_sign_midas_v1(&c_path, fields, field_count, &key, out, why); });
}

[[nodiscard]] inline result<signature> sign_midas_v1_mp_sig(std::string_view path, const wxg_field *fields,
                                                            std::size_t field_count,
                                                            std::string_view session_key) noexcept
{
    const wxg_str c_path = str(path), key = str(session_key);
    return detail::signature_by(
        [&](auto out, auto why) { return wxg_sign_midas_v1_mp_sig(&c_path, fields, field_count, &key, out, why); });
}

[[nodiscard]] inline result<owned_text> sign_explain(std::string_view path, const wxg_field *fields,
                                                     std::size_t field_count) noexcept
{
    const wxg_str c_path = str(path);
    return detail::made<owned_text, wxg_text>(
        [&](auto out, auto why) { return wxg_sign_explain(&c_path, fields, field_count, out, why); });
}

[[nodiscard]] inline result<signature> sign_game_v2(std::string_view path, std::string_view body,
                                                    std::string_view app_key) noexcept
{
    const wxg_str c_path = str(path), c_body = str(body), key = str(app_key);
    return detail::signature_by(
        [&](auto out, auto why) { return wxg_sign_game_v2(&c_path, &c_body, &key, out, why); });
}

[[nodiscard]] inline result<signature> sign_game_v2_signature(std::string_view body,
                                                              std::string_view session_key) noexcept
{
    const wxg_str c_body = str(body), key = str(session_key);
    return detail::signature_by(
        [&](auto out, auto why) { return wxg_sign_game_v2_signature(&c_body, &key, out, why); });
}

[[nodiscard]] inline result<owned_text> sign_game_v2_explain(std::string_view path, std::string_view body) noexcept
{
    const wxg_str c_path = str(path), c_body = str(body);
    return detail::made<owned_text, wxg_text>(
        [&](auto out, auto why) { return wxg_sign_game_v2_explain(&c_path, &c_body, out, why); });
}

[[nodiscard]] inline result<request> midas_v1_build(const midas_v1_request_options &options) noexcept
{
    const wxg_midas_v1_request_options c = options.to_c();
    return detail::made<request, wxg_request>([&](auto out, auto why) { return wxg_midas_v1_build(&c, out, why); });
}

[[nodiscard]] inline result<completion> midas_v1_parse(const midas_v1_reply_options &options) noexcept
{
    const wxg_midas_v1_reply_options c = options.to_c();
    return detail::made<completion, wxg_completion>(
        [&](auto out, auto why) { return wxg_midas_v1_parse(&c, out, why); });
}

[[nodiscard]] inline result<request> game_v2_build(const game_v2_request_options &options) noexcept
{
    const wxg_game_v2_request_options c = options.to_c();
    return detail::made<request, wxg_request>([&](auto out, auto why) { return wxg_game_v2_build(&c, out, why); });
}

[[nodiscard]] inline result<completion> game_v2_parse(const game_v2_reply_options &options) noexcept
{
    const wxg_game_v2_reply_options c = options.to_c();
    return detail::made<completion, wxg_completion>(
        [&](auto out, auto why) { return wxg_game_v2_parse(&c, out, why); });
}

[[nodiscard]] inline result<wxg_errcode_help_view> errcode_help(std::uint32_t generation, std::uint32_t call,
                                                                std::int32_t errcode) noexcept
{
    wxg_errcode_help_view view = WXG_ERRCODE_HELP_VIEW_INIT;
    const wxg_status status = wxg_errcode_help(generation, call, errcode, &view);
    if (status != WXG_OK)
        return failure(error(status));
    return view;
}

} // namespace WXGAME_RESULT_
} // namespace wxgame

#undef WXGAME_RESULT_

#endif // WXGAME_HPP

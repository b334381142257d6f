// A game server that sells items for money (virtual payment 2.0): it makes the strings that the game client pays with,
// and is the URL that WeChat pushes to. What is paid is granted once, however often and by whatever way it is told.
//
//   endpoint https://localhost:8331 ca.pem sqlite:endpoint.journal 8400 [EncodingAESKey]
//
//   GET  /login?js_code=...     the player is there
//   GET  /order?out_trade_no=&openid=&product_id=&quantity=&goods_price=&attach=     signData, paySig, signature
//   GET and POST /push          the message-push URL of the console; with an EncodingAESKey in safe mode
//
// In front of it stands what ends TLS. cpp-httplib speaks HTTP here, any other server library does as well: all that
// the library needs is the query and the body as they came. SIGTERM ends it.

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <httplib.h>
#include <iostream>
#include <mutex>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <wxgame.hpp>

namespace {

// One line at a time, from whatever thread.
void say(const std::string &line)
{
    static std::mutex turn;
    const std::lock_guard<std::mutex> mine(turn);
    std::cout << line + "\n" << std::flush;
}

// A text as JSON has it. What the library hands out is JSON text already, so that only these two need care.
std::string quoted(std::string_view text)
{
    std::string made = "\"";
    for (char letter : text) {
        if (letter == '"' || letter == '\\')
            made += '\\';
        made += letter;
    }
    return made + "\"";
}

template <std::size_t Count> const char *name(const char *const (&names)[Count], std::uint32_t number)
{
    return number < Count ? names[number] : "?";
}

class Endpoint {
public:
    explicit Endpoint(wxgame::client client) : client_(std::move(client)) {}

    void login(const httplib::Request &request, httplib::Response &response)
    {
        const std::string js_code = request.get_param_value("js_code");
        wxgame::login_options options;
        options.js_code = js_code;
        auto player = client_.login(options, 5000);
        if (!player)
            return refuse(response, player.error());
        if ((*player)->outcome != WXG_OUTCOME_DONE)
            return refuse(response, 400, wxgame::text((*player)->errmsg));
        response.set_content("{\"openid\":" + quoted(wxgame::text((*player)->openid)) + "}", "application/json");
    }

    void order(const httplib::Request &request, httplib::Response &response)
    {
        const std::string out_trade_no = request.get_param_value("out_trade_no");
        const std::string openid = request.get_param_value("openid");
        const std::string product_id = request.get_param_value("product_id");
        const std::string attach = request.get_param_value("attach");
        wxgame::item_order_options options;
        options.out_trade_no = out_trade_no; // stands with the order in your database, from before
        options.openid = openid;
        options.zone_id = "1";
        options.product_id = product_id;
        options.buy_quantity = std::atoll(request.get_param_value("quantity").c_str());
        options.goods_price = std::atoll(request.get_param_value("goods_price").c_str());
        options.attach = attach;
        auto ordered = client_.item_order(options, 5000);
        if (!ordered)
            return refuse(response, ordered.error());
        const wxgame::item_strings strings = ordered->item_strings();
        if (strings.sign_data.empty()) // such as of an order that is over, or without a session_key
            return refuse(response, 503, wxgame::text((*ordered)->errmsg));
        response.set_content("{\"signData\":" + quoted(strings.sign_data) + ",\"paySig\":" + quoted(strings.pay_sig) +
                                 ",\"signature\":" + quoted(strings.signature) + "}",
                             "application/json");
    }

    void push(const httplib::Request &request, httplib::Response &response)
    {
        static const char *const verdicts[] = {"",     "echo",  "deliver", "already_delivered", "balance_changed",
                                               "mock", "other", "refuse",  "again"};
        static const char *const events[] = {"", "goods", "coins", "refund", "gift"};
        const std::size_t path = request.target.find('?');
        const std::string query = path == std::string::npos ? "" : request.target.substr(path + 1);
        auto received = client_.receive_push(query, request.body, 2000);
        if (!received)
            return refuse(response, received.error());
        const wxgame::push told = received->push();
        std::ostringstream line;
        line << "push " << name(verdicts, told.verdict) << " event=" << name(events, told.push_event)
             << " event_id=" << told.event_id << " openid=" << told.openid << " product_id=" << told.pay_item
             << " quantity=" << told.amount << " refusal=" << told.refusal;
        say(line.str());
        // With balance_changed a server reads the player's coins now, and with other it looks at told.payload.
        if (told.verdict == WXG_VERDICT_DELIVER)
            settle(*received);
        response.status = static_cast<int>(told.answer_status);
        response.set_content(std::string(told.answer), std::string(told.answer_content_type));
    }

    // What was not acknowledged comes again, what no push told of was asked for, and what receive_push did not wait for
    // comes of itself. Ends when the client is closed.
    void pump()
    {
        for (auto next = client_.wait(-1); next; next = client_.wait(-1))
            if (*next && ((**next)->kind == WXG_KIND_RESOLVED || (**next)->kind == WXG_KIND_PUSH))
                settle(**next);
    }

    bool close() { return client_.close(5000).has_value(); }

private:
    // Grants what was bought, or takes back what was refunded, once per event_id, and acknowledges. The set stands for
    // a table of your database whose key is the event_id: there, the row and the goods go into one transaction.
    void settle(const wxgame::completion &told)
    {
        const std::string_view event_id = wxgame::text(told->event_id);
        // What was asked for has no event_id: its bill_no is what the order's push would have told.
        const std::string key(event_id.empty() ? wxgame::text(told->bill_no) : event_id);
        if (told->outcome == WXG_OUTCOME_DONE && told->is_preview == 0 && first_of(key)) {
            std::ostringstream line;
            line << "grant " << key << " openid=" << wxgame::text(told->openid)
                 << " product_id=" << wxgame::text(told->pay_item) << " quantity=" << told->amount
                 << " redelivered=" << ((told->flags & WXG_FLAG_REDELIVERED) != 0);
            say(line.str());
        }
        if (told->outcome == WXG_OUTCOME_NEEDS_REVIEW)
            std::cerr << "endpoint: " << key << " is to be noted for a person; no grant, no refusal\n";
        if (told->delivery_id != 0 && !client_.ack(told->delivery_id))
            std::cerr << "endpoint: " << key << " is not acknowledged: it comes again\n";
    }

    bool first_of(const std::string &key)
    {
        const std::lock_guard<std::mutex> mine(granting_);
        return granted_.insert(key).second;
    }

    static void refuse(httplib::Response &response, int status, std::string_view why)
    {
        response.status = status;
        response.set_content(std::string(why), "text/plain; charset=utf-8");
    }

    static void refuse(httplib::Response &response, const wxgame::error &error)
    {
        const std::string why = std::string(error.field()) + " " + std::string(error.message());
        refuse(response, error.status() == WXG_ERR_INVALID_ARGUMENT ? 400 : 503, why);
    }

    wxgame::client client_;
    std::mutex granting_;
    std::set<std::string> granted_;
};

wxgame::result<wxgame::client> open(int argc, char **argv)
{
    wxgame::client_options options;
    options.generation = WXG_GENERATION_V2;
    options.appid = "wx1234567";
    options.offer_id = "12345678";
    options.app_secret = "sandbox-app-secret";
    options.app_key = "zNLgAGgqsEWJOg1nFVaO5r7fAlIQxr1u";
    options.push_token = "endpoint-token";
    options.push_aes_key = argc > 5 ? argv[5] : "";
    options.base_url = argv[1];
    options.ca_file = argv[2];
    options.journal = argv[3];
    options.timeout_ms = 1000;
    options.redeliver_after_ms = 500;
    return wxgame::client::open(options);
}

} // namespace

int main(int argc, char **argv)
{
    if (argc < 5)
        return std::cerr << "usage: endpoint BASE_URL CA_FILE JOURNAL PORT [ENCODING_AES_KEY]\n", 2;
    // Before there is any other thread, so that none of them is interrupted: SIGTERM is waited for below.
    sigset_t ending;
    sigemptyset(&ending);
    sigaddset(&ending, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &ending, nullptr);

    auto client = open(argc, argv);
    if (!client)
        return std::cerr << "endpoint: " << client.error().field() << " " << client.error().message() << "\n", 1;
    Endpoint endpoint(std::move(*client));
    httplib::Server server;
    const auto by = [&endpoint](auto method) {
        return [&endpoint, method](const httplib::Request &request, httplib::Response &response) {
            (endpoint.*method)(request, response);
        };
    };
    server.Get("/login", by(&Endpoint::login));
    server.Get("/order", by(&Endpoint::order));
    server.Get("/push", by(&Endpoint::push));
    server.Post("/push", by(&Endpoint::push));
    server.set_payload_max_length(1024 * 1024); // receive_push looks at no more
    server.set_keep_alive_max_count(1); // a connection that idles would hold one of the few threads
    int port = std::atoi(argv[4]);
    if (port == 0)
        port = server.bind_to_any_port("127.0.0.1");
    else if (!server.bind_to_port("127.0.0.1", port))
        port = -1;
    if (port < 0)
        return std::cerr << "endpoint: port " << argv[4] << " is taken\n", 1;

    std::thread pumping([&] { endpoint.pump(); });
    std::thread serving([&] { server.listen_after_bind(); });
    while (!server.is_running()) // stop() has no effect before
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    say("ready http://127.0.0.1:" + std::to_string(port));
    int signal = 0;
    sigwait(&ending, &signal);
    server.stop();
    serving.join();
    const bool closed = endpoint.close();
    pumping.join();
    return closed ? 0 : 1;
}

/*
 * A game server that is meant to be killed. tests/soak/soak.py and tests/cluster/cluster.py start it again and again on
 * the same directory:
 *
 *   server dir=DIR base_url=https://… ca_file=… players=a,b [generation=v1] [seed=N] [per_second=120] [resubmit=1]
 *          [settle=0] [quiet_ms=300] [balances=0] [journal=postgres://… peers=DIR,DIR lease_ms=N]
 *
 * It keeps three files of its own beside the journal (see lines.h):
 *
 *   list    what it wants, on disk before each submission:      pay | present | cancel  BILL_NO …
 *   grants  what it has given out, once per bill_no:            grant | take_back  BILL_NO
 *   told    what it was told, and whatever it should not have been: answer | cancelled | unknown | wrong | late …
 *
 * A final answer is acknowledged only after it is in `told` and, where something was bought, in `grants`.
 * With settle=1 it buys nothing new and ends by itself once nothing has been open for quiet_ms.
 *
 * Peers are the directories of the other servers on the same journal. Their lists are read as they grow: what stands
 * there is cancelled here, and submitted again, like what is our own. A payment may then be answered at several of
 * them, so `grants` gets one line for each final answer, with its delivery id, and the books together tell the story.
 *
 * Exit status: 0 closed, 1 failed, 3 another process has the journal, 4 the peers' journal is out of reach.
 */
#define _POSIX_C_SOURCE 200809L
#include <signal.h>
#include <stdint.h>
#include <time.h>
#include "lines.h"
#include "wxgame.h"

enum {
    TIMEOUT_MS = 400,
    CONNECT_TIMEOUT_MS = 300,
    LATE_WINDOW_MS = 800,
    IMPATIENT_MS = 1500, /* cancels soon; */
    PATIENT_MS = 5000,   /* or would pay again, had it forgotten that it has cancelled */
    DEADLINE_MS = 3000,
    CLOSE_MS = 300,
    LATE_MS = 5000, /* so long after its deadline a completion is missing */
    IN_FLIGHT = 40,
    READ_AT_ONCE = 32,
    PAUSE_MS = 500, /* so long between two rounds: this process was stopped */
    MAX_PLAYERS = 64,
    MAX_PEERS = 8
};

typedef struct order {
    char bill_no[WXG_BILL_NO_SIZE];
    uint32_t kind; /* WXG_KIND_PAY or WXG_KIND_PRESENT */
    int player;
    int64_t amount;
    int of_peer;          /* it stands in another server's list */
    uint32_t final;       /* the final outcome it was told, WXG_OUTCOME_NONE before */
    int granted;          /* it stands in `grants` */
    uint64_t delivery_id; /* with peers: the latest answer that stands in `grants` */
    int cancel_asked;     /* it stands in `list` */
    int cancel_told;      /* the cancel has its final answer */
    int asked, answered;  /* submissions of this process, and their completions */
    int64_t answer_by_ms; /* of the latest submission */
    int late;
} order;

typedef struct player {
    char openid[32];
    int login_needed, login_under_way;
    int64_t login_not_before_ms;
    int balance_read;
} player;

static wxg_client *client;
static order *orders;
static size_t order_count, order_capacity;
static uint32_t *slots; /* open addressing: order number + 1 */
static size_t slot_count;
static player players[MAX_PLAYERS];
static int player_count;
static file list, grants, told, journal_log;
static followed peers[MAX_PEERS]; /* their lists */
static int peer_count;
static uint64_t deliveries[4096]; /* written down, but not acknowledged yet */
static size_t delivery_count;
static int64_t ack_not_before_ms;
static int outstanding; /* submissions of this process that have no completion yet */
static uint64_t random_state;
static char **arguments;
static volatile sig_atomic_t asked_to_stop;

static void check(wxg_status status, wxg_error *error, const char *what)
{
    wxg_str message = wxg_cstr(wxg_status_text(status));
    if (status == WXG_OK)
        return;
    if (error != NULL)
        (void)wxg_error_message(error, &message);
    fail(what, message.data);
}

static const char *setting(const char *name, const char *otherwise)
{
    size_t length = strlen(name);
    for (char **argument = arguments; *argument != NULL; argument++)
        if (strncmp(*argument, name, length) == 0 && (*argument)[length] == '=')
            return *argument + length + 1;
    if (otherwise == NULL)
        fail(name, "is missing");
    return otherwise;
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t wall_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static uint32_t chance(uint32_t of) /* 0 to of - 1 */
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)((random_state >> 32) % of);
}

/* ---- orders ---- */

static size_t slot_of(const char *bill_no)
{
    uint64_t hash = 14695981039346656037u;
    size_t at;
    for (const char *c = bill_no; *c != '\0'; c++)
        hash = (hash ^ (unsigned char)*c) * 1099511628211u;
    for (at = hash % slot_count; slots[at] != 0; at = (at + 1) % slot_count)
        if (strcmp(orders[slots[at] - 1].bill_no, bill_no) == 0)
            break;
    return at;
}

static order *find(const char *bill_no)
{
    size_t at = slot_count != 0 ? slot_of(bill_no) : 0;
    return slot_count != 0 && slots[at] != 0 ? &orders[slots[at] - 1] : NULL;
}

static order *add(const char *bill_no, uint32_t kind, int of_player, int64_t amount)
{
    order *added;
    if (order_count == order_capacity) {
        order_capacity = order_capacity != 0 ? order_capacity * 2 : 1024;
        slot_count = order_capacity * 2 + 1;
        orders = realloc(orders, order_capacity * sizeof *orders);
        free(slots);
        slots = calloc(slot_count, sizeof *slots);
        if (orders == NULL || slots == NULL)
            fail("orders", "out of memory");
        for (size_t i = 0; i < order_count; i++)
            slots[slot_of(orders[i].bill_no)] = (uint32_t)i + 1;
    }
    added = &orders[order_count++];
    memset(added, 0, sizeof *added);
    snprintf(added->bill_no, sizeof added->bill_no, "%s", bill_no);
    added->kind = kind;
    added->player = of_player;
    added->amount = amount;
    slots[slot_of(bill_no)] = (uint32_t)order_count;
    return added;
}

/* Comes back in every completion of the order, also after a restart. */
static uint64_t tag_of(const char *bill_no)
{
    uint64_t tag = 7;
    for (const char *c = bill_no; *c != '\0'; c++)
        tag = tag * 31 + (unsigned char)*c;
    return tag;
}

static int player_of(const char *openid)
{
    for (int i = 0; i < player_count; i++)
        if (strcmp(players[i].openid, openid) == 0)
            return i;
    fail("unknown player", openid);
    return -1;
}

static order *replay_order(const char *text)
{
    char what[16], bill_no[WXG_BILL_NO_SIZE], openid[32];
    long long amount;
    if (sscanf(text, "%15s %26s %31s %lld", what, bill_no, openid, &amount) != 4)
        return NULL;
    return add(bill_no, strcmp(what, "pay") == 0 ? WXG_KIND_PAY : WXG_KIND_PRESENT, player_of(openid), amount);
}

static void replay_peer(char *text)
{
    order *added = replay_order(text);
    if (added != NULL)
        added->of_peer = 1;
}

static void replay_list(char *text)
{
    char bill_no[WXG_BILL_NO_SIZE];
    if (replay_order(text) == NULL && sscanf(text, "cancel %26s", bill_no) == 1 && find(bill_no) != NULL)
        find(bill_no)->cancel_asked = 1;
}

static void replay_grants(char *text)
{
    char what[16], bill_no[WXG_BILL_NO_SIZE];
    unsigned long long delivery_id = 0;
    if (sscanf(text, "%15s %26s %llu", what, bill_no, &delivery_id) < 2 || find(bill_no) == NULL)
        return;
    find(bill_no)->granted = strcmp(what, "grant") == 0;
    find(bill_no)->delivery_id = delivery_id;
}

static void replay_told(char *text)
{
    char what[16], bill_no[WXG_BILL_NO_SIZE];
    unsigned outcome;
    if (sscanf(text, "%15s %26s %u", what, bill_no, &outcome) != 3 || find(bill_no) == NULL)
        return;
    if (strcmp(what, "answer") == 0)
        find(bill_no)->final = outcome;
    if (strcmp(what, "cancelled") == 0)
        find(bill_no)->cancel_told = 1;
}

/* ---- peers ---- */

static void meet_peers(void)
{
    const char *names = setting("peers", "");
    while (*names != '\0' && peer_count < MAX_PEERS) {
        char path[512];
        int length = (int)strcspn(names, ",");
        snprintf(path, sizeof path, "%.*s/list", length, names);
        follow(&peers[peer_count++], path);
        names += length + (names[length] == ',');
    }
}

static void read_peers(void)
{
    for (int i = 0; i < peer_count; i++)
        read_on(&peers[i], replay_peer);
}

/* Rarely asked, so the lists are not remembered for it. */
static int is_cancelled_by_a_peer(const char *bill_no)
{
    char wanted[64];
    int found = 0;
    snprintf(wanted, sizeof wanted, "cancel %s", bill_no);
    for (int i = 0; i < peer_count && !found; i++)
        found = stands_in(&peers[i], wanted);
    return found;
}

/* An order of ours, or of a peer that has just written it down. */
static order *find_anywhere(const char *bill_no)
{
    if (find(bill_no) == NULL)
        read_peers();
    return find(bill_no);
}

/* ---- what is submitted ---- */

static void submitted(order *of, int64_t deadline_ms)
{
    of->asked++;
    of->answer_by_ms = now_ms() + (deadline_ms != 0 ? deadline_ms : DEADLINE_MS) + LATE_MS;
    of->late = 0;
    outstanding++;
}

static void submit_order(order *of, int64_t deadline_ms)
{
    wxg_error *error = NULL;
    if (of->kind == WXG_KIND_PAY) {
        wxg_pay_options options = WXG_PAY_OPTIONS_INIT;
        options.bill_no = wxg_cstr(of->bill_no);
        options.openid = wxg_cstr(players[of->player].openid);
        options.zone_id = WXG_STR("1");
        options.amount = of->amount;
        options.pay_item = WXG_STR("sword");
        options.user_tag = tag_of(of->bill_no);
        options.deadline_ms = deadline_ms;
        check(wxg_client_submit_pay(client, &options, &error), error, "pay");
    } else {
        wxg_present_options options = WXG_PRESENT_OPTIONS_INIT;
        options.bill_no = wxg_cstr(of->bill_no);
        options.openid = wxg_cstr(players[of->player].openid);
        options.zone_id = WXG_STR("1");
        options.amount = of->amount;
        options.user_tag = tag_of(of->bill_no);
        options.deadline_ms = deadline_ms;
        check(wxg_client_submit_present(client, &options, &error), error, "present");
    }
    submitted(of, deadline_ms);
}

static void submit_cancel(const char *bill_no)
{
    wxg_cancel_pay_options options = WXG_CANCEL_PAY_OPTIONS_INIT;
    wxg_error *error = NULL;
    options.bill_no = wxg_cstr(bill_no);
    options.user_tag = tag_of(bill_no);
    check(wxg_client_submit_cancel_pay(client, &options, &error), error, "cancel_pay");
    outstanding++;
}

static void log_in(player *who)
{
    static unsigned logins;
    char js_code[160];
    struct timespec now;
    wxg_login_options options = WXG_LOGIN_OPTIONS_INIT;
    wxg_error *error = NULL;
    clock_gettime(CLOCK_REALTIME, &now);
    snprintf(js_code, sizeof js_code, "code:%.31s:%ld-%lld%09ld-%u", who->openid, (long)getpid(),
             (long long)now.tv_sec, now.tv_nsec, ++logins);
    options.js_code = wxg_cstr(js_code);
    options.user_tag = (uint64_t)(who - players);
    check(wxg_client_submit_login(client, &options, &error), error, "login");
    who->login_needed = 0;
    who->login_under_way = 1;
    outstanding++;
}

static void log_in_whoever_must(void)
{
    for (player *who = players; who < players + player_count; who++)
        if (who->login_needed && !who->login_under_way && now_ms() >= who->login_not_before_ms)
            log_in(who);
}

/* The orders of earlier processes of which no final answer stands in `told`; and some that have theirs, which must
 * come out the same. */
static void submit_again(void)
{
    for (int i = 0; i < 5 && order_count > 0; i++) {
        order *of = &orders[chance((uint32_t)order_count)];
        if (of->final == WXG_OUTCOME_DONE || of->final == WXG_OUTCOME_REJECTED)
            submit_order(of, 0);
    }
    for (size_t i = 0; i < order_count; i++) {
        if (orders[i].final == WXG_OUTCOME_NONE && !orders[i].of_peer)
            submit_order(&orders[i], 0);
        if (orders[i].cancel_asked && !orders[i].cancel_told)
            submit_cancel(orders[i].bill_no);
    }
}

/* Something new: mostly pays, some gifts, some cancels of what is new, old, or nobody's. */
static void buy(int count)
{
    size_t first = order_count;
    char cancelled[16][WXG_BILL_NO_SIZE];
    int cancels = 0;
    wxg_error *error = NULL;
    for (int i = 0; i < count && i < 8; i++) {
        char bill_no[WXG_BILL_NO_SIZE];
        const char *openid;
        int who = (int)chance((uint32_t)player_count);
        openid = players[who].openid;
        check(wxg_bill_no_new(bill_no, &error), error, "bill_no");
        if (chance(100) < 78 || order_count == 0) {
            int64_t amount = chance(100) < 3 ? 1000000 : 1 + chance(30);
            add(bill_no, WXG_KIND_PAY, who, amount);
            line(&list, "pay %s %s %lld", bill_no, openid, (long long)amount);
            if (chance(100) < 12) { /* a player of quick regrets: the cancel meets the pay on its way */
                orders[order_count - 1].cancel_asked = 1;
                line(&list, "cancel %s", bill_no);
                snprintf(cancelled[cancels++], sizeof bill_no, "%s", bill_no);
            }
        } else if (chance(100) < 40) {
            int64_t amount = 1 + chance(10);
            add(bill_no, WXG_KIND_PRESENT, who, amount);
            line(&list, "present %s %s %lld", bill_no, openid, (long long)amount);
        } else {
            uint32_t among = chance(100) < 60 && order_count > 30 ? 30 : (uint32_t)order_count;
            order *of = &orders[order_count - 1 - chance(among)];
            if (chance(100) >= 5) {
                snprintf(bill_no, sizeof bill_no, "%s", of->bill_no);
                of->cancel_asked = 1;
                of->cancel_told = 0;
            }
            line(&list, "cancel %s", bill_no);
            snprintf(cancelled[cancels++], sizeof bill_no, "%s", bill_no);
        }
    }
    make_durable(&list);
    for (size_t i = first; i < order_count; i++) {
        submit_order(&orders[i], chance(100) < 60 ? 0 : 200 + chance(2000));
        if (chance(100) < 3) /* an impatient player */
            submit_order(&orders[i], 0);
    }
    for (int i = 0; i < cancels; i++)
        submit_cancel(cancelled[i]);
    if (peer_count > 0 && order_count > 0 && chance(100) < 15) /* a player who has gone to another server */
        submit_order(&orders[order_count - 1 - chance(order_count > 60 ? 60 : (uint32_t)order_count)], 0);
}

/* ---- what is told ---- */

/* Gives out what was bought, or takes it back. */
static void act(order *of, const wxg_completion_view *view, uint32_t outcome)
{
    int done = outcome == WXG_OUTCOME_DONE;
    if (peer_count == 0 && done != of->granted)
        line(&grants, "%s %s", done ? "grant" : "take_back", of->bill_no);
    /* A peer may have granted it: then this takes back what stands in the peer's book. */
    if (peer_count > 0 && view->delivery_id != 0 && view->delivery_id != of->delivery_id)
        line(&grants, "%s %s %llu", done ? "grant" : "take_back", of->bill_no, (unsigned long long)view->delivery_id);
    of->granted = done;
    if (view->delivery_id != 0)
        of->delivery_id = view->delivery_id;
}

/* A final outcome of a payment. Only a refund that was asked for may change one. */
static void settle(order *of, const wxg_completion_view *view, uint32_t outcome)
{
    int refunded = of->final == WXG_OUTCOME_DONE && outcome == WXG_OUTCOME_REJECTED &&
                   (of->cancel_asked || is_cancelled_by_a_peer(of->bill_no));
    /* What never came into the journal may be submitted anew, by a peer that knows nothing of it. */
    int never_stored = peer_count > 0 && of->final == WXG_OUTCOME_NOT_SENT && of->delivery_id == 0;
    if (of->final != WXG_OUTCOME_NONE && of->final != outcome && !refunded && !never_stored)
        line(&told, "wrong %s was told %u, then %u", of->bill_no, of->final, outcome);
    if (of->final != outcome || (view->flags & WXG_FLAG_REDELIVERED) != 0)
        line(&told, "answer %s %u reason=%u kind=%u flags=%u status=%d errcode=%d delivery=%llu at=%lld", of->bill_no,
             outcome, view->reason, view->kind, (unsigned)view->flags, view->status, view->errcode,
             (unsigned long long)view->delivery_id, (long long)wall_ms());
    of->final = outcome;
    act(of, view, outcome);
}

static void take_payment(const wxg_completion_view *view)
{
    order *of = find_anywhere(view->bill_no.data);
    if (of == NULL) {
        line(&told, "wrong %s is not ours, kind=%u outcome=%u", view->bill_no.data, view->kind, view->outcome);
        return;
    }
    if (view->kind != WXG_KIND_RESOLVED) {
        outstanding--;
        if (++of->answered > of->asked)
            line(&told, "wrong %s was answered %d times, asked %d times", of->bill_no, of->answered, of->asked);
    }
    if (view->user_tag != tag_of(of->bill_no))
        line(&told, "wrong %s came with another tag", of->bill_no);
    if (view->amount != of->amount || strcmp(view->openid.data, players[of->player].openid) != 0)
        line(&told, "wrong %s came with amount %lld of %s", of->bill_no, (long long)view->amount, view->openid.data);
    switch (view->outcome) {
    case WXG_OUTCOME_DONE:
    case WXG_OUTCOME_REJECTED:
    case WXG_OUTCOME_NOT_SENT:
    case WXG_OUTCOME_NEEDS_REVIEW:
        settle(of, view, view->outcome);
        break;
    case WXG_OUTCOME_UNKNOWN:
        line(&told, "unknown %s status=%d flags=%u", of->bill_no, view->status, (unsigned)view->flags);
        if (view->delivery_id != 0 || view->kind == WXG_KIND_RESOLVED)
            line(&told, "wrong %s is unknown as a final answer", of->bill_no);
        break;
    default:
        line(&told, "wrong %s has outcome %u, status %d", of->bill_no, view->outcome, view->status);
    }
}

/* Why a payment was not sent, as against rejected. */
static int is_not_sent(uint32_t reason)
{
    return reason == WXG_REASON_NETWORK || reason == WXG_REASON_DEADLINE || reason == WXG_REASON_JOURNAL;
}

/* To a cancel, *done* says that the payment is off, and *rejected* that it stands. */
static void take_cancel(const wxg_completion_view *view)
{
    order *of = find_anywhere(view->bill_no.data);
    outstanding--;
    if (of == NULL) {
        line(&told, "nobodys %s status=%d", view->bill_no.data, view->status);
        if (view->status != WXG_ERR_NOT_FOUND && (view->flags & WXG_FLAG_SHUTDOWN) == 0 &&
            (view->status != WXG_ERR_JOURNAL || view->outcome != WXG_OUTCOME_UNKNOWN))
            line(&told, "wrong %s is nobody's, yet cancelled: %u", view->bill_no.data, view->outcome);
        return;
    }
    if (view->outcome == WXG_OUTCOME_UNKNOWN)
        return;
    if (view->status == WXG_OK)
        switch (view->outcome) {
        case WXG_OUTCOME_DONE:
            settle(of, view, is_not_sent(view->reason) ? WXG_OUTCOME_NOT_SENT : WXG_OUTCOME_REJECTED);
            break;
        case WXG_OUTCOME_REJECTED:
            settle(of, view, WXG_OUTCOME_DONE);
            break;
        default:
            settle(of, view, view->outcome);
        }
    of->cancel_told = 1;
    line(&told, "cancelled %s %u status=%d reason=%u errcode=%d", of->bill_no, view->outcome, view->status,
         view->reason, view->errcode);
}

static void take_login(const wxg_completion_view *view)
{
    player *who = &players[view->user_tag % MAX_PLAYERS];
    outstanding--;
    who->login_under_way = 0;
    if (view->outcome != WXG_OUTCOME_DONE) {
        who->login_needed = 1;
        who->login_not_before_ms = now_ms() + 50;
    }
}

static void take_balance(const wxg_completion_view *view)
{
    outstanding--;
    players[player_of(view->openid.data)].balance_read = view->outcome == WXG_OUTCOME_DONE;
    if (view->outcome == WXG_OUTCOME_DONE)
        line(&told, "balance %s %lld", view->openid.data, (long long)view->balance);
}

static void acknowledge(void)
{
    for (size_t i = 0; i < delivery_count; i++) {
        wxg_status status = wxg_client_ack(client, deliveries[i], NULL);
        if (status != WXG_OK && status != WXG_ERR_CLOSED)
            check(status, NULL, "ack");
    }
    delivery_count = 0;
    ack_not_before_ms = now_ms() + (chance(4) == 0 ? chance(200) : 0);
}

/* Takes what is ready: written down first, all together, and only then acknowledged, now or a little later. False
 * once closed. */
static int take(int64_t timeout_ms)
{
    wxg_completion *ready[READ_AT_ONCE];
    size_t count;
    wxg_status status = wxg_client_wait(client, timeout_ms, ready, READ_AT_ONCE, &count);
    if (status == WXG_ERR_CLOSED)
        return 0;
    check(status, NULL, "wait");
    for (size_t i = 0; i < count; i++) {
        wxg_completion_view view = WXG_COMPLETION_VIEW_INIT;
        check(wxg_completion_read(ready[i], &view), NULL, "read");
        switch (view.kind) {
        case WXG_KIND_PAY:
        case WXG_KIND_PRESENT:
        case WXG_KIND_RESOLVED:
            take_payment(&view);
            break;
        case WXG_KIND_CANCEL_PAY:
            take_cancel(&view);
            break;
        case WXG_KIND_LOGIN:
            take_login(&view);
            break;
        case WXG_KIND_GET_BALANCE:
            take_balance(&view);
            break;
        case WXG_KIND_SESSION_NEEDED:
            players[player_of(view.openid.data)].login_needed = 1;
            break;
        default:
            line(&told, "wrong %s has kind %u", view.bill_no.data, view.kind);
        }
        if (view.delivery_id != 0)
            deliveries[delivery_count++] = view.delivery_id;
        wxg_completion_free(ready[i]);
    }
    make_durable(&told);
    make_durable(&grants);
    if (now_ms() >= ack_not_before_ms || delivery_count > sizeof deliveries / sizeof *deliveries - READ_AT_ONCE)
        acknowledge();
    return 1;
}

static void keep_log(void)
{
    wxg_log_record *records[64];
    size_t count;
    do {
        check(wxg_client_poll_log(client, records, 64, &count), NULL, "poll_log");
        for (size_t i = 0; i < count; i++) {
            wxg_log_record_view view = WXG_LOG_RECORD_VIEW_INIT;
            check(wxg_log_record_read(records[i], &view), NULL, "log");
            line(&journal_log, "%lld pid=%ld %s", (long long)view.time_ms, (long)getpid(), view.message.data);
            wxg_log_record_free(records[i]);
        }
    } while (count > 0);
    write_out(&journal_log);
}

/* Nothing is answered while the process is stopped. */
static void wait_longer(int64_t by_ms)
{
    for (size_t i = 0; i < order_count; i++)
        orders[i].answer_by_ms += by_ms;
}

static void look_for_missing_answers(void)
{
    for (size_t i = 0; i < order_count; i++)
        if (orders[i].asked > orders[i].answered && now_ms() > orders[i].answer_by_ms && !orders[i].late) {
            orders[i].late = 1;
            line(&told, "late %s", orders[i].bill_no);
        }
}

/* ---- the program ---- */

/* Of this lifetime: with `mixed` another process may have opened the journal for the other one. */
static uint32_t generation(void)
{
    const char *wanted = setting("generation", "v1");
    if (strcmp(wanted, "mixed") == 0)
        return chance(2) == 0 ? WXG_GENERATION_V1 : WXG_GENERATION_V2;
    return strcmp(wanted, "v2") == 0 ? WXG_GENERATION_V2 : WXG_GENERATION_V1;
}

static void open_client(void)
{
    char journal[512];
    wxg_client_options options = WXG_CLIENT_OPTIONS_INIT;
    wxg_error *error = NULL;
    wxg_status status;
    snprintf(journal, sizeof journal, "sqlite:%s/journal", setting("dir", NULL));
    options.journal = wxg_cstr(setting("journal", journal));
    options.lease_ms = strtoll(setting("lease_ms", "0"), NULL, 10);
    options.generation = generation();
    options.appid = WXG_STR("wx1234567");
    options.offer_id = WXG_STR("12345678");
    options.app_secret = WXG_STR("sandbox-app-secret");
    options.app_key = WXG_STR("zNLgAGgqsEWJOg1nFVaO5r7fAlIQxr1u");
    options.base_url = wxg_cstr(setting("base_url", NULL));
    options.ca_file = wxg_cstr(setting("ca_file", NULL));
    options.timeout_ms = TIMEOUT_MS;
    options.connect_timeout_ms = CONNECT_TIMEOUT_MS;
    options.deadline_ms = DEADLINE_MS;
    options.late_window_ms = LATE_WINDOW_MS;
    options.unknown_patience_ms = chance(2) == 0 ? IMPATIENT_MS : PATIENT_MS;
    options.in_flight_limit = 16;
    options.log_level = WXG_LOG_DEBUG;
    status = wxg_client_open(&options, &client, &error);
    if (status == WXG_ERR_JOURNAL_IN_USE)
        exit(3);
    if (status != WXG_OK && peer_count > 0) {
        wxg_str message = WXG_STR("");
        (void)wxg_error_message(error, &message);
        fprintf(stderr, "server: open: %s\n", message.data);
        exit(4);
    }
    check(status, error, "open");
}

static void meet_players(void)
{
    const char *names = setting("players", NULL);
    while (*names != '\0' && player_count < MAX_PLAYERS) {
        size_t length = strcspn(names, ",");
        snprintf(players[player_count++].openid, sizeof players->openid, "%.*s", (int)length, names);
        names += length + (names[length] == ',');
    }
}

static wxg_stats counted(void)
{
    wxg_stats stats = WXG_STATS_INIT;
    check(wxg_client_stats(client, &stats), NULL, "stats");
    return stats;
}

/* Nothing is open, unread, unacknowledged or unwritten. On a shared journal something is written again and again. */
static int all_is_settled(void)
{
    wxg_stats stats = counted();
    return outstanding == 0 && stats.queue_depth == 0 && stats.open_waiting == 0 && stats.open_unknown == 0 &&
           stats.open_cancelling == 0 && stats.unacked == 0 &&
           (peer_count > 0 || stats.journal_waiting == 0);
}

/* False while a balance is still to come. */
static int balances_are_read(void)
{
    int all = 1;
    for (player *who = players; who < players + player_count; who++)
        if (!who->balance_read) {
            wxg_get_balance_options options = WXG_GET_BALANCE_OPTIONS_INIT;
            wxg_error *error = NULL;
            options.openid = wxg_cstr(who->openid);
            options.zone_id = WXG_STR("1");
            check(wxg_client_submit_get_balance(client, &options, &error), error, "get_balance");
            outstanding++;
            all = 0;
        }
    return all;
}

static void on_sigterm(int number)
{
    (void)number;
    asked_to_stop = 1;
}

int main(int argc, char **argv)
{
    struct sigaction stop = {0};
    pid_t parent = getppid();
    int64_t started_ms = now_ms(), quiet_since_ms = -1, looked_ms = started_ms, bought = 0;
    int64_t round_ms, per_second, quiet_ms;
    int settling, with_balances;
    arguments = argv + (argc > 0);
    stop.sa_handler = on_sigterm;
    sigaction(SIGTERM, &stop, NULL);
    random_state = strtoull(setting("seed", "1"), NULL, 10) * 2654435769u + 88172645463325252u;
    settling = atoi(setting("settle", "0"));
    with_balances = atoi(setting("balances", "0"));
    per_second = atoi(setting("per_second", "120"));
    quiet_ms = atoi(setting("quiet_ms", "300"));

    meet_players();
    meet_peers();
    read_peers();
    open_file(&list, setting("dir", NULL), "list", replay_list);
    open_file(&grants, setting("dir", NULL), "grants", replay_grants);
    open_file(&told, setting("dir", NULL), "told", replay_told);
    open_file(&journal_log, setting("dir", NULL), "log", NULL);
    open_client();
    while (take(2) && outstanding == 0 && now_ms() - started_ms < 20)
        log_in_whoever_must(); /* what earlier processes left behind, before anything else */
    if (atoi(setting("resubmit", "1")))
        submit_again();

    for (round_ms = started_ms = now_ms(); !asked_to_stop && getppid() == parent;) {
        int64_t due, took_ms;
        take(5);
        took_ms = now_ms() - round_ms;
        round_ms += took_ms;
        if (took_ms > PAUSE_MS)
            wait_longer(took_ms);
        read_peers();
        log_in_whoever_must();
        keep_log();
        if (now_ms() - looked_ms > 500) {
            look_for_missing_answers();
            looked_ms = now_ms();
        }
        due = (now_ms() - started_ms) * per_second / 1000 - bought;
        if (!settling && due > 0) {
            bought += due;
            if (outstanding < IN_FLIGHT)
                buy((int)due);
        }
        if (!settling || !all_is_settled())
            quiet_since_ms = -1;
        else if (quiet_since_ms < 0)
            quiet_since_ms = now_ms();
        else if (now_ms() - quiet_since_ms > quiet_ms && (!with_balances || balances_are_read()))
            break;
    }
    if (settling && !all_is_settled()) {
        wxg_stats stats = counted();
        line(&told, "unsettled %d queue=%llu waiting=%llu unknown=%llu cancelling=%llu unacked=%llu journal=%llu",
             outstanding, (unsigned long long)stats.queue_depth, (unsigned long long)stats.open_waiting,
             (unsigned long long)stats.open_unknown, (unsigned long long)stats.open_cancelling,
             (unsigned long long)stats.unacked, (unsigned long long)stats.journal_waiting);
    }
    check(wxg_client_close(client, CLOSE_MS), NULL, "close");
    while (take(-1))
        continue;
    keep_log();
    make_durable(&told);
    wxg_client_free(client);
    return 0;
}

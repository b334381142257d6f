/* The scenario's runner in C: README.md says what it answers. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wxgame.h>

static wxg_client *client;

/* The delivery_id last seen with each bill_no. */
static struct {
    char bill_no[64];
    uint64_t delivery_id;
} seen[64];
static size_t seen_count;

static uint64_t *seen_with(const char *bill_no)
{
    size_t i = 0;
    while (i < seen_count && strcmp(seen[i].bill_no, bill_no) != 0)
        i++;
    if (i == seen_count) {
        if (seen_count == sizeof seen / sizeof *seen || strlen(bill_no) >= sizeof seen->bill_no) {
            fprintf(stderr, "runner: no room for %s\n", bill_no);
            exit(1);
        }
        strcpy(seen[seen_count++].bill_no, bill_no);
    }
    return &seen[i].delivery_id;
}

static const char *outcome(const wxg_completion_view *view)
{
    static const char *const names[] = {"none", "done", "rejected", "not_sent", "unknown", "needs_review"};
    return view->outcome < sizeof names / sizeof *names ? names[view->outcome] : "?";
}

static int redelivered(const wxg_completion_view *view)
{
    return (view->flags & WXG_FLAG_REDELIVERED) != 0;
}

/* Answers a call that came to nothing; frees the error. */
static void refused(const char *command, wxg_status status, wxg_error *error)
{
    wxg_str field = WXG_STR("");
    if (error != NULL)
        (void)wxg_error_field(error, &field);
    printf("%s error %s field=%s\n", command, wxg_status_text(status), field.data);
    wxg_error_free(error);
}

/* Reads what a call came to. 0 where it is refused, and answered. */
static int answered(const char *command, wxg_status status, wxg_completion *completion, wxg_error *error,
                    wxg_completion_view *view)
{
    if (status == WXG_OK)
        status = wxg_completion_read(completion, view);
    if (status == WXG_OK)
        status = view->status;
    if (status != WXG_OK) {
        refused(command, status, error);
        return 0;
    }
    if (view->delivery_id != 0)
        *seen_with(view->bill_no.data) = view->delivery_id;
    return 1;
}

static void told_payment(const char *command, const wxg_completion_view *view)
{
    printf("%s %s bill_no=%s amount=%" PRId64 " balance=%" PRId64 " errcode=%" PRId32 " redelivered=%d\n", command,
           outcome(view), view->bill_no.data, view->amount, view->balance, view->errcode, redelivered(view));
}

static wxg_pay_options pay_options(char **words)
{
    wxg_pay_options options = WXG_PAY_OPTIONS_INIT;
    options.bill_no = wxg_cstr(words[1]);
    options.openid = wxg_cstr(words[2]);
    options.zone_id = WXG_STR("1");
    options.amount = atoll(words[3]);
    options.pay_item = WXG_STR("sword");
    options.deadline_ms = words[4] != NULL ? atoll(words[4]) : 0;
    return options;
}

static void login(char **words)
{
    wxg_login_options options = WXG_LOGIN_OPTIONS_INIT;
    options.js_code = wxg_cstr(words[1]);
    wxg_completion *completion;
    wxg_error *error;
    wxg_completion_view view = WXG_COMPLETION_VIEW_INIT;
    wxg_status status = wxg_client_login(client, &options, -1, &completion, &error);
    if (answered(words[0], status, completion, error, &view))
        printf("login %s openid=%s errcode=%" PRId32 "\n", outcome(&view), view.openid.data, view.errcode);
    wxg_completion_free(completion);
}

static void balance(char **words)
{
    wxg_get_balance_options options = WXG_GET_BALANCE_OPTIONS_INIT;
    options.openid = wxg_cstr(words[1]);
    options.zone_id = WXG_STR("1");
    wxg_completion *completion;
    wxg_error *error;
    wxg_completion_view view = WXG_COMPLETION_VIEW_INIT;
    wxg_status status = wxg_client_get_balance(client, &options, -1, &completion, &error);
    if (answered(words[0], status, completion, error, &view))
        printf("balance %s balance=%" PRId64 " errcode=%" PRId32 "\n", outcome(&view), view.balance, view.errcode);
    wxg_completion_free(completion);
}

static void pay(char **words)
{
    wxg_pay_options options = pay_options(words);
    wxg_completion *completion;
    wxg_error *error;
    wxg_completion_view view = WXG_COMPLETION_VIEW_INIT;
    wxg_status status = wxg_client_pay(client, &options, -1, &completion, &error);
    if (answered(words[0], status, completion, error, &view))
        told_payment(words[0], &view);
    wxg_completion_free(completion);
}

static void present(char **words)
{
    wxg_present_options options = WXG_PRESENT_OPTIONS_INIT;
    options.bill_no = wxg_cstr(words[1]);
    options.openid = wxg_cstr(words[2]);
    options.zone_id = WXG_STR("1");
    options.amount = atoll(words[3]);
    wxg_completion *completion;
    wxg_error *error;
    wxg_completion_view view = WXG_COMPLETION_VIEW_INIT;
    wxg_status status = wxg_client_present(client, &options, -1, &completion, &error);
    if (answered(words[0], status, completion, error, &view))
        told_payment(words[0], &view);
    wxg_completion_free(completion);
}

static void cancel(char **words)
{
    wxg_cancel_pay_options options = WXG_CANCEL_PAY_OPTIONS_INIT;
    options.bill_no = wxg_cstr(words[1]);
    wxg_completion *completion;
    wxg_error *error;
    wxg_completion_view view = WXG_COMPLETION_VIEW_INIT;
    wxg_status status = wxg_client_cancel_pay(client, &options, -1, &completion, &error);
    if (answered(words[0], status, completion, error, &view))
        printf("cancel %s bill_no=%s errcode=%" PRId32 "\n", outcome(&view), view.bill_no.data, view.errcode);
    wxg_completion_free(completion);
}

static void abandon(char **words)
{
    wxg_pay_options options = pay_options(words);
    wxg_error *error;
    wxg_status status = wxg_client_submit_pay(client, &options, &error);
    if (status != WXG_OK)
        refused(words[0], status, error);
    else
        puts("abandon ok");
}

/* The calls above take their own completions, so the queue holds those that nobody waits for. */
static void next(char **words, int64_t timeout_ms, const char *otherwise)
{
    wxg_completion *completion = NULL;
    size_t count;
    wxg_completion_view view = WXG_COMPLETION_VIEW_INIT;
    wxg_status status = wxg_client_wait(client, timeout_ms, &completion, 1, &count);
    if (status == WXG_OK && count == 0) {
        puts(otherwise);
        return;
    }
    if (answered(words[0], status, completion, NULL, &view)) {
        if (view.kind == WXG_KIND_SESSION_NEEDED)
            printf("session_needed openid=%s\n", view.openid.data);
        else
            printf("%s %s bill_no=%s amount=%" PRId64 " redelivered=%d\n",
                   view.kind == WXG_KIND_RESOLVED ? "resolved" : "pay", outcome(&view), view.bill_no.data,
                   view.amount, redelivered(&view));
    }
    wxg_completion_free(completion);
}

static void ack(char **words)
{
    wxg_error *error;
    wxg_status status = wxg_client_ack(client, *seen_with(words[1]), &error);
    if (status != WXG_OK)
        refused(words[0], status, error);
    else
        puts("ack ok");
}

static void obey(char **words, size_t count)
{
    if (strcmp(words[0], "login") == 0 && count == 2)
        login(words);
    else if (strcmp(words[0], "balance") == 0 && count == 2)
        balance(words);
    else if (strcmp(words[0], "pay") == 0 && (count == 4 || count == 5))
        pay(words);
    else if (strcmp(words[0], "present") == 0 && count == 4)
        present(words);
    else if (strcmp(words[0], "cancel") == 0 && count == 2)
        cancel(words);
    else if (strcmp(words[0], "abandon") == 0 && count == 4)
        abandon(words);
    else if (strcmp(words[0], "next") == 0 && count == 1)
        next(words, 10000, "nothing");
    else if (strcmp(words[0], "none") == 0 && count == 1)
        next(words, 0, "none");
    else if (strcmp(words[0], "ack") == 0 && count == 2)
        ack(words);
    else
        printf("there is no such command: %s\n", words[0]);
}

int main(int argc, char **argv)
{
    if (argc != 4 && argc != 5) {
        fputs("usage: runner BASE_URL CA_FILE JOURNAL [v1|v2]\n", stderr);
        return 2;
    }
    wxg_client_options options = WXG_CLIENT_OPTIONS_INIT;
    options.generation = argc == 5 && strcmp(argv[4], "v2") == 0 ? WXG_GENERATION_V2 : WXG_GENERATION_V1;
    options.appid = WXG_STR("wx1234567");
    options.offer_id = WXG_STR("12345678");
    options.app_secret = WXG_STR("sandbox-app-secret");
    options.app_key = WXG_STR("zNLgAGgqsEWJOg1nFVaO5r7fAlIQxr1u");
    options.base_url = wxg_cstr(argv[1]);
    options.ca_file = wxg_cstr(argv[2]);
    options.journal = wxg_cstr(argv[3]);
    options.timeout_ms = 1000;
    options.deadline_ms = 10000;
    options.redeliver_after_ms = -1;
    options.late_window_ms = 1;
    wxg_error *error;
    if (wxg_client_open(&options, &client, &error) != WXG_OK) {
        wxg_str message = WXG_STR("no message");
        (void)wxg_error_message(error, &message);
        fprintf(stderr, "runner: open: %s\n", message.data);
        wxg_error_free(error);
        return 1;
    }

    char line[512];
    while (fgets(line, sizeof line, stdin) != NULL) {
        char *words[6] = {NULL};
        size_t count = 0;
        for (char *word = strtok(line, " \n"); word != NULL && count < 5; word = strtok(NULL, " \n"))
            words[count++] = word;
        if (count > 0)
            obey(words, count);
        fflush(stdout);
    }
    wxg_status closed = wxg_client_close(client, 5000);
    wxg_client_free(client);
    return closed == WXG_OK ? 0 : 1;
}

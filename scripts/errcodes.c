/* Writes the tables of docs/errcodes.md from what the library itself says: see scripts/docs.sh. */
#include <stdio.h>
#include <string.h>
#include "wxgame.h"

static const struct {
    uint32_t generation, call;
    const char *name;
} calls[] = {{WXG_GENERATION_V1, WXG_CALL_PAY, "pay"},
             {WXG_GENERATION_V1, WXG_CALL_PRESENT, "present"},
             {WXG_GENERATION_V1, WXG_CALL_GET_BALANCE, "getBalance"},
             {WXG_GENERATION_V1, WXG_CALL_CANCEL_PAY, "cancelPay"},
             {WXG_GENERATION_V2, WXG_CALL_PAY, "pay"},
             {WXG_GENERATION_V2, WXG_CALL_PRESENT, "present"},
             {WXG_GENERATION_V2, WXG_CALL_GET_BALANCE, "getBalance"},
             {WXG_GENERATION_V2, WXG_CALL_CANCEL_PAY, "cancelPay"},
             {WXG_GENERATION_V2, WXG_CALL_QUERY_ORDER, "queryOrder"},
             /* These are the same in both generations. */
             {WXG_GENERATION_V1, WXG_CALL_LOGIN, "code2Session"},
             {WXG_GENERATION_V1, WXG_CALL_TOKEN, "access_token"},
             {WXG_GENERATION_V1, WXG_CALL_SESSION, "check_session, reset_session"}};
static const char *const classes[] = {"?",       "done",    "unknown",       "session", "token", "duplicate",
                                      "refused", "configuration", "quota"};
enum { GAME_V2 = 4, LOGIN = 9, CALLS = 12, NO_SUCH_CODE = 12345 };

static wxg_errcode_help_view help(size_t call, int32_t errcode)
{
    wxg_errcode_help_view view = WXG_ERRCODE_HELP_VIEW_INIT;
    (void)wxg_errcode_help(calls[call].generation, calls[call].call, errcode, &view);
    return view;
}

static int is_known(size_t call, int32_t errcode)
{
    return strcmp(help(call, errcode).cause_en.data, help(call, NO_SUCH_CODE).cause_en.data) != 0;
}

static int is_same(size_t left, size_t right, int32_t errcode)
{
    wxg_errcode_help_view a = help(left, errcode), b = help(right, errcode);
    return a.errcode_class == b.errcode_class && strcmp(a.cause_en.data, b.cause_en.data) == 0 &&
           strcmp(a.remedy_en.data, b.remedy_en.data) == 0;
}

/* One row for each meaning that a code has to the calls `from` to `end`. */
static void write_rows(size_t from, size_t end, int32_t errcode)
{
    int written[CALLS] = {0};
    for (size_t call = from; call < end; call++) {
        if (written[call] || !is_known(call, errcode))
            continue;
        wxg_errcode_help_view view = help(call, errcode);
        printf("| %d |", (int)errcode);
        for (size_t other = call; other < end; other++)
            if (is_known(other, errcode) && is_same(call, other, errcode)) {
                printf("%s %s", other == call ? "" : ",", calls[other].name);
                written[other] = 1;
            }
        const char *class = classes[view.errcode_class <= WXG_CLASS_QUOTA ? view.errcode_class : 0];
        printf(" | %s | %s | %s |\n", class, view.cause_en.data, view.remedy_en.data);
    }
}

static void write_table(const char *title, size_t from, size_t end)
{
    printf("\n## %s\n\n| code | answered to | class | cause | what to do |\n|---|---|---|---|---|\n", title);
    for (int32_t errcode = -1; errcode < 100000; errcode++) {
        int is_telling = from < LOGIN || errcode == -1 || help(from, errcode).errcode_class != WXG_CLASS_UNKNOWN;
        if (errcode != NO_SUCH_CODE && is_telling)
            write_rows(from, end, errcode);
    }
}

int main(void)
{
    write_table("Payment calls of classic Midas (v1)", 0, GAME_V2);
    write_table("Payment calls of virtual payment 2.0", GAME_V2, LOGIN);
    write_table("Login", LOGIN, LOGIN + 1);
    write_table("access_token", LOGIN + 1, LOGIN + 2);
    write_table("Sessions", LOGIN + 2, CALLS);
    return 0;
}

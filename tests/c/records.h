/*
 * Payments as the journal has them: asked of the library, and read by sqlite3 in a process of its own, as an operator
 * does. (This process must not open the file: closing it would take away the locks of the library's SQLite.)
 */
#ifndef WXG_TESTS_RECORDS_H
#define WXG_TESTS_RECORDS_H

#include "common.h"

/* Runs a command whose first line of output, without its end, stays until the next one. */
#if defined(__GNUC__)
__attribute__((format(printf, 1, 2)))
#endif
static inline const char *command(const char *format, ...)
{
    static char line[600];
    char text[1600];
    va_list arguments;
    FILE *output;
    int status;
    va_start(arguments, format);
    CHECK(vsnprintf(text, sizeof(text), format, arguments) < (int)sizeof(text));
    va_end(arguments);
    output = popen(text, "r");
    CHECK(output != NULL);
    if (fgets(line, sizeof(line), output) == NULL)
        line[0] = '\0';
    line[strcspn(line, "\n")] = '\0';
    status = pclose(output);
    if (status != 0)
        failed(__FILE__, __LINE__, "%s: status %d, says \"%s\"", text, status, line);
    return line;
}

/* The file of a `sqlite:PATH`. */
static inline const char *file_of(wxg_str journal)
{
    return journal.data + strlen("sqlite:");
}

/* A column of a payment on the disk, while a client has the journal open; empty where there is no such payment. */
static inline wxg_str on_disk(wxg_str journal, const char *bill_no, const char *column)
{
    const char *asked = "sqlite3 -readonly '%s' \"SELECT %s FROM payments WHERE bill_no = '%s'\"";
    return wxg_cstr(command(asked, file_of(journal), column, bill_no));
}

/* What the library says of a payment. Its texts are gone. */
static inline wxg_completion_view looked_up(wxg_client *client, const char *bill_no)
{
    wxg_completion *completion = POISON(wxg_completion);
    wxg_completion_view view;
    wxg_str number = wxg_cstr(bill_no);
    CHECK_OK(wxg_client_payment(client, &number, PATIENCE_MS, &completion, NULL));
    view = read_completion(completion);
    CHECK_INT(view.kind, WXG_KIND_PAYMENT);
    CHECK_TEXT(view.bill_no, bill_no);
    wxg_completion_free(completion);
    memset(&view.bill_no, 0, sizeof(view) - offsetof(wxg_completion_view, bill_no));
    return view;
}

static inline void submit(wxg_client *client, const wxg_pay_options *pay)
{
    wxg_error *error = POISON(wxg_error);
    CHECK_OK(wxg_client_submit_pay(client, pay, &error));
}

/* A payment ends as done, its coins taken once, and is acknowledged. */
static inline wxg_completion_view expect_done_once(wxg_client *client, uint32_t kind, uint64_t tag, const char *bill_no)
{
    wxg_completion_view view = expect_outcome(client, kind, tag, WXG_OUTCOME_DONE, WXG_REASON_NONE);
    CHECK_INT(view.status, WXG_OK);
    CHECK(view.delivery_id != 0);
    CHECK_INT(ledger(bill_no, "charged"), 1);
    CHECK_INT(ledger(bill_no, "given_back"), 0);
    CHECK_OK(wxg_client_ack(client, view.delivery_id, NULL));
    return view;
}

/* The coins are taken, but no answer says so: the payment stays unknown until answers_come_again(). */
static inline void pay_unknown(wxg_client *client, const char *bill_no, const char *openid, int64_t amount, uint64_t tag)
{
    wxg_pay_options pay = pay_of(bill_no, openid, amount, tag);
    char json[200];
    snprintf(json, sizeof(json),
             "{\"call\":\"pay\",\"bill_no\":\"%s\",\"do\":\"yes\",\"times\":0,\"reply\":{\"kind\":\"errcode\"}}", bill_no);
    fault(json);
    submit(client, &pay);
    AWAIT(ledger(bill_no, "charged") == 1);
}

static inline void answers_come_again(void)
{
    sandbox("DELETE", "/sandbox/faults", "");
}

#endif

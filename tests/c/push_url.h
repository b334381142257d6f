/*
 * The game server's push URL, on loopback. Nothing runs beside the program: a push waits in its connection until the
 * program takes it, and the sandbox waits for the answer.
 */
#ifndef WXG_TESTS_PUSH_URL_H
#define WXG_TESTS_PUSH_URL_H

#include "common.h"

#include <ctype.h>

#define PUSH_PLAIN ""
#define PUSH_SAFE PUSH_AES_KEY

static int push_url = -1;
static const char *push_mode;
/* The push that was taken last. */
static int push_connection = -1;
static char push_request[1 << 17];
static wxg_str push_query, push_body;

/* POSTs JSON to the sandbox: a text with ' in place of ", and its arguments. The answer stays until the next one. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
static inline const char *tell_sandbox(const char *path, const char *format, ...)
{
    char json[4096], *at;
    va_list arguments;
    va_start(arguments, format);
    CHECK(vsnprintf(json, sizeof(json), format, arguments) < (int)sizeof(json));
    va_end(arguments);
    for (at = json; (at = strchr(at, '\'')) != NULL;)
        *at = '"';
    return sandbox("POST", path, json);
}

/* Nothing that was pushed so far is repeated. */
static inline void close_push_url(void)
{
    CHECK(close(push_url) == 0);
    push_url = -1;
    AWAIT(strstr(sandbox("GET", "/sandbox/pushes", ""), "\"state\":\"sending\"") == NULL);
    tell_sandbox("/sandbox/push/config", "{'url':'','token':'%s'}", PUSH_TOKEN);
}

/* From now on the sandbox pushes here, in plain or safe mode. */
static inline void open_push_url(const char *aes_key)
{
    struct sockaddr_in address;
    socklen_t size = sizeof(address);
    if (push_url >= 0)
        close_push_url();
    push_mode = aes_key;
    memset(&address, 0, sizeof(address));
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    push_url = socket(AF_INET, SOCK_STREAM, 0);
    CHECK(push_url >= 0);
    CHECK(bind(push_url, (struct sockaddr *)&address, size) == 0 && listen(push_url, 8) == 0);
    CHECK(getsockname(push_url, (struct sockaddr *)&address, &size) == 0);
    tell_sandbox("/sandbox/push/config", "{'url':'http://127.0.0.1:%d/push','token':'%s','aes_key':'%s','timeout_ms':%d}",
                 ntohs(address.sin_port), PUSH_TOKEN, aes_key, PATIENCE_MS);
}

/* Reads one request; what it says stays until the next one. */
static inline void take_push(void)
{
    struct pollfd ready = {push_url, POLLIN, 0};
    size_t len = 0, wanted = sizeof(push_request) - 1;
    char *query, *body = NULL, *at;
    CHECK(poll(&ready, 1, PATIENCE_MS) == 1);
    push_connection = accept(push_url, NULL, NULL);
    CHECK(push_connection >= 0);
    while (len < wanted) {
        ssize_t got = recv(push_connection, push_request + len, sizeof(push_request) - 1 - len, 0);
        CHECK(got > 0);
        len += (size_t)got;
        push_request[len] = '\0';
        if (body != NULL || (body = strstr(push_request, "\r\n\r\n")) == NULL)
            continue;
        body += 4;
        for (at = strchr(push_request, '\n'); at < body; at++)
            *at = (char)tolower((unsigned char)*at);
        at = strstr(push_request, "\ncontent-length:");
        CHECK(at != NULL && at < body);
        wanted = (size_t)(body - push_request) + strtoul(at + strlen("\ncontent-length:"), NULL, 10);
        CHECK(wanted < sizeof(push_request));
    }
    CHECK(strncmp(push_request, "POST /push?", 11) == 0);
    query = push_request + 11;
    push_query.data = query;
    push_query.len = strcspn(query, " ");
    push_body.data = body;
    push_body.len = wanted - (size_t)(body - push_request);
}

static inline void answer_push(const wxg_completion_view *told)
{
    char head[300];
    static const char format[] =
        "HTTP/1.1 %u Told\r\nContent-Type: %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n";
    int head_len = snprintf(head, sizeof(head), format, told->answer_status, told->answer_content_type.data, told->answer.len);
    CHECK(send(push_connection, head, (size_t)head_len, MSG_NOSIGNAL) == (ssize_t)head_len);
    CHECK(send(push_connection, told->answer.data, told->answer.len, MSG_NOSIGNAL) == (ssize_t)told->answer.len);
    CHECK(close(push_connection) == 0);
    push_connection = -1;
}

/* Hands the push that was taken last to the client. The completion is yours to free. */
static inline wxg_completion *receive_push(wxg_client *client)
{
    wxg_completion *completion = POISON(wxg_completion);
    wxg_error *error = POISON(wxg_error);
    CHECK_OK(wxg_client_receive_push(client, &push_query, &push_body, PATIENCE_MS, &completion, &error));
    CHECK(error == NULL);
    CHECK_INT(read_completion(completion).kind, WXG_KIND_PUSH);
    return completion;
}

/* Takes the next push, as a game server does. What was refused is not repeated. The completion is yours to free. */
static inline wxg_completion *serve_push(wxg_client *client)
{
    wxg_completion *completion;
    wxg_completion_view view;
    take_push();
    completion = receive_push(client);
    view = read_completion(completion);
    answer_push(&view);
    if (view.answer_status != 200)
        open_push_url(push_mode);
    return completion;
}

/* How many attempts of the pushes about this number WeChat takes for a `success`, or for another verdict. */
static inline int push_verdicts(const char *key, const char *verdict)
{
    char path[160], wanted[60];
    const char *at;
    int count = 0;
    snprintf(path, sizeof(path), "/sandbox/pushes?key=%s", key);
    snprintf(wanted, sizeof(wanted), "\"verdict\":\"%s\"", verdict);
    for (at = sandbox("GET", path, ""); (at = strstr(at, wanted)) != NULL; at++)
        count += 1;
    return count;
}

#endif

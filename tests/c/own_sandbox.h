/*
 * A sandbox of the program's own, with a config that the common one does not have. Everything in common.h speaks to it
 * once it has started; it ends with the program, however that ends.
 */
#ifndef WXG_TESTS_OWN_SANDBOX_H
#define WXG_TESTS_OWN_SANDBOX_H

#include "common.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static pid_t own_sandbox;

/* The text behind `"name":"` in the line that the sandbox says when it is ready. */
static inline void use_from(const char *line, const char *name, const char *variable)
{
    char quoted[32], text[200];
    const char *at;
    size_t len;
    snprintf(quoted, sizeof(quoted), "\"%s\":\"", name);
    at = strstr(line, quoted);
    CHECK(at != NULL);
    at += strlen(quoted);
    len = strcspn(at, "\"");
    CHECK(len < sizeof(text));
    memcpy(text, at, len);
    text[len] = '\0';
    CHECK(setenv(variable, text, 1) == 0);
}

static inline void start_own_sandbox(const char *config)
{
    char config_path[600], ca_path[600], line[1000] = "";
    int said[2];
    FILE *file;
    snprintf(config_path, sizeof(config_path), "%s/sandbox.json", setting("WXG_TEST_DIR"));
    snprintf(ca_path, sizeof(ca_path), "%s/sandbox-ca.pem", setting("WXG_TEST_DIR"));
    file = fopen(config_path, "w");
    CHECK(file != NULL && fputs(config, file) >= 0 && fclose(file) == 0);
    CHECK(pipe(said) == 0);
    own_sandbox = fork();
    CHECK(own_sandbox >= 0);
    if (own_sandbox == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        dup2(said[1], STDOUT_FILENO);
        close(said[0]);
        close(said[1]);
        execl(setting("WXG_TEST_SANDBOX"), "wxgame-sandbox", "serve", "--config", config_path, "--ca-file", ca_path, (char *)NULL);
        failed(__FILE__, __LINE__, "%s cannot be run", setting("WXG_TEST_SANDBOX"));
    }
    close(said[1]);
    file = fdopen(said[0], "r");
    CHECK(file != NULL);
    if (fgets(line, sizeof(line), file) == NULL)
        failed(__FILE__, __LINE__, "the sandbox did not start");
    fclose(file);
    use_from(line, "http", "WXG_TEST_HTTP");
    use_from(line, "https", "WXG_TEST_HTTPS");
    use_from(line, "ca_file", "WXG_TEST_CA");
}

static inline void stop_own_sandbox(void)
{
    CHECK(kill(own_sandbox, SIGTERM) == 0);
    CHECK(waitpid(own_sandbox, NULL, 0) == own_sandbox);
}

#endif

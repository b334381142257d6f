/*
 * wx.saveImageToPhotosAlbum for a game that runs outside WeChat, whole: ask the user once, save the picture, say where
 * it is. Who has refused is not asked again, but may change his mind in the settings.
 *
 *   save_image temp_path=$PWD/tmp user_data_path=$PWD/usr folder="My Game" file_path=wxfile://tmp/shot.png
 *
 * A setting is given as name=value, or as an environment variable of that name. temp_path and user_data_path must be
 * there. Without pictures_path the picture goes where the system has the user's pictures.
 * Exit status: 0 saved, 1 error, 2 not saved: errMsg says why.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wxgame.h>

static wxg_album *album;
static char **arguments;
static int is_over, is_saved;

static const char *setting(const char *name, const char *otherwise)
{
    size_t length = strlen(name);
    for (char **argument = arguments; *argument != NULL; argument++)
        if (strncmp(*argument, name, length) == 0 && (*argument)[length] == '=')
            return *argument + length + 1;
    const char *value = getenv(name);
    return value != NULL ? value : otherwise;
}

static void check(wxg_status status, wxg_error **error, const char *what)
{
    wxg_str message = wxg_cstr(wxg_status_text(status)), field = WXG_STR("");
    if (status == WXG_OK)
        return;
    if (error != NULL && wxg_error_message(*error, &message) == WXG_OK)
        (void)wxg_error_field(*error, &field);
    fflush(stdout);
    fprintf(stderr, "save_image: %s: %s\n", field.len > 0 ? field.data : what, message.data);
    exit(1);
}

static void open_album(void)
{
    wxg_album_options options = WXG_ALBUM_OPTIONS_INIT;
    options.temp_path = wxg_cstr(setting("temp_path", ""));
    options.user_data_path = wxg_cstr(setting("user_data_path", ""));
    options.pictures_path = wxg_cstr(setting("pictures_path", ""));
    options.folder = wxg_cstr(setting("folder", "wxgame"));
    wxg_error *error;
    check(wxg_album_open(&options, &album, &error), &error, "open");
}

static void submit_save_image(void)
{
    wxg_save_image_options options = WXG_SAVE_IMAGE_OPTIONS_INIT;
    options.file_path = wxg_cstr(setting("file_path", ""));
    wxg_error *error;
    check(wxg_album_submit_save_image(album, &options, &error), &error, "save_image");
}

/* A dialog of the game. Here it is a line on the terminal, and no line closes it. */
static uint32_t ask(const char *question)
{
    char line[16];
    printf("%s [y/n] ", question);
    fflush(stdout);
    if (fgets(line, sizeof line, stdin) == NULL || (line[0] != 'y' && line[0] != 'n'))
        return WXG_CONSENT_CANCELLED;
    return line[0] == 'y' ? WXG_CONSENT_GRANTED : WXG_CONSENT_DENIED;
}

/* One completion. A game polls once per frame: with wxg_album_poll, which does not wait. */
static void run(void)
{
    wxg_completion *ready;
    size_t count;
    wxg_error *error;
    check(wxg_album_wait(album, -1, &ready, 1, &count), NULL, "wait");
    wxg_completion_view view = WXG_COMPLETION_VIEW_INIT;
    check(wxg_completion_read(ready, &view), NULL, "read");
    if (view.kind == WXG_KIND_CONSENT_NEEDED) {
        uint32_t answer = ask("May the game save pictures to your album?");
        check(wxg_album_answer_consent(album, answer, &error), &error, "answer_consent");
    } else if (view.kind == WXG_KIND_SETTING_NEEDED) {
        uint32_t answer = ask("Settings: the game may save pictures to your album");
        check(wxg_album_answer_setting(album, answer, &error), &error, "answer_setting");
    } else if (view.kind == WXG_KIND_OPEN_SETTING) {
        submit_save_image();
    } else { /* WXG_KIND_SAVE_IMAGE: what JavaScript has as success, fail and complete */
        is_over = 1;
        is_saved = view.album_class == WXG_ALBUM_OK;
        printf("%s\n%s\n", view.errmsg.data, is_saved ? view.saved_file_path.data : view.detail.data);
        if (view.flags & WXG_FLAG_NOT_REMEMBERED)
            printf("the answer could not be kept: the next start asks again\n");
    }
    wxg_completion_free(ready);
}

int main(int argc, char **argv)
{
    uint32_t consent;
    wxg_error *error;
    arguments = argv + (argc > 0);
    open_album();
    check(wxg_album_get_setting(album, &consent, &error), &error, "get_setting");
    if (consent == WXG_CONSENT_DENIED) /* saving would fail without a question: show the settings first */
        check(wxg_album_submit_open_setting(album, 0, &error), &error, "open_setting");
    else
        submit_save_image();
    while (!is_over)
        run();
    check(wxg_album_close(album, 5000), NULL, "close");
    wxg_album_free(album);
    return is_saved ? 0 : 2;
}

/* The header alone and first, twice, in every dialect of C and C++ that it promises. Compiled, never run. */
#include "wxgame.h"
#include "wxgame.h"

int main(void)
{
    wxg_client_options options = WXG_CLIENT_OPTIONS_INIT;
    wxg_completion_view view = WXG_COMPLETION_VIEW_INIT;
    wxg_album_options album = WXG_ALBUM_OPTIONS_INIT;
    wxg_save_image_options save = WXG_SAVE_IMAGE_OPTIONS_INIT;
    wxg_str text = WXG_STR("literal");
    options = WXG_CLIENT_OPTIONS_INIT;
    view = WXG_COMPLETION_VIEW_INIT;
    text = WXG_STR("another");
    options.appid = text;
    options.appid = wxg_cstr("pointer");
    options.log_level = WXG_LOG_OFF;
    view.flags = WXG_FLAG_REDELIVERED | WXG_FLAG_SHUTDOWN;
    album.folder = text;
    save.file_path = text;
    return wxg_client_open(&options, NULL, NULL) == WXG_OK && wxg_album_open(&album, NULL, NULL) == WXG_OK &&
           wxg_album_submit_save_image(NULL, &save, NULL) == WXG_OK && view.flags == 0;
}

// The album of wxgame.hpp on real folders: album FOLDER
//
// FOLDER is empty: each test makes a game with a picture in it, and plays the user who is asked. No call waits for less
// than its answer. Prints `album: ok` last.

#include "require.hpp"

#include <poll.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <wxgame.hpp>

namespace {

namespace fs = std::filesystem;
using namespace std::string_literals;

static_assert(!std::is_copy_constructible_v<wxgame::album> && std::is_nothrow_move_constructible_v<wxgame::album>);
static_assert(!std::is_copy_assignable_v<wxgame::album> && std::is_nothrow_move_assignable_v<wxgame::album>);
// A struct that has grown in wxgame.h has fields that its twin in wxgame.hpp lacks: add them, then the number here.
static_assert(sizeof(wxg_album_options) == 80 && sizeof(wxg_save_image_options) == 32);

#if __cplusplus >= 202002L
[[maybe_unused]] constexpr wxgame::save_image_options designated{.user_tag = 1, .file_path = "wxfile://tmp/a.png"};
#endif

// One white pixel.
const std::string png = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\b\0\0\0\0\x3a\x7e\x9b\x55"
                        "\0\0\0\nIDAT\x78\x9c\x63\xf8\x0f\0\1\1\1\0\xb1\x38\xf6\x14\0\0\0\0IEND\xae\x42\x60\x82"s;

fs::path folder;

std::string bytes_of(const fs::path &path)
{
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

/// The folders of one game; `picture.png` is among its temporary files.
struct place {
    explicit place(const char *name)
        : temp(folder / name / "tmp"), user_data(folder / name / "usr"), pictures(folder / name / "Pictures")
    {
        fs::create_directories(temp);
        fs::create_directories(user_data);
        write("picture.png", png);
    }

    void write(const char *name, const std::string &bytes) const
    {
        std::ofstream(fs::path(temp) / name, std::ios::binary) << bytes;
    }

    wxgame::album_options options() const
    {
        wxgame::album_options made;
        made.temp_path = temp;
        made.user_data_path = user_data;
        made.pictures_path = pictures;
        made.folder = "My Game";
        return made;
    }

    wxgame::album open() const
    {
        auto opened = wxgame::album::open(options());
        require(opened.has_value(), "the album opens");
        return std::move(*opened);
    }

    std::string saved(const char *name) const { return fs::path(pictures) / "My Game" / name; }

    std::string temp, user_data, pictures;
};

void save(wxgame::album &album, std::string_view file_path, std::uint64_t user_tag = 0)
{
    wxgame::save_image_options image;
    image.file_path = file_path;
    image.user_tag = user_tag;
    require(album.submit_save_image(image).has_value(), "a picture is taken in");
}

wxgame::completion next(wxgame::album &album)
{
    auto taken = album.wait(-1);
    require(taken.has_value() && *taken, "a completion comes");
    return std::move(**taken);
}

void answer_next(wxgame::album &album, std::uint32_t kind, std::uint32_t consent)
{
    const wxgame::completion asked = next(album);
    require(asked->kind == kind && asked->album_class == 0, "the user is to be asked");
    auto taken = kind == WXG_KIND_CONSENT_NEEDED ? album.answer_consent(consent) : album.answer_setting(consent);
    require(taken.has_value(), "the answer is taken in");
}

bool says(const wxgame::completion &told, std::uint32_t album_class, std::string_view errmsg, std::uint32_t consent)
{
    const wxgame::album_answer answer = told.album_answer();
    return answer.album_class == album_class && answer.errmsg == errmsg && answer.consent == consent &&
           answer.detail.empty() == (album_class == WXG_ALBUM_OK) && told->status == WXG_OK && told->flags == 0;
}

void the_user_is_asked_once_for_all_pictures()
{
    const place here("granted");
    wxgame::album album = here.open();
    require(album.get_setting().has_value() && *album.get_setting() == WXG_CONSENT_NOT_ASKED, "nobody has been asked");
    save(album, "wxfile://tmp/picture.png", 1);
    save(album, here.temp + "/picture.png", 2);
    require(album.submit_authorize(3).has_value(), "authorize is taken in");
    answer_next(album, WXG_KIND_CONSENT_NEEDED, WXG_CONSENT_GRANTED);
    std::uint64_t last_tag = 0;
    for (const char *name : {"picture.png", "picture (2).png"}) {
        const wxgame::completion told = next(album);
        require(told->kind == WXG_KIND_SAVE_IMAGE && told->user_tag == ++last_tag, "each is answered, in turn");
        require(says(told, WXG_ALBUM_OK, "saveImageToPhotosAlbum:ok", WXG_CONSENT_GRANTED), "as WeChat answers");
        require(told.album_answer().saved_file_path == here.saved(name), "with where it is");
        require(bytes_of(here.saved(name)) == png, "and there it is, whole");
    }
    const wxgame::completion allowed = next(album);
    require(allowed->kind == WXG_KIND_AUTHORIZE && allowed->user_tag == 3, "authorize is answered");
    require(says(allowed, WXG_ALBUM_OK, "authorize:ok", WXG_CONSENT_GRANTED), "by the same yes");
    auto more = album.poll();
    require(more.has_value() && !*more, "there was one question only");
    require(album.answer_consent(WXG_CONSENT_DENIED).error().status() == WXG_ERR_WRONG_STATE, "and nobody waits");

    wxgame::album later = here.open();
    require(*later.get_setting() == WXG_CONSENT_GRANTED, "the answer is remembered");
    save(later, "http://tmp/picture.png");
    const wxgame::completion third = next(later);
    require(third.album_answer().saved_file_path == here.saved("picture (3).png"), "and holds for the next album");
}

void who_has_refused_is_asked_in_the_settings_only()
{
    const place here("denied");
    wxgame::album album = here.open();
    require(album.submit_open_setting(4).has_value(), "open_setting is taken in");
    const wxgame::completion empty = next(album);
    require(empty->kind == WXG_KIND_OPEN_SETTING && empty->user_tag == 4, "and answered");
    require(says(empty, WXG_ALBUM_OK, "openSetting:ok", WXG_CONSENT_NOT_ASKED), "with nothing to show");

    save(album, "wxfile://tmp/picture.png");
    answer_next(album, WXG_KIND_CONSENT_NEEDED, WXG_CONSENT_DENIED);
    const auto denied = [&](std::string_view errmsg) {
        return says(next(album), WXG_ALBUM_DENIED, errmsg, WXG_CONSENT_DENIED);
    };
    require(denied("saveImageToPhotosAlbum:fail auth deny"), "no is no");
    require(album.submit_authorize().has_value(), "authorize is taken in");
    require(denied("authorize:fail auth deny"), "nobody is asked again");
    require(!fs::exists(here.pictures), "nothing is saved");

    require(album.submit_open_setting().has_value(), "open_setting is taken in");
    answer_next(album, WXG_KIND_SETTING_NEEDED, WXG_CONSENT_CANCELLED);
    require(says(next(album), WXG_ALBUM_OK, "openSetting:ok", WXG_CONSENT_DENIED), "the settings may stay as they are");
    require(album.submit_open_setting().has_value(), "open_setting is taken in");
    answer_next(album, WXG_KIND_SETTING_NEEDED, WXG_CONSENT_GRANTED);
    require(says(next(album), WXG_ALBUM_OK, "openSetting:ok", WXG_CONSENT_GRANTED), "or change");
    require(*album.get_setting() == WXG_CONSENT_GRANTED, "for all to see");
    save(album, "wxfile://tmp/picture.png");
    require(says(next(album), WXG_ALBUM_OK, "saveImageToPhotosAlbum:ok", WXG_CONSENT_GRANTED), "then it is saved");
    require(album.answer_setting(WXG_CONSENT_DENIED).error().status() == WXG_ERR_WRONG_STATE, "and nobody waits");
}

void a_dialog_that_was_closed_comes_again()
{
    const place here("cancelled");
    wxgame::album album = here.open();
    for (int turn = 0; turn < 2; ++turn) {
        save(album, "wxfile://tmp/picture.png");
        answer_next(album, WXG_KIND_CONSENT_NEEDED, WXG_CONSENT_CANCELLED);
        require(says(next(album), WXG_ALBUM_CANCELLED, "saveImageToPhotosAlbum:fail cancel", WXG_CONSENT_NOT_ASKED),
                "the picture is not saved");
        require(*album.get_setting() == WXG_CONSENT_NOT_ASKED, "and no answer is kept");
    }
}

void what_is_no_picture_of_the_game_is_told_in_wechats_words()
{
    const place here("bad-file");
    wxgame::album_options small = here.options();
    small.max_bytes = 80;
    auto opened = wxgame::album::open(small);
    require(opened.has_value(), "the album opens");
    for (const char *elsewhere : {"https://example.com/a.png", "wxfile://tmp/../usr/a.png", "/etc/passwd", ""}) {
        save(*opened, elsewhere);
        require(says(next(*opened), WXG_ALBUM_BAD_FILE, "saveImageToPhotosAlbum:fail url invalid", 0), elsewhere);
    }
    require(opened->submit_authorize().has_value(), "authorize is taken in");
    answer_next(*opened, WXG_KIND_CONSENT_NEEDED, WXG_CONSENT_GRANTED);
    require(says(next(*opened), WXG_ALBUM_OK, "authorize:ok", WXG_CONSENT_GRANTED), "the user allows it");
    here.write("text.png", "no picture");
    here.write("large.png", png + std::string(80, '\0'));
    const char *const wrong[][2] = {{"wxfile://tmp/none.png", "saveImageToPhotosAlbum:fail file not found"},
                                    {"wxfile://tmp/text.png", "saveImageToPhotosAlbum:fail invalid file type"},
                                    {"wxfile://tmp/large.png", "saveImageToPhotosAlbum:fail file too large"}};
    for (const auto &[file_path, errmsg] : wrong) {
        save(*opened, file_path);
        require(says(next(*opened), WXG_ALBUM_BAD_FILE, errmsg, WXG_CONSENT_GRANTED), errmsg);
    }
    wxgame::save_image_options no_text;
    no_text.file_path = "\xff";
    auto refused = opened->submit_save_image(no_text);
    require(!refused && refused.error().field() == "file_path", "what is no text is no call");
}

void an_answer_that_could_not_be_kept_is_flagged()
{
    const place here("not-remembered");
    wxgame::album album = here.open();
    save(album, "wxfile://tmp/picture.png");
    const wxgame::completion asked = next(album);
    fs::remove_all(here.user_data);
    require(album.answer_consent(WXG_CONSENT_GRANTED).has_value(), "the answer is taken in");
    const wxgame::completion told = next(album);
    require(told->flags == WXG_FLAG_NOT_REMEMBERED && told->album_class == WXG_ALBUM_OK, "it holds, but is not kept");
    fs::create_directories(here.user_data);
    wxgame::album later = here.open();
    require(*album.get_setting() == WXG_CONSENT_GRANTED, "while this album is open");
    require(*later.get_setting() == WXG_CONSENT_NOT_ASKED, "and in no other");
}

void closing_answers_a_call_that_waits_for_the_user()
{
    const place here("closing");
    std::optional<wxgame::completion> told;
    {
        wxgame::album album = here.open();
        save(album, "wxfile://tmp/picture.png", 5);
        require(next(album)->kind == WXG_KIND_CONSENT_NEEDED, "the user is to be asked");
        require(album.close(0).has_value(), "the album closes");
        told = next(album);
        auto end = album.poll();
        require(!end && end.error().status() == WXG_ERR_CLOSED, "and nothing is left");
        require(album.submit_authorize().error().status() == WXG_ERR_CLOSED, "nothing new is taken in");
        require(album.answer_consent(WXG_CONSENT_GRANTED).error().status() == WXG_ERR_CLOSED, "no answer either");
        require(*album.get_setting() == WXG_CONSENT_NOT_ASKED, "the setting can still be read");
        require(album.close(0).has_value(), "closing twice is fine");
    }
    require((*told)->kind == WXG_KIND_SAVE_IMAGE && (*told)->user_tag == 5, "the call is answered");
    require((*told)->flags == WXG_FLAG_SHUTDOWN && (*told)->status == WXG_ERR_CLOSED, "by the closing");
    require(told->album_answer().album_class == WXG_ALBUM_CANCELLED, "as cancelled");
    require(told->album_answer().errmsg == "saveImageToPhotosAlbum:fail cancel", "in a text that outlives the album");
    require(!fs::exists(here.pictures), "and nothing is saved");
}

void what_is_ready_wakes_and_ticks()
{
    const place here("ticks");
    wxgame::album album = here.open();
    auto fd = album.wake_fd();
    require(fd.has_value() && *fd >= 0, "there is a wake_fd");
    pollfd readable = {*fd, POLLIN, 0};
    require(poll(&readable, 1, 0) == 0, "it sleeps");
    auto nothing = album.tick([](wxgame::completion) noexcept {}, 4);
    require(nothing.has_value() && *nothing == 0, "while there is nothing");
    save(album, "https://example.com/picture.png", 1);
    require(poll(&readable, 1, -1) == 1, "it wakes");
    auto first = album.poll();
    require(first.has_value() && *first && (**first)->user_tag == 1, "for what is ready");
    require(poll(&readable, 1, 0) == 0, "then it sleeps again");

    for (std::uint64_t tag = 2; tag <= 4; ++tag)
        save(album, "https://example.com/picture.png", tag);
    require(album.close(60000).has_value(), "now three are ready");
    std::uint64_t last_tag = 1;
    const auto take = [&](wxgame::completion completion) noexcept {
        require(completion->user_tag == ++last_tag, "all come, in turn");
    };
    auto two = album.tick(take, 2);
    require(two.has_value() && *two == 2 && last_tag == 3, "tick keeps to its budget");
    auto rest = album.tick(take, 2);
    require(rest.has_value() && *rest == 1 && last_tag == 4, "and leaves nothing");
    require(album.tick(take, 2).error().status() == WXG_ERR_CLOSED, "then it says so");
}

void a_move_hands_the_album_on()
{
    const place here("moved"), other("assigned");
    wxgame::album first = here.open();
    wxg_album *const handle = first.get();
    wxgame::album album = std::move(first);
    require(album.get() == handle && first.get() == nullptr, "one owner only");
    require(first.submit_authorize().error().status() == WXG_ERR_NULL_ARGUMENT, "who owns none is told so");
    require(!first.poll().has_value() && !first.close(0).has_value(), "by each function");
    require(album.submit_authorize().has_value(), "the other goes on");
    require(next(album)->kind == WXG_KIND_CONSENT_NEEDED, "as before");
    album = other.open(); // Frees the first, with its call that waits.
    require(album.answer_consent(WXG_CONSENT_GRANTED).error().status() == WXG_ERR_WRONG_STATE, "a new one starts anew");
}

void a_wrong_option_is_named()
{
    const place here("options");
    const auto refused = [&](std::string_view field, wxg_status status, auto change) {
        wxgame::album_options options = here.options();
        change(options);
        auto opened = wxgame::album::open(options);
        require(!opened && opened.error().field() == field && !opened.error().message().empty(), field.data());
        require(opened.error().status() == status, field.data());
    };
    refused("temp_path", WXG_ERR_INVALID_ARGUMENT, [](auto &options) { options.temp_path = "tmp"; });
    refused("temp_path", WXG_ERR_CONFIGURATION, [](auto &options) { options.temp_path = "/nowhere/at/all"; });
    refused("user_data_path", WXG_ERR_INVALID_ARGUMENT, [](auto &options) { options.user_data_path = ""; });
    refused("pictures_path", WXG_ERR_INVALID_ARGUMENT, [](auto &options) { options.pictures_path = "Pictures"; });
    refused("folder", WXG_ERR_INVALID_ARGUMENT, [](auto &options) { options.folder = "a/b"; });
    refused("max_bytes", WXG_ERR_INVALID_ARGUMENT, [](auto &options) { options.max_bytes = -1; });
    refused("queue_capacity", WXG_ERR_INVALID_ARGUMENT, [](auto &options) { options.queue_capacity = 1048577; });

    wxgame::album_options options = here.options();
    options.queue_capacity = 1;
    auto narrow = wxgame::album::open(options);
    require(narrow.has_value() && narrow->submit_authorize().has_value(), "one call has room");
    require(narrow->submit_authorize().error().status() == WXG_ERR_QUEUE_FULL, "and no other");
    require(next(*narrow)->kind == WXG_KIND_CONSENT_NEEDED, "the user is to be asked");
    require(narrow->answer_consent(WXG_CONSENT_NOT_ASKED).error().field() == "consent", "that is no answer");
}

void an_errmsg_of_wechat_is_understood()
{
    auto ok = wxgame::album::errmsg_class("saveImageToPhotosAlbum:ok");
    require(ok.has_value() && *ok == WXG_ALBUM_OK, "ok");
    auto denied = wxgame::album::errmsg_class("saveImageToPhotosAlbum:fail:auth denied");
    require(denied.has_value() && *denied == WXG_ALBUM_DENIED, "refused");
    auto other = wxgame::album::errmsg_class("saveImageToPhotosAlbum:fail of a new kind");
    require(other.has_value() && *other == WXG_ALBUM_OTHER, "unheard of");
    require(wxgame::album::errmsg_class("\xff").error().status() == WXG_ERR_INVALID_ARGUMENT, "no text");
}

} // namespace

int main(int argc, char **argv)
{
    require(argc == 2, "usage: album FOLDER");
    folder = fs::absolute(argv[1]);
    the_user_is_asked_once_for_all_pictures();
    who_has_refused_is_asked_in_the_settings_only();
    a_dialog_that_was_closed_comes_again();
    what_is_no_picture_of_the_game_is_told_in_wechats_words();
    an_answer_that_could_not_be_kept_is_flagged();
    closing_answers_a_call_that_waits_for_the_user();
    what_is_ready_wakes_and_ticks();
    a_move_hands_the_album_on();
    a_wrong_option_is_named();
    an_errmsg_of_wechat_is_understood();
    std::puts("album: ok");
}

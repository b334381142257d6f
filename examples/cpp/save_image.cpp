// Saves a picture of a game among the user's own, in Pictures/My Game:
//
//   save_image /absolute/tmp /absolute/usr wxfile://tmp/picture.png
#include <cstdio>
#include <wxgame.hpp>

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    wxgame::album_options options;
    options.temp_path = argv[1];
    options.user_data_path = argv[2];
    options.folder = "My Game";
    auto album = wxgame::album::open(options);
    if (!album)
        return std::printf("open: %s\n", album.error().message().data()), 1;

    wxgame::save_image_options image;
    image.file_path = argv[3];
    if (auto taken = album->submit_save_image(image); !taken)
        return std::printf("save_image: %s\n", taken.error().message().data()), 1;
    auto told = album->wait(-1);
    if (told && (**told)->kind == WXG_KIND_CONSENT_NEEDED) { // the first time: the answer is remembered
        std::puts("May this game save pictures? y/n");
        const int key = std::getchar();
        const std::uint32_t consent =
            key == 'y' ? WXG_CONSENT_GRANTED : key == 'n' ? WXG_CONSENT_DENIED : WXG_CONSENT_CANCELLED;
        if (auto taken = album->answer_consent(consent); !taken)
            return std::printf("answer_consent: %s\n", taken.error().message().data()), 1;
        told = album->wait(-1);
    }
    if (!told)
        return std::printf("wait: %s\n", told.error().message().data()), 1;
    const wxgame::album_answer answer = (*told)->album_answer();
    const bool saved = answer.album_class == WXG_ALBUM_OK;
    std::printf("%s %s\n", answer.errmsg.data(), saved ? answer.saved_file_path.data() : answer.detail.data());
    return saved ? 0 : 1;
}

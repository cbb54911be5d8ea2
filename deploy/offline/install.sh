#!/bin/sh
# Installs Lingbao on a machine without internet, from the directory this file lies in. 离线安装领保。
#
#   sh install.sh [DIRECTORY]        default: /opt/lingbao
#   PYTHON=/usr/bin/python3.11 sh install.sh
#
# The program only; no office is made or changed. What was there before stays in DIRECTORY/.venv.before: to go back, move it back.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
target=${1:-/opt/lingbao}
python=${PYTHON:-python3}
read -r machine version < "$here/MACHINE"

fail() { echo "$1" >&2; exit 2; }

[ "$(uname -m)" = "$machine" ] || fail "本安装包适用于 $machine，本机为 $(uname -m)。This bundle is for $machine, this machine is $(uname -m)."
command -v "$python" > /dev/null || fail "找不到 $python。There is no $python: install Python $version, or say PYTHON=…"
found=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
[ "$found" = "$version" ] || fail "需要 Python $version，$python 是 $found。Python $version is needed, $python is $found. Say PYTHON=…"
"$python" -c 'import ensurepip, venv' 2> /dev/null || fail "缺少 venv 模块（Debian：python3-venv）。The module venv is missing (Debian: python3-venv)."

echo "校验文件……Checking the files."
(cd "$here" && sha256sum --check --quiet SHA256SUMS) || fail "文件已损坏或被改动。A file is damaged or was changed: copy the bundle again."

echo "安装到 $target……Installing into $target."
mkdir -p "$target"
target=$(cd "$target" && pwd)
rm -rf "$target/.venv.before"
[ ! -d "$target/.venv" ] || mv "$target/.venv" "$target/.venv.before"
restore() {
    rm -rf "$target/.venv"
    [ ! -d "$target/.venv.before" ] || mv "$target/.venv.before" "$target/.venv"
    fail "安装失败，已恢复原状。It could not be installed; what was there before is there again."
}
"$python" -m venv "$target/.venv" || restore
# No index, no settings of pip, and no file but these: each with its hash.
PIP_CONFIG_FILE=/dev/null PIP_NO_INDEX=1 PIP_DISABLE_PIP_VERSION_CHECK=1 "$target/.venv/bin/python" -m pip install --quiet --no-deps \
    --only-binary :all: --require-hashes --find-links "$here/wheels" --requirement "$here/requirements.txt" || restore
"$target/.venv/bin/lingbao" --help > /dev/null || restore

cp -R "$here/program/." "$target/"
cp "$here/sbom.cdx.json" "$target/"
rm -rf "$target/licences"
cp -R "$here/licences" "$target/licences"
# Where `prefect deploy` and workers look for the flows
site=$("$target/.venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
ln -sfn "$site/flows" "$target/flows"
ln -sfn "$site/flows/prefect.yaml" "$target/prefect.yaml"

echo "完成。Done. 下一步 Next: $target/docs/how-to/install.md"
